"""Retention: who stayed, and who came back."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import LONG_TERM_MONTHS, Business
from kpilib.activity.ledger import STATES
from kpilib.activity.recurring import customer_revenue
from kpilib.contacts.renewals import due
from kpilib.engines.expressions import smaller
from kpilib.periods import Period
from kpilib.registry.definitions import Example, kpi
from kpilib.registry.notes import PURCHASE_NOTE, activity_note, revenue_notes, tenure_note
from kpilib.registry.observed import beginnings, losses, tenure
from kpilib.statistics.kinds import Count, Ratio, Share
from kpilib.statistics.several import Flow
from kpilib.words import Amount, Unit, _


@kpi(
    name=_("Customer ledger"),
    formula=r"\text{opening} + \text{new} + \text{reactivated} - \text{lost} = \text{closing}",
    unit=Unit.COUNT,
    better="none",
    contracts=True,
    observed_from=beginnings,
)
def customer_ledger(base: Business, periods: tuple[Period, ...]) -> Flow:
    """How the opening customers became the closing ones: who came, who returned, who left.

    Every retention, churn and acquisition figure is read from this one table, and for every
    customer in it the balance holds. A customer who comes and goes within the period is new and
    lost.
    """
    return Flow(base.ledger(periods), STATES, notes=(activity_note(base),))


@kpi(
    name=_("Active customers"),
    formula=r"\text{customers active when the period closes}",
    unit=Unit.COUNT,
    better="higher",
    contracts=True,
    observed_from=beginnings,
)
def customers_active(base: Business, periods: tuple[Period, ...]) -> Count:
    """Customers active at the instant the period closes: its closing customers.

    Active means a running contract, or a purchase within the lapse window. The closing customers
    of one period are the opening customers of the next.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("customers_active", "2026-04").value
    3.0
    """
    return Count(base.ledger(periods), nw.col("closing"), notes=(activity_note(base),))


@kpi(
    name=_("Customer retention rate (matched customers)"),
    formula=r"\frac{\text{opening customers still active at the close}}{\text{opening customers}}",
    unit=Unit.SHARE,
    better="higher",
    contracts=True,
    observed_from=losses,
)
def retention_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers active when the period opened, the part still active when it closes.

    The same customers are counted at both ends, so it cannot pass 100%, and with churn it makes
    exactly 1. Customers acquired in the period are in neither count.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("retention_rate", "2026-04").value
    0.5
    """
    return Share(
        base.ledger(periods),
        where=nw.col("retained"),
        among=nw.col("opening"),
        notes=(activity_note(base),),
    )


