"""Service: who complains, how soon they are answered, and how soon it is put right."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.activity.service.calendars import (
    decided_to,
    names_of_calendars,
    needs_a_calendar,
    passed_by,
)
from kpilib.activity.service.tickets import complaints
from kpilib.engines.expressions import known
from kpilib.periods import Period
from kpilib.registry.definitions import Example, kpi
from kpilib.registry.observed import Unobserved
from kpilib.statistics.kinds import Rate, Share
from kpilib.statistics.together import Beside
from kpilib.statistics.waiting import Wait
from kpilib.words import Text, Unit, _, ngettext
from kpilib.words.text import Listed


def _types(base: Business) -> tuple[str, ...]:
    return ("tickets.type",)


def _customers(base: Business) -> tuple[str, ...]:
    return ("tickets.type", "tickets.customer_id")


def _answers(base: Business) -> tuple[str, ...]:
    return ("ticket_events.actor_type", *needs_a_calendar(base))


def _complaint_hours(base: Business) -> tuple[str, ...]:
    return ("tickets.type", *needs_a_calendar(base))


def _due(base: Business, period: Period) -> int:
    """The day by which the last ticket of a period is as old as the longest promise."""
    rule = base.settings.service
    longest = max(rule.promised(rule.resolution_hours).values())
    return passed_by(base, period.end_day, longest)


def _decided(base: Business, period: Period) -> Unobserved | None:
    """A period with public holidays that are not decided yet is provisional."""
    last = decided_to(base)
    if last is None or last.toordinal() >= period.end.toordinal() - 1:
        return None
    return Unobserved(
        _("public holidays after {day} are not all decided yet", day=last), bound=True
    )


NO_TICKETS = _("no tickets, or fewer than half of them are over so far")
NO_CUSTOMERS = _("no active customers")
NONE_DUE = _("no tickets old enough to be due")


@kpi(
    name=_("Customer complaint rate"),
    formula=r"\frac{\text{complaints}}{\text{customers, on average over the period}}",
    unit=Unit.PER_CUSTOMER,
    better="lower",
    example=Example({"complaints": 50, "customers": 1000}, 0.05),
    tables=("orders", "tickets"),
    columns=_types,
    contracts=True,
)
def complaint_rate(base: Business, periods: tuple[Period, ...]) -> Rate:
    """Complaints that came in over the customers there were, on average, in the period.

    A rate and no share: one customer may complain twice, and so it may pass 1. Complaints of no
    known customer count. Customers on average are their active days over the days of the period.
    Few complaints may also mean that there is no way to make one.

    >>> from kpilib.demo import tiny_shop

    >>> round(tiny_shop().kpi("complaint_rate", "2026-03").value, 3)
    0.517
    """
    there = base.activity(periods).join(base.windows(periods), on="period", how="inner")
    days = nw.col("closes") - nw.col("opens")
    customers = there.select(
        "period",
        "customer_id",
        complaints=nw.lit(0).cast(nw.Int64),
        customers=nw.col("active_days") / days,
    )
    types = there.collect_schema()
    tickets = complaints(base)
    if "customer_id" not in tickets.collect_schema().names():
        tickets = tickets.with_columns(customer_id=nw.lit(None, types["customer_id"]))
    came = base.within(tickets.filter(nw.col("complaint")), periods).select(
        "period",
        "customer_id",
        complaints=nw.lit(1).cast(nw.Int64),
        customers=nw.lit(0.0),
    )
    return Rate(
        nw.concat([came, customers], how="vertical"),
        events=nw.col("complaints"),
        exposure=nw.col("customers"),
        notes=(_complaint_note(base),),
        undefined=NO_CUSTOMERS,
    )


@kpi(
    name=_("Share of customers who complain"),
    formula=r"\frac{\text{customers with a complaint}}{\text{customers active in the period}}",
    unit=Unit.SHARE,
    better="lower",
    tables=("orders", "tickets"),
    columns=_customers,
    contracts=True,
)
def complainant_share(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the customers active in the period, the part with at least one complaint in it.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("complainant_share", "2026-03").value
    0.4
    """
    came = base.within(complaints(base).filter(nw.col("complaint")), periods)
    who = came.filter(known(nw.col("customer_id"))).group_by("period", "customer_id")
    counted = who.agg(complaints=nw.len())
    rows = base.ledger(periods).join(counted, on=["period", "customer_id"], how="left")
    return Share(rows, where=known(nw.col("complaints")), notes=(_complaint_note(base),))


