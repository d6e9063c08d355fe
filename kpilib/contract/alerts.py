"""When a KPI is to raise an alert: the table `alerts` of `kpilib.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, get_args

from kpilib.contract.checks import check_keys, choice, is_number
from kpilib.errors import InputError

Change = Literal["worse", "better", "any"]
CHANGES: tuple[str, ...] = get_args(Change)
_KEYS = ("above", "below", "change")


@dataclass(frozen=True)
class AlertRule:
    """What one KPI is watched for.

    >>> AlertRule(above=0.08).limits
    {'above': 0.08}
    """

    above: float | None = None
    """An alert where the value is above it."""
    below: float | None = None
    """An alert where the value is below it."""
    change: Change | None = None
    """An alert where the value changed beyond chance: for the worse, for the better, or at all."""

    @property
    def limits(self) -> dict[str, float]:
        """The thresholds that were given."""
        given = {"above": self.above, "below": self.below}
        return {side: limit for side, limit in given.items() if limit is not None}


def read_alerts(values: Any, where: str = "the settings") -> dict[str, AlertRule]:
    """KPI id → what it is watched for.

    >>> read_alerts({"churn_rate": {"above": 0.08, "change": "worse"}})["churn_rate"].above
    0.08
    >>> read_alerts({"churn_rate": {"over": 0.08}})
    Traceback (most recent call last):
    kpilib.errors.InputError: the settings: [alerts.churn_rate]: 'over' is not a setting; ...
    """
    if not isinstance(values, Mapping):
        raise InputError(f"{where}: alerts must be a table, like [alerts.churn_rate]")
    return {str(name): _read(name, rule, where) for name, rule in values.items()}


def _read(name: str, rule: Any, where: str) -> AlertRule:
    if isinstance(rule, AlertRule):
        return rule
    place = f"{where}: [alerts.{name}]"
    if not isinstance(rule, Mapping) or not rule:
        raise InputError(f"{place} must say what is watched for, like above = 0.08")
    check_keys(rule, _KEYS, place)
    for side in ("above", "below"):
        limit = rule.get(side)
        if limit is not None and not (is_number(limit) and isfinite(limit)):
            raise InputError(f"{place}: {side} = {limit!r} is not a number, like 0.08")
    choice(*CHANGES, None)(f"alerts.{name}.change", rule.get("change"))
    return AlertRule(**rule)
