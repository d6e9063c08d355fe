"""What stands before and after a notebook's own content: takeaway, table of its KPIs, formulas."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kpilib.report.page.clean import clean_html
from kpilib.report.page.content import Block
from kpilib.report.page.facts import Facts
from kpilib.show.cards import card_html, how_html

Record = Mapping[str, Any]


def chapter(page: Record, said: Record, facts: Facts, kpis: Sequence[Record]) -> dict[str, Any]:
    """What the page of a notebook shows of its families of KPIs; of none, empty parts.

    `findings` (sentences), `rows` (as the month's page has them), `how` (`id`, `name`, `now`,
    `command` and the folded `html`), `untrusted` (why its forecasts are not to be acted on).
    """
    families = page.get("families", ())
    rows = [row for family in families for row in said.get("rows", {}).get(family, ())]
    ids = {row["id"]: row for row in rows}
    wholes = [value for value in kpis if _is_whole(value, facts) and value["id"] in ids]
    findings = said.get("findings", {})
    return {
        "findings": [findings[family] for family in families if family in findings],
        "rows": [row | {"line": Markup(row["line"])} for row in rows],
        "how": [
            {
                "id": value["id"],
                "name": ids[value["id"]]["name"],
                "now": ids[value["id"]]["now"],
                "command": value.get("command", ""),
                "html": Markup(clean_html(how_html(value, said["lang"]), "", "how")),
            }
            for value in wholes
        ],
        "untrusted": said.get("untrusted", "") if "lifetime_value" in families else "",
    }


def place_of(value: Record, run: Record, said: Record) -> str | None:
    """Where a KPI is explained: in its family's chapter, or in the cell that shows it."""
    told = {row["id"] for rows in said.get("rows", {}).values() for row in rows}
    for page in run["notebooks"]:
        if value["id"] in told and value["family"] in page.get("families", ()):
            return f"{page['page']}#how-{value['id']}"
    return value.get("page")


def without_repeats(block: Block, shown: set[str], facts: Facts, lang: str) -> str:
    """The block's HTML without the cards of KPIs that stand in the chapter's table."""
    if not block.values:
        return block.html
    left = [
        value for value in block.values if not (_is_whole(value, facts) and value["id"] in shown)
    ]
    if len(left) == len(block.values):
        return block.html
    return clean_html(card_html(left, lang), "", f"c{block.cell}") if left else ""


def _is_whole(value: Record, facts: Facts) -> bool:
    """Whether a value is of the whole base and of the report's period."""
    return value.get("segment") is None and value["period"] == facts.period.to_dict()
