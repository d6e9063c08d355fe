"""The pages of a report: one per notebook, one per month, and the list of months."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from kpilib.lessons.glossary import glossary_body, glossary_families
from kpilib.periods import Period
from kpilib.report.handoff.plain import shown
from kpilib.report.page.chapters import chapter, place_of, without_reasons, without_repeated
from kpilib.report.page.clean import without_colours
from kpilib.report.page.content import SOURCE, Content
from kpilib.report.page.facts import Facts, month_name
from kpilib.report.page.unbroken import unbroken
from kpilib.report.publish import INDEX, index_name
from kpilib.report.running.execute import Failure
from kpilib.show.figure.svg import colour_rules, style_rules
from kpilib.show.lifetime_value import MODEL_STYLE
from kpilib.show.style import STYLE as CARD_STYLE
from kpilib.words import Text, _, format_number, ngettext
from kpilib.words.languages import NAMES, html_language
from kpilib.words.tables import table_name
from kpilib.words.text import labelled, punctuated, written
from kpilib.words.values import value_text

_FAILED = {
    "cell": _("A cell stopped with {name}: {message}"),
    "kernel": _(
        "The process that ran the notebook ended twice on its own; most often it ran out of memory."
    ),
    "timeout": _("A cell took longer than the time allowed; --timeout gives it more."),
    "evidence": _("The notebook ran to its end and shows less than it must ({message})."),
    "page": _("The notebook ran, and its page could not be made: {message}"),
}
"""What a reader is told of a failure, by its kind."""
_UNTRUSTED = _("not to be acted on yet")
_CELL, _CELL_OF = _("cell {number}"), _("cell {number}, in “{section}”")


def notebook_page(
    content: Content, name: str, facts: Facts, run: Mapping[str, Any], told: Mapping[str, Any]
) -> str:
    """The page of one notebook.

    `told` holds `command`, `failure` and `last_good` (a month), or None each, what the month's page
    says (`said`) and the values of the run (`kpis`).
    """
    lang, said = run["lang"], told["said"]
    page = next(one for one in run["notebooks"] if one["name"] == name)
    own = chapter(page, said, facts, told["kpis"])
    source = escape(facts.source(lang))
    if own["untrusted"]:
        source = punctuated(f"{source}; {escape(_UNTRUSTED.of(lang))}")
    shown, absent = content.blocks, list[dict[str, str]]()
    if not told.get("failure"):  # where a page could not be finished, all is shown that was made
        shown, absent = without_reasons(shown, dict(content.sections))
    kept, dropped = without_repeated(shown, own["told"], facts, lang)
    dropped |= {one["anchor"] for one in absent}
    sections = [(anchor, text) for anchor, text in content.sections if anchor not in dropped]
    blocks, seen = [], set()
    for block, html in kept:
        html = html.replace(SOURCE, source)
        first = block.cell not in seen
        seen.add(block.cell)
        blocks.append(
            {"kind": block.kind, "cell": block.cell, "html": Markup(html), "first": first}
        )
    colours = tuple(Markup(rules) for rules in colour_rules(content.colours))
    return render(
        "page.html",
        lang,
        chapter=own,
        earlier=facts.period.previous(),
        content={"title": content.title, "sections": sections, "blocks": blocks, "absent": absent},
        colours=colours,
        figure_styles=Markup(style_rules(content.styles)),
        name=name,
        facts=facts,
        run=run,
        **told,
    )


def told_failure(failure: Failure, content: Content, lang: str) -> dict[str, Any]:
    """A failure in the reader's words."""
    message = " ".join(without_colours(failure.message).split())[:500]
    what = _FAILED[failure.kind].format(name=failure.name, message=message).of(lang)
    where = None
    if failure.cell is not None:
        section = _section_of(failure.cell, content)
        named = _CELL_OF.format(section=section) if section else _CELL
        where = named.format(number=failure.cell + 1).of(lang)
    details = without_colours(failure.details).strip()
    number = None if failure.cell is None else failure.cell + 1
    return {"what": what, "where": where, "cell": number, "details": details}


def _section_of(cell: int, content: Content) -> str:
    """The heading under which a cell stands."""
    before = [block.html for block in content.blocks if block.cell <= cell]
    named = [text for anchor, text in content.sections if any(f'"{anchor}"' in b for b in before)]
    return named[-1] if named else ""


def month_page(
    facts: Facts,
    run: Mapping[str, Any],
    said: Mapping[str, Any],
    kpis: Sequence[Mapping],
    told: Mapping[str, Any],
) -> str:
    """The month's page: `said` is what `report.month.said` says of it, in the run's language."""
    wholes = [value for value in kpis if value.get("segment") is None]
    places = {value["id"]: place for value in wholes if (place := place_of(value, run, said))}
    findings = said.get("findings", {})
    chapters = []
    for page in run["notebooks"]:
        known = [findings[name] for name in page["families"] if name in findings]
        chapters.append({**page, "finding": known[0] if known else ""})
    return render(
        "index.html",
        run["lang"],
        facts=facts,
        run=run,
        said=_safe(_UNSAID | dict(said)),
        places=places,
        chapters=chapters,
        failed=sum(page["status"] == "failed" for page in run["notebooks"]),
        earlier=facts.period.previous(),
        **{"whys": {}, **told, "before": _before(told.get("before"), run["lang"])},
    )


