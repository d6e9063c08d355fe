"""The six numbers at the top of the month's page."""

from kpilib.questions.values import KPIValue, Status
from kpilib.report.month.asked import Asked
from kpilib.report.month.drawing import sparkline
from kpilib.report.month.wording import Move, Percent, Short
from kpilib.words import Text, _, format_number, ngettext
from kpilib.words.short import short_value
from kpilib.words.text import capital
from kpilib.words.values import value_text

COUNT = 6
ORDER = (
    "revenue",
    "buyers",
    "average_purchase_value",
    "customers_active",
    "churn_rate",
    "clv_predicted",
    "net_revenue_retention",
    "renewal_rate",
    "new_customers",
    "nps",
    "csat_mean",
    "complaint_rate",
    "first_response_time",
    "sla_attainment",
)
"""What a director asks first; the first `COUNT` that the records can tell are shown."""

_AFTER, _AFTER_HIGHEST = _("after {old}"), _("after {old}; the highest of {n} months")
_AFTER_LOWEST = _("after {old}; the lowest of {n} months")
_EXTREMES = {
    True: (_AFTER_HIGHEST, _AFTER_LOWEST),
    False: (
        _("after {old}; the highest of {n} periods"),
        _("after {old}; the lowest of {n} periods"),
    ),
}
"""The same by whether the periods are months."""
_NOT_YET = _("not to act on yet")
_SHORT = _("{within} of {n} tests kept to their limits; the model fell {share} short in all")
_OVER = _("{within} of {n} tests kept to their limits; the model promised {share} too much in all")
_EQUATION = _("= {opening} + {new} new + {back} back − {lost} lost")


def tiles(asked: Asked, lang: str) -> list[dict[str, str]]:
    """The tiles in order: `id`, `name`, `value`, `line`, `change`, `kind`, `under` (what is small).

    A KPI that has no number is passed over for the next.
    """
    known = [asked.now[name] for name in ORDER if name in asked.now]
    return [_tile(asked, value, lang) for value in known if value.value is not None][:COUNT]


def _tile(asked: Asked, value: KPIValue, lang: str) -> dict[str, str]:
    move = Move(value)
    change, under = move.verdict(lang) or move.relative(lang), _after(asked, value, lang)
    kind = move.kind
    if value.status in (Status.INCOMPLETE, Status.PROVISIONAL):
        change, kind = capital(value_text(value.status).of(lang)), "quiet"
        under = value.reason.of(lang) if value.reason else ""
    if value.id == "clv_predicted" and not asked.trusted and asked.tested:
        change, kind, under = _NOT_YET.of(lang), "quiet", failed_tests(asked, lang)
    elif value.id == "customers_active" and (equation := _equation(asked, lang)):
        under = equation
    elif move.signal == "too early":
        seen = sum(number is not None for number in asked.line(value.id))
        under = _seen(max(seen, 1), asked.period.months == 1).of(lang)
    return {
        "id": value.id,
        "name": value.name.of(lang),
        "value": short_value(value.value, value.unit, lang, value.currency),
        "line": sparkline(asked.line(value.id)),
        "change": change,
        "kind": kind,
        "under": under,
    }


def _seen(count: int, months: bool) -> Text:
    """In how many periods a number can be seen."""
    if months:
        return ngettext(
            "{n} month in which it can be seen", "{n} months in which it can be seen", count
        )
    return ngettext(
        "{n} period in which it can be seen", "{n} periods in which it can be seen", count
    )


def _after(asked: Asked, value: KPIValue, lang: str) -> str:
    """The value before, and whether this one is the highest or lowest of the months shown."""
    if value.previous is None or value.value is None:
        return ""
    old = Short(value.previous, value.unit, value.currency)
    line = [number for number in asked.line(value.id) if number is not None]
    text = _AFTER
    if len(line) > 3 and line[-1] == value.value:
        highest, lowest = value.value > max(line[:-1]), value.value < min(line[:-1])
        of_highest, of_lowest = _EXTREMES[asked.period.months == 1]
        text = of_highest if highest else of_lowest if lowest else _AFTER
    return text.format(old=old, n=len(line)).of(lang)


def failed_tests(asked: Asked, lang: str) -> str:
    """What the model's tests came to, where their limits did not hold."""
    assert asked.tested is not None
    bias, times = asked.tested["bias"], round(asked.tested["times"])
    within = round(asked.tested["within"])
    text = _SHORT if bias < 0 else _OVER
    return text.format(n=times, within=within, share=Percent(bias)).of(lang)


def _equation(asked: Asked, lang: str) -> str:
    last = {part: line[-1] for part, line in asked.ledger.items()}
    if None in last.values() or not last:
        return ""
    opening, new, back, lost, _ = (format_number(last[part] or 0, lang) for part in last)
    return _EQUATION.format(opening=opening, new=new, back=back, lost=lost).of(lang)
