"""Acquisition: who became a customer, what that cost, and when it has paid."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts import acquisition, attribution
from kpilib.periods import Period
from kpilib.registry.definitions import Example, kpi
from kpilib.registry.notes import activity_note
from kpilib.registry.observed import beginnings
from kpilib.statistics import ByPart, Count, Known, Quotient, Ratio, Total
from kpilib.statistics.payback import Payback
from kpilib.words import Amount, Text, Unit, _
from kpilib.words.text import Listed

BY_CHANNEL = {"acquisition_channel": "cac_by_channel"}
SPENT = ("orders", "marketing_spend")


@kpi(
    name=_("New customers"),
    formula=r"\text{customers whose first purchase or contract starts in the period}",
    unit=Unit.COUNT,
    better="higher",
    contracts=True,
    observed_from=beginnings,
)
def new_customers(base: Business, periods: tuple[Period, ...]) -> Count:
    """Customers whose first purchase, or first contract's start, falls in the period.

    One table of contracts makes the whole business one of contracts: its customers begin with their
    first contract, unless `activity` says purchases; the note tells which. A first order that was
    cancelled or refunded in full makes no customer, whenever it was refunded. Customers from before
    the records begin look new when they come back.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("new_customers", "2026-03").value
    1.0
    """
    return Count(base.ledger(periods), nw.col("new"), notes=(activity_note(base),))


@kpi(
    name=_("Customer acquisition rate (new share)"),
    formula=r"\frac{\text{new customers}}{\text{closing customers}}",
    unit=Unit.SHARE,
    better="higher",
    contracts=True,
    observed_from=beginnings,
)
def acquisition_rate(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """New customers over the customers active when the period closes.

    The texts divide by "all customers", before or after the new ones are added: 200 new on 1,000
    who become 1,100 is 20% of the one and 18.2% of the other. This is the second. It rises when
    old customers leave, so read it beside churn. New customers who came and went within the period
    are above the line and not under it, so that it can pass 100%; its limits are then those of a
    ratio, not of a share.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("acquisition_rate", "2026-03").value
    0.25
    """
    new = nw.when(nw.col("new")).then(nw.lit(1)).otherwise(nw.lit(0))
    closing = nw.when(nw.col("closing")).then(nw.lit(1)).otherwise(nw.lit(0))
    return Ratio(
        base.ledger(periods), new, closing, counts=True, single=True, notes=(activity_note(base),)
    )


def _types_note(types: tuple[str, ...], lag: int) -> Text:
    """Which costs are in it, and how much earlier than the customers."""
    return _(
        "costs of the type {types}, spent {days} days before the customers came",
        types=Listed(tuple(types)),
        days=lag,
    )


NO_NEW = _("nobody was won in the period")
NO_SPEND = _("nothing was spent in the period")


@kpi(
    name=_("Customer acquisition cost"),
    formula=r"\frac{\text{spend on marketing and sales}}{\text{new customers}}",
    unit=Unit.MONEY,
    better="lower",
    example=Example({"spend": 100_000, "new": 200}, 500),
    tables=SPENT,
    contracts=True,
    breakdowns=BY_CHANNEL,
)
def cac(base: Business, periods: tuple[Period, ...]) -> Quotient:
    """What was spent to win customers over the customers won.

    The settings' `acquisition` says which types of cost count (`cost_types`; marketing and sales)
    and how many days before its customers money is spent (`lag_days`). The limits are those of the
    count of new customers: the spend is known. Customers who would have come by themselves are in
    it.

    >>> from kpilib.demo import tiny_shop
    >>> tiny_shop().kpi("cac", "2026-03").value
    60.0
    """
    rule = base.settings.acquisition
    return Quotient(
        Known(acquisition.spend(base, periods, rule.cost_types), nw.col("amount")),
        Count(base.ledger(periods), nw.col("new")),
        undefined=NO_NEW,
        notes=(_types_note(rule.cost_types, rule.lag_days),),
    )


def _channel_columns(base: Business) -> tuple[str, ...]:
    """What the attribution of the settings reads."""
    touched = base.settings.acquisition.attribution != "recorded"
    return ("interactions.channel",) if touched else ("customers.acquisition_channel",)


ATTRIBUTIONS = {
    "recorded": _("customers by the channel recorded with them"),
    "first": _("customers by the first touch"),
    "last": _("customers by the last touch"),
    "linear": _("customers shared alike among their touches"),
    "time_decay": _("customers shared among their touches, later ones weighing more"),
    "markov": _("customers shared by how many would not have come without the channel"),
    "shapley": _("customers shared alike among the channels that touched them"),
}


@kpi(
    name=_("CAC by channel"),
    formula=r"\frac{\text{spend on the channel}}{\text{new customers put down to the channel}}",
    unit=Unit.MONEY,
    better="lower",
    tables=SPENT,
    columns=_channel_columns,
    contracts=True,
)
def cac_by_channel(base: Business, periods: tuple[Period, ...]) -> ByPart:
    """The acquisition cost of each channel, by the attribution of the settings.

    Attributed customers add up to the new customers, and so does the spend to the spend. Who is put
    down to no channel stands under `(missing)`; a channel with spend and no customers has no cost
    each. Attribution is a rule of bookkeeping: it does not say who came because of a channel. What
    the other rules would say stands in `cac_by_attribution`.

    >>> from kpilib.demo import tiny_shop
    >>> table = tiny_shop().kpi("cac_by_channel", "2026-01")
    >>> [(value.segment, value.numerator, value.denominator) for value in table]
    [('ads', 90.0, 2.0), ('web', 30.0, 2.0)]
    """
    rule = base.settings.acquisition
    spent, came = attribution.spent_and_won(base, periods, rule.attribution)
    return ByPart(
        Quotient(
            Known(spent, nw.col("amount")),
            Count(came, weight=nw.col("weight")),
            undefined=NO_NEW,
        ),
        "channel",
        notes=(ATTRIBUTIONS[rule.attribution], _types_note(rule.cost_types, rule.lag_days)),
    )


@kpi(
    name=_("Advertising return (output : input)"),
    formula=(
        r"\frac{\text{net revenue of new customers of channels with advertising}}"
        r"{\text{spend on advertising}}"
    ),
    unit=Unit.RATIO,
    better="higher",
    tables=SPENT,
    columns=("customers.acquisition_channel",),
    breakdowns={},
)
def ad_roi(base: Business, periods: tuple[Period, ...]) -> Quotient:
    """What new customers of advertised channels paid in the period, per unit of money spent on it.

    Output over input: 2 means that two came in for one spent. Revenue, not profit, of the period
    alone, of customers whose recorded channel had spend in it; spend of no channel is in the input.
    What is put down to a channel would in part have come without it.
    """
    rule = base.settings.acquisition
    spent = acquisition.spend(base, periods, rule.ad_cost_types)
    rows = acquisition.money_of_advertised(base, periods, spent)
    return Quotient(
        Total(rows, nw.col("amount")),
        Known(spent, nw.col("amount")),
        undefined=NO_SPEND,
        notes=(_types_note(rule.ad_cost_types, rule.lag_days),),
    )


@kpi(
    name=_("Sales efficiency"),
    formula=(r"\frac{\text{net revenue of new customers}}{\text{spend on marketing and sales}}"),
    unit=Unit.RATIO,
    better="higher",
    tables=SPENT,
    breakdowns={},
)
def sales_efficiency(base: Business, periods: tuple[Period, ...]) -> Quotient:
    """What new customers paid in the period, per unit of money spent to win customers.

    All new customers, whatever their channel, and the first period's revenue alone.

    >>> from kpilib.demo import tiny_shop
    >>> round(tiny_shop().kpi("sales_efficiency", "2026-03").value, 4)
    1.3333
    """
    rule = base.settings.acquisition
    return Quotient(
        Total(acquisition.money_of_the_new(base, periods), nw.col("amount")),
        Known(acquisition.spend(base, periods, rule.cost_types), nw.col("amount")),
        undefined=NO_SPEND,
        notes=(_types_note(rule.cost_types, rule.lag_days),),
    )


def _cohort(base: Business, periods: tuple[Period, ...]) -> tuple[Period, ...]:
    """The like periods that lie the horizon of the settings' `value` before."""
    return tuple(acquisition.earlier(period, base.settings.value.months) for period in periods)


