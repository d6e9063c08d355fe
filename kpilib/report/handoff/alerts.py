"""Which KPIs raise an alert, and which are held back because nothing can be said yet.

An alert is raised where a final number is beyond its limit together with its whole interval, or
changed beyond chance (`KPIValue.signal`). It is held back, with the reason, where the period is not
over, where late rows may still bring the number back, where chance alone may have brought it there,
and where there is no number to watch.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kpilib.contract.alerts import AlertRule
from kpilib.registry.definitions import definition
from kpilib.words import Amount, Text, Unit, _

Value = Mapping[str, Any]

RAISED, HELD, QUIET = "raised", "held back", "quiet"
TARGET = "target"

_ABOVE = _("{name} is {value}, above the limit of {limit}")
_BELOW = _("{name} is {value}, below the limit of {limit}")
_MISSED = _("{name} is {value} and misses the target of {limit}")
_MET = _("{name} is {value} and within the limit of {limit}")
_REACHED = _("{name} is {value} and meets the target of {limit}")
_WORSE = _("{name} is {value} and changed for the worse, beyond chance")
_BETTER = _("{name} is {value} and changed for the better, beyond chance")
_CHANGED = _("{name} is {value} and changed beyond chance")
_STEADY = _("{name} is {value}, with no change beyond chance")
_INTERVAL = _("{said}; 95% interval {low} to {high}")
_HELD = _("{name} is not judged: {why}")
_UNFINISHED = _("the period is not over")
_NO_NUMBER = _("there is no number ({reason})")
_NOT_ASKED = _("the report has no such number")
_CHANCE = _(
    "{value} is on the wrong side of {limit}, "
    "but its 95% interval reaches the other: {low} to {high}"
)
_LATE = _("{value} is on the wrong side of {limit}, but late rows may still bring it back")
_SIGNAL = _("its change cannot be judged ({reason})")
_NO_DIRECTION = _("neither direction of it is good or bad")


@dataclass(frozen=True)
class Alert:
    """What one KPI was watched for, and what came of it."""

    id: str
    watched: str
    """`above`, `below`, `change` or `target`."""
    state: str
    """`raised`, `held back` or `quiet`."""
    said: Text
    """In words, with the number."""
    value: float | None = None
    limit: float | None = None

    def to_dict(self, lang: str) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "id": self.id,
            "watched": self.watched,
            "state": self.state,
            "said": self.said.of(lang),
            "value": self.value,
            "limit": self.limit,
        }


def check_ids(rules: Mapping[str, AlertRule], targets: Mapping[str, float]) -> None:
    """An InputError where a KPI that is watched is none."""
    for kpi_id in (*rules, *targets):
        definition(kpi_id)


def watch(
    values: Iterable[Value],
    rules: Mapping[str, AlertRule],
    ends: Mapping[str, tuple[float, float]] | None = None,
) -> list[Alert]:
    """Every limit, change and target that is watched, the raised alerts first.

    `values` are a month's numbers of the whole base; `ends` says of provisional ones in which
    interval they will end.
    """
    heads = {str(value["id"]): value for value in values if value.get("segment") is None}
    found: list[Alert] = []
    for kpi_id, rule in rules.items():
        value = heads.get(kpi_id)
        for side, limit in rule.limits.items():
            found.append(_limit(kpi_id, value, side, limit, (ends or {}).get(kpi_id)))
        if rule.change is not None:
            found.append(_change(kpi_id, value, rule.change))
    for kpi_id, value in heads.items():
        if value.get("target") is not None:
            wrong = {"lower": "above", "higher": "below"}.get(str(value.get("better")))
            if wrong is None:
                said = _HELD.format(name=_name(kpi_id, value), why=_NO_DIRECTION)
                found.append(Alert(kpi_id, TARGET, HELD, said, value["value"], value["target"]))
            else:
                end = (ends or {}).get(kpi_id)
                found.append(_limit(kpi_id, value, wrong, value["target"], end, TARGET))
    order = (RAISED, HELD, QUIET)
    return sorted(found, key=lambda alert: order.index(alert.state))


def _name(kpi_id: str, value: Value | None) -> Text:
    return definition(kpi_id).name if value is None else _named(value)


def _named(value: Value) -> Text:
    return definition(str(value["id"])).name


def _amount(value: Value, number: float) -> Amount:
    return Amount(number, Unit(value["unit"]), value.get("currency"))


def _unseen(value: Value | None) -> Text | None:
    """Why there is nothing to judge."""
    if value is None:
        return _NOT_ASKED
    if value["status"] == "incomplete":
        return _UNFINISHED
    if value["value"] is None:
        return _NO_NUMBER.format(reason=value.get("reason") or value["status"])
    return None


def _limit(
    kpi_id: str,
    value: Value | None,
    side: str,
    limit: float,
    end: tuple[float, float] | None,
    watched: str = "",
) -> Alert:
    """A number held against a limit on one side."""
    watched = watched or side
    made: Callable[..., Alert] = _maker(kpi_id, watched, value, limit)
    why = _unseen(value)
    if why is not None or value is None:
        return made(HELD, _HELD.format(name=_name(kpi_id, value), why=why))
    number, name, amount = value["value"], _named(value), _amount(value, limit)
    told = {"name": name, "value": _amount(value, number), "limit": amount}
    beyond: Callable[[float], bool] = (
        (lambda one: one > limit) if side == "above" else (lambda one: one < limit)
    )
    if not beyond(number):
        return made(QUIET, (_REACHED if watched == TARGET else _MET).format(**told))
    low, high = value.get("low"), value.get("high")
    ends = {}
    if low is not None and high is not None:
        ends = {"low": _amount(value, low), "high": _amount(value, high)}
    if ends and not (beyond(value["low"]) and beyond(value["high"])):
        why = _CHANCE.format(value=told["value"], limit=amount, **ends)
        return made(HELD, _HELD.format(name=name, why=why))
    if value["status"] == "provisional" and not (end and beyond(end[0]) and beyond(end[1])):
        why = _LATE.format(value=told["value"], limit=amount)
        return made(HELD, _HELD.format(name=name, why=why))
    said = (_MISSED if watched == TARGET else _ABOVE if side == "above" else _BELOW).format(**told)
    return made(RAISED, _INTERVAL.format(said=said, **ends) if ends else said)


def _maker(
    kpi_id: str, watched: str, value: Value | None, limit: float | None
) -> Callable[..., Alert]:
    number = None if value is None else value["value"]
    return lambda state, said: Alert(kpi_id, watched, state, said, number, limit)


def _change(kpi_id: str, value: Value | None, asked: str) -> Alert:
    """A number's change, by the signal that is made from its own history."""
    made = _maker(kpi_id, "change", value, None)
    why = _unseen(value)
    if why is not None or value is None:
        return made(HELD, _HELD.format(name=_name(kpi_id, value), why=why))
    told = {"name": _named(value), "value": _amount(value, value["value"])}
    signal = value.get("signal")
    if signal == "no clear change":
        return made(QUIET, _STEADY.format(**told))
    if signal not in ("up", "down"):
        reason = value.get("signal_reason") or signal or value["status"]
        said = _SIGNAL.format(reason=reason)
        return made(HELD, _HELD.format(name=told["name"], why=said))
    if asked == "any":
        return made(RAISED, _CHANGED.format(**told))
    if value.get("good") is None:
        return made(HELD, _HELD.format(name=told["name"], why=_NO_DIRECTION))
    came, text = ("better", _BETTER) if value["good"] else ("worse", _WORSE)
    return made(RAISED if came == asked else QUIET, text.format(**told))
