"""A KPI explained, as a card: the parts of `kpilib.lessons.explain`, in the order they are read."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from kpilib.show.cards import math_html
from kpilib.show.style import opened
from kpilib.words import LANGUAGES, Text, _
from kpilib.words.columns import head
from kpilib.words.languages import html_language
from kpilib.words.numbers import significant
from kpilib.words.values import value_text

HEADINGS = {
    "decides": _("Who decides what with it"),
    "formula": _("Formula"),
    "filled": _("With the numbers of {period}"),
    "certainty": _("How sure it is"),
    "rows": _("The rows behind it"),
    "mistakes": _("How it is usually got wrong"),
    "relatives": _("Not to be confused with"),
    "disagreements": _("Where the texts disagree"),
    "names": _("Its names"),
    "sources": _("Where it comes from"),
}
"""The parts of an explanation, and what stands above each."""
MORE = _("{shown} of {count} rows")
SOURCE = _("Text {number}: {title}")
NUMBERED = _("Text {number}")
RELATIVE = _("{name}: {differs}")
_CODE = re.compile(r"`([^`]+)`")


def explanation_html(said: Mapping[str, Any], lang: str = "en") -> str:
    """An explanation (`Explanation.to_dict`) as one block of HTML with a style of its own."""
    name = escape(said["name"][lang])
    body = [
        f'<p class="name">{name} · <code>{escape(said["id"])}</code></p>',
        f'<p class="value">{escape(said["asks"])}</p>',
        _p(said["summary"]),
        *(_part(key, inner, lang, said) for key, inner in parts_html(said, lang)),
    ]
    article = f'<article class="kpi wide explained">{"".join(filter(None, body))}</article>'
    return f"{opened(OWN)}{article}</div>"


OWN = """
.kpis .explained h4{margin:.8rem 0 .15rem;font:600 .8125rem/1.4 inherit;color:var(--mute)}
.kpis .explained .value{font-size:1.25rem}.kpis .explained ul{margin:0;padding-left:1.2rem}
.kpis .explained pre{margin:0;white-space:pre-wrap;font:inherit}
"""


def parts_html(said: Mapping[str, Any], lang: str, link: str = "") -> list[tuple[str, str]]:
    """(key of `HEADINGS`, HTML) for each part that has something to say; a glossary uses it too.

    With a `link`, as `#{id}`, the names of relatives lead there, and those of texts to `text-1`
    and so on, where `texts_html` has their titles.
    """
    return [
        ("decides", _p(said["decides"])),
        (
            "formula",
            f'<div class="formula" tabindex="0">{math_html(said["formula"], display=True)}</div>',
        ),
        ("filled", _filled(said)),
        ("certainty", "".join(map(_p, said["certainty"]))),
        ("rows", _rows(said, lang)),
        ("mistakes", _list(said["mistakes"])),
        ("relatives", _relatives(said, lang, link)),
        ("disagreements", "".join(map(_p, said["disagreements"]))),
        ("names", f"<p>{names_html(said['name'], LANGUAGES)}</p>"),
        ("sources", _sources(said, lang, link)),
    ]


def names_html(name: Mapping[str, str], languages: Iterable[str]) -> str:
    """The name in several languages, each marked with its own, and none twice."""
    found: dict[str, str] = {}
    for one in languages:
        found.setdefault(name[one], one)
    return " · ".join(
        f'<span lang="{html_language(one)}">{escape(text)}</span>' for text, one in found.items()
    )


def said_html(text: str) -> str:
    """A text with its `names of code` marked as such."""
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def sources(said: Mapping[str, Any], lang: str) -> list[str]:
    """The texts that name a KPI, and the literature."""
    texts = [_say(SOURCE, lang, number=one["number"], title=one["title"]) for one in said["texts"]]
    return [*texts, *said["literature"]]


def heading(key: str, said: Mapping[str, Any], lang: str) -> str:
    """What stands above a part."""
    text = HEADINGS[key]
    return _say(text, lang, period=_month(said, lang)) if key == "filled" else text.of(lang)


def _month(said: Mapping[str, Any], lang: str) -> str:
    from datetime import date

    from kpilib.periods import Period

    if not said["period"]:
        return ""
    start, end = (date.fromisoformat(said["period"][side]) for side in ("start", "end"))
    return Period(start, end).of(lang)


def cell_text(name: str, value: Any, lang: str) -> str:
    """A cell of the rows behind a number, as a reader sees it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, int | float):
        is_name = name.endswith("_id")
        return str(value) if is_name else significant(value, lang)
    return value_text(value).of(lang)


