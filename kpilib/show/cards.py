"""KPI values as HTML: the card that a notebook and a page show, and the table of several."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from kpilib.show.change import change, change_limits, kind, period_of, verdict, year_before
from kpilib.show.style import opened
from kpilib.words import Text, _, format_number, format_value
from kpilib.words.columns import COLUMNS, head
from kpilib.words.numbers import significant
from kpilib.words.text import capital, labelled, punctuated
from kpilib.words.units import without_unit
from kpilib.words.values import value_text

_INTERVAL = _("95% interval")
_TARGET, _MET, _MISSED = _("Target"), _("met"), _("missed")
_HOW, _DEFINITION, _ALL = _("How it is computed"), _("Definition"), _("All {count} values")
_WITH_LIMITS = _("{size} ({limits})")
_TREND = _("From {first} in {start} to {last} in {end}")
_HEADS = {
    "value": COLUMNS["kpi_value"].head,
    "interval": _INTERVAL,
    "n": COLUMNS["rows"].head,
}
"""The heads of a table of values that are not those of the columns of that name."""


def card_html(values: Sequence[Mapping[str, Any]], lang: str = "en") -> str:
    """KPI values (`KPIValue.to_dict`) as one block of HTML with a style of its own.

    A KPI with one value is a card; with several (months, segments) it is a card of their trend or
    a table. The name of a value with a `link` leads there. It looks right in a light and a dark
    JupyterLab and takes the colours of a page that sets `--kpi-ink`, `--kpi-mute`, `--kpi-line`,
    `--kpi-accent` and `--kpi-bad`. All text is escaped.
    """
    parts = []
    for _id, group in groupby(values, key=lambda value: value["id"]):
        same = list(group)
        parts.append(_card(same[0], lang) if len(same) == 1 else _several(same, lang))
    return f"{opened()}{''.join(parts)}</div>"


def math_html(latex: str, display: bool = False) -> str:
    """A LaTeX formula as MathML, or as it was written where it cannot be read.

    >>> math_html("x").startswith("<math display")
    True
    """
    from latex2mathml.converter import convert

    try:
        found = convert(latex, display="block" if display else "inline")
    except Exception:
        return f"<code>{escape(latex)}</code>"
    found = found.replace("</mn><mrow><mo>&#x0002C;</mo></mrow><mn>", ",")
    found = found.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    return _ALONE.sub(r"\1", _NUMBERED.sub(lambda one: chr(int(one[1], 16)), found))


_NUMBERED = re.compile(r"&#x(?!0*(?:22|26|27|3C|3E);)0*([0-9A-F]+);")
"""A character written as its number, which takes the room of three; not those of HTML's own."""
_ALONE = re.compile(r"<mrow>(<(mn|mi|mtext)\b[^>]*>[^<]*</\2>)</mrow>")
"""A row of one part, which is shown as the part itself."""


def _say(text: Text, lang: str, **parts: object) -> str:
    return text.format(**parts).of(lang)


def _status(value: Mapping[str, Any], lang: str) -> str:
    return capital(value_text(value["status"]).of(lang))


def _written(value: Mapping[str, Any], number: float | None, lang: str) -> str:
    return format_value(number, value["unit"], lang, value.get("currency"))


def _when(label: str) -> str:
    return f'<span class="when">{escape(label)}</span>'


def _name(value: Mapping[str, Any], lang: str) -> str:
    name = value["name"]
    return escape(name.get(lang) or name["en"] if isinstance(name, Mapping) else str(name))


def _segment(value: Mapping[str, Any]) -> str:
    return str(value.get("segment_name") or value.get("segment") or "–")


def _p(kind: str, text: str) -> str:
    return f'<p class="{kind}">{text}</p>' if text else ""


def _card(value: Mapping[str, Any], lang: str, trend: str = "", wide: bool = False) -> str:
    """One value with its name, interval, change, target, status and formula."""
    name = _name(value, lang)
    if value.get("link"):
        name = f'<a href="{escape(value["link"])}">{name}</a>'
    if value.get("segment") is not None:
        name += f" · {escape(_segment(value))}"
    kinds = ["kpi", *(["wide"] if wide else []), *(["none"] if value["value"] is None else [])]
    body = [
        _p("name", f"{name} · {_when(period_of(value).of(lang))}"),
        _p("value", escape(_headline(value, lang))),
        _p("range", _range(value, lang)),
        _change(value, lang),
        _target(value, lang),
        _state(value, lang),
        trend,
        _how(value, lang),
    ]
    return f'<article class="{" ".join(kinds)}">{"".join(body)}</article>'


