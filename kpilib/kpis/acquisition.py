"""Acquisition: who became a customer."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.periods import Period
from kpilib.registry.definitions import kpi
from kpilib.registry.notes import activity_note
from kpilib.statistics.kinds import Count, Ratio
from kpilib.words import Unit, _


@kpi(
    name=_("New customers"),
    formula=r"\text{customers whose first purchase or contract starts in the period}",
    unit=Unit.COUNT,
    better="higher",
    contracts=True,
)
def new_customers(base: Business, periods: tuple[Period, ...]) -> Count:
    """Customers whose first purchase, or first contract's start, falls in the period.

    A first order that was cancelled or refunded in full makes no customer. Customers from before
    the records begin look new when they come back.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("new_customers", "2026-03").value
    1.0
    """
    return Count(base.ledger(periods), nw.col("new"))


@kpi(
    name=_("Customer acquisition rate (new share)"),
    formula=r"\frac{\text{new customers}}{\text{closing customers}}",
    unit=Unit.SHARE,
    better="higher",
    contracts=True,
)
def acquisition_rate(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """New customers over the customers active when the period closes.

    The texts divide by "all customers", before or after the new ones are added: 200 new on 1,000
    who become 1,100 is 20 % of the one and 18.2 % of the other. This is the second. It rises when
    old customers leave, so read it beside churn.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("acquisition_rate", "2026-03").value
    0.25
    """
    new = nw.when(nw.col("new")).then(nw.lit(1)).otherwise(nw.lit(0))
    closing = nw.when(nw.col("closing")).then(nw.lit(1)).otherwise(nw.lit(0))
    return Ratio(base.ledger(periods), new, closing, counts=True, notes=(activity_note(base),))
