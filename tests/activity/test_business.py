"""Windows and rules of activity, each a day before, on the day and a day after."""

import pandas as pd
import pytest

from kpilib.periods import Period, day_number
from tests import quick


def opened(rows, as_of="2026-05-01", **options):
    columns = ["customer_id", "ordered_at", "amount", "channel"][: len(rows[0])]
    orders = pd.DataFrame(rows, columns=columns)
    options = {"lapse_window": 30} | options
    return quick.opened(orders=orders, as_of=as_of, time_zone="UTC", **options)


@pytest.mark.parametrize(("day", "loyal"), [("03-31", 0), ("04-01", 1), ("04-02", 1)])
def test_the_loyalty_window_reaches_back_its_days_and_no_further(day, loyal):
    """30 days up to the close of April, which is May 1st: from April 1st on."""
    rows = [("A", f"2026-{day}", 1.0), ("A", "2026-04-20", 1.0), ("Z", "2026-01-01", 1.0)]
    base = opened(rows, loyalty={"purchases": 2, "days": 30})
    assert base.kpi("loyal_customers", "2026-04").value == loyal


@pytest.mark.parametrize(("day", "loyal"), [("04-30", 1), ("05-01", 0)])
def test_the_loyalty_window_ends_with_the_period(day, loyal):
    rows = [("A", f"2026-{day}", 1.0), ("A", "2026-04-20", 1.0), ("Z", "2026-01-01", 1.0)]
    base = opened(rows, "2026-06-01", loyalty={"purchases": 2, "days": 30})
    assert base.kpi("loyal_customers", "2026-04").value == loyal


@pytest.mark.parametrize(("day", "at_risk"), [("03-01", 0), ("03-02", 1), ("03-31", 1)])
def test_loyalty_at_the_opening_looks_back_from_the_opening(day, at_risk):
    rows = [("A", f"2026-{day}", 1.0), ("A", "2026-03-31", 1.0), ("Z", "2026-01-01", 1.0)]
    rows[1] = ("A", "2026-03-31" if day != "03-31" else "2026-03-30", 1.0)
    base = opened(rows, loyalty={"purchases": 2, "days": 30})
    assert (base.kpi("loyal_customer_loss_rate", "2026-04").n or 0) == at_risk


@pytest.mark.parametrize(
    ("first", "share"), [("2025-04-30", 1.0), ("2025-05-01", 1.0), ("2025-05-02", 0.0)]
)
def test_long_standing_is_twelve_calendar_months_before_the_close(first, share):
    rows = [("A", first, 1.0), ("A", "2026-04-20", 1.0), ("Z", "2024-01-01", 1.0)]
    assert opened(rows).kpi("long_term_customer_share", "2026-04").value == share


def test_twelve_months_before_a_month_s_last_day_is_that_month_s_last_day():
    rows = [("A", "2023-02-28", 1.0), ("B", "2023-03-01", 1.0), ("Z", "2021-01-01", 1.0)]
    rows += [("A", "2024-02-20", 1.0), ("B", "2024-02-20", 1.0)]
    base = opened(rows, "2024-03-01")
    share = base.kpi("long_term_customer_share", "2024-02-01/2024-02-29")
    assert (share.numerator, share.denominator) == (1, 2)


@pytest.mark.parametrize(("gap", "churn"), [(0, 0.0), (1, 0.0), (2, 1.0)])
def test_a_contract_that_follows_within_a_day_continues(gap, churn):
    """Two days later leaves a midnight without one: lost, and back."""
    end = pd.Timestamp("2026-02-10")
    table = pd.DataFrame(
        {
            "customer_id": ["A", "A"],
            "started_at": [pd.Timestamp("2026-01-05"), end + pd.Timedelta(days=gap)],
            "ended_at": [end, pd.NaT],
        }
    )
    base = quick.opened(subscriptions=table, time_zone="UTC", as_of="2026-04-01")
    period = f"2026-02-01/{(end + pd.Timedelta(days=1)).date()}"
    assert base.kpi("churn_rate", period).value == churn
    states = {one.segment: one.value for one in base.kpi("customer_ledger", "2026-02")}
    assert states["lost"] == 0 and states["closing"] == 1