def _headline(value: Mapping[str, Any], lang: str) -> str:
    if value["value"] is None:
        return _status(value, lang)
    return _written(value, value["value"], lang)


def _range(value: Mapping[str, Any], lang: str) -> str:
    if value.get("low") is None or value.get("high") is None:
        return ""
    return escape(labelled(_INTERVAL.of(lang), _between(value, lang), lang))


def _between(value: Mapping[str, Any], lang: str) -> str:
    """The interval, a unit in words said once."""
    low = without_unit(value["low"], value["unit"], lang, value.get("currency"))
    return f"{low} – {_written(value, value['high'], lang)}"


def _change(value: Mapping[str, Any], lang: str) -> str:
    """The change with its limits and its basis, the year before, and the verdict."""
    parts = []
    if (moved := change(value, lang)) is not None:
        _kind, size, basis = moved
        limits = change_limits(value, lang)
        size = _WITH_LIMITS.format(size=size, limits=limits).of(lang) if limits else size
        before = period_of(value).previous().of(lang)
        text = f'<span class="basis">{escape(basis).replace(before, _when(before))}</span>'
        parts.append(_p("change", f"{escape(size)} {text}"))
    told = punctuated(
        "; ".join(filter(None, (year_before(value, lang), *(value.get("holidays") or ()))))
    )
    parts.append(_p("basis", escape(told)))
    said = verdict(value, lang)
    parts.append(_p(f"change {kind(value)}".strip(), escape(capital(said))))
    return "".join(parts)


def _target(value: Mapping[str, Any], lang: str) -> str:
    target, reached = value.get("target"), value["value"]
    if target is None or reached is None:
        return ""
    text = labelled(_TARGET.of(lang), _written(value, target, lang), lang)
    if value.get("better") in ("higher", "lower"):
        met = reached >= target if value["better"] == "higher" else reached <= target
        text += f" · {(_MET if met else _MISSED).of(lang)}"
    return _p("goal", escape(text))


def _state(value: Mapping[str, Any], lang: str) -> str:
    """The status where it is not complete, with its reason."""
    if value["status"] == "complete":
        return ""
    reason = value.get("reason") or ""
    head = "" if value["value"] is None else _status(value, lang)
    return _p("state", escape(labelled(head, reason, lang)))


def _how(value: Mapping[str, Any], lang: str) -> str:
    """The formula with its numbers, the notes and the definition, folded away."""
    if not (value.get("formula") or value.get("summary")):
        return ""
    return f"<details><summary>{_HOW.of(lang)}</summary>{how_html(value, lang)}</details>"


def how_html(value: Mapping[str, Any], lang: str) -> str:
    """The formula with a value's numbers, its notes and its definition, as HTML."""
    parts = [_p("note", escape(value.get("summary") or ""))]
    if formula := value.get("filled") or value.get("formula"):
        parts.append(f'<div class="formula" tabindex="0">{math_html(formula)}</div>')
    facts = [f"n = {format_number(value['n'], lang)}"] if value.get("n") is not None else []
    for name, number in (value.get("details") or {}).items():
        facts.append(f"{head(name, lang)} = {'–' if number is None else significant(number, lang)}")
    facts.append(f"{_DEFINITION.of(lang)} {value.get('definition', '')}")
    parts.append(_p("facts", escape(" · ".join(facts))))
    notes = [value.get("signal_reason"), *(value.get("notes") or ())]
    parts += [_p("note", escape(capital(note))) for note in notes if note]
    return "".join(parts)


def _several(values: list[Mapping[str, Any]], lang: str) -> str:
    """Several values of one KPI: a trend where only the period changes, else a table."""
    table = _table(values, lang)
    periods = {period_of(value) for value in values}
    if len(periods) == len(values) and len({value.get("segment") for value in values}) == 1:
        count = _say(_ALL, lang, count=len(values))
        folded = f"<details><summary>{count}</summary>{table}</details>"
        return _card(values[-1], lang, _sparkline(values, lang) + folded, wide=True)
    name = _name(values[0], lang)
    if len(periods) == 1:
        name += f" · {_when(periods.pop().of(lang))}"
    shared = {key: values[0].get(key) for key in ("summary", "formula", "definition", "notes")}
    return f'<article class="kpi wide">{_p("name", name)}{table}{_how(shared, lang)}</article>'


