"""The KPIs of service against a plain reckoning, ticket by ticket, and on their edges."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kpilib
from kpilib.activity.service import calendars
from kpilib.statistics.intervals import poisson, wilson
from tests import quick

AS_OF = pd.Timestamp("2026-05-01", tz="Europe/London")
MONTH = "2026-03"
ELEVEN = "2026-03-02 11:00"
EVENTS = ["ticket_id", "event_at", "event", "actor_type", "public"]
CHANCES = {"reply": 0.5, "Resolved": 0.3, "reopened": 0.03, "waiting": 0.12, "note": 0.05}
OFFICE = pd.DataFrame(
    [("office", "Europe/London", day, "09:00", "17:00", None) for day in range(1, 6)]
    + [("office", None, None, None, None, "2026-03-17")],
    columns=["calendar_id", "tz", "weekday", "open", "close", "holiday_date"],
)


def orders(customers=("a", "b", "c", "d")):
    return pd.DataFrame(
        {"customer_id": list(customers), "ordered_at": "2026-02-20 12:00", "amount": 5.0}
    )


def business(tickets, events=None, calendars=OFFICE, **settings):
    tables = {"tickets": tickets}
    if events is not None:
        tables["ticket_events"] = events
    if calendars is not None:
        tables["calendars"] = calendars
    return quick.opened(
        orders=orders(),
        time_zone="Europe/London",
        currency="GBP",
        lapse_window=90,
        as_of=AS_OF.date(),
        **tables,
        **settings,
    )


def one(*steps, created="2026-03-02 10:00", calendars=None, **settings):
    """A business with one ticket, opened at ten on a Monday, and these steps of its handling."""
    tickets = pd.DataFrame(
        {"ticket_id": [1], "customer_id": ["a"], "type": ["complaint"], "created_at": [created]}
    )
    rows = [(1, *step, *([True] if len(step) == 3 else [])) for step in steps]
    events = pd.DataFrame(rows or [(9, "2026-03-02 11:00", "reply", "agent", True)], columns=EVENTS)
    return business(tickets, events, calendars, **settings)


def desk(seed=0, n=200):
    """Tickets of March with what happened to them, some of it on the edges."""
    random = np.random.default_rng(seed)
    created = pd.Timestamp("2026-02-25") + pd.to_timedelta(random.integers(0, 45 * 24, n), unit="h")
    tickets = pd.DataFrame(
        {
            "ticket_id": np.arange(n),
            "customer_id": random.choice(["a", "b", "c", None], n),
            "type": random.choice(["complaint", " Complaint ", "question"], n),
            "created_at": created,
            "priority": random.choice(["high", "low", None], n),
        }
    )
    steps = []
    for ticket, at in zip(tickets["ticket_id"], created, strict=True):
        if random.random() < 0.1:
            steps.append((ticket, at, "created", "agent", True))
        for _ in range(random.integers(1, 7)):
            at = at + pd.Timedelta(int(random.integers(1, 60)), "h")
            event = random.choice(list(CHANCES), p=list(CHANCES.values()))
            actor = random.choice(["agent"] * 5 + [" Agent", "customer", "machine"])
            steps.append((ticket, at, event, actor, bool(random.random() < 0.8)))
    return tickets, pd.DataFrame(steps, columns=EVENTS)


def open_seconds(start, end):
    """Seconds of the office between two London times, day by day."""
    total = 0.0
    for day in pd.date_range(start.normalize(), end.normalize()):
        if day.weekday() < 5 and day.date() != pd.Timestamp("2026-03-17").date():
            opens, closes = day + pd.Timedelta(9, "h"), day + pd.Timedelta(17, "h")
            total += max((min(end, closes) - max(start, opens)).total_seconds(), 0)
    return total


def reckon(tickets, events, subtract=False):
    """How each ticket of the month was handled, in hours of the office."""
    rows = []
    now = AS_OF.tz_localize(None)
    for ticket in tickets.to_dict("records"):
        start = ticket["created_at"]
        if start.strftime("%Y-%m") != MONTH:
            continue
        own = events[(events["ticket_id"] == ticket["ticket_id"]) & (events["event_at"] >= start)]
        own = own[own["event_at"] < now].assign(
            event=own["event"].str.lower(), agent=own["actor_type"].str.strip().eq("agent")
            | own["actor_type"].str.strip().eq("Agent"),
        )  # fmt: skip
        replies = own[(own["event"] == "reply") & own["agent"] & own["public"]]["event_at"]
        resolved = own[own["event"] == "resolved"]["event_at"]
        reopened = own[own["event"] == "reopened"]["event_at"]
        good = len(resolved) and not (reopened > resolved.max()).any()
        end = resolved.max() if good else now
        wait = 0.0
        if subtract:
            ordered = own.sort_values("event_at")
            times = [*ordered["event_at"], now]
            for place, event in enumerate(ordered["event"]):
                if event == "waiting" and times[place] < end:
                    wait += open_seconds(times[place], min(times[place + 1], end))
        rows.append(
            {
                "complaint": ticket["type"].strip().lower() == "complaint",
                "customer": ticket["customer_id"],
                "by_agent": ((own["event"] == "created") & own["agent"]).any(),
                "response": open_seconds(start, replies.min() if len(replies) else now) / 3600,
                "answered": bool(len(replies)),
                "resolution": (open_seconds(start, end) - wait) / 3600,
                "resolved": bool(good),
                "promised": {"high": 8.0}.get(ticket["priority"], 24.0),
                "age": open_seconds(start, now) / 3600,
            }
        )
    return pd.DataFrame(rows)


def median(hours, ended):
    data = stats.CensoredData(uncensored=hours[ended], right=hours[~ended])
    curve = stats.ecdf(data).sf
    below = curve.quantiles[curve.probabilities <= 0.5 + 1e-12]
    return below[0] if len(below) else None


PROMISE = {"resolution_hours": {"high": 8, "default": 24}}


@pytest.fixture(scope="module")
def generated():
    tickets, events = desk()
    return business(tickets, events, service=PROMISE), reckon(tickets, events)


def test_first_response_is_the_median_over_answered_and_unanswered(generated):
    base, plain = generated
    rows = plain[~plain["by_agent"]]
    value = base.kpi("first_response_time", MONTH)
    assert value.value == pytest.approx(median(rows["response"], rows["answered"]))
    assert value.details["answered"] == rows["answered"].sum()
    assert value.details["open"] == (~rows["answered"]).sum()
    assert value.n == len(rows)
    assert value.low <= value.value


def test_resolution_is_the_median_over_resolved_for_good_and_open(generated):
    base, plain = generated
    value = base.kpi("resolution_time", MONTH)
    assert value.value == pytest.approx(median(plain["resolution"], plain["resolved"]))
    assert value.details["resolved"] == plain["resolved"].sum()
    listed = base.rows("resolution_time", MONTH)
    assert np.allclose(np.sort(listed["resolution_hours"]), np.sort(plain["resolution"]))


def test_waits_for_the_customer_are_taken_off_where_asked():
    tickets, events = desk(seed=3)
    plain = reckon(tickets, events, subtract=True)
    base = business(tickets, events, service=PROMISE | {"subtract_waiting": True})
    listed = base.rows("resolution_time", MONTH)
    assert np.allclose(np.sort(listed["resolution_hours"]), np.sort(plain["resolution"]))


@pytest.mark.parametrize("kpi", ["complaint_resolution", "sla_attainment"])
def test_promises_kept_are_a_share_of_what_is_due(generated, kpi):
    base, plain = generated
    rows = plain[plain["complaint"]] if kpi == "complaint_resolution" else plain
    due = rows[rows["age"] >= rows["promised"]]
    kept = (due["resolved"] & (due["resolution"] <= due["promised"])).sum()
    value = base.kpi(kpi, MONTH)
    assert (value.numerator, value.denominator) == (kept, len(due))
    low, high = wilson(kept, len(due))
    assert (value.low, value.high) == pytest.approx((float(low), float(high)))


def test_complaints_are_a_rate_and_complainants_a_share(generated):
    base, plain = generated
    came = plain[plain["complaint"]]
    rate = base.kpi("complaint_rate", MONTH)
    assert (rate.numerator, rate.denominator) == (len(came), 4)  # four customers all month
    assert rate.value == len(came) / 4 > 1
    low, high = poisson(len(came), 4)
    assert (rate.low, rate.high) == pytest.approx((float(low), float(high)))
    share = base.kpi("complainant_share", MONTH)
    assert (share.numerator, share.denominator) == (came["customer"].nunique(), 4)


def test_the_example_of_the_source_comes_out():
    customers = [f"c{number}" for number in range(1000)]
    tickets = pd.DataFrame(
        {
            "ticket_id": range(50),
            "customer_id": customers[:50],
            "type": "complaint",
            "created_at": "2026-03-10",
        }
    )
    base = quick.opened(
        orders=orders(customers), tickets=tickets, currency="GBP", lapse_window=90,
        as_of=AS_OF.date(),
    )  # fmt: skip
    value = base.kpi("complaint_rate", MONTH)
    assert value.value == 0.05
    assert (round(value.low, 3), round(value.high, 3)) == (0.037, 0.066)
    share = base.kpi("complainant_share", MONTH)
    assert (share.value, share.n) == (0.05, 1000)


def test_complaints_without_a_customer_count_in_the_rate_alone():
    tickets = pd.DataFrame({"ticket_id": [1], "type": ["complaint"], "created_at": ["2026-03-10"]})
    base = business(tickets)
    assert base.kpi("complaint_rate", MONTH).numerator == 1
    share = base.kpi("complainant_share", MONTH)
    assert str(share.status) == "unavailable"
    assert "customer_id in service tickets (tickets)" in share.reason.en
    assert "ticket_events" in base.kpi("resolution_time", MONTH).reason.en


def test_tickets_on_the_last_day_of_a_month_are_in_it_by_the_business_clock():
    base = one(created="2026-03-31 23:30")  # 22:30 in UTC
    assert base.kpi("complaint_rate", MONTH).numerator == 1
    assert base.kpi("complaint_rate", "2026-04").numerator == 0
    base = one(created="2026-04-01 00:30")  # still March in UTC
    assert base.kpi("complaint_rate", MONTH).numerator == 0


@pytest.mark.parametrize(
    ("steps", "hours"),
    [
        ([("2026-03-02 11:00", "reply", "agent")], 1),
        ([("2026-03-02 11:00", "reply", "machine"), ("2026-03-02 12:00", "reply", "agent")], 2),
        ([("2026-03-02 11:00", "reply", "customer"), ("2026-03-02 13:00", "REPLY", "Agent")], 3),
        (
            [(ELEVEN, "reply", "agent", False), ("2026-03-02 14:00", "reply", "agent")],
            4,
        ),
        ([("2026-03-02 10:00", "reply", "agent")], 0),
        ([("2026-03-02 11:00", "note", "agent"), ("2026-03-02 15:00", "reply", "agent")], 5),
    ],
)
def test_the_first_response_is_the_first_public_reply_by_an_agent(steps, hours):
    assert one(*steps).kpi("first_response_time", MONTH).value == hours


def test_a_ticket_made_by_an_agent_waits_for_no_response():
    value = one(("2026-03-02 10:00", "created", "agent")).kpi("first_response_time", MONTH)
    assert (str(value.status), value.details["open"]) == ("undefined", 0)
    again = one(("2026-03-02 10:00", "created", "customer")).kpi("first_response_time", MONTH)
    assert again.details["open"] == 1 and again.value is None


@pytest.mark.parametrize(
    ("steps", "hours", "first"),
    [
        ([("2026-03-03 10:00", "resolved", "agent")], 24, 24),
        (
            [
                ("2026-03-03 10:00", "resolved", "agent"),
                ("2026-03-04 10:00", "reopened", "customer"),
                ("2026-03-05 10:00", "resolved", "agent"),
            ],
            72,
            24,
        ),
        (
            [
                ("2026-03-03 10:00", "resolved", "agent"),
                ("2026-03-04 10:00", "reopened", "customer"),
            ],
            None,
            24,
        ),
        (
            [
                ("2026-03-03 10:00", "resolved", "agent"),
                ("2026-03-03 10:00", "reopened", "customer"),
            ],
            24,
            24,
        ),
    ],
)
def test_a_reopened_ticket_is_resolved_when_it_is_resolved_again(steps, hours, first):
    value = one(*steps).kpi("resolution_time", MONTH)
    assert (value.value, value.details["first_median"]) == (hours, first)


def test_what_happens_once_the_data_are_complete_is_not_known_yet():
    tickets = pd.DataFrame({"ticket_id": [1], "created_at": ["2026-03-02 10:00"]})
    for at, known in (("2026-04-30 23:59", 1), ("2026-05-01 00:01", 0)):
        steps = [(1, ELEVEN, "note", "agent", True), (1, at, "resolved", "agent", True)]
        events = pd.DataFrame(steps, columns=EVENTS)
        value = business(tickets, events, None).kpi("resolution_time", MONTH)
        assert (value.details["resolved"], value.details["open"]) == (known, 1 - known)


def test_the_promise_is_kept_up_to_its_last_minute_and_due_from_its_hour_on():
    kept = one(("2026-03-04 02:00", "resolved", "agent")).kpi("sla_attainment", MONTH)
    late = one(("2026-03-04 02:01", "resolved", "agent")).kpi("sla_attainment", MONTH)
    assert (kept.value, late.value) == (1.0, 0.0)
    # 40 hours before May begins, and a minute less.
    for created, due in (("2026-04-29 08:00", 1), ("2026-04-29 08:01", 0)):
        value = one(created=created).kpi("sla_attainment", "2026-04")
        assert value.denominator == due
        assert str(value.status) == "incomplete"


def test_a_month_is_complete_once_its_last_ticket_is_due():
    assert str(one().kpi("sla_attainment", MONTH).status) == "complete"
    slow = one(service={"resolution_hours": 24 * 30})
    assert str(slow.kpi("sla_attainment", MONTH).status) == "complete"
    slower = one(service={"resolution_hours": 24 * 30 + 1})
    value = slower.kpi("sla_attainment", MONTH)
    assert str(value.status) == "incomplete" and "2026-05-01" in value.reason.en
    # The longest of several promises is waited for, whichever ticket has it.
    for promised in ({"high": 8, "default": 24 * 30 + 1}, {"high": 24 * 30 + 1, "default": 8}):
        base = one(service={"resolution_hours": promised})
        assert str(base.kpi("sla_attainment", MONTH).status) == "incomplete"


def test_notes_say_which_hours_count_where_calendars_are_lacking():
    empty = OFFICE.iloc[:0].astype(object)
    said = one(calendars=empty).kpi("resolution_time", MONTH).notes[0].en
    assert said == "hours of the clock, as no row of calendars says when the desk is open"
    plain = one(service={"resolution_hours": 24}).kpi("sla_attainment", MONTH).notes
    assert plain[0].en == "promised: 24 hours to the resolution"
    # Of two calendars, and none that is the usual one, a ticket that names none follows none.
    both = pd.concat([OFFICE, OFFICE.assign(calendar_id="other")])
    tickets = pd.DataFrame({"ticket_id": [1, 2], "calendar_id": ["office", None],
                            "created_at": "2026-03-02 10:00"})  # fmt: skip
    events = pd.DataFrame([(1, ELEVEN, "note", "agent", True)], columns=EVENTS)
    notes = business(tickets, events, both).kpi("resolution_time", MONTH).notes
    assert [note.en for note in notes] == [
        "hours in which the desk is open, by the calendars office, other",
        "1 ticket follows no calendar and is counted by the clock",
    ]


@pytest.mark.parametrize(
    ("last", "status"), [("2026-03-30", "provisional"), ("2026-03-31", "complete")]
)
def test_a_month_with_holidays_not_decided_yet_is_provisional(monkeypatch, last, status):
    day = pd.Timestamp(last).date()
    monkeypatch.setattr(calendars, "known_to", lambda country: day)
    value = one(calendars=OFFICE, service={"holidays": "VN"}).kpi("sla_attainment", MONTH)
    assert str(value.status) == status
    said = f"public holidays after {last} are not all decided yet"
    assert (value.reason.en if value.reason else value.notes[-1].en) == said


def test_new_york_complaints_same_times_as_an_independent_kaplan_meier(shared_data, tmp_path):
    source = shared_data / "complaints_311.csv"
    columns = 'date_format = "%m/%d/%Y %H:%M"\n'
    (tmp_path / "kpilib.toml").write_text(
        f"""
