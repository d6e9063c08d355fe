"""The status rule, each boundary a day before, on and after it; and what is said to be lacking."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pytest

from kpilib.periods import Period
from kpilib.questions.availability import (
    absent,
    is_bound,
    needs,
    observed,
    settled,
    state,
    unseen,
)
from kpilib.questions.values import Status
from kpilib.registry.observed import Unobserved
from kpilib.words import Text
from tests import quick

FIRST, CONTRACTED, END = date(2026, 1, 10), date(2026, 1, 4), date(2026, 4, 20)
SETTLE = 5
WHY = Text("the records are too short")

ORDERS = pd.DataFrame(
    {"customer_id": ["A", "B", "A"], "ordered_at": [FIRST, date(2026, 2, 3), date(2026, 3, 8)]}
).assign(amount=10.0)
CONTRACTS = pd.DataFrame({"customer_id": ["A"], "started_at": [CONTRACTED]})


@dataclass
class Asked:
    """A KPI as the rule sees one."""

    tables: tuple[str, ...] = ("orders",)
    columns: tuple[str, ...] | Callable = ()
    until: Callable | None = None
    contracts: bool = False
    observed_from: Callable | None = None


def opened(**tables):
    options = {"lapse_window": 30, "settle_days": SETTLE, "as_of": END, "time_zone": "UTC"}
    return quick.opened(**tables, **options)


@pytest.fixture(scope="module")
def base():
    return opened(orders=ORDERS)


@pytest.fixture(scope="module")
def both():
    """Orders make customers active, and there is a contract from before the first."""
    return opened(orders=ORDERS, subscriptions=CONTRACTS, activity="purchases")


@pytest.fixture(scope="module")
def contracts():
    return opened(subscriptions=CONTRACTS)


def days(opens: date, closes: date) -> Period:
    return Period.parse(f"{opens}/{closes}")


def after(day: date, count: int) -> date:
    return day + timedelta(days=count)


def until_ten_days_later(base, period):
    return period.end_day + 10


def rule(bound: bool):
    return lambda base, period: Unobserved(WHY, bound=bound)


@pytest.mark.parametrize(
    ("before_the_end", "status"),
    [
        (-1, Status.INCOMPLETE),
        (0, Status.PROVISIONAL),
        (SETTLE - 1, Status.PROVISIONAL),
        (SETTLE, Status.COMPLETE),
        (SETTLE + 1, Status.COMPLETE),
    ],
)
@pytest.mark.parametrize(("waits", "until"), [(0, None), (10, until_ten_days_later)])
def test_complete_once_the_data_reach_as_far_as_it_waits_and_have_settled(
    base, before_the_end, status, waits, until
):
    needed = after(END, -before_the_end)
    period = days(date(2026, 3, 1), after(needed, -waits))
    found, why = settled(base, Asked(until=until), period)
    said = {
        Status.INCOMPLETE: (
            f"needs the data up to {after(needed, -1)}; they are complete up to {after(END, -1)}"
        ),
        Status.PROVISIONAL: f"rows may still arrive until {after(needed, SETTLE)}",
        Status.COMPLETE: None,
    }
    assert (found, why and why.en) == (status, said[status])
    assert state(base, Asked(until=until), period) == (found, why)


@pytest.mark.parametrize(
    ("after_the_end", "status"), [(-1, None), (0, Status.INCOMPLETE), (1, Status.INCOMPLETE)]
)
def test_a_period_that_has_not_begun_is_incomplete(base, after_the_end, status):
    period = days(after(END, after_the_end), date(2026, 6, 1))
    found = unseen(base, period, Asked())
    assert (found and found[0]) == status
    if found:
        said = f"the data end before {END}, and the period has not begun by then"
        assert found[1].en == said
        assert state(base, Asked(), period) == found


ALONE = Asked(tables=("subscriptions",))
WITH_ORDERS = Asked(tables=("subscriptions", "orders"))


@pytest.mark.parametrize(
    ("asked", "begins"),
    [(None, FIRST), (Asked(), FIRST), (WITH_ORDERS, FIRST), (ALONE, CONTRACTED)],
)
@pytest.mark.parametrize(("closes", "seen"), [(-1, False), (0, False), (1, True)])
def test_a_period_before_the_records_is_undefined(both, asked, begins, closes, seen):
    period = days(date(2025, 12, 1), after(begins, closes))
    found = unseen(both, period, asked)
    assert (found is None) == seen
    if found:
        assert found[0] is Status.UNDEFINED
        assert found[1].en == f"the data begin on {begins}, after the period"


def test_contracts_that_begin_later_than_orders_change_nothing():
    later = CONTRACTS.assign(started_at=[after(FIRST, 5)])
    base = opened(orders=ORDERS, subscriptions=later, activity="purchases")
    assert unseen(base, days(date(2025, 12, 1), after(FIRST, 1)), ALONE) is None


@pytest.mark.parametrize(
    ("asked", "lacks", "said"),
    [
        (Asked(), (), None),
        (
            Asked(("orders", "tickets")),
            ("tickets",),
            "records that were not given: service tickets (tickets)",
        ),
        (
            Asked(("tickets", "orders", "campaigns")),
            ("tickets", "campaigns"),
            "records that were not given: service tickets (tickets), campaigns",
        ),
        (
            Asked(columns=("orders.channel",)),
            ("orders.channel",),
            "the column channel in orders; map one to it",
        ),
        (Asked(columns=("orders.ordered_at",)), (), None),
        (
            Asked(columns=("orders.channel", "tickets.type")),
            ("tickets", "orders.channel"),
            "records that were not given: service tickets (tickets)",
        ),
        (
            Asked(columns=lambda base: ("orders.status",)),
            ("orders.status",),
            "the column status in orders; map one to it",
        ),
        (Asked(contracts=True, tables=("orders", "subscriptions")), ("subscriptions",), None),
    ],
)
def test_what_is_lacking_is_named(base, asked, lacks, said):
    assert needs(base, asked) == lacks
    why = absent(base, asked)
    if said:
        assert why.en == f"needs {said}"
        assert state(base, asked, Period.month("2026-02")) == (Status.UNAVAILABLE, why)
    assert (why is None) == (not lacks)


def test_contracts_stand_in_for_orders_where_they_make_customers_active(both, contracts):
    assert needs(contracts, Asked(contracts=True)) == ()
    assert needs(contracts, Asked()) == ("orders",)
    assert needs(opened(orders=ORDERS), Asked(("subscriptions",), contracts=True)) == (
        "subscriptions",
    )
    assert needs(both, Asked(contracts=True)) == ()


def test_what_is_unavailable_is_so_whatever_the_period(base):
    lacking = Asked(tables=("tickets",), observed_from=rule(bound=False))
    for month in ("2025-01", "2026-02", "2027-01"):
        assert state(base, lacking, Period.month(month))[0] is Status.UNAVAILABLE


SETTLED = days(after(FIRST, 20), after(END, -SETTLE))
SETTLING = days(after(FIRST, 20), END)
RUNNING = days(after(FIRST, 20), after(END, 1))


@pytest.mark.parametrize(
    ("period", "bound", "status", "ours", "measured"),
    [
        (SETTLED, False, Status.UNDEFINED, True, False),
        (SETTLING, False, Status.UNDEFINED, True, False),
        (RUNNING, False, Status.UNDEFINED, True, False),
        (SETTLED, True, Status.PROVISIONAL, True, False),
        (SETTLING, True, Status.PROVISIONAL, False, True),
        (RUNNING, True, Status.INCOMPLETE, False, True),
    ],
)
def test_what_cannot_be_observed_is_undefined_or_a_bound(
    base, period, bound, status, ours, measured
):
    asked = Asked(observed_from=rule(bound))
    found, why = observed(base, asked, period)
    assert found is status and (why == WHY) == ours
    assert is_bound(base, asked, period) != measured


@pytest.mark.parametrize(("opens", "bounded"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize(
    ("asked", "of_orders"),
    [
        (Asked(), True),
        (Asked(("tickets",), contracts=True), True),
        (Asked(("tickets",)), False),
        (Asked(observed_from=lambda base, period: None), True),
    ],
)
def test_records_that_begin_within_a_period_only_bound_it(base, asked, of_orders, opens, bounded):
    period = days(after(FIRST, opens), date(2026, 3, 1))
    found, why = observed(base, asked, period)
    if bounded and of_orders:
        assert found is Status.PROVISIONAL
        assert why.en == f"the records begin on {FIRST}, within the period"
    else:
        assert (found, why) == (Status.COMPLETE, None)
    assert is_bound(base, asked, period) == (bounded and of_orders)


def test_the_rule_of_a_definition_comes_before_that_of_all(base):
    period = days(after(FIRST, -1), date(2026, 3, 1))
    assert observed(base, Asked(observed_from=rule(bound=True)), period)[1] == WHY
