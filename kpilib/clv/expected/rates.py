"""Yearly discount rates that differ by segment or by customer: risky money is worth less today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kpilib.clv.expected.discount import Schedule, check_rate
from kpilib.clv.fitting.finding import Finding
from kpilib.errors import InputError, near_miss
from kpilib.words import _

Rate = float | Mapping[str, float] | pd.Series | None
"""One yearly rate, or one per value of the attribute asked for (else per customer id)."""


@dataclass(frozen=True, eq=False)
class Rates:
    """Who is valued at which yearly rate; who is not named, at the one of `schedule`."""

    schedule: Schedule
    named: Mapping[str, float] = field(default_factory=dict)
    horizon: Any = None
    timing: str = "middle"
    start: Any = None

    @classmethod
    def of(cls, given: Rate, usual: float, horizon: Any, start: Any, timing: str) -> "Rates":
        """From what was given: a number, None for the usual one, or a rate per name.

        Raises InputError on a rate of -1 or less, with the name it was given for.
        """
        named: dict[str, float] = {}
        if isinstance(given, Mapping | pd.Series):
            named = {str(name): _of(name, rate) for name, rate in given.items()}
            given = None
        rate = usual if given is None else given
        schedule = Schedule.until(horizon, start=start, discount_rate=rate, timing=timing)
        return cls(schedule, named, horizon, timing, start)

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest rate."""
        every = (self.schedule.discount_rate, *self.named.values())
        return min(every), max(every)

    def parts(self, keys: pd.Series, what: str) -> list[tuple[Schedule, np.ndarray]]:
        """Schedule by schedule, the places of the customers whose keys are valued at it.

        Raises InputError where none of the names is among the keys; `what` says what those are.
        """
        everybody = np.arange(len(keys))
        if not self.named:
            return [(self.schedule, everybody)]
        texts = keys.astype("str")
        if unknown := self.unknown(keys):
            known = texts.unique().tolist()
            if len(unknown) == len(self.named):
                name = unknown[0]
                raise InputError(
                    f"discount_rate names {what} {name!r}, which no customer has; "
                    f"{near_miss(name, known)}"
                )
        rates = texts.map(self.named).fillna(self.schedule.discount_rate).to_numpy(float)
        return [
            (self._at(rate), np.flatnonzero(rates == rate)) for rate in np.unique(rates).tolist()
        ]

    def unknown(self, keys: pd.Series) -> list[str]:
        """The names that no key is."""
        known = set(keys.astype("str").unique())
        return [name for name in self.named if name not in known]

    def findings(self, keys: pd.Series) -> tuple[Finding, ...]:
        """What names were given for nobody."""
        unknown = self.unknown(keys) if self.named else []
        return tuple(_unused(len(unknown), name) for name in unknown[:1])

    def _at(self, rate: float) -> Schedule:
        if rate == self.schedule.discount_rate:
            return self.schedule
        return Schedule.until(
            self.horizon, start=self.start, discount_rate=rate, timing=self.timing
        )


def _of(name: Any, rate: Any) -> float:
    try:
        return check_rate(rate)
    except InputError as error:
        raise InputError(f"for {name!r}: {error}") from None


def _unused(n: int, name: str) -> Finding:
    said = _(
        "{n} of the names with a discount rate are nobody's here, {name} for one.", n=n, name=name
    )
    return Finding("rates_unused", "note", said, _("Compare the names."))
