"""What the lifetime models give back, as HTML: a valuation, a model, its posterior, a backtest.

Each looks like a KPI's card and is shown by JupyterLab where it is the last thing in a cell.
"""

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from kpilib.show.style import opened
from kpilib.show.tables import table_html
from kpilib.words import MODEL_TITLES, Unit, _, format_number, format_value, ngettext
from kpilib.words.columns import head as column_head
from kpilib.words.short import short_number, short_value
from kpilib.words.text import labelled, spoken
from kpilib.words.units import TIME_UNITS
from kpilib.words.values import VALUES

if TYPE_CHECKING:
    import pandas as pd

MODEL_STYLE = """
.kpis .stack>*+*{margin-top:.6rem}.kpis .found{border-left:3px solid var(--line);
padding-left:.6rem;max-width:46rem}.kpis .found.serious,.kpis .found.warning{
border-color:var(--bad)}.kpis .found b{font-weight:600}.kpis .long{white-space:normal;
min-width:14rem;text-align:left}.kpis .plain{max-width:46rem}.kpis .tables th,.kpis .tables td{
padding-right:1.1rem}.kpis .tables table,.kpis .facts table{width:auto;margin:.4rem 0}
.kpis .facts td,.kpis .facts th{border:0;padding-block:.1rem}
.kpis .facts .word{color:var(--mute);white-space:normal;font-weight:400}
.kpis .facts .num{font-weight:600}
"""

WORDS = {
    "value": _("What {customers} customers are worth from {start} to {last}"),
    "expected": _("the expectation lies within, at {level}"),
    "to_come": _("what will come, chance included, at {level}"),
    "each": _("a customer on average"),
    "alive": _("customers expected to be still there"),
    "purchases": _("purchases to come"),
    "residual": _("beyond the horizon, resting wholly on the model"),
    "basis": _("{model}; discounted at {rate} a year; margin {margin}."),
    "revenue": _("1 (revenue)"),
    "groups": _("By {name}, {count} groups"),
    "fitted": _("fitted to {n} customers, time in {unit}"),
    "given": _("as written, not fitted; time in {unit}"),
    "drawn": _("{draws} draws of the parameters, worth {ess} independent ones"),
    "nothing": _("Nothing found wrong."),
    "tested": _("{model}, asked {times} times about the {horizon} that followed"),
    "totals": _(
        "{measure}: the totals were off by {model} in the mean, {signed} with their signs; by "
        "{rule}, the best plain rule, {plain}. {within} fell within their 95% limits."
    ),
    "less": _("The {score} per customer is {model}, less than by {rule}: {plain}."),
    "no_less": _("The {score} per customer is {model}, no less than by {rule}: {plain}."),
    "covered": _("{share} of the customers bought as often as their own 95% limits say."),
    "months": _("{n} months"),
}


def value_html(value: Any, lang: str = "en", currency: str | None = None) -> str:
    """A `LifetimeValue`: the total with its limits, what it rests on, its groups, its findings."""
    row = value.total.iloc[0]

    def money(number: float) -> str:
        if number != number:
            return "–"
        return short_value(float(number), Unit.MONEY, lang, currency)

    level = format_number(100 * value.level, lang) + "%"
    facts = []
    if "low" in row:
        facts = [
            (f"{money(row['low'])} – {money(row['high'])}", _say("expected", lang, level=level)),
            (
                f"{money(row['predicted_low'])} – {money(row['predicted_high'])}",
                _say("to_come", lang, level=level),
            ),
        ]
    facts += [
        (money(row["value"] / max(row["customers"], 1)), _say("each", lang)),
        (format_number(row["active"], lang), _say("alive", lang)),
        (format_number(row["expected_purchases"], lang), _say("purchases", lang)),
        (money(row["residual"]), _say("residual", lang)),
    ]
    margin = _say("revenue", lang) if value.margin == 1 else format_value(
        value.margin, Unit.SHARE, lang
    )  # fmt: skip
    basis = _say("basis", lang, model=MODEL_TITLES[value.model.kind], margin=margin,
                 rate=_rates(value.rates, lang))  # fmt: skip
    head = _say("value", lang, customers=format_number(row["customers"], lang),
                start=value.start, last=value.horizon - timedelta(days=1))  # fmt: skip
    body = [
        _p("name", head),
        _p("value", money(row["value"])),
        _facts(facts),
        _p("plain", basis),
        *(_groups(table, lang) for table in (value.segments, value.cohorts) if table is not None),
        _notes_folded(value.findings, lang),
    ]
    return _card(body)


def _notes_folded(findings: Any, lang: str) -> str:
    """Findings, of which what is only worth knowing is folded: the doctor tells it again."""
    notes = [one for one in findings if one.severity == "note"]
    grave = [one for one in findings if one.severity != "note"]
    if not notes:
        return findings_html(findings, lang)
    summary = ngettext("{n} note", "{n} notes", len(notes)).of(lang)
    folded = f"<details><summary>{escape(summary)}</summary>{findings_html(notes, lang)}</details>"
    return (findings_html(grave, lang) if grave else "") + folded


