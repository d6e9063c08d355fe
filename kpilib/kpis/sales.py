"""Sales: what a director asks for first, money, orders, and the customers who bought."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import Analysis, declare
from kpilib.registry.definitions import kpi
from kpilib.statistics import Count, Total
from kpilib.words import Unit, _

declare(Analysis("kpilib.decomposition.revenue:revenue_bridge", _("Revenue bridge"), "sales"))


@kpi(
    name=_("Net revenue"),
    formula=r"\text{what was paid} - \text{what was given back}",
    unit=Unit.MONEY,
    better="higher",
)
def revenue(base: Business, periods: tuple[Period, ...]) -> Total:
    """What customers paid in the period, net of discount, tax and refunds.

    A refund of an order is taken off on the day of the order, one without an order on its own day;
    so an earlier period may still change. The limits are those of a like period with other
    customers who happen to buy: the sum itself is exact.

    >>> from kpilib.demo import tiny_shop
    >>> tiny_shop().kpi("revenue", "2026-03").value
    165.0
    """
    return Total(base.within(base.money, periods), nw.col("amount"))


@kpi(
    name=_("Revenue before refunds"),
    formula=r"\text{what was paid for orders}",
    unit=Unit.MONEY,
    better="higher",
)
def gross_revenue(base: Business, periods: tuple[Period, ...]) -> Total:
    """What customers paid for the orders of the period, before anything was given back.

    Beside `revenue` it tells how much was refunded. Orders left out when the records were read,
    like cancelled ones, are not in it.

    >>> from kpilib.demo import tiny_shop
    >>> tiny_shop().kpi("gross_revenue", "2026-03").value
    165.0
    """
    return Total(_sold(base, periods), nw.col("amount"))


@kpi(
    name=_("Orders"),
    formula=r"\text{orders of the period}",
    unit=Unit.COUNT,
    better="higher",
)
def orders_count(base: Business, periods: tuple[Period, ...]) -> Count:
    """Orders placed in the period; several on one day by one customer count each.

    A row of orders is an order, or one of its lines where the lines name it. Orders refunded later
    stay in the count.

    >>> from kpilib.demo import tiny_shop
    >>> tiny_shop().kpi("orders_count", "2026-03").value
    3.0
    """
    return Count(_sold(base, periods))


@kpi(
    name=_("Buyers"),
    formula=r"\text{customers with a purchase in the period}",
    unit=Unit.COUNT,
    better="higher",
)
def buyers(base: Business, periods: tuple[Period, ...]) -> Count:
    """Customers who bought in the period, however often; whose orders were refunded whole did not.

    >>> from kpilib.demo import tiny_shop
    >>> tiny_shop().kpi("buyers", "2026-03").value
    3.0
    """
    return Count(base.buyers(periods))


def _sold(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Orders of 0 or more; a negative amount is a refund."""
    return base.events("orders", periods).filter(nw.col("amount") >= 0)