def _cohort_watched(base: Business, period: Period) -> int:
    """When who came on the last day of the cohort's period has been watched for the horizon."""
    months = base.settings.value.months
    watched = acquisition.earlier(period, months).end_day - 1 + acquisition.days_of(months)
    return max(period.end_day, watched)


def _cohort_note(base: Business) -> Text:
    """Whose money it is, over what time, and what is kept of it."""
    rule = base.settings.value
    return _(
        "customers won {months} months before, in their first {months} months: {margin} of revenue "
        "less their costs, undiscounted",
        months=rule.months,
        margin=Amount(rule.margin, Unit.SHARE),
    )


@kpi(
    name=_("LTV to CAC"),
    formula=(
        r"\frac{\text{contribution of a customer over the horizon}}"
        r"{\text{acquisition cost of the same customers}}"
    ),
    unit=Unit.RATIO,
    better="higher",
    tables=SPENT,
    until=_cohort_watched,
    breakdowns={},
)
def ltv_cac(base: Business, periods: tuple[Period, ...]) -> Quotient:
    """What the customers won a horizon ago have left since, over what it cost to win them.

    Of the customers new in the like period `value.months` calendar months before, net revenue at
    the margin less `customer_costs`, from the first purchase on for that many months; over the
    spend of that period. It is what happened, not a forecast. Margin, not revenue: 1,000 of
    revenue at 40% on a cost of 500 is 0.8, not 2.
    """
    cohort, rule = _cohort(base, periods), base.settings.acquisition
    days = acquisition.days_of(base.settings.value.months)
    return Quotient(
        Total(acquisition.contributions(base, cohort, days), nw.col("amount")),
        Known(acquisition.spend(base, cohort, rule.cost_types), nw.col("amount")),
        each=Count(base.ledger(cohort), nw.col("new")),
        undefined=NO_SPEND,
        notes=(_cohort_note(base), _types_note(rule.cost_types, rule.lag_days)),
    )