@kpi(
    name=_("Customer retention rate (ledger form)"),
    formula=(r"\frac{\text{closing customers} - \text{new customers}}{\text{opening customers}}"),
    unit=Unit.SHARE,
    better="higher",
    example=Example({"closing": 1100, "new": 200, "opening": 1000}, 0.9),
    contracts=True,
    observed_from=losses,
)
def retention_rate_ledger(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """Closing customers without the new ones, over the opening customers: (E − N) / S.

    For when only totals are known. Customers who return are in the closing count without having
    been in the opening one, so it can pass 100%; customers who came and went within the period
    lower it. Read it beside the matched form.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("retention_rate_ledger", "2026-04").value
    0.75
    """
    closing = nw.when(nw.col("closing")).then(nw.lit(1)).otherwise(nw.lit(0))
    new = nw.when(nw.col("new")).then(nw.lit(1)).otherwise(nw.lit(0))
    opening = nw.when(nw.col("opening")).then(nw.lit(1)).otherwise(nw.lit(0))
    return Ratio(
        base.ledger(periods),
        closing - new,
        opening,
        counts=True,
        single=True,
        notes=(activity_note(base),),
    )


@kpi(
    name=_("Repeat purchase rate"),
    formula=(
        r"\frac{\text{buyers with purchases on two days or more}}{\text{buyers in the period}}"
    ),
    unit=Unit.SHARE,
    better="higher",
)
def repeat_purchase_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers who bought in the period, the part that bought on two days or more.

    A longer period gives a higher rate, so only equal periods compare.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("repeat_purchase_rate", "2026-Q1").value
    0.5
    """
    return Share(base.buyers(periods), where=nw.col("purchases") >= 2, notes=(PURCHASE_NOTE,))


def _next_period_over(base: Business, period: Period) -> int:
    return period.shift(1).end_day


@kpi(
    name=_("Next-period repurchase rate"),
    formula=(
        r"\frac{\text{buyers of the period who buy again in the next}}"
        r"{\text{buyers in the period}}"
    ),
    unit=Unit.SHARE,
    better="higher",
    until=_next_period_over,
)
def next_window_repurchase_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers who bought in the period, the part that buys again in the like period after.

    It is known once the next period is over. Chinese practice keeps it apart (回购率) from buying
    twice within one period (复购率).

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("next_window_repurchase_rate", "2026-03").value
    0.3333333333333333
    """
    later = base.buyers(tuple(period.shift(1) for period in periods))
    again = later.select("period", "customer_id", again=nw.lit(1))
    rows = base.buyers(periods).join(again, on=["period", "customer_id"], how="left")
    begun = nw.col("closes") < base.as_of
    return Share(rows, where=~nw.col("again").is_null(), among=begun, notes=(PURCHASE_NOTE,))


@kpi(
    name=_("Returning customer rate"),
    formula=(r"\frac{\text{buyers who had bought before the period}}{\text{buyers in the period}}"),
    unit=Unit.SHARE,
    better="higher",
    observed_from=beginnings,
)
def returning_customer_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers who bought in the period, the part that had bought before it.

    It falls when acquisition grows, so read it beside the new customers. Where the records begin
    late, old customers look new at first.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("returning_customer_rate", "2026-03").value
    0.6666666666666666
    """
    return Share(base.buyers(periods), where=nw.col("first_day") < nw.col("opens"))


@kpi(
    name=_("Long-term customer share"),
    formula=(
        r"\frac{\text{closing customers of at least 12 months' standing}}"
        r"{\text{closing customers}}"
    ),
    unit=Unit.SHARE,
    better="higher",
    contracts=True,
    observed_from=tenure,
)
def long_term_customer_share(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers active when the period closes, the part first active a year or more before.

    A customer who left and came back counts from the very first purchase. A stop in acquisition
    raises it.

    >>> from kpilib.demo import tiny_shop

    >>> print(tiny_shop().kpi("long_term_customer_share", "2026-04").status)
    undefined
    """
    return Share(
        base.ledger(periods).join(base.tenured(periods), on="period", how="inner"),
        where=nw.col("first_day") <= nw.col("tenured"),
        among=nw.col("closing"),
        notes=(tenure_note(LONG_TERM_MONTHS), activity_note(base)),
    )


@kpi(
    name=_("Net revenue retention"),
    formula=(
        r"\frac{\text{recurring revenue at the close from customers of the opening}}"
        r"{\text{recurring revenue at the opening}}"
    ),
    unit=Unit.SHARE,
    better="higher",
    tables=("subscriptions",),
    columns=("subscriptions.mrr",),
)
def net_revenue_retention(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """What the opening's paying customers pay at the close, over what they paid at the opening.

    Expansion, contraction and churn are all in it, so it can pass 100%. Customers who were not
    paying when the period opened, new or reactivated, are not.
    """
    kept = nw.when(nw.col("opening") != 0).then(nw.col("closing")).otherwise(nw.lit(0.0))
    return Ratio(
        customer_revenue(base, periods),
        over=kept,
        under=nw.col("opening"),
        positive=True,
        single=True,
        notes=revenue_notes(base),
    )


@kpi(
    name=_("Gross revenue retention"),
    formula=(
        r"\frac{\text{opening revenue} - \text{contraction} - \text{churned}}"
        r"{\text{recurring revenue at the opening}}"
    ),
    unit=Unit.SHARE,
    better="higher",
    tables=("subscriptions",),
    columns=("subscriptions.mrr",),
)
def gross_revenue_retention(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """Net revenue retention without expansion: no customer counts for more than at the opening.

    It cannot pass 100%, and tells what was lost before what was sold on top.
    """
    kept = smaller(nw.col("closing"), nw.col("opening"))
    return Ratio(
        customer_revenue(base, periods),
        over=nw.when(nw.col("opening") != 0).then(kept).otherwise(nw.lit(0.0)),
        under=nw.col("opening"),
        weighted=True,
        single=True,
        notes=revenue_notes(base),
    )


def _grace_over(base: Business, period: Period) -> int:
    return period.end_day + base.settings.renewal.grace_days


@kpi(
    name=_("Renewal rate"),
    formula=r"\frac{\text{contracts renewed}}{\text{contracts whose term was up}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("subscriptions",),
    columns=("subscriptions.term_end_at",),
    until=_grace_over,
)
def renewal_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the contracts whose term ended in the period, the part that was renewed.

    Renewed: the contract itself runs on beyond the days of grace, or another of the customer's
    began by then and runs beyond the term. A contract given up early is due on the day its term was
    to end; one whose grace has not passed is in neither count.
    """
    grace = base.settings.renewal.grace_days
    return Share(
        due(base, periods),
        nw.col("renewed"),
        undefined=_("no term has been up for long enough"),
        notes=(_("within {days} of grace", days=Amount(grace, Unit.DAYS)),),
    )


@kpi(
    name=_("Cohort retention (next period)"),
    formula=(
        r"\frac{\text{first buyers of the period before who bought again}}"
        r"{\text{first buyers of the period before}}"
    ),
    unit=Unit.SHARE,
    better="higher",
    contracts=True,
)
def cohort_retention(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of those who first bought in the like period before, the part that bought in this one.

    The triangle's cell of age 1; `kpilib.cohorts` has all of it. With contracts, of the customers
    who came in the period before, the part active at this one's close.
    """
    earlier = tuple(period.previous() for period in periods)
    keys = ["period", "customer_id"]
    if base.activity_rule == "subscriptions":
        cohort = base.ledger(earlier).filter(nw.col("new"))
        later = base.ledger(periods).filter(nw.col("closing"))
    else:
        first = base.visits.filter(nw.col("previous_day").is_null())
        cohort = base.within(first, earlier)
        later = base.buyers(periods)
    again = later.select(*keys, again=nw.lit(1))
    rows = cohort.select(*keys, "first_day").join(again, on=keys, how="left")
    return Share(
        rows, ~nw.col("again").is_null(), undefined=_("nobody first bought in the period before")
    )
