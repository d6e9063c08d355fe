"""Lifetime and value: how long customers stay, how often they buy, what they are worth."""

import narwhals.stable.v2 as nw

from kpilib.base import CustomerBase
from kpilib.compound import DAYS_PER_YEAR, DiscountedProfit, Duration, Predicted, SimpleValue
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
    86.0
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
    43.39449541284404
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


@kpi(
    name=Text(
        en="Predicted customer value, next 12 months",
        vi="Giá trị khách hàng dự báo, 12 tháng tới",
        zh="未来12个月客户预测价值",
    ),
    formula=(
        r"\frac{1}{n}\sum_{i}\sum_{t=1}^{12}"
        r"\frac{E[\text{purchases}_{i,t}]\, E[\text{spend}_i]}{(1+d)^{(t-1/2)/12}}"
    ),
    unit=Unit.MONEY,
    better="higher",
)
def clv_predicted(base: CustomerBase, periods: tuple[Period, ...]) -> Predicted:
    """What a customer so far is expected to bring within twelve months of the period's close.

    BG/NBD for purchases and Gamma-Gamma for spend, fitted at the close to all that lies before it;
    revenue, discounted at 10 % a year. The mean is over all customers so far, those who have left
    included: the model gives them little. With fewer than 20 customers who have bought again there
    is nothing to fit. `kpilib clv` has other horizons, models and margins.

    >>> print(tiny_shop().kpi("clv_predicted", "2026-04").status)
    undefined
    """
    from kpilib.clv.prediction import ENOUGH, SLOPES, predicted_values

    return Predicted(
        predicted_values(base, periods),
        of=nw.col("value"),
        slopes=SLOPES,
        notes=(PREDICTED_NOTE, PURCHASE_NOTE),
        undefined=Text(
            en=f"fewer than {ENOUGH} customers have bought again; the models need more",
            vi=f"chưa đến {ENOUGH} khách hàng mua lại; mô hình cần nhiều hơn",
            zh=f"再次购买的客户不足 {ENOUGH} 位，无法拟合模型",
        ),
    )


PROFIT_HORIZON = 365
PROFIT_RATE = 0.10


@kpi(
    name=Text(
        en="Customer lifetime value as net profit",
        vi="Giá trị vòng đời (lợi nhuận ròng)",
        zh="客户生命周期价值（净利润）",
    ),
    formula=(
        r"\frac{\text{net revenue} - \text{costs of customers}}{\text{active customer-years}}"
        r"\times \int_0^{1} \frac{S(t)}{(1+d)^t}\,dt"
    ),
    unit=Unit.MONEY,
    better="higher",
    tables=("orders", "customer_costs"),
)
def clv_net_profit(base: CustomerBase, periods: tuple[Period, ...]) -> DiscountedProfit:
    """The profit that a customer brings within a year of coming, by the survival curve.

    Profit per active year in the period, times the discounted years that customers have lasted
    within one year (10 % a year, money coming evenly, from the first day on). Costs are those of
    `customer_costs`; what it cost to win the customer is in them only if it is recorded there. One
    rate for all customers understates the long-lived ones; `clv_predicted` tells them apart.
    """
    active = nw.col("active_days") > 0
    return DiscountedProfit(
        _profit(base, periods),
        profit=nw.when(active).then(nw.col("amount")).otherwise(nw.lit(0.0)),
        exposure=nw.col("active_days"),
        lifetime=average_customer_lifetime(base, periods),
        discount_rate=PROFIT_RATE,
        horizon_days=PROFIT_HORIZON,
        notes=(PROFIT_NOTE, activity_note(base)),
    )


def _profit(base: CustomerBase, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """`base.activity` with each customer's costs of the period taken off the amount."""
    activity = base.activity(periods)
    costs = base.tables.get("customer_costs")
    if costs is None:
        return activity
    spent = (
        base.within(costs, periods)
        .group_by("period", "customer_id")
        .agg(nw.col("amount").sum().alias("cost"))
    )
    joined = activity.join(spent, on=["period", "customer_id"], how="left")
    cost = nw.col("cost").fill_null(0.0)
    return joined.with_columns(amount=nw.col("amount") - cost, cost=cost)


PREDICTED_NOTE = Text(
    en="BG/NBD and Gamma-Gamma, revenue, discounted at 10 % a year; limits of the parameters",
    vi="BG/NBD và Gamma-Gamma, doanh thu, chiết khấu 10 %/năm; khoảng theo tham số",
    zh="BG/NBD 与 Gamma-Gamma 模型，收入口径，年贴现率 10%；区间反映参数不确定性",
)
PROFIT_NOTE = Text(
    en="one year from the first purchase, discounted at 10 % a year, money coming evenly",
    vi="một năm từ lần mua đầu, chiết khấu 10 %/năm, tiền về đều",
    zh="自首购起一年，年贴现率 10%，现金流均匀",
)
