"""Churn: who was lost, at what point of the relationship, who fell silent, who was won back."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.campaigns import winning_back
from kpilib.contacts.silence import silent
from kpilib.contacts.visits import mailed
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import Analysis, declare
from kpilib.registry.definitions import Example, kpi
from kpilib.registry.notes import activity_note, days_note, loyalty_note
from kpilib.registry.observed import beginnings, losses
from kpilib.statistics import Beside, Known, intervals
from kpilib.statistics.kinds import Count, Share
from kpilib.statistics.several import Mix
from kpilib.statistics.statistic import divide
from kpilib.words import Amount, Unit, _

declare(
    Analysis(
        "kpilib.clv.warning.listing:churn_early_warning",
        _("Churn early warning"),
        "churn",
    )
)


@kpi(
    name=_("Lost customers"),
    formula=r"\text{customers active in the period and no longer at its close}",
    unit=Unit.COUNT,
    better="lower",
    contracts=True,
    observed_from=losses,
)
def lost_customers(base: Business, periods: tuple[Period, ...]) -> Count:
    """Customers active when the period opened, or who became so in it, and not at its close.

    The ledger's lost customers. Without contracts a customer is lost when the lapse window has
    passed without a purchase; one who buys later comes back as reactivated.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("lost_customers", "2026-04").value
    2.0
    """
    return Count(base.ledger(periods), nw.col("lost"), notes=(activity_note(base),))


@kpi(
    name=_("Customer churn rate"),
    formula=r"\frac{\text{opening customers lost}}{\text{opening customers}}",
    unit=Unit.SHARE,
    better="lower",
    example=Example({"lost": 50, "opening": 1000}, 0.05),
    contracts=True,
    observed_from=losses,
)
def churn_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers active when the period opened, the part lost by its end.

    Customers acquired in the period are in neither count. A monthly rate c makes a yearly
    1 − (1 − c)¹² only where every month and every customer is alike; the survival curve needs no
    such assumption.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("churn_rate", "2026-04").value
    0.5
    """
    return Share(
        base.ledger(periods),
        where=nw.col("lost"),
        among=nw.col("opening"),
        notes=(activity_note(base),),
    )


def _watched(base: Business, period: Period) -> int:
    return period.end_day + base.lapse_window.days


@kpi(
    name=_("Loss rate after first purchase"),
    formula=(
        r"\frac{\text{first-time buyers with no second purchase in time}}"
        r"{\text{first-time buyers watched for that time}}"
    ),
    unit=Unit.SHARE,
    better="lower",
    until=_watched,
    observed_from=beginnings,
)
def first_purchase_loss_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the period's first-time buyers, the part that did not come back within the lapse window.

    Only buyers who have been watched that long count, so the rate of a period is final one lapse
    window after its end. One source reads a low rate as bad news; lower is better.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("first_purchase_loss_rate", "2026-01").value
    0.5
    """
    days = base.lapse_window.days
    first = base.visits.filter(nw.col("previous_day").is_null())
    waited = nw.col("next_day") - nw.col("day")
    return Share(
        base.within(first, periods),
        where=nw.col("next_day").is_null() | (waited > days),
        among=nw.col("day") + days < base.as_of,
        notes=(days_note(days),),
    )


@kpi(
    name=_("Loyal customer loss rate"),
    formula=(r"\frac{\text{loyal opening customers lost}}{\text{loyal opening customers}}"),
    unit=Unit.SHARE,
    better="lower",
    observed_from=losses,
)
def loyal_customer_loss_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the loyal customers active when the period opened, the part lost by its end.

    Loyalty is fixed at the opening. Dividing by the loyal customers of the close instead leaves
    out those just lost, and can pass 100%.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("loyal_customer_loss_rate", "2026-04").value
    0.0
    """
    return Share(
        base.standing(periods),
        where=nw.col("lost"),
        among=nw.col("opening") & nw.col("loyal"),
        notes=(loyalty_note(base), activity_note(base)),
        undefined=_("no loyal customers at risk"),
    )