def _part(key: str, inner: str, lang: str, said: Mapping[str, Any]) -> str:
    return f"<section><h4>{escape(heading(key, said, lang))}</h4>{inner}</section>" if inner else ""


def _filled(said: Mapping[str, Any]) -> str:
    if not said["result"] and not said["filled"]:
        return ""
    lines = [
        f'<div class="formula" tabindex="0">{escape(line["part"])} {math_html(line["latex"])}</div>'
        for line in said["filled"]
    ]
    result = f'<pre tabindex="0">{escape(said["result"])}</pre>' if said["result"] else ""
    return result + "".join(lines) + "".join(_p(note) for note in said["notes"])


def _rows(said: Mapping[str, Any], lang: str) -> str:
    rows = said["rows"]
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{escape(head(name, lang))}</th>' for name in rows[0])
    cells = "".join(
        f"<tr>{''.join(f'<td>{escape(cell_text(k, v, lang))}</td>' for k, v in row.items())}</tr>"
        for row in rows
    )
    count = _say(MORE, lang, shown=len(rows), count=said["row_count"])
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>{_p(count)}'


def texts_html(texts: Iterable[Mapping[str, Any]], lang: str) -> str:
    """A list of the texts by their numbers, each with its anchor."""
    items = (f'<li id="text-{one["number"]}">{_titled(one, lang)}</li>' for one in texts)
    return f"<ul>{''.join(items)}</ul>"


def _titled(text: Mapping[str, Any], lang: str) -> str:
    """A text's number and title, marked with its language."""
    title = f'<cite lang="{html_language(text["lang"])}">{escape(text["title"])}</cite>'
    return escape(_say(SOURCE, lang, number=text["number"], title="{}")).format(title)


def _sources(said: Mapping[str, Any], lang: str, link: str) -> str:
    """The texts that name it, and the literature."""
    texts = [_titled(one, lang) for one in said["texts"]]
    if link:
        numbers = [one["number"] for one in said["texts"]]
        texts = [
            f'<a href="{link.format(id=f"text-{one}")}">{_say(NUMBERED, lang, number=one)}</a>'
            for one in numbers
        ]
    literature = [f'<cite lang="en">{escape(one)}</cite>' for one in said["literature"]]
    items = "".join(f"<li>{one}</li>" for one in (*texts, *literature))
    return f"<ul>{items}</ul>" if items else ""


def _relatives(said: Mapping[str, Any], lang: str, link: str) -> str:
    between = RELATIVE.of(lang)

    def named(one: Mapping[str, str]) -> str:
        name = escape(one["name"])
        if link:
            return f'<a href="{escape(link.format(id=one["id"]))}">{name}</a>'
        return f"{name} (<code>{escape(one['id'])}</code>)"

    items = (
        f"<li>{between.format(name=named(one), differs=said_html(one['differs']))}</li>"
        for one in said["relatives"]
    )
    return f"<ul>{''.join(items)}</ul>" if said["relatives"] else ""


def _list(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{said_html(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def _p(text: str) -> str:
    return f"<p>{said_html(text)}</p>" if text else ""


def _say(text: Text, lang: str, **values: Any) -> str:
    return text.format(**values).of(lang)
