"""The month in the words of one language, as plain data: what page, summary and e-mail show.

Shapes: a dictionary of JSON types, kept as `month.json`. `headline`, `points`, `tiles`, `bridge`,
`changed`, `ledger`, `care`, `used`, `complete`, `missing`, `findings` (family → a sentence),
`rows` (family → its KPIs, as `changes.row` writes them) and `lacking` (family → what it cannot
show).
"""

from typing import Any

from kpilib.questions.values import KPIValue
from kpilib.report.month.asked import Asked
from kpilib.report.month.bridge import bridge
from kpilib.report.month.care import care, used
from kpilib.report.month.changes import changed, row
from kpilib.report.month.findings import findings
from kpilib.report.month.headline import headline, points
from kpilib.report.month.lacking import has_nothing, lacking, missing
from kpilib.report.month.ledger import ledger
from kpilib.report.month.tiles import failed_tests, tiles


def say_month(asked: Asked, lang: str) -> dict[str, Any]:
    """All that the month's page and its chapters say; the same input gives the same data."""
    families: dict[str, list[KPIValue]] = {}
    for value in asked.now.values():
        families.setdefault(value.family, []).append(value)
    return {
        "lang": lang,
        "headline": headline(asked, lang),
        "points": points(asked, lang),
        "tiles": tiles(asked, lang),
        "bridge": bridge(asked, lang),
        "changed": changed(asked, lang),
        "ledger": ledger(asked, lang),
        "care": care(asked, lang),
        "used": used(asked, lang),
        "complete": asked.complete,
        "missing": missing(asked, lang),
        "findings": findings(asked, lang),
        "untrusted": "" if asked.trusted else failed_tests(asked, lang),
        "rows": {
            family: [row(asked, value, lang) for value in values if not has_nothing(asked, value)]
            for family, values in families.items()
        },
        "lacking": {family: lacking(asked, values, lang) for family, values in families.items()},
    }
