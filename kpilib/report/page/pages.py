"""The pages of a report: one per notebook, one per month, and the list of months."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from kpilib.report.page.clean import clean_html, without_colours
from kpilib.report.page.content import Content
from kpilib.report.page.facts import Facts, month_name
from kpilib.report.page.svg import colour_rules, style_rules
from kpilib.report.running.execute import Failure
from kpilib.show.cards import card_html, change, change_word
from kpilib.show.lifetime_value import MODEL_STYLE
from kpilib.show.style import STYLE as CARD_STYLE
from kpilib.words import Text, _, format_number, format_value
from kpilib.words.families import family_name, family_place
from kpilib.words.text import written
from kpilib.words.values import value_text

MOVERS = 8
"""How many changes the month's page lists."""
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
_CELL, _CELL_OF = _("cell {number}"), _("cell {number}, in “{section}”")
_LEAD = _("{name} moved most: {now}, {change} {basis}.")


def notebook_page(
    content: Content, name: str, facts: Facts, run: Mapping[str, Any], told: Mapping[str, Any]
) -> str:
    """The page of one notebook. `told` holds `command`, `failure` and `last_good`, or None each."""
    blocks, seen = [], set()
    for block in content.blocks:
        first = block.cell not in seen
        seen.add(block.cell)
        html = Markup(block.html)
        blocks.append({"kind": block.kind, "cell": block.cell, "html": html, "first": first})
    colours = tuple(Markup(rules) for rules in colour_rules(content.colours))
    return render(
        "page.html",
        run["lang"],
        content={"title": content.title, "sections": content.sections, "blocks": blocks},
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
    facts: Facts, run: Mapping[str, Any], kpis: Sequence[Mapping], told: Mapping[str, Any]
) -> str:
    """The month at a glance: headline cards by family, what changed, the notebooks."""
    lang = run["lang"]
    heads = headline(kpis, facts)
    by_family = sorted(heads, key=lambda value: family_place(value["family"]))
    families = [
        (family_name(family, lang), Markup(clean_html(card_html(list(values), lang), "", "c")))
        for family, values in groupby(by_family, key=lambda value: value["family"])
    ]
    failed = sum(page["status"] == "failed" for page in run["notebooks"])
    movers = [_mover(value, lang) for value in moved(heads)]
    return render(
        "index.html",
        lang,
        facts=facts,
        run=run,
        families=families,
        movers=movers,
        lead=_lead(movers, lang),
        failed=failed,
        **told,
    )


def headline(kpis: Sequence[Mapping], facts: Facts) -> list[dict[str, Any]]:
    """Each KPI's value for the whole base and the report's own period, linked to its cell."""
    found: dict[str, dict[str, Any]] = {}
    for value in kpis:
        if value.get("segment") is None and value["period"] == facts.period.to_dict():
            found.setdefault(value["id"], {**value, "link": value["page"]})
    return list(found.values())


def moved(heads: Sequence[Mapping], count: int = MOVERS) -> list[Mapping]:
    """The values that changed, those outside their interval first, then the largest first."""

    def place(value: Mapping) -> tuple[bool, float]:
        old = value["previous"]
        size = abs(value["value"] / old - 1) if old else float("inf")
        kind = (change(value) or ("",))[0]
        return kind == "within", -size

    changed = [value for value in heads if (change(value) or ("unchanged",))[0] != "unchanged"]
    return sorted(changed, key=place)[:count]


def _mover(value: Mapping, lang: str) -> dict[str, str]:
    kind, size, basis = change(value, lang) or ("", "", "")
    written = partial(format_value, unit=value["unit"], lang=lang, currency=value.get("currency"))
    return {
        "name": value["name"][lang],
        "link": value["link"],
        "before": written(value["previous"]),
        "now": written(value["value"]),
        "kind": kind,
        "basis": basis,
        "change": size + change_word(kind, lang),
    }


def _lead(movers: Sequence[Mapping[str, str]], lang: str) -> str:
    """The largest change as a sentence, where there is one that is more than noise."""
    if not movers or movers[0]["kind"] not in ("better", "worse"):
        return ""
    return _LEAD.format(**movers[0]).of(lang)


def months_page(months: Sequence[Mapping[str, Any]], lang: str) -> str:
    """The list of the months that there are reports of, newest first."""
    return render("months.html", lang, months=months)


def render(template: str, lang: str, **parts: Any) -> str:
    """A page from one of the templates in `templates/`, in a language."""
    return (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            when=month_name(facts.period, lang) if (facts := parts.get("facts")) else "",
            _=lambda message, **values: Text(message).format(**values).of(lang),
            word=lambda value: value_text(value).of(lang),
            written=lambda value: written(value, lang),
            number=lambda value: format_number(value, lang),
            style=Markup(_file("style.css")),
            card_style=Markup(CARD_STYLE + MODEL_STYLE),
            **parts,
        )
    )


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
def _file(name: str) -> str:
    return (files("kpilib.report.page") / "templates" / name).read_text(encoding="utf-8")
