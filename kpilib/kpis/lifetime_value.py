"""Lifetime and value: how long customers stay, how often they buy, what they are worth."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts.profit import profits
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import Analysis, declare
from kpilib.registry.definitions import Example, kpi
from kpilib.registry.notes import (
    FIRST_INCLUDED_NOTE,
    PURCHASE_NOTE,
    activity_note,
    profit_margin_note,
    profit_note,
    value_note,
)
from kpilib.registry.observed import losses
from kpilib.statistics import Beside, Known
from kpilib.statistics.kinds import Mean, Ratio
from kpilib.statistics.several import (
    DAYS_PER_YEAR,
    DiscountedProfit,
    Duration,
    Predicted,
    SimpleValue,
)
from kpilib.words import Text, Unit, _

declare(
    Analysis(
        "kpilib.clv.expected.demand:demand_forecast",
        _("Expected purchases next period"),
        "lifetime_value",
    )
)
declare(
    Analysis(
        "kpilib.clv.value.allocation:clv_allocation",
        _("Value-based resource allocation"),
        "lifetime_value",
    )
)


@kpi(
    name=_("Average customer lifetime"),
    formula=r"\int_0^{\tau} S(t)\,dt",
    unit=Unit.DAYS,
    better="higher",
    contracts=True,
    observed_from=losses,
)
def average_customer_lifetime(base: Business, periods: tuple[Period, ...]) -> Duration:
    """How long a relationship lasts on average within the longest time observed.

    The area under the Kaplan–Meier curve of all customers so far, from first purchase or contract
    to lapse; those still active when the period closes count as unfinished. The naive average
    takes them as finished: with a true mean of 20 months and 12 observed it says 9. It stands among
    the details, as do the median and the mean under a constant hazard.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("average_customer_lifetime", "2026-04").value
    86.0
    """
    return Duration(
        base.lifetimes(periods),
        lasted=nw.col("lasted"),
        ended=nw.col("ended"),
        least=None if base.activity_rule == "subscriptions" else base.lapse_window.days,
        notes=(activity_note(base),),
    )


@kpi(
    name=_("Average purchase value"),
    formula=r"\frac{\text{net revenue}}{\text{purchases}}",
    unit=Unit.MONEY,
    better="higher",
)
def average_purchase_value(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """Net revenue of the period over its purchases.

    Big buyers weigh more than in a mean of customers' means. The interval knows that one
    customer's purchases are alike.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("average_purchase_value", "2026-04").value
    27.5
    """
    return Ratio(
        base.activity(periods),
        over=nw.col("amount"),
        under=nw.col("purchases"),
        single=True,
        notes=(PURCHASE_NOTE,),
    )


@kpi(
    name=_("Purchase frequency"),
    formula=r"\frac{\text{purchases}}{\text{active customer-years}}",
    unit=Unit.PER_YEAR,
    better="higher",
)
def purchase_frequency(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """Purchases per year of active customers' time.

    A customer acquired last week weighs a week. Purchases of customers who were active at some time
    in the period count, under contracts also those on days without one. In the BG/NBD family
    frequency means something else: the repeat purchases only.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("purchase_frequency", "2026-04").value
    6.701834862385321
    """
    active = nw.col("active_days") > 0
    return Ratio(
        base.activity(periods),
        over=nw.when(active).then(nw.col("purchases")).otherwise(nw.lit(0)),
        under=nw.col("active_days"),
        single=True,
        positive=True,
        scale=DAYS_PER_YEAR,
        notes=(FIRST_INCLUDED_NOTE, PURCHASE_NOTE, activity_note(base)),
    )


@kpi(
    name=_("Customer lifetime value (simple product)"),
    formula=(
        r"\text{average purchase value} \times \text{purchases per year} \times "
        r"\text{lifetime in years}"
    ),
    unit=Unit.MONEY,
    better="higher",
    example=Example(
        {"average_purchase_value": 100, "purchases_per_year": 2, "lifetime_years": 5}, 1000
    ),
    observed_from=losses,
)
def clv_simple(base: Business, periods: tuple[Period, ...]) -> SimpleValue:
    """Average purchase value × purchases per year × lifetime in years.

    Revenue, not profit, undiscounted, and it takes all customers as one constant customer. The
    first two factors are `average_purchase_value` and `purchase_frequency`, with the money given
    back to customers who are no longer active. The lifetime is reckoned like
    `average_customer_lifetime`, the mean within the longest time observed, but without the gaps of
    customers who lapsed and came back: the frequency is a rate of active time too.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("clv_simple", "2026-04").value
    42.44138634046892
    """
    active = nw.col("active_days") > 0
    return SimpleValue(
        base.activity(periods),
        amount=nw.col("amount"),
        purchases=nw.col("purchases"),
        timed=nw.when(active).then(nw.col("purchases")).otherwise(nw.lit(0)),
        exposure=nw.col("active_days"),
        lifetime=_time_active(base, periods),
        notes=(FIRST_INCLUDED_NOTE, PURCHASE_NOTE, activity_note(base)),
    )


@kpi(
    name=_("Historical customer value"),
    formula=r"\frac{\text{net revenue from all customers so far}}{\text{customers so far}}",
    unit=Unit.MONEY,
    better="higher",
)
def clv_historical(base: Business, periods: tuple[Period, ...]) -> Mean:
    """What a customer has spent so far, net of refunds, on average over all customers so far.

    All purchases up to the close of the period count. Customers of different age are in it, so
    compare cohorts at equal age for anything finer.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("clv_historical", "2026-04").value
    69.16666666666667
    """
    return Mean(base.spent_so_far(periods), of=nw.col("amount"))


def _value_columns(base: Business) -> tuple[str, ...]:
    """What valuing contracts needs beyond the orders."""
    from kpilib.clv.expected.choose import chosen

    return ("subscriptions.mrr",) if chosen(base, None) == "SBG" else ()


@kpi(
    name=_("Predicted customer value"),
    formula=(
        r"\frac{1}{n}\sum_{i}\sum_{t=1}^{H}"
        r"\frac{E[\text{purchases}_{i,t}]\, E[\text{spend}_i]\cdot\text{margin}}"
        r"{(1+d)^{(t-1/2)/12}}"
    ),
    unit=Unit.MONEY,
    better="higher",
    columns=_value_columns,
    contracts=True,
)
def clv_predicted(base: Business, periods: tuple[Period, ...]) -> Predicted:
    """What a customer so far is expected to bring within the horizon after the period's close.

    BG/NBD for purchases and Gamma-Gamma for spend, fitted at the close to all that lies before it;
    for contracts sBG, and their monthly revenue. Horizon, discount rate, margin and model are the
    settings' `value`: 12 months, 10% a year, revenue. The mean is over all customers so far, those
    who have left included: the model gives them little. It is the value over the horizon, and what
    it cost to win the customers is not taken off. `kpilib clv` has segments, cohorts and totals.

    >>> from kpilib.demo import tiny_shop

    >>> print(tiny_shop().kpi("clv_predicted", "2026-04").status)
    undefined
    """
    from kpilib.clv.expected.choose import chosen
    from kpilib.clv.value.contract_prediction import predicted_contract_values
    from kpilib.clv.value.prediction import SLOPES, predicted_values

    model = str(chosen(base, None))
    contracts = model == "SBG"
    rows = predicted_contract_values if contracts else predicted_values
    return Predicted(
        rows(base, periods),
        of=nw.col("value"),
        slopes=SLOPES,
        notes=(value_note(base, model), *(() if contracts else (PURCHASE_NOTE,))),
        undefined=_too_little(contracts),
    )


@kpi(
    name=_("Customer lifetime value as net profit"),
    formula=(
        r"\frac{\text{net revenue}\cdot\text{margin} - \text{costs of customers}}"
        r"{\text{active customer-years}}\times \int_0^{H} \frac{S(t)}{(1+d)^t}\,dt"
    ),
    unit=Unit.MONEY,
    better="higher",
    tables=("orders", "customer_costs"),
    observed_from=losses,
)
def clv_net_profit(base: Business, periods: tuple[Period, ...]) -> DiscountedProfit:
    """The profit that a customer brings within the horizon from coming, by the survival curve.

    Profit per active year in the period, times the discounted years that customers have lasted
    within the horizon, money coming evenly, from the first day on, gaps between spells left out of
    both. Profit is revenue at the margin less the costs in `customer_costs`, all of the period's
    money and costs, those of customers no longer active too; what it cost to win the customer is in
    it only if recorded there. Horizon, rate and margin are the settings' `value`: 12 months, 10% a
    year, all revenue. One rate for all customers understates the long-lived ones; `clv_predicted`
    tells them apart.
    """
    rule = base.settings.value
    return DiscountedProfit(
        _profit(base, periods),
        profit=nw.col("profit"),
        exposure=nw.col("active_days"),
        lifetime=_time_active(base, periods),
        discount_rate=rule.discount_rate,
        horizon_days=round(rule.months * DAYS_PER_YEAR / 12),
        notes=(profit_note(base), activity_note(base)),
    )


def _time_active(base: Business, periods: tuple[Period, ...]) -> Duration:
    """How long customers have been active in all, gaps between spells left out."""
    return Duration(base.lifetimes(periods), lasted=nw.col("active"), ended=nw.col("ended"))


def _profit(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """`base.activity` with each customer's `cost` in the period, and `profit` at the margin.

    Whoever has a cost and was not active has a row too.
    """
    keys, none = ["period", "customer_id"], nw.lit(0)
    whole = {name: none.cast(nw.Int64) for name in ("active_days", "purchases")}
    money = {name: none.cast(nw.Float64) for name in ("amount", "cost")}
    busy = base.activity(periods).select(
        *keys,
        *(nw.col(name).cast(nw.Int64) for name in whole),
        nw.col("amount").cast(nw.Float64),
        cost=money["cost"],
    )
    spent = base.within(base.tables["customer_costs"], periods)
    costs = spent.select(
        *keys, **whole, amount=money["amount"], cost=nw.col("amount").cast(nw.Float64)
    )
    both = nw.concat([busy, costs], how="vertical").group_by(*keys)
    joined = both.agg(nw.col("active_days", "purchases", "amount", "cost").sum())
    margin = base.settings.value.margin
    return joined.with_columns(profit=nw.col("amount") * margin - nw.col("cost"))


def _too_little(contracts: bool) -> Text:
    """Why nothing could be fitted."""
    from kpilib.clv.value.prediction import ENOUGH

    if contracts:
        return _(
            "the model needs at least {n} contracts that have come to a renewal, and mrr", n=ENOUGH
        )
    return _(
        "the models need at least {n} customers who have bought again, and spends that have a mean",
        n=ENOUGH,
    )


@kpi(
    name=_("Net profit per customer"),
    formula=(
        r"\frac{\text{net revenue} \times \text{margin} - \text{costs of customers}}"
        r"{\text{customers}}"
    ),
    unit=Unit.MONEY,
    better="higher",
    example=Example({"revenue": 500_000, "costs": 300_000, "customers": 500}, 400),
    tables=("orders", "customer_costs"),
)
def customer_net_profit(base: Business, periods: tuple[Period, ...]) -> Beside[Mean]:
    """What a customer left in the period on average: net revenue at the margin, less their costs.

    Over all who were active, bought, got money back or cost something in it. Its numerator is the
    profit of the business: customers with a loss stay in, and so do the costs of people who are not
    active. It is of one period, not of a life.
    """
    rows = profits(base, periods)
    names = {"revenue": "revenue", "costs": "cost"}
    return Beside(
        Mean(rows, nw.col("profit"), undefined=_("nobody was active, bought or cost anything")),
        {name: Known(rows, nw.col(column)) for name, column in names.items()},
        notes=(profit_margin_note(base),),
    )
