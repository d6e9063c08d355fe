"""Definitions beside each other, as a table for a page and as text for a terminal."""

from collections.abc import Mapping
from html import escape
from typing import Any

from kpilib.show.style import opened
from kpilib.words import _, format_number, pgettext

HEADS = {
    "name": pgettext("column", "definition"),
    "by": pgettext("column", "defined so by"),
    "shown": pgettext("column", "value"),
    "sums": pgettext("column", "above / below"),
    "customers": pgettext("column", "customers that differ"),
}
TITLE = _("{topic}, {period}: one month under each definition")


def compared_html(said: Mapping[str, Any], period: str, lang: str) -> str:
    """A comparison (`Comparison.to_dict`) as one block of HTML with a style of its own."""
    heads = "".join(
        f'<th scope="col" class="word">{escape(h.of(lang))}</th>' for h in HEADS.values()
    )
    rows = "".join(_row(one, lang) for one in said["definitions"])
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return (
        f'{opened(OWN)}<article class="kpi wide">'
        f'<p class="name">{escape(_title(said, period, lang))}</p>'
        f'<div class="scroll" tabindex="0">{table}</div></article></div>'
    )


OWN = ".kpis .compared{white-space:normal;text-align:left;min-width:12rem}"


def compared_text(said: Mapping[str, Any], period: str, lang: str) -> str:
    """The same for a terminal: a block per definition."""
    lines = [_title(said, period, lang)]
    width = max(len(one["shown"]) for one in said["definitions"])
    for one in said["definitions"]:
        sums = f"  = {_sums(one, lang)}" if _sums(one, lang) else ""
        lines.append("")
        lines.append(f"{one['shown']:>{width}}  {one['name']}{sums}")
        pad = " " * (width + 2)
        if one["by"]:
            lines.append(f"{pad}{one['by']}")
        if one["why"]:
            lines.append(f"{pad}{one['why']}")
        lines += [f"{pad}{text}" for text in one["differs"]]
    return "\n".join(lines)


def _title(said: Mapping[str, Any], period: str, lang: str) -> str:
    return TITLE.format(topic=said["name"], period=period).of(lang)


def _sums(one: Mapping[str, Any], lang: str) -> str:
    if one["over"] is None or not one["under"]:
        return ""
    return f"{_plain(one['over'], lang)} / {_plain(one['under'], lang)}"


def _plain(number: float, lang: str) -> str:
    return format_number(number, lang, 0 if number == round(number) else 2)


def _row(one: Mapping[str, Any], lang: str) -> str:
    differs = "<br>".join(escape(text) for text in one["differs"]) or escape(one["why"])
    cells = (
        f'<th scope="row" class="compared">{escape(one["name"])}</th>',
        f'<td class="compared">{escape(one["by"])}</td>',
        f"<td>{escape(one['shown'])}</td>",
        f"<td>{escape(_sums(one, lang))}</td>",
        f'<td class="compared">{differs}</td>',
    )
    return f"<tr>{''.join(cells)}</tr>"
