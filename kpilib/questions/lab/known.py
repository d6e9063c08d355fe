"""The table of what can be asked of a base, and the card of the base itself."""

from html import escape

import pandas as pd

from kpilib.activity.business import Business
from kpilib.periods import day_date
from kpilib.questions.availability import needs
from kpilib.registry.analysis_definitions import Analysis
from kpilib.registry.definitions import Definition, catalogue
from kpilib.show.marked import mark
from kpilib.show.style import opened
from kpilib.words import _
from kpilib.words.tables import table_name

WHOLE = 1000
"""So many rows of the table are shown, which is all of them."""
_COMPLETE = _("{first} to {last}, {zone}")
_ROWS = _("{kept} of {read} rows kept")


def known_kpis(base: Business) -> pd.DataFrame:
    """Everything that can be asked, a row each, under its id.

    Columns: `family`, `name` in the base's language, `kind` (of an analysis: `analysis`), `unit`,
    `better` (`higher`, `lower` or nothing), and `needs`: the tables and columns that it lacks,
    empty where it can be asked.
    """
    rows = {
        name: {
            "family": one.family,
            "name": one.name.of(base.lang),
            "kind": one.kind if isinstance(one, Definition) else "analysis",
            "unit": str(one.unit) if isinstance(one, Definition) else "",
            "better": _better(one),
            "needs": ", ".join(needs(base, one)),
        }
        for name, one in catalogue().items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "id"
    return mark(table, base.lang, base.currency, rows=WHOLE)


def _better(one: Definition | Analysis) -> str:
    return one.better if isinstance(one, Definition) and one.better != "none" else ""


def base_html(base: Business, notes: tuple[str, ...] = ()) -> str:
    """The base as a card: its source, its span, its tables with their rows, and its cautions."""
    lang = base.lang
    first, last = day_date(base.first_day), day_date(base.as_of - 1)
    span = _COMPLETE.format(first=first, last=last, zone=base.time_zone).of(lang)
    rows = "".join(
        f'<tr><th scope="row" class="word">{escape(table_name(name).of(lang))}</th>'
        f"<td>{escape(_ROWS.format(kept=account.kept, read=account.read).of(lang))}</td></tr>"
        for name, account in base.accounts.items()
    )
    cautions = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    currency = f" · {escape(base.currency)}" if base.currency else ""
    return (
        f'{opened()}<article class="kpi wide">'
        f'<p class="name">{escape(str(base.source))}{currency}</p>'
        f'<p class="range">{escape(span)}</p>'
        f'<div class="scroll columns"><table><tbody>{rows}</tbody></table></div>{cautions}'
        "</article></div>"
    )