def test_an_attribute_is_that_of_the_first_order_not_the_last():
    rows = [
        ("A", "2026-03-01 10:00", 1.0, "web"),
        ("A", "2026-03-01 09:00", 1.0, "shop"),
        ("A", "2026-04-05", 1.0, "post"),
        ("B", "2026-04-05 08:00:01", 1.0, "web"),
        ("B", "2026-04-05 08:00:00", 1.0, None),
    ]
    table = opened(rows).kpi("buyers", "2026-04", by="channel")
    assert {one.segment: one.value for one in table} == {"shop": 1, "(missing)": 1}


@pytest.mark.parametrize(("day", "lost"), [("2026-03-31", 1.0), ("2026-04-01", 0.0)])
def test_a_purchase_keeps_its_customer_to_the_end_of_the_window(day, lost):
    """Of April 1st and 30 days: active at the midnight of May 1st, and no later."""
    rows = [("A", day, 1.0), ("Z", "2026-01-01", 1.0)]
    base = opened(rows)
    assert base.kpi("lost_customers", "2026-04").value == lost


@pytest.mark.parametrize(("back", "rate"), [("04-30", 0.0), ("05-01", 0.0), ("05-02", 1.0)])
def test_a_first_buyer_is_given_the_whole_window_to_come_back(back, rate):
    rows = [("A", "2026-04-01", 1.0), ("A", f"2026-{back}", 1.0), ("Z", "2026-01-01", 1.0)]
    base = opened(rows, "2026-08-01")
    assert base.kpi("first_purchase_loss_rate", "2026-04").value == rate


@pytest.mark.parametrize(("as_of", "watched"), [("2026-05-01", 0), ("2026-05-02", 1)])
def test_a_first_buyer_counts_once_watched_for_the_window(as_of, watched):
    rows = [("A", "2026-04-01", 1.0), ("Z", "2026-01-01", 1.0)]
    value = opened(rows, as_of).kpi("first_purchase_loss_rate", "2026-04")
    assert (value.denominator or 0) == watched


def test_the_default_window_reaches_the_ninetieth_percentile_exactly():
    """Nine gaps of ten days and one of 20: at the 90th percentile of ten, not at the 80th."""
    start = pd.Timestamp("2026-01-01")
    days = {f"c{i}": 10 for i in range(8)} | {"c8": 15, "c9": 20}
    rows = [(who, start + pd.Timedelta(days=day), 1.0) for who, gap in days.items()
            for day in (0, gap)]  # fmt: skip
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    base = quick.opened(orders=orders, as_of=(start + pd.Timedelta(days=21)).date())
    assert base.lapse_window.days > 10


# The tables that KPIs share, row by row against loops over the orders

LOYAL, WITHIN_DAYS = 2, 40
MONTHS = tuple(Period.month(f"2026-0{month}") for month in (3, 4, 5))
CLOSED = pd.Timestamp("2026-05-20")
"""The records end within the last of the months."""


@pytest.fixture(scope="module", params=[10, 30, 45])
def window(request):
    """Lapse windows below, within and above the lengths of the months."""
    return request.param


@pytest.fixture(scope="module")
def histories(window):
    """Purchases about the edges of the months, of the window and of the loyalty rule."""
    edges = [pd.Timestamp(f"2026-0{month}-01") for month in (3, 4, 5)] + [CLOSED]
    steps = [edge + pd.Timedelta(days=d) for edge in edges for d in (-1, 0, 1)]
    back = [0, window - 1, window, window + 1, WITHIN_DAYS - 1, WITHIN_DAYS, WITHIN_DAYS + 1]
    found = {"Z": {pd.Timestamp("2025-06-01")}}
    for number, (day, days) in enumerate((day, days) for day in steps for days in back):
        found[f"c{number}"] = {day - pd.Timedelta(days=n * days) for n in range(number % 2 + 2)}
    return {who: sorted(day for day in own if day < CLOSED) for who, own in found.items()}


@pytest.fixture(scope="module")
def edged(histories, window):
    rows = [(who, day, 2.0) for who, own in histories.items() for day in own]
    rows += [rows[5]]  # twice on a day is one purchase
    loyalty = {"purchases": LOYAL, "days": WITHIN_DAYS}
    return opened(rows, CLOSED.date(), lapse_window=window, loyalty=loyalty)


def shared(base, name):
    table = base.engine.collect(getattr(base, name)(MONTHS))
    keyed = table.sort_values(["period", "customer_id"]).set_index(["period", "customer_id"])
    return keyed.to_dict("index")


def spans(own, window):
    """The spells of one customer: first and last day, and how long each is."""
    found = []
    for day in own:
        if found and (day - found[-1][1]).days <= window:
            found[-1][1] = day
        else:
            found.append([day, day])
    return [(start, end + pd.Timedelta(days=window)) for start, end in found]


