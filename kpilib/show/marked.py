"""Tables with the mark of kpilib's, which a notebook shows in words and numbers for a reader."""

import sys
from typing import TYPE_CHECKING, TypeVar

from kpilib.show.style import opened
from kpilib.show.tables import ROWS, table_html
from kpilib.words import _

if TYPE_CHECKING:
    import pandas as pd

_Table = TypeVar("_Table")
MARK = "kpilib"
"""In the `attrs` of a table of kpilib's: so many of its rows are shown, in words for a reader."""
_FIND = _("Search")
_SEARCH = (
    '<input type="search" placeholder="{0}" aria-label="{0}" oninput="const w='
    "this.value.toLowerCase();for(const r of this.parentNode.querySelectorAll('tbody tr'))"
    'r.hidden=!r.textContent.toLowerCase().includes(w)">'
)


def live_table(table: "pd.DataFrame") -> str:
    """A table with the mark of kpilib's as a notebook shows it: with a style, and a box to search.

    A long one that is to be shown whole can be searched where the notebook lets HTML act.
    """
    lang, rows = table.attrs["lang"], table.attrs[MARK]
    html = table_html(table, lang, rows=rows)
    search = _SEARCH.format(_FIND.of(lang)) if ROWS < len(table) <= rows else ""
    kind = "scroll tall" if search else "scroll"
    return f'{opened()}{search}<div class="{kind}" tabindex="0">{html}</div></div>'


def mark(table: _Table, lang: str, currency: str | None = None, rows: int = ROWS) -> _Table:
    """Let a notebook show a table as kpilib's, where it is a pandas frame; it remains one.

    Of more than `rows` rows the first and last ten are shown.

    >>> import pandas as pd
    >>> mark(pd.DataFrame({"share": [0.5]}), "vi").attrs
    {'lang': 'vi', 'currency': None, 'kpilib': 60}
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(table, pandas.DataFrame):
        table.attrs |= {"lang": lang, "currency": currency, MARK: rows}
    return table
