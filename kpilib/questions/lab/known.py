"""The table of what can be asked of a base, and the card of the base itself."""

from html import escape

import pandas as pd

from kpilib.activity.business import Business
from kpilib.periods import day_date
from kpilib.questions.availability import needs
from kpilib.registry.definitions import Definition, catalogue
from kpilib.show.style import STYLE
from kpilib.words import _

_COMPLETE = _("{first} to {last}, {zone}")
_ROWS = _("{kept} of {read} rows kept")


def known_kpis(base: Business) -> pd.DataFrame:
    """Everything that can be asked, a row each, under its id.

    Columns: `family`, `name` in the base's language, `kind` (of an analysis: `analysis`), `unit`,
    `better`, and `needs`: the tables and columns that it lacks, empty where it can be asked.
    """
    rows = {
        name: {
            "family": one.family,
            "name": one.name.of(base.lang),
            "kind": one.kind if isinstance(one, Definition) else "analysis",
            "unit": str(one.unit) if isinstance(one, Definition) else "",
            "better": one.better if isinstance(one, Definition) else "",
            "needs": ", ".join(needs(base, one)),
        }
        for name, one in catalogue().items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "id"
    return table


def base_html(base: Business, notes: tuple[str, ...] = ()) -> str:
    """The base as a card: its source, its span, its tables with their rows, and its cautions."""
    lang = base.lang
    first, last = day_date(base.first_day), day_date(base.as_of - 1)
    span = _COMPLETE.format(first=first, last=last, zone=base.time_zone).of(lang)
    lines = [
        (name, _ROWS.format(kept=account.kept, read=account.read).of(lang))
        for name, account in base.accounts.items()
    ]
    rows = "".join(
        f'<tr><th scope="row" class="word">{escape(name)}</th><td>{escape(said)}</td></tr>'
        for name, said in lines
    )
    cautions = "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    currency = f" · {escape(base.currency)}" if base.currency else ""
    return (
        f'<div class="kpis"><style>{STYLE}</style><article class="kpi wide">'
        f'<p class="name">{escape(str(base.source))}{currency}</p>'
        f'<p class="range">{escape(span)}</p>'
        f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>{cautions}'
        "</article></div>"
    )