def model_html(model: Any, lang: str = "en") -> str:
    """A lifetime model: its parameters with their limits, its fit, what the fit found."""
    unit = (
        TIME_UNITS[model.time_unit].of(lang) if model.time_unit in TIME_UNITS else model.time_unit
    )
    table = model.summary()
    if model.fitted is None:
        facts = _p("range", _say("given", lang, unit=unit))
    else:
        text = _say("fitted", lang, n=format_number(model.n, lang), unit=unit)
        numbers = (("log L", model.log_likelihood), ("AIC", model.aic), ("BIC", model.bic))
        scores = " · ".join(f"{name} {format_number(one, lang, 2)}" for name, one in numbers)
        facts = _p("range", text) + _p("range", scores)
    found = findings_html(model.diagnosis, lang) if model.fitted is not None else ""
    return _card([_p("name", MODEL_TITLES[model.kind]), facts, _scroll(table, lang, 4), found])


def posterior_html(posterior: Any, lang: str = "en") -> str:
    """A posterior: how many draws it is worth, and the parameters' limits."""
    text = _say("drawn", lang, draws=format_number(len(posterior), lang),
                ess=format_number(posterior.ess, lang))  # fmt: skip
    body = [
        _p("name", MODEL_TITLES[posterior.model.kind]),
        _p("range", text),
        _scroll(posterior.summary(), lang, 4),
        findings_html(posterior.diagnosis, lang),
    ]
    return _card(body)


def backtest_html(found: Any, lang: str = "en") -> str:
    """A backtest: for purchases and revenue a verdict in words, then the scores."""
    table = found.summary()
    number = found.horizon.split()[0]
    horizon = _say("months", lang, n=number) if "month" in found.horizon else found.horizon
    times = format_number(found.scores["origin"].nunique(), lang)
    head = _say("tested", lang, model=MODEL_TITLES[found.model], times=times, horizon=horizon)
    verdicts = [_p("plain", text) for text in _verdicts(found, table, lang)]
    shown = table[["measure", "rule", "bias", "absolute_bias", "mae", "rmse", "top_tenth"]]
    return _card([_p("name", head), *verdicts, _scroll(shown, lang, 3)])


def findings_html(findings: Any, lang: str = "en") -> str:
    """Findings, one under the other: how much each matters, what was found, what to do."""
    if not findings:
        return _p("note", _say("nothing", lang))
    return "".join(
        f'<p class="found {escape(one.severity)}">'
        f"<b>{escape(labelled(VALUES[one.severity].of(lang), ' ', lang).rstrip())}</b> "
        f"{escape(spoken((one.sentence, one.remedy), lang))}</p>"
        for one in findings
    )


def _verdicts(found: Any, table: "pd.DataFrame", lang: str) -> list[str]:
    """For each measure the model against the best plain rule; then how its limits held."""
    rows = table[table["rule"] == "model"].set_index("measure").to_dict("index")
    texts: dict[str, str] = {}
    for one in found.verdicts():
        rule = VALUES[one.rule].of(lang)
        if one.score == "absolute_bias":
            name, row = VALUES[one.measure].of(lang), rows[one.measure]
            texts[one.measure] = _say(
                "totals", lang, measure=name[:1].upper() + name[1:], rule=rule,
                model=format_value(one.model, Unit.SHARE, lang),
                signed=_change(row["bias"], lang),
                plain=format_value(one.plain, Unit.SHARE, lang),
                within=format_value(row["totals_within"], Unit.SHARE, lang),
            )  # fmt: skip
        else:
            texts[one.measure] += " " + _say(
                "less" if one.model < one.plain else "no_less", lang, rule=rule,
                score=column_head(one.score, lang), model=_error(one.model, lang),
                plain=_error(one.plain, lang),
            )  # fmt: skip
    share = format_value(rows["purchases"]["coverage"], Unit.SHARE, lang)
    return [*texts.values(), _say("covered", lang, share=share)]


def _rates(rates: tuple[float, float], lang: str) -> str:
    low, high = (format_value(rate, Unit.SHARE, lang) for rate in rates)
    return low if low == high else f"{low} – {high}"


def _error(value: float, lang: str) -> str:
    decimals = 0 if value >= 100 else 2 if value >= 1 else 3
    return short_number(value, lang) or format_number(value, lang, decimals)


def _change(value: float, lang: str) -> str:
    sign = "+" if value > 0 else ""
    return sign + format_value(value, Unit.SHARE, lang).replace("-", "−")


def _groups(table: "pd.DataFrame", lang: str) -> str:
    """A table of groups, folded away where it is long."""
    left_out = ("residual", "predicted_low", "predicted_high")
    shown = table[[column for column in table if column not in left_out]]
    name = column_head(str(table.columns[0]), lang)
    head = _say("groups", lang, name=name, count=format_number(len(table), lang))
    opened = " open" if len(table) <= 6 else ""
    return f"<details{opened}><summary>{escape(head)}</summary>{_scroll(shown, lang)}</details>"


def _facts(facts: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td class="num">{escape(number)}</td>'
        f'<th scope="row" class="word">{escape(words)}</th></tr>'
        for number, words in facts
    )
    return f'<div class="scroll facts" tabindex="0"><table><tbody>{rows}</tbody></table></div>'


def _scroll(table: "pd.DataFrame", lang: str, digits: int | None = None) -> str:
    return f'<div class="scroll tables" tabindex="0">{table_html(table, lang, digits)}</div>'


def _card(body: list[str]) -> str:
    return f'{opened(MODEL_STYLE)}<article class="kpi wide stack">{"".join(body)}</article></div>'


def _p(kind: str, text: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if text else ""


def _say(word: str, lang: str, **parts: object) -> str:
    return WORDS[word].format(**parts).of(lang)
