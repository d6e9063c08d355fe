"""What stands before and after a notebook's own content: takeaway, table of its KPIs, formulas."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kpilib.report.page.clean import clean_html
from kpilib.report.page.content import Block
from kpilib.report.page.facts import Facts
from kpilib.show.cards import card_html, how_html
from kpilib.words.text import capital

Record = Mapping[str, Any]


def chapter(page: Record, said: Record, facts: Facts, kpis: Sequence[Record]) -> dict[str, Any]:
    """What the page of a notebook shows of its families of KPIs; of none, empty parts.

    `findings` (sentences), `rows` (as the month's page has them), `lacking` (sentences), `told`
    (the ids of both), `shared` (notes that many of its KPIs have), `how` (`id`, `name`, `now`,
    `command` and the folded `html`), `untrusted` (why its forecasts are not to be acted on).
    """
    families = page.get("families", ())
    rows = [row for family in families for row in said.get("rows", {}).get(family, ())]
    ids = {row["id"]: row for row in rows}
    wholes = [value for value in kpis if _is_whole(value, facts) and value["id"] in ids]
    findings, lacking = said.get("findings", {}), said.get("lacking", {})
    told = {value["id"] for value in kpis if value["family"] in families and lacking}
    shared = _shared(wholes)
    return {
        "findings": [findings[family] for family in families if family in findings],
        "rows": [row | {"line": Markup(row["line"])} for row in rows],
        "lacking": [one for family in families if (one := lacking.get(family))],
        "told": told | {*ids},
        "shared": [capital(note) for note in shared],
        "how": [
            {
                "id": value["id"],
                "name": ids[value["id"]]["name"],
                "now": ids[value["id"]]["now"],
                "command": value.get("command", ""),
                "html": Markup(
                    clean_html(how_html(_without(value, shared), said["lang"]), "", "how")
                ),
            }
            for value in wholes
        ],
        "untrusted": said.get("untrusted", "") if "lifetime_value" in families else "",
    }


MANY = 3
"""A note that so many KPIs of a chapter have is said once, above them."""


def _shared(values: Sequence[Record]) -> list[str]:
    notes = Counter(note for value in values for note in value.get("notes") or ())
    return [note for note, count in notes.items() if count >= MANY]


def _without(value: Record, shared: Sequence[str]) -> Record:
    return {**value, "notes": [one for one in value.get("notes") or () if one not in shared]}


def place_of(value: Record, run: Record, said: Record) -> str | None:
    """Where a KPI is explained: in its family's chapter, or in the cell that shows it."""
    told = {row["id"] for rows in said.get("rows", {}).values() for row in rows}
    for page in run["notebooks"]:
        if value["id"] in told and value["family"] in page.get("families", ()):
            return f"{page['page']}#how-{value['id']}"
    return value.get("page")


_SECTION = re.compile(r'<h2 id="(\w+)"')


def without_reasons(
    blocks: Sequence[Block], titles: Mapping[str, str]
) -> tuple[list[Block], list[dict[str, str]]]:
    """The blocks of sections that show something, and of each other its `title` and the `reason`.

    A section all of whose outputs tell no more than why they show nothing is told in a line; cards
    of KPIs without a number tell no more either, but by themselves they are left to the table. In a
    section that shows something a reason is left out where such a line has told it.
    """
    kept: list[Block] = []
    told: list[dict[str, str]] = []
    for section in _sections(blocks):
        outputs = [block for block in section if block.kind == "output"]
        anchors = [name for block in section for name in _SECTION.findall(block.html)]
        reasons = dict.fromkeys(block.reason for block in outputs if block.reason)
        if reasons and anchors and not any(_has_number(block) for block in outputs):
            title = titles[anchors[0]]
            told.append({"anchor": anchors[0], "title": title, "reason": _joined(reasons)})
        else:
            kept += section
    said = [one["reason"].lower() for one in told]
    left = [
        block
        for block in kept
        if not block.reason or not any(block.reason.lower() in one for one in said)
    ]
    emptied = {block.cell for block in kept if block not in left}
    emptied -= {block.cell for block in left if block.kind == "output"}
    return [block for block in left if block.cell not in emptied], told


def _joined(reasons: Collection[str]) -> str:
    """Reasons as one sentence, without one of which another says the same and more."""
    said = [one for one in reasons if not any(more != one and one in more for more in reasons)]
    return capital("; ".join(said))


def _has_number(block: Block) -> bool:
    """Whether an output is a result: neither a reason nor cards of KPIs without a number."""
    without = bool(block.values) and all(value.get("value") is None for value in block.values)
    return not (block.reason or without)


def _sections(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks, section by section; those before the first heading are one too."""
    sections: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind == "prose" and _SECTION.search(block.html):
            sections.append([])
        sections[-1].append(block)
    return sections


def without_repeated(
    blocks: Sequence[Block], shown: set[str], facts: Facts, lang: str
) -> tuple[list[tuple[Block, str]], set[str]]:
    """The blocks with what is left of each, and the anchors of sections that show nothing more.

    A section all of whose outputs stand in the chapter's table goes, with its heading and prose; in
    one that stays, the code of a cell that shows nothing more is kept with the next.
    """
    sections: list[list[tuple[Block, str]]] = []
    before: set[tuple] = set()
    for some in _sections(blocks):
        sections.append([])
        for block in some:
            sections[-1].append((block, without_repeats(block, shown, facts, lang, before)))
            before |= {_which(value) for value in block.values}
    kept: list[tuple[Block, str]] = []
    dropped: set[str] = set()
    for section in sections:
        outputs = [html for block, html in section if block.kind == "output"]
        if outputs and not any(outputs):
            dropped |= {name for block, _ in section for name in _SECTION.findall(block.html)}
        else:
            kept += _with_its_code(section)
    return kept, dropped


def _with_its_code(section: Sequence[tuple[Block, str]]) -> list[tuple[Block, str]]:
    """The blocks that show something, with the code of those that do not at the next, or last."""
    outputs = [(block.cell, html) for block, html in section if block.kind == "output"]
    emptied = {cell for cell, _ in outputs} - {cell for cell, html in outputs if html}
    kept: list[tuple[Block, str]] = []
    silent: list[str] = []
    for block, html in section:
        if block.kind == "code":
            silent.append(html)
            if block.cell in emptied:
                continue
            html, silent = "\n\n".join(silent), []
        if html:
            kept.append((block, html))
    for place, (block, html) in reversed([*enumerate(kept)]):
        if block.kind == "code" and silent:
            kept[place], silent = (block, "\n\n".join([html, *silent])), []
    return kept


def without_repeats(
    block: Block, shown: set[str], facts: Facts, lang: str, before: Collection[tuple] = ()
) -> str:
    """The block's HTML without the cards of KPIs that stand in the chapter's table, or before it.

    `before` are the values of the blocks above, as `_which` tells them apart.
    """
    if not block.values:
        return block.html
    left = [
        value
        for value in block.values
        if not (_is_whole(value, facts) and value["id"] in shown) and _which(value) not in before
    ]
    if len(left) == len(block.values):
        return block.html
    return clean_html(card_html(left, lang), "", f"c{block.cell}") if left else ""


def _which(value: Record) -> tuple:
    """What tells one value of a page from another."""
    return value["id"], value.get("segment"), value["period"]["start"], value["period"]["end"]


def _is_whole(value: Record, facts: Facts) -> bool:
    """Whether a value is of the whole base and of the report's period."""
    return value.get("segment") is None and value["period"] == facts.period.to_dict()