@kpi(
    name=_("CAC payback time"),
    formula=r"\min\{k : \text{contribution in } k \text{ months} \ge \text{acquisition cost}\}",
    unit=Unit.MONTHS,
    better="lower",
    tables=SPENT,
    until=_cohort_watched,
    breakdowns={},
)
def cac_payback(base: Business, periods: tuple[Period, ...]) -> Payback:
    """After how many months the customers won a horizon ago had paid for what it cost to win them.

    The least whole number of months, counted from each one's first purchase, in which their
    contribution (as in `ltv_cac`) reaches the spend. The limits are the months at which the upper
    and lower limit of the contribution reach it. Not reached within the horizon: no value.
    """
    cohort, rule = _cohort(base, periods), base.settings.acquisition
    months = base.settings.value.months
    ends = tuple(acquisition.days_of(month) for month in range(1, months + 1))
    return Payback(
        acquisition.contributions(base, cohort, ends[-1]),
        money=nw.col("amount"),
        age=nw.col("age"),
        ends=ends,
        cost=Known(acquisition.spend(base, cohort, rule.cost_types), nw.col("amount")),
        customers=Count(base.ledger(cohort), nw.col("new")),
        undefined=lambda numbers: _not_paid(numbers, months),
        notes=(_cohort_note(base), _types_note(rule.cost_types, rule.lag_days)),
    )


def _not_paid(numbers: Mapping[str, float | None], months: int) -> Text:
    """Why there is no month of payback."""
    if not numbers.get("n"):
        return NO_NEW
    if not numbers.get("denominator"):
        return NO_SPEND
    return _("not paid back within {months} months", months=months)
