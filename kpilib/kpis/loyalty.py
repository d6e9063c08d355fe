"""Loyalty: who keeps coming back."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.periods import Period
from kpilib.registry.definitions import kpi
from kpilib.registry.notes import loyalty_note
from kpilib.statistics.kinds import Count
from kpilib.words import Unit, _


@kpi(
    name=_("Loyal customers"),
    formula=r"\text{customers who meet the loyalty rule when the period closes}",
    unit=Unit.COUNT,
    better="higher",
)
def loyal_customers(base: Business, periods: tuple[Period, ...]) -> Count:
    """Customers who meet the loyalty rule when the period closes.

    By default purchases on at least three days within the last twelve months; the rule is a
    setting, and is printed with the number.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("loyal_customers", "2026-04").value
    1.0
    """
    enough = nw.col("recent") >= base.settings.loyalty.purchases
    return Count(base.frequent(periods), enough, notes=(loyalty_note(base),))
