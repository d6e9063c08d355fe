"""The sentence at the top, and what is good, weak and to be watched."""

import pandas as pd
import pytest

from kpilib.report.month.headline import headline, points
from kpilib.words import Unit
from tests.report.month.conftest import Stand, value

COLUMNS = ["driver", "buyers", "value_before", "value_now", "contribution"]


def bridge(*rows):
    every = [("customers", "new", 10, 10, 0.0), ("orders_each", "new", 1, 1, 0.0),
             ("order_size", "new", 10, 10, 0.0), *rows]  # fmt: skip
    return pd.DataFrame(every, columns=COLUMNS)


ROSE = bridge(
    ("customers", "returning", 100, 130, 300.0),
    ("orders_each", "returning", 1.5, 1.5, 0.0),
    ("order_size", "returning", 10, 8, -180.0),
    ("revenue", "all", 1000, 1120, 120.0),
)


def revenue(now, before, **more):
    return value("revenue", now, before, unit=Unit.MONEY, better="higher", currency="GBP",
                 name="Net revenue", family="sales", **more)  # fmt: skip


def test_it_names_what_did_most_and_what_went_against_it():
    asked = Stand(revenue(1120.0, 1000.0), bridge=ROSE)
    assert headline(asked, "en") == (
        "Revenue rose 12% to £1,120: 30% more returning customers bought, while each order was "
        "20% smaller"
    )


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (1000.0, 1000.0, "Revenue was £1,000, as before"),
        (3000.0, 1000.0, "Revenue rose from £1,000 to £3,000"),
        (500.0, 1000.0, "Revenue fell 50% to £500"),
        (500.0, None, "Revenue was £500"),
        (500.0, -20.0, "Revenue rose from -£20.00 to £500"),
    ],
)
def test_it_says_no_more_than_the_numbers_do(now, before, words):
    assert headline(Stand(revenue(now, before)), "en") == words


def test_a_month_that_is_not_over_is_not_compared():
    asked = Stand(revenue(500.0, 1000.0), as_of=20_000)
    assert headline(asked, "en") == "£500 in revenue so far; October is not over in the data"


def test_without_revenue_it_is_of_customers():
    active = value("customers_active", 120.0, 100.0, unit=Unit.COUNT)
    assert headline(Stand(active), "en") == "120 active customers, after 100"


def test_good_and_weak_are_clear_and_in_the_right_direction():
    values = [
        value("churn_rate", 0.05, 0.08, signal="down", change_low=-0.05, change_high=-0.01),
        value("nps", 30.0, 40.0, unit=Unit.POINTS, better="higher", name="NPS", signal="down",
              change_low=-15.0, change_high=-5.0),
        value("cac", 30.0, 20.0, unit=Unit.MONEY, name="CAC", signal="no clear change",
              change_low=-5.0, change_high=25.0),
    ]  # fmt: skip
    found = {point["head"]: point["text"] for point in points(Stand(*values), "en")}
    assert found == {
        "Good": "Churn rate fell from 8.0% to 5.0%.",
        "Weak": "NPS fell from 40.0 to 30.0.",
        "Watch": "CAC rose from 20.00 to 30.00, though that may be chance.",
    }


def test_where_nothing_is_clear_it_says_so():
    asked = Stand(value(signal="no clear change"))
    assert points(asked, "en") == [{"head": "", "text": "No KPI moved by more than chance."}]


def test_months_too_early_to_judge_are_not_said_to_have_stood_still():
    assert points(Stand(value(signal="too early")), "en") == []


def test_what_returning_customers_brought_out_of_nothing_is_not_put_down_to_new_ones():
    came = bridge(
        ("customers", "returning", 0, 30, 900.0),
        ("orders_each", "returning", float("nan"), 1.0, 0.0),
        ("order_size", "returning", float("nan"), 30.0, 0.0),
        ("revenue", "all", 1000, 1900, 900.0),
    )
    asked = Stand(revenue(1900.0, 1000.0), bridge=came)
    assert headline(asked, "en").endswith(": returning customers brought £900 more")


@pytest.mark.parametrize(
    ("driver", "now", "words"),
    [
        ("orders_each", 1.2, "while returning customers ordered 20% less often"),
        ("order_size", 8.0, "while each order of returning customers was 20% smaller"),
    ],
)
def test_whose_orders_it_speaks_of_is_named(driver, now, words):
    size, each = (8.0, 1.5) if driver == "order_size" else (10.0, now)
    less = {name: -200.0 if name == driver else 0.0 for name in ("orders_each", "order_size")}
    moved = bridge(
        ("customers", "returning", 100, 100, 0.0),
        ("orders_each", "returning", 1.5, each, less["orders_each"]),
        ("order_size", "returning", 10, size, less["order_size"]),
        ("refunds", "all", -500, -100, 400.0),
        ("revenue", "all", 1000, 1200, 200.0),
    )
    said = headline(Stand(revenue(1200.0, 1000.0), bridge=moved), "en")
    assert said == f"Revenue rose 20% to £1,200: £400 less was given back, {words}"