def _before(month: Mapping[str, Any] | None, lang: str) -> dict[str, str] | None:
    """The month before this one that is archived: its name, and where it is."""
    if month is None:
        return None
    return {"name": month_name(Period.parse(month["label"]), lang), "link": month_link(month, lang)}


def glossary_in_report(facts: Facts, run: Mapping[str, Any]) -> str:
    """The glossary as a page of a report, in its style and without a script."""
    lang = run["lang"]
    body, families = Markup(glossary_body(lang)), glossary_families(lang)
    return render("glossary.html", lang, facts=facts, run=run, body=body, families=families)


def month_link(month: Mapping[str, Any], lang: str, page: str = INDEX) -> str:
    """Where a month's page is in a language, or else in its own: from the folder of the months.

    Of the month its `folder` and `languages` are read.

    >>> month_link({"folder": "2026-10", "languages": ["en", "vi"]}, "vi")
    '2026-10/vi/index.html'
    """
    edition = f"{lang}/" if lang in month["languages"][1:] else ""
    return f"{quote(month['folder'])}/{edition}{page}"


def switch(lang: str, links: Mapping[str, str]) -> list[dict[str, str]]:
    """The languages that a page is to be had in, each with its own name; none where it is one."""
    if len(links) < 2:
        return []
    return [
        {"lang": one, "name": NAMES[one], "link": "" if one == lang else link}
        for one, link in links.items()
    ]


def _places(here: str, lang: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """Where a page of a month finds the month's folder, the list of months and itself elsewhere."""
    languages = run.get("languages") or [lang]
    up = "../" if run.get("edition") else ""
    folders = {one: "" if one == languages[0] else f"{one}/" for one in languages}
    links = {one: f"{up}{folder}{here}" for one, folder in folders.items()}
    several = lang if len(languages) > 1 else ""
    return {
        "up": up,
        "months_list": f"{up}../{index_name(several)}",
        "switch": switch(lang, links),
    }


_PARTS = ("headline", "points", "tiles", "bridge", "changed", "ledger", "care", "used", "missing")
_UNSAID: dict[str, Any] = dict.fromkeys(_PARTS) | {"complete": True}
"""What stands where nothing was asked of the data."""
_DRAWN = ("line", "svg")
"""What is HTML in a month's words; kpilib drew it, and has escaped what is written in it."""


def _safe(said: Any) -> Any:
    """The month's words, its drawings marked as HTML."""
    if isinstance(said, Mapping):
        return {
            name: Markup(one) if name in _DRAWN and isinstance(one, str) else _safe(one)
            for name, one in said.items()
        }
    return [_safe(one) for one in said] if isinstance(said, list) else said


def render(template: str, lang: str, **parts: Any) -> str:
    """A page from one of the templates in `templates/`, in a language.

    What the data hold turns no writing round, and no control character is left. A page of a month
    is given its `run`, and its `name` where it is a notebook's.
    """
    if "run" in parts:
        here = f"{parts['name']}.html" if template == "page.html" else template
        parts |= _places(here, lang, parts["run"])
    page = (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            html_language=html_language,
            when=month_name(facts.period, lang) if (facts := parts.get("facts")) else "",
            _=lambda message, **values: Text(message).format(**values).of(lang),
            word=lambda value: value_text(value).of(lang),
            written=lambda value: written(value, lang),
            month_link=lambda month: month_link(month, lang),
            number=lambda value: format_number(value, lang),
            short=lambda period: period.short(lang),
            style=Markup(_style("style.css")),
            more_style=Markup(_own_style(template)),
            labelled=lambda name, value: labelled(name, value, lang),
            comma="，" if lang == "zh" else ", ",
            table_name=lambda name: table_name(name).of(lang),
            cautions=lambda n: ngettext("{n} caution", "{n} cautions", n).of(lang),
            **parts,
        )
    )
    return unbroken(shown(page), lang)


def _own_style(template: str) -> str:
    """The style that a page needs beside the one of all."""
    if template == "index.html":
        return _style("month.css")
    return CARD_STYLE + MODEL_STYLE if template in ("page.html", "months.html") else ""


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _style(name: str) -> str:
    """A style sheet without the space that only its writers need."""
    text = re.sub(r"\s+", " ", _file(name))
    return re.sub(r" ?([{};,]) ?|(:) ", r"\1\2", text)


@cache
def _file(name: str) -> str:
    return (files("kpilib.report.page") / "templates" / name).read_text(encoding="utf-8")
