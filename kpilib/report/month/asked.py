"""All that a month's page is made of, asked of the customer base once."""

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.questions.compare import LINE, Known, scorecard
from kpilib.questions.shared.answers import values
from kpilib.questions.values import KPITable, KPIValue, Status
from kpilib.registry import definitions as registry

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.questions.base import CustomerBase

MONTHS = LINE
"""How many periods a line shows."""
LEDGER = ("opening", "new", "reactivated", "lost", "closing")


class Asked:
    """One period of one base, and each question about it answered once, when it is first asked."""

    def __init__(self, base: "CustomerBase", period: Period) -> None:
        self.base, self.period = base, period
        self._known: Known = {}

    @cached_property
    def scorecard(self) -> KPITable:
        """Every KPI of the period beside the one before, held against its history."""
        return scorecard(self.base, "all", self.period, self._known)

    @cached_property
    def now(self) -> dict[str, KPIValue]:
        """KPI → its value for the whole base."""
        return {value.id: value for value in self.scorecard if value.segment is None}

    @cached_property
    def history(self) -> Known:
        """(KPI, segment) → its values of the last periods; a part has none where it is not seen."""
        asked = {value.id for value in self.scorecard if value.status is not Status.UNAVAILABLE}
        first = self.periods[0]
        told = {name for (name, _), some in self._known.items() if first in some}
        left = {name: one for name, one in registry.family("all").items() if name in asked - told}
        for value in values(self.base, left, self.periods):
            self._known.setdefault((value.id, value.segment), {})[value.period] = value
        return self._known

    def line(self, kpi: str, segment: str | None = None) -> list[float | None]:
        """The numbers of a KPI's last periods; None where there is none to trust."""
        values = self.history.get((kpi, segment))
        if not values:
            return []
        known = [values.get(period) for period in self.periods]
        return [None if one is None else one.value for one in known]

    @property
    def periods(self) -> tuple[Period, ...]:
        """The last `MONTHS` periods, the oldest first."""
        return self.period.trailing(MONTHS)

    @cached_property
    def bridge(self) -> "pd.DataFrame | None":
        """The revenue bridge, or None where the records do not allow one."""
        return self.analysis("revenue_bridge")

    @cached_property
    def ledger(self) -> dict[str, list[float | None]]:
        """Part of the customer ledger → its counts in the last periods; empty without a ledger."""
        return {part: line for part in LEDGER if (line := self.line("customer_ledger", part))}

    def analysis(self, name: str, **options: Any) -> "pd.DataFrame | None":
        """An analysis of the period, or None where the records do not allow it."""
        try:
            return self.base.analysis(name, self.period, **options)
        except InputError:
            return None

    @cached_property
    def tested(self) -> "dict[str, float] | None":
        """How the value model did in the past; None where it was not put to the test.

        `times` (how often it was asked), `within` (how many totals fell within their limits) and
        `bias` (predicted revenue over what came, less 1).
        """
        from kpilib.clv import backtest

        try:
            found = backtest(self.base, until=self.period)
        except InputError:
            return None
        scores = found.scores.query("rule == 'model' and measure == 'revenue'")
        return {
            "times": float(len(scores)),
            "within": float(scores["within"].astype(bool).sum()),
            "bias": float(scores["predicted"].sum() / scores["actual"].sum() - 1),
        }

    @property
    def trusted(self) -> bool:
        """Whether forecasts may be acted on: at least half of the totals kept to their limits."""
        return self.tested is None or 2 * self.tested["within"] >= self.tested["times"]

    @property
    def begins(self) -> date:
        """The first day in the records."""
        return day_date(self.base.first_day)

    @property
    def complete(self) -> bool:
        """Whether the period is over in the data."""
        return self.period.end_day <= self.base.as_of
