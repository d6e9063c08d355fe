"""What is set up in the notebook in which a base is opened: its tables, and completion by Tab.

Nothing is, outside of IPython; and nothing of the user's is shown otherwise than before.
"""

import sys
from operator import methodcaller
from typing import Any

from kpilib.questions.lab.complete import register
from kpilib.show.marked import MARK, live_table


def set_up() -> None:
    """Show tables of kpilib's as such, and complete ids, in the running IPython; once."""
    getter = sys.modules.get("IPython.core.getipython")
    shell: Any = getter.get_ipython() if getter else None
    if shell is None or getattr(shell, "kpilib_is_set_up", False):
        return
    shell.kpilib_is_set_up = True
    register(shell)
    show_marked(shell.display_formatter.formatters["text/html"])


def show_marked(formatter: Any) -> None:
    """Let a formatter show frames with the mark of kpilib's, and all others as it did before."""
    import pandas as pd

    try:
        before = formatter.lookup_by_type(pd.DataFrame)
    except KeyError:
        before = methodcaller("_repr_html_")
    if getattr(before, "__module__", "").startswith("kpilib."):
        return

    def shown(table: pd.DataFrame) -> str | None:
        return live_table(table) if MARK in table.attrs else before(table)

    formatter.for_type(pd.DataFrame, shown)