time_zone = "America/New_York"
currency = "USD"
as_of = 2025-03-15

[orders]
file = "orders.csv"

[tickets]
file = "{source.as_posix()}"
{columns}
[tickets.columns]
ticket_id = "complaint_id"
created_at = "created"

[ticket_events]
file = "{source.as_posix()}"
{columns}
[ticket_events.columns]
ticket_id = "complaint_id"
event_at = "closed"
event = "'resolved'"
[ticket_events.leave_out]
"still open" = "closed IS NULL OR trim(closed) = ''"
"""
    )
    (tmp_path / "orders.csv").write_text("customer_id,ordered_at,amount\n1,2025-01-02,5\n")
    base = kpilib.open(tmp_path / "kpilib.toml")
    value = base.kpi("resolution_time", "2025-02")
    raw = pd.read_csv(source)
    created, closed = (
        pd.to_datetime(raw[name], format="%m/%d/%Y %H:%M").dt.tz_localize("America/New_York")
        for name in ("created", "closed")
    )
    month = created.dt.tz_localize(None).dt.strftime("%Y-%m") == "2025-02"
    good = closed.notna() & (closed >= created)
    end = closed.where(good, pd.Timestamp("2025-03-15", tz="America/New_York"))
    hours = ((end - created).dt.total_seconds() / 3600)[month]
    good = good[month]
    assert value.value == pytest.approx(median(hours, good))
    assert (value.details["resolved"], value.details["open"]) == (good.sum(), (~good).sum())
    assert value.details["open"] > 0
