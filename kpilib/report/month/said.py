"""The month in the words of one language, as plain data: what page, summary and e-mail show.

Shapes: a dictionary of JSON types, kept as `month.json`. `headline`, `points`, `tiles`, `bridge`,
`changed`, `ledger`, `care`, `used`, `complete`, `missing`, `findings` (family → a sentence) and
`rows` (family → its KPIs, as `changes.row` writes them).
"""

from typing import Any

from kpilib.report.month.asked import Asked
from kpilib.report.month.bridge import bridge
from kpilib.report.month.care import care, used
from kpilib.report.month.changes import changed, missing, row
from kpilib.report.month.findings import findings
from kpilib.report.month.headline import headline, points
from kpilib.report.month.ledger import ledger
from kpilib.report.month.tiles import failed_tests, tiles


def say_month(asked: Asked, lang: str) -> dict[str, Any]:
    """All that the month's page and its chapters say; the same input gives the same data."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for value in asked.now.values():
        rows.setdefault(value.family, []).append(row(asked, value, lang))
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
        "rows": rows,
    }