def windows():
    for place, month in enumerate(MONTHS):
        yield place, pd.Timestamp(month.start), min(pd.Timestamp(month.end), CLOSED)


def test_buyers_and_those_frequent_are_those_of_a_loop(edged, histories):
    buyers, frequent = shared(edged, "buyers"), shared(edged, "frequent")
    for place, opens, closes in windows():
        for who, own in histories.items():
            n = sum(opens <= day < closes for day in own)
            assert ((place, who) in buyers) == (n > 0)
            if n:
                row = buyers[place, who]
                assert row["purchases"] == n and row["first_day"] == day_number(own[0].date())
                assert (row["opens"], row["closes"]) == tuple(
                    day_number(one.date()) for one in (opens, closes)
                )
            since = closes - pd.Timedelta(days=WITHIN_DAYS)
            recent = sum(since <= day < closes for day in own)
            assert ((place, who) in frequent) == (recent > 0)
            if recent:
                row = frequent[place, who]
                assert row["bought"] == sum(day < closes for day in own)
                assert row["loyal"] == (recent >= LOYAL)


@pytest.mark.parametrize("days", [1, 30, 75])
def test_who_had_a_row_lately_is_who_a_loop_finds(edged, histories, days):
    """On so many days up to the close of each period, whatever order they are asked in."""
    asked = (MONTHS[2], MONTHS[0], MONTHS[1])
    rows = edged.engine.collect(edged.lately(edged.purchases, asked, days))
    ends = [min(pd.Timestamp(month.end), CLOSED) for month in asked]
    assert sorted(zip(rows["period"], rows["customer_id"], strict=True)) == sorted(
        (place, who)
        for place, closes in enumerate(ends)
        for who, own in histories.items()
        if any(closes - pd.Timedelta(days=days) <= day < closes for day in own)
    )


def test_active_days_and_lifetimes_are_those_of_a_loop(edged, histories, window):
    activity, lifetimes = shared(edged, "activity"), shared(edged, "lifetimes")
    for place, opens, closes in windows():
        seen_until = closes - pd.Timedelta(days=1)
        for who, own in histories.items():
            lives = spans(own, window)
            days = sum(
                max((min(stop, closes) - max(start, opens)).days, 0) for start, stop in lives
            )
            bought = sum(opens <= day < closes for day in own)
            row = activity.get((place, who), {"active_days": 0, "purchases": 0, "amount": 0.0})
            assert (row["active_days"], row["purchases"]) == (days, bought), (place, who)
            assert row["amount"] == 2.0 * bought
            begun = [(start, stop) for start, stop in lives if start < closes]
            assert ((place, who) in lifetimes) == bool(begun)
            if begun:
                row, last = lifetimes[place, who], begun[-1][1]
                seen = [(start, min(stop, seen_until)) for start, stop in begun]
                assert row["lasted"] == (seen[-1][1] - own[0]).days
                assert row["active"] == sum((stop - start).days for start, stop in seen)
                assert row["ended"] == (last < closes)


@pytest.mark.parametrize("window", [10, 45])
def test_money_back_is_of_its_month_also_where_its_customer_is_no_longer_active(window):
    orders = [("A", "2026-01-05", 50.0), ("B", "2026-04-05", 40.0), ("C", "2026-03-25", 7.0)]
    table = pd.DataFrame(
        [("A", "2026-04-10", 3.0), ("B", "2026-04-20", 2.0), ("B", "2026-05-01", 1.0)],
        columns=["customer_id", "refunded_at", "amount"],
    )
    base = opened(orders, CLOSED.date(), lapse_window=window, refunds=table)
    april = shared(base, "activity")
    found = {who: tuple(row.values()) for (place, who), row in april.items() if place == 1}
    assert found["A"] == (0, 0, -3.0)
    assert found["B"] == (min(window, 26), 1, 38.0)
    assert found["C"] == (3 if window == 10 else 30, 0, 0.0)
    spent = {who: row["amount"] for (place, who), row in shared(base, "spent_so_far").items()
             if place == 1}  # fmt: skip
    assert spent == {"A": 47.0, "B": 38.0, "C": 7.0}