@kpi(
    name=_("First response time"),
    formula=r"\text{median of the hours from a ticket to the first public reply by an agent}",
    unit=Unit.HOURS,
    better="lower",
    tables=("tickets", "ticket_events"),
    columns=_answers,
    observed_from=_decided,
)
def first_response_time(base: Business, periods: tuple[Period, ...]) -> Wait:
    """Hours of the desk from a ticket of the period to the first public reply by an agent.

    The Kaplan–Meier median: a ticket without a reply so far has waited at least until now. Tickets
    that an agent made are left out, and replies by machines do not count. A ticket that comes in
    while the desk is closed begins to wait when it opens.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("first_response_time", "2026-03").value
    1.0
    """
    rows = base.within(base.handled().rows, periods).filter(~nw.col("by_agent"))
    return Wait(
        rows,
        lasted=nw.col("response_hours"),
        ended=nw.col("answered"),
        met="answered",
        notes=_hour_notes(base),
        undefined=NO_TICKETS,
    )


@kpi(
    name=_("Resolution time"),
    formula=r"\text{median of the hours from a ticket to its resolution for good}",
    unit=Unit.HOURS,
    better="lower",
    tables=("tickets", "ticket_events"),
    columns=needs_a_calendar,
    observed_from=_decided,
)
def resolution_time(base: Business, periods: tuple[Period, ...]) -> Beside[Wait]:
    """Hours of the desk from a ticket of the period to the last resolution, if none reopened it.

    The Kaplan–Meier median: an average of resolved tickets alone is too low, as the long ones are
    still open. `first_median` is the median to the first resolution, reopened or not.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("resolution_time", "2026-03").value
    24.0
    """
    rows = base.within(base.handled().rows, periods)
    first = Wait(rows, lasted=nw.col("first_hours"), ended=nw.col("first_resolved"))
    whole = Wait(
        rows,
        lasted=nw.col("resolution_hours"),
        ended=nw.col("resolved"),
        met="resolved",
        notes=_hour_notes(base),
        undefined=NO_TICKETS,
    )
    return Beside(whole, {"first_median": first})


@kpi(
    name=_("Complaints resolved in time"),
    formula=r"\frac{\text{complaints resolved for good in time}}{\text{complaints that are due}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("tickets", "ticket_events"),
    columns=_complaint_hours,
    until=_due,
    observed_from=_decided,
)
def complaint_resolution(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the period's complaints that are old enough, the part resolved within the promised hours.

    A complaint is due when as many hours of the desk have passed as its priority was promised. One
    that was reopened and not resolved since is not resolved.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("complaint_resolution", "2026-03").value
    0.5
    """
    wanted = nw.col("type").is_in(list(base.settings.service.complaint_types))
    rows = base.within(base.handled().rows, periods).filter(wanted)
    return _in_time(base, rows)


@kpi(
    name=_("SLA attainment"),
    formula=r"\frac{\text{tickets resolved for good in time}}{\text{tickets that are due}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("tickets", "ticket_events"),
    columns=needs_a_calendar,
    until=_due,
    observed_from=_decided,
)
def sla_attainment(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of all tickets of the period that are old enough, the part resolved in the promised hours.

    A ticket that is due and still open is missed.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("sla_attainment", "2026-03").value
    0.5
    """
    return _in_time(base, base.within(base.handled().rows, periods))


def _in_time(base: Business, rows: nw.LazyFrame) -> Share:
    promised = nw.col("promised_hours")
    return Share(
        rows,
        where=nw.col("resolved") & (nw.col("resolution_hours") <= promised),
        among=nw.col("age_hours") >= promised,
        notes=(_promise_note(base), *_hour_notes(base)),
        undefined=NONE_DUE,
    )


def _complaint_note(base: Business) -> Text:
    types = Listed(tuple(base.settings.service.complaint_types))
    return _("complaints: tickets of type {types}", types=types)


def _promise_note(base: Business) -> Text:
    rule = base.settings.service
    promised = rule.promised(rule.resolution_hours)
    whole = promised.pop("default")
    if not promised:
        return _("promised: {hours} hours to the resolution", hours=whole)
    named = Listed(
        tuple(Text("{name} {hours}").format(name=name, hours=h) for name, h in promised.items())
    )
    return _(
        "promised hours to the resolution: {named}; {hours} for all others",
        named=named,
        hours=whole,
    )


def _hour_notes(base: Business) -> tuple[Text, ...]:
    """Which hours are counted, and what is not known about them."""
    tickets = base.handled()
    calendars = names_of_calendars(base)
    if not calendars:
        if "calendars" in base.tables:
            return (_("hours of the clock, as no row of calendars says when the desk is open"),)
        return (_("hours of the clock, as no calendars were given"),)
    notes = [_("hours in which the desk is open, by the calendars {names}",
               names=Listed(tuple(calendars)))]  # fmt: skip
    if tickets.by_the_clock:
        notes.append(
            ngettext(
                "{n} ticket follows no calendar and is counted by the clock",
                "{n} tickets follow no calendar and are counted by the clock",
                tickets.by_the_clock,
            )
        )
    if tickets.holidays_to is not None:
        notes.append(
            _("public holidays after {day} are not all decided yet", day=tickets.holidays_to)
        )
    return tuple(notes)