@kpi(
    name=_("Who was lost"),
    formula=r"\frac{\text{lost customers of each standing}}{\text{lost customers}}",
    unit=Unit.SHARE,
    better="none",
    observed_from=losses,
)
def lost_customer_mix(base: Business, periods: tuple[Period, ...]) -> Mix:
    """The lost customers by what they had been: first-time, developing or loyal; adds up to 1.

    Standing is taken when the period opened: one purchase day so far, loyal by the rule, or in
    between. Customers who came and went within the period count by the purchases they made; who was
    not active at the opening is never loyal, however often they had bought before.
    """
    standing = (
        nw.when(nw.col("loyal"))
        .then(nw.lit("loyal"))
        .otherwise(
            nw.when(nw.col("bought") <= 1)
            .then(nw.lit("first-time"))
            .otherwise(nw.lit("developing"))
        )
    )
    return Mix(
        base.standing(periods).filter(nw.col("lost")),
        part=standing,
        parts=("first-time", "developing", "loyal"),
        notes=(loyalty_note(base), activity_note(base)),
        undefined=_("no customers lost"),
    )


def _campaigns_over(base: Business, period: Period) -> int:
    return period.end_day + base.settings.campaigns.days


def _uplift(main: pd.DataFrame, others: Mapping[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """The rate of those reached less that of those held back; Newcombe's limits."""
    control = others["control_rate"]
    k1, n1 = (main[name].to_numpy(float) for name in ("numerator", "denominator"))
    k2, n2 = (control[name].to_numpy(float) for name in ("numerator", "denominator"))
    low, high = intervals.newcombe(k1, n1, k2, n2)
    uplift = main["value"].to_numpy(float) - control["value"].to_numpy(float)
    return {"uplift": uplift, "uplift_low": low, "uplift_high": high}


@kpi(
    name=_("Win-back rate"),
    formula=r"\frac{\text{lapsed customers reached who bought}}{\text{lapsed customers reached}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("orders", "campaign_exposures"),
    until=_campaigns_over,
)
def win_back_rate(base: Business, periods: tuple[Period, ...]) -> Beside[Share]:
    """Of the lapsed customers a campaign reached in the period, the part that bought within days.

    Lapsed: they had bought before and no purchase kept them active that day; each counts once, by
    the first time they were reached. Some would have come back anyway: `control_rate` is the like
    share of lapsed customers held back, and `uplift` the difference with Newcombe's limits; without
    a control group there is none, and the rate says nothing of the campaign.
    """
    rows = winning_back(base, periods)
    days = base.settings.campaigns.days
    return Beside(
        Share(
            rows,
            nw.col("bought"),
            among=~nw.col("control"),
            undefined=_("no lapsed customer was reached long enough ago"),
            notes=(_("bought within {days}", days=Amount(days, Unit.DAYS)), activity_note(base)),
        ),
        {"control_rate": Share(rows, nw.col("bought"), among=nw.col("control"))},
        _uplift,
    )


@kpi(
    name=_("Unsubscribe rate"),
    formula=r"\frac{\text{customers who unsubscribed}}{\text{customers written to}}",
    unit=Unit.SHARE,
    better="lower",
    tables=("email_events",),
)
def unsubscribe_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers to whom a message was delivered in the period, the part that unsubscribed.

    Customers, not messages: who gets ten and leaves with the last counts once on either side.
    Unsubscribing from messages is not leaving: that is `churn_rate`.
    """
    return Share(
        mailed(base, periods),
        nw.col("unsubscribed"),
        undefined=_("no message was delivered in the period"),
    )


@kpi(
    name=_("Dormant customers"),
    formula=r"\frac{\text{customers silent for a lapse window}}{\text{customers so far}}",
    unit=Unit.SHARE,
    better="lower",
    tables=("orders", "interactions"),
    contracts=True,
)
def dormant_customers(base: Business, periods: tuple[Period, ...]) -> Beside[Share]:
    """Of all customers so far, the part that has neither bought nor been in touch for so long.

    So long is the lapse window up to the period's close; with contracts it is the closing customers
    who are looked at, for they still pay. `value_share` is the part of all net revenue so far that
    the dormant ones had brought.
    """
    rows = silent(base, periods)

    def part(_main: pd.DataFrame, others: Mapping[str, pd.DataFrame]) -> dict[str, np.ndarray]:
        theirs, whole = (others[name]["value"].to_numpy(float) for name in ("_theirs", "_whole"))
        return {"value_share": divide(theirs, whole)}

    money = nw.col("amount")
    theirs = nw.when(nw.col("dormant")).then(money).otherwise(nw.lit(0.0))
    return Beside(
        Share(rows, nw.col("dormant"), notes=(activity_note(base),)),
        {"_theirs": Known(rows, theirs), "_whole": Known(rows, money)},
        part,
    )
