"""A period beside the like ones before it: the change with its limits, and what it signals.

Only what is final and alike is compared: both values complete (late rows may still come in for the
later one), of one definition, over one horizon, on one scale. What the records only bound is not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from kpilib.activity.business import Business
from kpilib.change.holidays import moved_holidays
from kpilib.change.signal import Judgement, Series, Signal, View, judge
from kpilib.periods import Period
from kpilib.questions import ask, availability
from kpilib.questions.breakdown import breakdown
from kpilib.questions.shared import answers as shared
from kpilib.questions.shared import together
from kpilib.questions.values import KPITable, KPIValue, Status
from kpilib.registry import definitions as registry
from kpilib.registry.definitions import Definition
from kpilib.statistics.intervals import normal_quantile
from kpilib.words import Amount, Gap, Text, _, ngettext

HISTORY = 24
"""How many earlier periods a value is held against at most."""
LINE = 12
"""How many periods a run shows in a line."""

_A_YEAR = {"month": 12, "quarter": 4}
"""After how many periods of a kind the same one of the year comes again."""
_SUMS = ("count", "total")
"""Kinds that grow with what they count, so that their error does not fall with it."""
_WITHIN = {"share": (0.0, 1.0), "mix": (0.0, 1.0), "count": (0.0, np.inf), "flow": (0.0, np.inf)}
"""Between what values of a kind lie, and so what may be expected of them."""
_ALIKE = ("horizon", "scale_min", "scale_max")
"""Details in which two values must agree to be compared."""

Key = tuple[str, str | None]
Known = dict[Key, dict[Period, KPIValue]]
"""KPI and segment → its values by period."""


def kpi(
    base: Business,
    kpi_id: str,
    periods: tuple[Period, ...],
    by: str | None,
    history: int = HISTORY,
) -> KPIValue | KPITable:
    """One value for one period of a KPI that is one number; else a table of values.

    `history` is how many earlier periods are asked for the signal.
    """
    definition = registry.definition(kpi_id)
    if by is not None and definition.breakdowns is not None:
        return kpi(base, breakdown(definition, by), periods, None, history)
    if len(periods) > 1:
        return ask.trend(base, kpi_id, periods, by)
    values = compared(base, {kpi_id: definition}, periods[0], by, history)
    if by is None and len(values) == 1 and values[0].segment is None:
        return values[0]
    return KPITable(tuple(values), base.lang)


def scorecard(base: Business, family: str, period: Period, keep: "Known | None" = None) -> KPITable:
    """Every KPI of a family, each beside its value in the period before and held against more.

    What is asked of earlier periods for that is added to `keep`.
    """
    definitions = registry.family(family)
    return KPITable(tuple(compared(base, definitions, period, None, keep=keep)), base.lang)


def compared(
    base: Business,
    definitions: Mapping[str, Definition],
    period: Period,
    by: str | None,
    history: int = HISTORY,
    keep: "Known | None" = None,
) -> list[KPIValue]:
    """The values of a period, each with its change and, but for segments, its signal.

    Those of the period that a run is about are judged beside all others of it, and shared.
    """

    if by is not None or not together.is_announced(base, period):
        return _compared(base, definitions, period, by, history, keep)
    asking = partial(_asked, base, period=period, by=None, history=HISTORY)
    if keep is not None:
        together.ask_all(base, period, asking, [])
        return _compared(base, definitions, period, None, HISTORY, keep)
    judging = partial(_compared, base, period=period, by=None, history=HISTORY)
    found = together.judged_together(base, definitions, period, asking, judging)
    order = {name: place for place, name in enumerate(definitions)}
    return sorted(found, key=lambda value: order[value.id])


def _asked(
    base: Business,
    definitions: Mapping[str, Definition],
    period: Period,
    by: str | None,
    history: int,
) -> list[ask.Answers]:
    """The answers for a period and as many before it as can say anything of it, or fill a line."""
    pair = (period.previous(), period)
    line = period.trailing(LINE) if by is None and together.is_announced(base, period) else pair
    held = {
        name: one
        for name, one in definitions.items()
        if by is None and _has_history(base, one, period)
    }
    others = {name: one for name, one in definitions.items() if name not in held}
    return [
        shared.answers(base, some, periods, by, pair)
        for some, periods in ((held, period.trailing(history + 1)), (others, line))
        if some
    ]


def _compared(
    base: Business,
    definitions: Mapping[str, Definition],
    period: Period,
    by: str | None,
    history: int,
    keep: "Known | None" = None,
) -> list[KPIValue]:
    """The values of a period, judged beside each other."""
    answers = _asked(base, definitions, period, by, history)
    limits = {key: both for one in answers for key, both in one.differences.items()}
    known: Known = {} if keep is None else keep
    for value in (value for one in answers for value in one.values):
        known.setdefault((value.id, value.segment), {})[value.period] = value
    values = {
        key: _changed(base, definitions[key[0]], some, period, limits.get(key))
        for key, some in known.items()
        if period in some
    }
    if by is None:
        values = _signalled(base, definitions, known, values, period)
    order = {name: place for place, name in enumerate(definitions)}
    return sorted(values.values(), key=lambda value: order[value.id])


def _has_history(base: Business, definition: Definition, period: Period) -> bool:
    """Whether earlier periods can say anything of this one."""
    kind = definition.statistic
    return not (kind.forecast or kind.widens) and _is_final(base, definition, period)


def _is_final(base: Business, definition: Definition, period: Period) -> bool:
    """Whether a period's value is all there will be, but for late rows."""
    if availability.absent(base, definition) or availability.unseen(base, period, definition):
        return False
    status, _reason = availability.observed(base, definition, period)
    final = status in (Status.COMPLETE, Status.PROVISIONAL)
    return final and not availability.is_bound(base, definition, period)


