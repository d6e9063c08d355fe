"""An explanation as text for a terminal."""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

from kpilib.lessons.explain.plain import plain_formula
from kpilib.show.explanation import MORE, cell_text, heading, sources
from kpilib.words import LANGUAGES
from kpilib.words.columns import head

WIDTH = 92


def as_text(said: Mapping[str, Any], lang: str) -> str:
    """The parts of `Explanation.to_dict`, each under its heading; nothing where there is none."""
    lines = [f"{said['name'][lang]}  ({said['id']})", *_wrapped(said["asks"], lang, "")]
    lines += ["", *_wrapped(said["summary"], lang, "")]
    for key, inner in _parts(said, lang):
        if inner:
            lines += ["", heading(key, said, lang), *inner]
    return "\n".join(lines)


def _parts(said: Mapping[str, Any], lang: str) -> Iterator[tuple[str, list[str]]]:
    yield "decides", _wrapped(said["decides"], lang)
    yield "formula", [f"  {plain_formula(said['formula'])}"]
    yield "filled", _filled(said, lang)
    yield "certainty", _paragraphs(said["certainty"], lang)
    yield "rows", _table(said, lang)
    yield "mistakes", _paragraphs(said["mistakes"], lang, "- ")
    relatives = (f"{one['name']} ({one['id']}): {one['differs']}" for one in said["relatives"])
    yield "relatives", _paragraphs(relatives, lang, "- ")
    yield "disagreements", _paragraphs(said["disagreements"], lang)
    yield "names", [f"  {' · '.join(said['name'][one] for one in LANGUAGES)}"]
    yield "sources", _paragraphs(sources(said, lang), lang, "- ")


def _filled(said: Mapping[str, Any], lang: str) -> list[str]:
    result = [f"  {line}" for line in said["result"].splitlines()]
    reckoned = [
        f"  {line['part'] + ': ' if line['part'] else ''}{plain_formula(line['latex'])}"
        for line in said["filled"]
    ]
    return [*result, *reckoned, *_paragraphs(said["notes"], lang)]


def _table(said: Mapping[str, Any], lang: str) -> list[str]:
    rows = said["rows"]
    if not rows:
        return []
    heads = [head(name, lang) for name in rows[0]]
    cells = [[cell_text(name, value, lang) for name, value in row.items()] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [
        "  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        for line in (heads, *cells)
    ]
    more = MORE.format(shown=len(rows), count=said["row_count"]).of(lang)
    return [*(line.rstrip() for line in lines), f"  {more}"]


def _paragraphs(texts: Iterable[str], lang: str, lead: str = "") -> list[str]:
    return [line for text in texts for line in _wrapped(lead + text, lang)]


def _wrapped(text: str, lang: str, indent: str = "  ") -> list[str]:
    """Lines no wider than a terminal; where words have no spaces between, the terminal breaks."""
    if lang == "zh":
        return [indent + text]
    hanging = indent + ("  " if text.startswith("- ") else "")
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=hanging)