def test_periods_of_several_lengths_have_the_ledger_of_each():
    """One of them is longer than the window: who lapsed in it and came again is in it once."""
    base = opened([("A", f"2026-{day}", 1.0) for day in ("01-05", "02-20", "03-31")])
    short, long = Period.parse("2026-03-01/2026-03-11"), Period.parse("2026-01-01/2026-04-01")
    both = base.engine.collect(base.ledger((short, long))).set_index("period").sort_index()
    for place, one in enumerate((short, long)):
        alone = base.engine.collect(base.ledger((one,)))
        assert both.loc[[place], alone.columns.drop("period")].to_dict("list") == alone.drop(
            columns="period"
        ).to_dict("list")


def test_standing_at_the_opening_is_that_of_a_loop(edged, histories, window):
    standing, spent = shared(edged, "standing"), shared(edged, "spent_so_far")
    amounts = edged.engine.collect(edged.purchases).groupby("customer_id")["amount"].sum()
    for place, opens, closes in windows():
        for who, own in histories.items():
            opening = any(start < opens <= stop for start, stop in spans(own, window))
            there = any(start < closes and stop >= opens for start, stop in spans(own, window))
            assert ((place, who) in standing) == there
            if there:
                row = standing[place, who]
                until = opens if opening else closes
                since = opens - pd.Timedelta(days=WITHIN_DAYS)
                assert row["opening"] == opening
                if opening or row["lost"]:
                    assert row["bought"] == sum(day < until for day in own)
                else:
                    assert pd.isna(row["bought"])
                recent = sum(since <= day < opens for day in own)
                assert row["loyal"] == (opening and recent >= LOYAL), (place, who)
            before = sum(day < closes for day in own)
            assert ((place, who) in spent) == (before > 0)
            if before and before == len(own):
                assert spent[place, who]["amount"] == amounts[who]


def test_standing_of_who_is_active_by_contract_counts_what_they_bought():
    """A bought long ago, B within the rule's days, C never; D comes in April and goes."""
    orders = pd.DataFrame(
        [("A", "2025-01-05"), ("A", "2025-02-05"), ("B", "2026-03-20"), ("D", "2026-04-07")],
        columns=["customer_id", "ordered_at"],
    )
    contracts = pd.DataFrame(
        [("A", "2025-01-01", None), ("B", "2026-01-01", None), ("C", "2026-01-01", "2026-04-20"),
         ("D", "2026-04-05", "2026-04-25"), ("E", "2026-04-05", None)],
        columns=["customer_id", "started_at", "ended_at"],
    )  # fmt: skip
    base = quick.opened(
        orders=orders.assign(amount=5.0),
        subscriptions=contracts,
        activity="subscriptions",
        loyalty={"purchases": 1, "days": WITHIN_DAYS},
        time_zone="UTC",
        as_of="2026-06-01",
    )
    rows = {who: row for (place, who), row in shared(base, "standing").items() if place == 1}
    assert {who: row["loyal"] for who, row in rows.items()} == {
        "A": False, "B": True, "C": False, "D": False, "E": False,
    }  # fmt: skip
    assert [rows[who]["bought"] for who in "ABCD"] == [2, 1, 0, 1]
    assert pd.isna(rows["E"]["bought"])


def test_what_was_spent_so_far_is_of_customers_and_less_what_they_got_back():
    orders = pd.DataFrame({"customer_id": ["A", "B"], "ordered_at": ["2026-03-05", "2026-04-30"]})
    refunds = pd.DataFrame(
        {
            "customer_id": ["A", "B", "C"],
            "refunded_at": ["2026-04-30", "2026-03-02", "2026-03-02"],
            "amount": [2.0, 1.0, 9.0],
        }
    )
    base = quick.opened(
        orders=orders.assign(amount=5.0),
        refunds=refunds,
        lapse_window=30,
        time_zone="UTC",
        as_of="2026-05-20",
    )
    spent = {key: row["amount"] for key, row in shared(base, "spent_so_far").items()}
    # What B got back came before the first purchase; C never bought.
    assert spent == {(0, "A"): 5.0, (1, "A"): 3.0, (1, "B"): 4.0, (2, "A"): 3.0, (2, "B"): 4.0}


def test_events_have_the_columns_of_their_table_the_day_and_the_period():
    base = opened([("A", "2026-03-05", 1.0)])
    events = base.events("orders", (Period.month("2026-03"), Period.month("2026-04")))
    own = base.table("orders").collect_schema().names()
    assert sorted(events.collect_schema().names()) == sorted(
        [*own, "day", "period", "opens", "closes"]
    )