def _alike(value: KPIValue, other: KPIValue | None) -> bool:
    """Whether an earlier value is final, and compares."""
    if other is None or other.value is None or other.status is not Status.COMPLETE:
        return False
    return all(value.details.get(name) == other.details.get(name) for name in _ALIKE)


def _changed(
    base: Business,
    definition: Definition,
    known: Mapping[Period, KPIValue],
    period: Period,
    limits: tuple[float, float] | None,
) -> KPIValue:
    """The value beside those of the period before and of a year before."""
    value, before = known[period], known.get(period.previous())
    if value.value is None or not _is_final(base, definition, period):
        return value
    year = _A_YEAR.get(period.kind)
    earlier = known.get(period.shift(-year)) if year else None
    if earlier is not None and _alike(value, earlier):
        value = replace(
            value, year_before=earlier.value, holidays=_holidays(base, period, earlier.period)
        )
    if before is None or before.value is None or not _alike(value, before):
        return value
    low, high = limits or (None, None)
    change = value.value - before.value  # type: ignore[operator]
    return replace(value, previous=before.value, change=change, change_low=low, change_high=high)


def _holidays(base: Business, period: Period, earlier: Period) -> tuple[Text, ...]:
    """The moving holidays of the business's country, where it is known."""
    service = base.settings.service.holidays
    country = base.settings.country or (service if isinstance(service, str) else "")
    return moved_holidays(country, period, earlier) if country else ()


def _signalled(
    base: Business,
    definitions: Mapping[str, Definition],
    known: Mapping[Key, Mapping[Period, KPIValue]],
    values: Mapping[Key, KPIValue],
    period: Period,
) -> dict[Key, KPIValue]:
    """The values with their signals: all that can be judged are judged together."""
    found, series = dict(values), {}
    for key, value in values.items():
        definition = definitions[key[0]]
        if value.value is None or value.status not in (Status.COMPLETE, Status.PROVISIONAL):
            continue
        if (why := _not_comparable(base, definition, value)) is not None:
            found[key] = replace(value, signal=Signal.NOT_COMPARABLE, signal_reason=why)
        else:
            series[key] = _series(definition, known[key], value, period)
    possible = max(len(series), _possible(base))
    judged = judge(list(series.values()), possible)
    for key, judgement in zip(series, judged, strict=True):
        found[key] = _told(found[key], definitions[key[0]].kind, judgement)
    return found