def _sparkline(values: list[Mapping[str, Any]], lang: str) -> str:
    """The values as a line with gaps where there is none, and words for who cannot see it."""
    known = [value for value in values if value["value"] is not None]
    if len(known) < 2:
        return ""
    numbers = [value["value"] for value in values]
    low, high = (end(value["value"] for value in known) for end in (min, max))
    step, path, pen = 100 / (len(values) - 1), "", "M"
    for place, number in enumerate(numbers):
        if number is None:
            pen = "M"
            continue
        height = 15 if high == low else 28 - 26 * (number - low) / (high - low)
        path += f"{pen}{place * step:.1f} {height:.1f}"
        pen = "L"
    words = _say(
        _TREND,
        lang,
        first=_written(known[0], known[0]["value"], lang),
        start=period_of(known[0]),
        last=_written(known[-1], known[-1]["value"], lang),
        end=period_of(known[-1]),
    )
    return (
        f'<svg viewBox="0 0 100 30" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(words)}"><path d="{path}"/></svg>'
    )


def _table(values: list[Mapping[str, Any]], lang: str) -> str:
    """One row per value; the columns that would say nothing are left out."""
    said = [name for name, says in _SAID.items() if any(map(says, values))]
    if len({period_of(value) for value in values}) > 1:
        said.insert(0, "period")
    numbers = [value["value"] for value in values if value["value"] is not None]
    ends = min([0, *numbers]), max([0, *numbers])
    heads = "".join(_head(name, lang) for name in said)
    rows = "".join(_row(value, said, ends, lang) for value in values)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>'


_SAID: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "segment": lambda value: value.get("segment") is not None,
    "value": lambda value: True,
    "interval": lambda value: value.get("low") is not None,
    "n": lambda value: value.get("n") is not None,
    "status": lambda value: value["status"] != "complete",
}
"""The columns of a table, and which values have something to say in each."""


def _head(name: str, lang: str) -> str:
    kind = ' class="word"' if name in ("period", "segment", "status") else ""
    bar = '<td class="bar"></td>' if name == "value" else ""
    words = capital(_HEADS[name].of(lang) if name in _HEADS else head(name, lang))
    return f'<th scope="col"{kind}>{words}</th>{bar}'


def _bar(number: float | None, ends: tuple[float, float]) -> str:
    """A number's bar from 0 on the scale of its table: a negative one points to the left.

    `ends` are the least and the greatest of the scale. Where a number of it is negative, every bar
    has the line of 0 at its foot.

    >>> _bar(-1, (-1, 3))
    '<i class="below" style="margin-left:0.0%;width:25.0%"></i>'
    >>> _bar(3, (0, 4)), _bar(0, (0, 4))
    ('<i style="width:75.0%"></i>', '')
    """
    low, high = ends
    if not number:
        return ""
    width = 100 * abs(number) / (high - low)
    if low == 0:
        return f'<i style="width:{width:.1f}%"></i>'
    kind, start = ("below", number) if number < 0 else ("above", 0)
    left = 100 * (start - low) / (high - low)
    return f'<i class="{kind}" style="margin-left:{left:.1f}%;width:{width:.1f}%"></i>'


def _row(value: Mapping[str, Any], said: list[str], ends: tuple[float, float], lang: str) -> str:
    """The cells of one value, in the order of the columns."""
    number, low, n = value["value"], value.get("low"), value.get("n")
    bar = _bar(number, ends)
    reason = "" if value["status"] == "complete" else value.get("reason")
    state = labelled(_status(value, lang), reason or "", lang)
    cells = {
        "period": f'<th scope="row" class="word">{_when(period_of(value).of(lang))}</th>',
        "segment": f'<th scope="row" class="word">{escape(_segment(value))}</th>',
        "value": f'<td>{escape(_written(value, number, lang))}</td><td class="bar">{bar}</td>',
        "interval": f"<td>{'–' if low is None else escape(_between(value, lang))}</td>",
        "n": f"<td>{'–' if n is None else format_number(n, lang)}</td>",
        "status": f'<td class="word">{escape(state)}</td>',
    }
    return f"<tr>{''.join(cells[name] for name in said)}</tr>"
