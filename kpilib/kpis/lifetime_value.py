"""Lifetime and value: how long customers stay, how often they buy, what they are worth."""

import narwhals.stable.v2 as nw

from kpilib.base import CustomerBase
from kpilib.compound import DAYS_PER_YEAR, Duration, SimpleValue
from kpilib.kpi import Example, kpi
from kpilib.notes import FIRST_INCLUDED_NOTE, PURCHASE_NOTE, activity_note
from kpilib.periods import Period
from kpilib.statistics import Mean, Ratio
from kpilib.text import Text, Unit
from kpilib.tiny import tiny_shop  # noqa: F401  (for the examples)


@kpi(
    name=Text(
        en="Average customer lifetime",
        vi="Vòng đời trung bình của khách hàng",
        zh="客户生命周期",
    ),
    formula=r"\int_0^{\tau} S(t)\,dt",
    unit=Unit.DAYS,
    better="higher",
)
def average_customer_lifetime(base: CustomerBase, periods: tuple[Period, ...]) -> Duration:
    """How long a relationship lasts on average within the longest time observed.

    The area under the Kaplan–Meier curve of all customers so far, from first purchase or contract
    to lapse; those still active when the period closes count as unfinished. The naive average
    takes them as finished: with a true mean of 20 months and 12 observed it says 9. It stands among
    the details, as do the median and the mean under a constant hazard.

    >>> tiny_shop().kpi("average_customer_lifetime", "2026-04").value
    86.5
    """
    return Duration(
        base.lifetimes(periods),
        lasted=nw.col("lasted"),
        ended=nw.col("ended"),
        notes=(activity_note(base),),
    )


@kpi(
    name=Text(en="Average purchase value", vi="Giá trị trung bình mỗi lần mua", zh="平均购买价值"),
    formula=r"\frac{\text{net revenue}}{\text{purchases}}",
    unit=Unit.MONEY,
    better="higher",
)
def average_purchase_value(base: CustomerBase, periods: tuple[Period, ...]) -> Ratio:
    """Net revenue of the period over its purchases.

    Big buyers weigh more than in a mean of customers' means. The interval knows that one
    customer's purchases are alike.

    >>> tiny_shop().kpi("average_purchase_value", "2026-04").value
    27.5
    """
    return Ratio(
        base.activity(periods),
        over=nw.col("amount"),
        under=nw.col("purchases"),
        notes=(PURCHASE_NOTE,),
    )


@kpi(
    name=Text(en="Purchase frequency", vi="Tần suất mua", zh="客户购买频率"),
    formula=r"\frac{\text{purchases}}{\text{active customer-years}}",
    unit=Unit.PER_YEAR,
    better="higher",
)
def purchase_frequency(base: CustomerBase, periods: tuple[Period, ...]) -> Ratio:
    """Purchases per year of active customers' time.

    A customer acquired last week weighs a week. In the BG/NBD family frequency means something
    else: the repeat purchases only.

    >>> tiny_shop().kpi("purchase_frequency", "2026-04").value
    6.701834862385321
    """
    active = nw.col("active_days") > 0
    return Ratio(
        base.activity(periods),
        over=nw.when(active).then(nw.col("purchases")).otherwise(nw.lit(0)),
        under=nw.col("active_days"),
        positive=True,
        scale=DAYS_PER_YEAR,
        notes=(FIRST_INCLUDED_NOTE, PURCHASE_NOTE, activity_note(base)),
    )


@kpi(
    name=Text(
        en="Customer lifetime value (simple product)",
        vi="Giá trị vòng đời khách hàng (công thức đơn giản)",
        zh="客户生命周期价值（简单乘积）",
    ),
    formula=(
        r"\text{average purchase value} \times \text{purchases per year} \times "
        r"\text{lifetime in years}"
    ),
    unit=Unit.MONEY,
    better="higher",
    example=Example(
        {"average_purchase_value": 100, "purchases_per_year": 2, "lifetime_years": 5}, 1000
    ),
)
def clv_simple(base: CustomerBase, periods: tuple[Period, ...]) -> SimpleValue:
    """Average purchase value × purchases per year × lifetime in years.

    Revenue, not profit, undiscounted, and it takes all customers as one constant customer. The
    lifetime is that of `average_customer_lifetime`: the mean within the longest time observed.

    >>> tiny_shop().kpi("clv_simple", "2026-04").value
    43.64678899082569
    """
    active = nw.col("active_days") > 0
    return SimpleValue(
        base.activity(periods),
        amount=nw.when(active).then(nw.col("amount")).otherwise(nw.lit(0.0)),
        purchases=nw.when(active).then(nw.col("purchases")).otherwise(nw.lit(0)),
        exposure=nw.col("active_days"),
        lifetime=average_customer_lifetime(base, periods),
        notes=(FIRST_INCLUDED_NOTE, PURCHASE_NOTE, activity_note(base)),
    )


@kpi(
    name=Text(en="Historical customer value", vi="Giá trị khách hàng đã có", zh="历史客户价值"),
    formula=r"\frac{\text{net revenue from all customers so far}}{\text{customers so far}}",
    unit=Unit.MONEY,
    better="higher",
)
def clv_historical(base: CustomerBase, periods: tuple[Period, ...]) -> Mean:
    """What a customer has spent so far, net of refunds, on average over all customers so far.

    All purchases up to the close of the period count. Customers of different age are in it, so
    compare cohorts at equal age for anything finer.

    >>> tiny_shop().kpi("clv_historical", "2026-04").value
    69.16666666666667
    """
    return Mean(base.spent_so_far(periods), of=nw.col("amount"))