def _not_comparable(base: Business, definition: Definition, value: KPIValue) -> Text | None:
    """Why a value that is there cannot be held against earlier ones, or None where it can."""
    if availability.is_bound(base, definition, value.period):
        return value.reason
    if definition.statistic.forecast:
        return _(
            "a forecast: each period has a model of its own, fitted to nearly the same records, "
            "so that its limits say nothing of the change"
        )
    if definition.statistic.widens:
        return _("the mean is over a time that gets longer with the records, period by period")
    return None


def _series(
    definition: Definition, known: Mapping[Period, KPIValue], value: KPIValue, period: Period
) -> Series:
    """The history of a value as far as it compares, the value itself last."""
    periods = period.trailing(HISTORY + 1)
    asked = [known.get(one) for one in periods[:-1]]
    every = [*(one if _alike(value, one) else None for one in asked), value]
    while len(every) > 1 and every[0] is None:
        every = every[1:]
    reach = 2 * normal_quantile(0.95)
    sizes = None
    if definition.kind not in _SUMS:
        sizes = _array(None if one is None else one.n for one in every)
    return Series(
        _array(None if one is None else one.value for one in every),
        _array(_span(one) for one in every) / reach,
        sizes,
        _A_YEAR.get(period.kind),
    )


def _span(value: KPIValue | None) -> float | None:
    if value is None or value.low is None or value.high is None:
        return None
    return value.high - value.low


def _array(numbers: Iterable[float | None]) -> np.ndarray:
    return np.array([np.nan if number is None else number for number in numbers], float)


def _possible(base: Business) -> int:
    """How many KPIs have their tables, and so could be asked."""
    given = {*base.tables, *(("orders",) if base.activity_rule == "subscriptions" else ())}
    return sum(given.issuperset(one.tables) for one in registry.registry().values())


_MOVED = _("{n} periods before lead one to expect {usual}, give or take {visible}")
_STAYED = _(
    "{n} periods before lead one to expect {usual}; a distance of {visible} would have stood out"
)
_EVEN = _("{n} periods before lead one to expect {usual}, and they hardly differ")
_VIEWS = {
    View.STEP: _("judged by its steps from period to period, as it trends"),
    View.SEASON: _("judged against the same period a year before, as it has seasons"),
}


def _told(value: KPIValue, kind: str, judgement: Judgement) -> KPIValue:
    """The value with a verdict and what it rests on."""
    n, usual = judgement.periods, judgement.usual
    if judgement.signal is Signal.TOO_EARLY or usual is None:
        why = ngettext(
            "{n} comparable period before it, and six are needed",
            "{n} comparable periods before it, and six are needed",
            n,
        )
        return replace(value, signal=Signal.TOO_EARLY, signal_reason=why)
    if kind in _WITHIN:
        usual = min(max(usual, _WITHIN[kind][0]), _WITHIN[kind][1])
    expected = Amount(usual, value.unit, value.currency)
    visible = Gap(judgement.visible, value.unit, value.currency)
    sides = {Signal.UP: 1, Signal.DOWN: -1}
    side = sides.get(judgement.signal)
    if side and value.change is not None and value.change * side <= 0:
        why = _(
            "unusual, but no further from the {usual} that {n} periods before lead one to expect "
            "than the period before was",
            n=n,
            usual=expected,
        )
        return replace(value, signal=Signal.NO_CLEAR_CHANGE, signal_reason=why, usual=usual)
    even = not any(digit in "123456789" for digit in visible.of("en"))
    text = _MOVED if side else _EVEN if even else _STAYED
    why = text.format(n=n, usual=expected, visible=visible)
    if judgement.view in _VIEWS:
        why = _("{said}; {judged}", said=why, judged=_VIEWS[judgement.view])
    directed = side and value.better in ("higher", "lower")
    return replace(
        value,
        signal=judgement.signal,
        signal_reason=why,
        usual=usual,
        visible=judgement.visible,
        good=(side == 1) == (value.better == "higher") if directed else None,
    )
