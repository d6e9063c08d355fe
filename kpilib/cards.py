"""KPI values as HTML: the card that a notebook and a page show, and the table of several."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from itertools import groupby
from typing import Any

from kpilib.periods import Period
from kpilib.text import Text, Unit, format_number, format_value

WORDS = {
    "interval": Text(en="95% interval", vi="Khoảng tin cậy 95%", zh="95% 区间"),
    "from": Text(
        en="from {old} in {period}", vi="so với {old} kỳ {period}", zh="{period} 为 {old}"
    ),
    "points": Text(en="{gap} points", vi="{gap} điểm", zh="{gap} 个百分点"),
    "better": Text(en="better", vi="tốt hơn", zh="向好"),
    "worse": Text(en="worse", vi="kém hơn", zh="变差"),
    "within": Text(en="within the interval", vi="trong khoảng tin cậy", zh="在区间之内"),
    "unchanged": Text(en="Unchanged", vi="Không đổi", zh="持平"),
    "target": Text(en="Target", vi="Mục tiêu", zh="目标"),
    "met": Text(en="met", vi="đạt", zh="达成"),
    "missed": Text(en="missed", vi="chưa đạt", zh="未达成"),
    "how": Text(en="How it is computed", vi="Cách tính", zh="计算方法"),
    "definition": Text(en="Definition", vi="Định nghĩa", zh="定义"),
    "all": Text(en="All {count} values", vi="Cả {count} giá trị", zh="全部 {count} 个数值"),
    "trend": Text(
        en="From {first} in {start} to {last} in {end}",
        vi="Từ {first} kỳ {start} đến {last} kỳ {end}",
        zh="从 {start} 的 {first} 到 {end} 的 {last}",
    ),
    "period": Text(en="Period", vi="Kỳ", zh="期间"),
    "segment": Text(en="Segment", vi="Nhóm", zh="分组"),
    "value": Text(en="Value", vi="Giá trị", zh="数值"),
    "n": Text(en="Rows", vi="Số dòng", zh="行数"),
    "status": Text(en="Status", vi="Trạng thái", zh="状态"),
    "complete": Text(en="Complete", vi="Trọn kỳ", zh="完整"),
    "incomplete": Text(en="Incomplete", vi="Chưa trọn kỳ", zh="未完结"),
    "provisional": Text(en="Provisional", vi="Tạm tính", zh="暂定"),
    "undefined": Text(en="Not defined", vi="Không xác định", zh="无定义"),
    "unavailable": Text(en="Not available", vi="Không có dữ liệu", zh="不可用"),
}

STYLE = """
.kpis{--ink:var(--kpi-ink,var(--jp-content-font-color1,var(--vscode-editor-foreground,#1f2933)));
--mute:var(--kpi-mute,var(--jp-content-font-color2,var(--vscode-descriptionForeground,#5b6775)));
--line:var(--kpi-line,var(--jp-border-color2,var(--vscode-panel-border,#dde3e8)));
--accent:var(--kpi-accent,var(--jp-brand-color1,#00648f));
--bad:var(--kpi-bad,var(--jp-error-color1,#b5442a));
display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:.75rem;
margin:.5rem 0;color:var(--ink);font:400 .875rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","PingFang SC","Microsoft YaHei",sans-serif;font-variant-numeric:tabular-nums}
.kpis .kpi{border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;min-width:0}
.kpis .kpi.wide{grid-column:1/-1}
.kpis p{margin:0}.kpis .name{color:var(--mute);font-weight:500}.kpis .name a{color:inherit}
.kpis .value{font-size:1.75rem;font-weight:600;line-height:1.25;letter-spacing:-.01em}
.kpis .range,.kpis .goal,.kpis .basis{color:var(--mute);font-size:.8125rem}
.kpis .when{white-space:nowrap}.kpis .change{margin-top:.35rem;font-size:.8125rem;font-weight:500}
.kpis .better{color:var(--accent)}.kpis .worse{color:var(--bad)}
.kpis .state{display:inline-block;margin-top:.35rem;font-size:.8125rem;color:var(--mute);
border-left:3px solid var(--mute);padding-left:.5rem}
.kpis .none .value{font-size:1.125rem;line-height:1.95;color:var(--mute)}
.kpis svg{display:block;width:100%;max-width:30rem;height:2.5rem;margin-top:.5rem;overflow:visible}
.kpis path{fill:none;stroke:var(--accent);stroke-width:1.75;vector-effect:non-scaling-stroke}
.kpis details{margin-top:.5rem;font-size:.8125rem;color:var(--mute)}
.kpis summary{cursor:pointer}.kpis details>*+*{margin-top:.4rem}
.kpis .formula{overflow-x:auto;color:var(--ink);padding:.25rem 0}
.kpis .scroll{overflow-x:auto}
.kpis table{border-collapse:collapse;width:100%;margin:.4rem 0 0;font-size:.8125rem;
color:var(--ink)}
.kpis th,.kpis td{padding:.3rem .75rem .3rem 0;text-align:right;white-space:nowrap;
border:0;border-bottom:1px solid var(--line);background:none}
.kpis th{font-weight:500;color:var(--mute)}.kpis .word{text-align:left}
.kpis tr{background:none!important}.kpis .bar{width:22%;min-width:4rem;padding-right:0}
.kpis .bar i{display:block;height:.55rem;border-radius:2px;background:var(--accent);opacity:.75}
"""


def card_html(values: Sequence[Mapping[str, Any]], lang: str = "en") -> str:
    """KPI values (`KPIValue.to_dict`) as one block of HTML with a style of its own.

    A KPI with one value is a card; with several (months, segments) it is a card of their trend or
    a table. The name of a value with a `link` leads there. It looks right in a light and a dark
    JupyterLab and takes the colours of a page that sets `--kpi-ink`, `--kpi-mute`, `--kpi-line`,
    `--kpi-accent` and `--kpi-bad`. All text is escaped.
    """
    parts = []
    for _, group in groupby(values, key=lambda value: value["id"]):
        same = list(group)
        parts.append(_card(same[0], lang) if len(same) == 1 else _several(same, lang))
    return f'<div class="kpis"><style>{STYLE}</style>{"".join(parts)}</div>'


def change(value: Mapping[str, Any], lang: str = "en") -> tuple[str, str, str] | None:
    """How a value moved against the like period before, or None where either is missing.

    A period that is not over has not moved: what is still to come would look like a drop.

    Shapes: (`better`, `worse`, `within` or `unchanged`; the size, as `▼ 0.4 points`; the basis, as
    `from 5.4% in 2026-09`). `within` says that the old value lies inside the new one's interval;
    the word is empty where neither direction is good.
    """
    new, old = value.get("value"), value.get("previous")
    if new is None or old is None or value["status"] == "incomplete":
        return None
    before = _period(value).previous().label
    basis = _say("from", lang, old=_written(value, old, lang), period=before)
    if new == old:
        return "unchanged", _say("unchanged", lang), basis
    size = f"{'▲' if new > old else '▼'} {_gap(value, new, old, lang)}"
    low, high = value.get("low"), value.get("high")
    if low is not None and high is not None and low <= old <= high:
        return "within", size, basis
    if value.get("better") not in ("higher", "lower"):
        return "", size, basis
    good = (new > old) == (value["better"] == "higher")
    return "better" if good else "worse", size, basis


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
    return found.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")


def _say(word: str, lang: str, **parts: object) -> str:
    return WORDS[word].of(lang).format(**parts)


def _written(value: Mapping[str, Any], number: float | None, lang: str) -> str:
    return format_value(number, value["unit"], lang, value.get("currency"))


def _gap(value: Mapping[str, Any], new: float, old: float, lang: str) -> str:
    """The size of a change: a share's in points, another value's as a part of the old one."""
    if value["unit"] == Unit.SHARE:
        return _say("points", lang, gap=format_number(abs(new - old) * 100, lang, 1))
    if old:
        return format_value(abs(new / old - 1), Unit.SHARE, lang)
    return _written(value, abs(new - old), lang)


def _period(value: Mapping[str, Any]) -> Period:
    start, end = (date.fromisoformat(value["period"][side]) for side in ("start", "end"))
    return Period(start, end)


def _label(value: Mapping[str, Any]) -> str:
    return _period(value).label


def _name(value: Mapping[str, Any], lang: str) -> str:
    name = value["name"]
    return escape(name.get(lang) or name["en"] if isinstance(name, Mapping) else str(name))


def _p(kind: str, text: str) -> str:
    return f'<p class="{kind}">{text}</p>' if text else ""


def _card(value: Mapping[str, Any], lang: str, trend: str = "", wide: bool = False) -> str:
    """One value with its name, interval, change, target, status and formula."""
    name = _name(value, lang)
    if value.get("link"):
        name = f'<a href="{escape(value["link"])}">{name}</a>'
    if value.get("segment") is not None:
        name += f" · {escape(str(value['segment']))}"
    kinds = ["kpi", *(["wide"] if wide else []), *(["none"] if value["value"] is None else [])]
    body = [
        _p("name", f"{name} · {escape(_label(value))}"),
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
        return _say(value["status"], lang)
    return _written(value, value["value"], lang)


def _range(value: Mapping[str, Any], lang: str) -> str:
    if value.get("low") is None or value.get("high") is None:
        return ""
    low, high = (_written(value, value[end], lang) for end in ("low", "high"))
    return escape(f"{_say('interval', lang)}: {low} – {high}")


def _change(value: Mapping[str, Any], lang: str) -> str:
    if (moved := change(value, lang)) is None:
        return ""
    kind, size, basis = moved
    word = f" ({_say(kind, lang)})" if kind in ("better", "worse", "within") else ""
    before = _period(value).previous().label
    text = escape(basis).replace(before, f'<span class="when">{before}</span>')
    text = f'<span class="basis">{text}</span>'
    return _p(f"change {kind}".strip(), f"{escape(size + word)} {text}")


def _target(value: Mapping[str, Any], lang: str) -> str:
    target, reached = value.get("target"), value["value"]
    if target is None or reached is None:
        return ""
    text = f"{_say('target', lang)}: {_written(value, target, lang)}"
    if value.get("better") in ("higher", "lower"):
        met = reached >= target if value["better"] == "higher" else reached <= target
        text += f" · {_say('met' if met else 'missed', lang)}"
    return _p("goal", escape(text))


def _state(value: Mapping[str, Any], lang: str) -> str:
    """The status where it is not complete, with its reason."""
    if value["status"] == "complete":
        return ""
    reason = value.get("reason") or ""
    head = "" if value["value"] is None else _say(value["status"], lang)
    return _p("state", escape(": ".join(filter(None, (head, reason)))))


def _how(value: Mapping[str, Any], lang: str) -> str:
    """The formula with its numbers, the notes and the definition, folded away."""
    parts = []
    if formula := value.get("filled") or value.get("formula"):
        parts.append(f'<div class="formula">{math_html(formula)}</div>')
    facts = [f"n = {format_number(value['n'], lang)}"] if value.get("n") is not None else []
    for name, number in (value.get("details") or {}).items():
        facts.append(f"{name} = {'–' if number is None else format(number, '.6g')}")
    facts.append(f"{_say('definition', lang)} {value.get('definition', '')}")
    parts.append(_p("facts", escape(" · ".join(facts))))
    parts += [_p("note", escape(note)) for note in value.get("notes") or ()]
    return f"<details><summary>{_say('how', lang)}</summary>{''.join(parts)}</details>"


def _several(values: list[Mapping[str, Any]], lang: str) -> str:
    """Several values of one KPI: a trend where only the period changes, else a table."""
    table = _table(values, lang)
    periods = {_label(value) for value in values}
    if len(periods) == len(values) and len({value.get("segment") for value in values}) == 1:
        count = _say("all", lang, count=len(values))
        folded = f"<details><summary>{count}</summary>{table}</details>"
        return _card(values[-1], lang, _sparkline(values, lang) + folded, wide=True)
    head = _name(values[0], lang) + (f" · {escape(periods.pop())}" if len(periods) == 1 else "")
    shared = {key: values[0].get(key) for key in ("formula", "definition", "notes")}
    return f'<article class="kpi wide">{_p("name", head)}{table}{_how(shared, lang)}</article>'


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
        "trend",
        lang,
        first=_written(known[0], known[0]["value"], lang),
        start=_label(known[0]),
        last=_written(known[-1], known[-1]["value"], lang),
        end=_label(known[-1]),
    )
    return (
        f'<svg viewBox="0 0 100 30" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(words)}"><path d="{path}"/></svg>'
    )


def _table(values: list[Mapping[str, Any]], lang: str) -> str:
    """One row per value; the columns that never change are left out."""
    first = []
    if len({_label(value) for value in values}) > 1:
        first.append(("period", _label))
    if any(value.get("segment") is not None for value in values):
        first.append(("segment", lambda value: str(value.get("segment") or "–")))
    state = any(value["status"] != "complete" for value in values)
    heads = [name for name, _ in first] + ["value", "", "interval", "n"] + ["status"] * state
    top = max((abs(value["value"]) for value in values if value["value"] is not None), default=0)
    rows = "".join(_row(value, first, top, state, lang) for value in values)
    table = f"<table><thead>{_heads(heads, lang)}</thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _heads(names: Iterable[str], lang: str) -> str:
    words = ("period", "segment", "status")
    cells = (
        f'<th scope="col"{" class=word" if name in words else ""}>{_say(name, lang)}</th>'
        if name
        else '<td class="bar"></td>'
        for name in names
    )
    return f"<tr>{''.join(cells)}</tr>"


def _row(value: Mapping[str, Any], first: list, top: float, state: bool, lang: str) -> str:
    number = value["value"]
    cells = [f'<th scope="row" class="word">{escape(read(value))}</th>' for _, read in first]
    width = 0 if not top or number is None else 100 * abs(number) / top
    bar = f'<i style="width:{width:.1f}%"></i>' if width else ""
    low, high = (value.get(end) for end in ("low", "high"))
    between = (
        "–" if low is None else f"{_written(value, low, lang)} – {_written(value, high, lang)}"
    )
    n = "–" if value.get("n") is None else format_number(value["n"], lang)
    cells.append(f"<td>{escape(_written(value, number, lang))}</td>")
    cells.append(f'<td class="bar">{bar}</td><td>{escape(between)}</td><td>{n}</td>')
    if state:
        reason = "" if value["status"] == "complete" else value.get("reason") or ""
        text = ": ".join(filter(None, (_say(value["status"], lang), reason)))
        cells.append(f'<td class="word">{escape(text)}</td>')
    return f"<tr>{''.join(cells)}</tr>"
