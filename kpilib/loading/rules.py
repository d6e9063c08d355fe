"""Why a row is left out: of the rules of a table, the first that the row breaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import narwhals.stable.v2 as nw

from kpilib.contract.schema import Schema
from kpilib.contract.settings import Settings, TableSettings
from kpilib.loading.between.calendars import broken
from kpilib.loading.reading.clock import DAY
from kpilib.loading.reading.normal import Normal
from kpilib.periods import day_date, day_number

PERIOD = (
    r"(?i)^\s*([0-9]{4}(-(0[1-9]|1[0-2])|-?q[1-4]|-?w[0-9]{2})?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}[-/](0?[1-9]|1[0-2])([-/]0?1([ t]00:00(:00(\.0+)?)?)?)?)\s*$"
)
"""How a period is written: as everywhere, or as workbooks turn a month into its first day."""


@dataclass(frozen=True)
class Rule:
    """One reason to leave rows out."""

    reason: str
    """Its name in the account."""
    breaks: nw.Expr
    """Whether a row breaks it."""
    fault: bool = True
    """Whether such rows speak against the data, and so count towards `max_loss`."""
    odd: bool = False
    """Whether it is worth telling beside every number, though it is no fault that stops loading."""

    @property
    def wrong(self) -> bool:
        """Whether the numbers should carry it."""
        return self.fault or self.odd


@dataclass(frozen=True)
class Horizon:
    """The first day whose events are left out, and whether the user chose it."""

    day: int
    chosen: bool

    @property
    def reason(self) -> str:
        """How the account names what lies beyond."""
        return (
            f"on or after {day_date(self.day)}, the as_of day" if self.chosen else "in the future"
        )


def tomorrow(settings: Settings) -> int:
    """The day after the business's own today."""
    return day_number(datetime.now(settings.zone).date()) + 1


def horizon(settings: Settings) -> Horizon:
    """The first day that is left out: `as_of`, or tomorrow."""
    if settings.as_of is not None:
        return Horizon(day_number(settings.as_of), chosen=True)
    return Horizon(tomorrow(settings), chosen=False)


def row_rules(
    schema: Schema,
    normal: Normal,
    exclusions: Mapping[str, str],
    options: TableSettings,
    horizon: Horizon,
) -> list[Rule]:
    """The rules that a row can break on its own, in the order in which they are looked at."""
    rules = [
        Rule(reason, nw.col(column).cast(nw.Boolean).fill_null(False), fault=False)
        for reason, column in exclusions.items()
    ]
    for column in schema.columns:
        if column.required:
            rules += _required(column.name, column.kind, column.outputs[0], normal)
    if schema.event:
        event = schema.column(schema.event).outputs[0]
        if event in normal.outputs:
            late = nw.col(normal.outputs[event]) >= horizon.day
            rules.append(Rule(horizon.reason, late, fault=not horizon.chosen))
    return rules + _own(schema, normal, options)


def _required(name: str, kind: str, output: str, normal: Normal) -> list[Rule]:
    if output not in normal.outputs:
        return []
    value = nw.col(normal.outputs[output])
    rules = []
    if kind in ("time", "date"):
        rules.append(Rule(f"{name} is not a time", normal.unread[name]))
    elif kind == "id":
        rules.append(Rule(f"{name} is not a whole number", normal.unread[name]))
    elif kind == "number":
        rules.append(Rule(f"{name} is not a number", normal.unread[name]))
        rules.append(Rule(f"{name} is infinite", value.is_finite().fill_null(True).__invert__()))
    rules.append(Rule(f"no {name}", value.is_null()))
    return rules


def _own(schema: Schema, normal: Normal, options: TableSettings) -> list[Rule]:
    """What a table asks of its rows beyond having their values."""

    def value(output: str) -> nw.Expr:
        return nw.col(normal.outputs[output])

    has = normal.outputs.keys()
    rules = []
    if schema.name == "orders" and options.lines:
        rules.append(Rule("no order_id", value("order_id").is_null()))
    if schema.name == "exchange_rates":
        rules.append(Rule("rate is not above 0", value("rate") <= 0))
    for first, last, reason, fault in _ORDERED.get(schema.name, ()):
        names = [schema.column(name).outputs for name in (last, first)]
        if {output for outputs in names for output in outputs} <= has:
            rules.append(Rule(reason, earlier(normal, *names), fault=fault, odd=True))
    if schema.name == "survey_responses" and "score" in has:
        for bound in {"scale_min", "scale_max"} & has:
            score = value("score")
            outside = score < value(bound) if bound == "scale_min" else score > value(bound)
            rules.append(Rule("score is outside its scale", outside, fault=False, odd=True))
    if schema.name == "referrals" and (rule := oneself(normal)):
        rules.append(rule)
    if schema.name == "targets" and "period" in has:
        strange = ~value("period").cast(nw.String).str.contains(PERIOD)
        rules.append(Rule("period is not a period", strange.fill_null(False), False, odd=True))
    if schema.name == "calendars":
        wrong = broken(normal.outputs, normal.unread)
        rules += [Rule(reason, rows, fault=False, odd=True) for reason, rows in wrong.items()]
    return rules


def oneself(normal: Normal) -> Rule | None:
    """Of a referral that won somebody: that it did not win who sent it."""
    if "converted_customer_id" not in normal.outputs:
        return None
    who, whom = (nw.col(normal.outputs[f"{one}_customer_id"]) for one in ("referrer", "converted"))
    return Rule("referrer and converted customer are one", who == whom, fault=False, odd=True)


_ORDERED = {
    "subscriptions": (("started_at", "ended_at", "ended before it started", True),),
    "survey_responses": (("sent_at", "responded_at", "answered before it was sent", False),),
}
"""Table → pairs of times that must follow each other: the reason, and whether it is a fault."""


def earlier(normal: Normal, one: tuple[str, ...], other: tuple[str, ...]) -> nw.Expr:
    """Whether one time, by its day and second, lies before another.

    On one day a time without a clock, which counts as midnight, is not before one with a clock.
    """
    (day, second), (other_day, other_second) = (
        [nw.col(normal.outputs[output]) for output in outputs] for outputs in (one, other)
    )
    midnight = normal.clock.to_utc(day * DAY)
    same_day = (day == other_day) & (second < other_second) & (second != midnight)
    return (day < other_day) | same_day


def reason_code(rules: list[Rule]) -> nw.Expr:
    """The place, from 1, of the first rule that a row breaks; 0 where it breaks none."""
    code = nw.lit(0, nw.Int64)
    for place in range(len(rules), 0, -1):
        code = nw.when(rules[place - 1].breaks).then(nw.lit(place, nw.Int64)).otherwise(code)
    return code
