"""Loyalty: who keeps coming back."""

import narwhals.stable.v2 as nw

from kpilib.base import CustomerBase
from kpilib.kpi import kpi
from kpilib.notes import loyalty_note
from kpilib.periods import Period
from kpilib.statistics import Count
from kpilib.text import Text, Unit
from kpilib.tiny import tiny_shop  # noqa: F401  (for the examples)


@kpi(
    name=Text(en="Loyal customers", vi="Khách hàng trung thành", zh="忠诚客户"),
    formula=r"\text{customers who meet the loyalty rule when the period closes}",
    unit=Unit.COUNT,
    better="higher",
)
def loyal_customers(base: CustomerBase, periods: tuple[Period, ...]) -> Count:
    """Customers who meet the loyalty rule when the period closes.

    By default purchases on at least three days within the last twelve months; the rule is a
    setting, and is printed with the number.

    >>> tiny_shop().kpi("loyal_customers", "2026-04").value
    1.0
    """
    enough = nw.col("recent") >= base.settings.loyalty.purchases
    return Count(base.frequent(periods), enough, notes=(loyalty_note(base),))
