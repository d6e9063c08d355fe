"""Engagement: how often customers are in touch, and how deeply; the silent count."""

from functools import partial

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts.visits import (
    DAYS_A_MONTH,
    deliveries,
    engaged,
    interactions,
    per_customer,
    visits,
)
from kpilib.periods import Period
from kpilib.registry.definitions import kpi
from kpilib.registry.notes import activity_note
from kpilib.statistics import Beside, Parts, Ratio, Share
from kpilib.words import Amount, Unit, _

CONTACTS = ("orders", "interactions")
NOBODY_ACTIVE = _("nobody was active in the period")


def _a_month(base: Business, rows: nw.LazyFrame) -> Ratio:
    """What is counted in the rows, per month of active time."""
    return Ratio(
        rows,
        nw.col("counted"),
        nw.col("active_days"),
        positive=True,
        single=True,
        scale=DAYS_A_MONTH,
        undefined=NOBODY_ACTIVE,
        notes=(activity_note(base),),
    )


@kpi(
    name=_("Customer interaction frequency"),
    formula=r"\frac{\text{interactions}}{\text{active customer-months}}",
    unit=Unit.PER_MONTH,
    better="higher",
    tables=CONTACTS,
    contracts=True,
)
def interaction_frequency(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """Interactions per month of the time that customers were active.

    All customers with active time are underneath, those who were silent too, each with as many days
    as they were active. Per customer who was in touch it would be another, higher figure.
    """
    rows = interactions(base, periods)
    return _a_month(base, per_customer(base, periods, ("interactions",), rows))


@kpi(
    name=_("Website visit frequency"),
    formula=r"\frac{\text{visits}}{\text{active customer-months}}",
    unit=Unit.PER_MONTH,
    better="higher",
    tables=CONTACTS,
    contracts=True,
)
def site_visit_frequency(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """Visits to the site per month of the time that customers were active.

    A visit begins with an event on one of the site's channels more than `session_minutes` after the
    customer's last, and is in the period of its first event. Only visits of known customers are
    seen.
    """
    rule = base.settings.engagement
    visited = visits(base, periods, rule.site_channels, rule.session_minutes)
    return _a_month(base, per_customer(base, periods, ("visits",), visited))


@kpi(
    name=_("Social media interactions"),
    formula=r"\frac{\text{interactions on social media}}{\text{active customer-months}}",
    unit=Unit.PER_MONTH,
    better="higher",
    tables=CONTACTS,
    contracts=True,
)
def social_interactions(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """Interactions on the channels of social media per month of customers' active time.

    Those whose customer is known: on most networks that is a small part.
    """
    channels = base.settings.engagement.social_channels
    rows = interactions(base, periods, channels)
    return _a_month(base, per_customer(base, periods, ("interactions", channels), rows))


@kpi(
    name=_("Customer engagement (frequency and depth)"),
    formula=r"\text{active share},\ \text{contacts a day},\ \text{kinds a session}",
    unit=Unit.RATIO,
    better="higher",
    tables=CONTACTS,
    contracts=True,
)
def engagement(base: Business, periods: tuple[Period, ...]) -> Parts:
    """How much of their time customers are in touch, how often on such days, how deeply.

    `active_share`: days with a contact over active days; `frequency`: contacts per such day;
    `depth`: different kinds of contact per session, of any channel, begun in the period. What a
    person opens or clicks in e-mails counts; what a machine opens does not. No index is made of the
    three: it would hide which of them moved.
    """
    rows = engaged(base, periods)
    share = nw.col("days"), nw.col("active_days")
    ratio = partial(Ratio, rows, positive=True, single=True)
    return Parts(
        {
            "active_share": ratio(*share, undefined=NOBODY_ACTIVE),
            "frequency": ratio(nw.col("contacts"), nw.col("days")),
            "depth": ratio(nw.col("kinds"), nw.col("sessions")),
        },
        undefined=_("no contact in the period"),
        notes=(activity_note(base),),
    )


def _opens_over(base: Business, period: Period) -> int:
    return period.end_day + base.settings.engagement.open_days


@kpi(
    name=_("Email open rate"),
    formula=r"\frac{\text{messages opened by a person}}{\text{messages delivered}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("email_events",),
    until=_opens_over,
)
def email_open_rate(base: Business, periods: tuple[Period, ...]) -> Beside[Share]:
    """Of the messages delivered in the period, the part that a person opened within some days.

    A message to a customer counts once, after `engagement.open_days`. Some mail programs open every
    message by themselves: those opens are left out, and `with_machine_opens` among the details is
    the rate with them; the truth lies between. `click_rate` is what needs a hand.
    """
    rows = deliveries(base, periods)
    days = base.settings.engagement.open_days
    share = Share(
        rows,
        nw.col("opened"),
        undefined=_("no message was delivered long enough ago"),
        notes=(_("opened within {days}", days=Amount(days, Unit.DAYS)),),
    )
    others = {"with_machine_opens": "with_machine", "click_rate": "clicked"}
    return Beside(share, {name: Share(rows, nw.col(one)) for name, one in others.items()})
