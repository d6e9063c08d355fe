"""The tables to look at a model by, against the model itself, scipy's laws and plain counting."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.clv import BGNBD, SBG, GammaGamma, ParetoNBD
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.value import views
from kpilib.clv.value.worth import units
from kpilib.errors import InputError
from tests import quick

BG = BGNBD(0.6, 40.0, 0.7, 2.5)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)


def test_the_matrix_holds_every_history_that_can_be():
    table = views.frequency_recency(BG, 270, days=90, most=4)
    assert table["frequency"].unique().tolist() == [0, 1, 2, 3, 4]
    recency = np.linspace(0, 270, 60)
    assert len(table) == 5 * 60
    for frequency, some in table.groupby("frequency"):
        assert some["recency"].to_numpy() == pytest.approx(recency)
        can_be = (recency == 0) == (frequency == 0)
        assert some["probability_alive"].notna().tolist() == can_be.tolist()
        some = some[can_be]
        history = (frequency, some["recency"].to_numpy(), 270)
        assert some["probability_alive"].to_numpy() == pytest.approx(BG.probability_alive(*history))
        assert some["expected_purchases"].to_numpy() == pytest.approx(
            BG.expected_purchases(90, *history)
        )
    assert table.attrs.items() >= {"T": 270, "days": 90, "model": "BGNBD"}.items()


def test_where_nothing_is_said_it_is_twenty_purchases_and_a_year():
    table = views.frequency_recency(BG, 270)
    assert (table["frequency"].max(), table.attrs["days"]) == (20, 365)
    weeks = views.frequency_recency(BG.in_unit("weeks"), 270)
    pd.testing.assert_frame_equal(table, weeks)
    schedule = Schedule.until("12 months", start=date(2026, 1, 1))
    assert views.iso_value(BG, SPEND, 270, schedule)["frequency"].max() == 20


def test_iso_value_is_of_customers_who_spend_the_average():
    schedule = Schedule.until("12 months", start=date(2026, 1, 1), discount_rate=0.2)
    table = views.iso_value(BG, SPEND, 270, schedule, most=3)
    for row in (table.iloc[0], table.iloc[90], table.iloc[-1]):
        history = [np.array([one]) for one in (row["frequency"], row["recency"], 270.0)]
        worth = units(BG, schedule, *history).within
        spend = SPEND.expected_spend(row["frequency"], SPEND.mean_spend)
        assert row["value"] == pytest.approx(float(worth[0] * spend))
    impossible = (table["frequency"] == 0) != (table["recency"] == 0)
    assert table["value"].isna().tolist() == impossible.tolist()
    assert table.attrs.items() >= {"T": 270, "days": 365, "model": "BGNBD"}.items()


def test_an_age_and_a_model_that_cannot_be_are_refused():
    for age in (0, -1, np.nan):
        with pytest.raises(InputError, match="give an age in days above 0"):
            views.frequency_recency(BG, age)
    assert len(views.frequency_recency(BG, 0.5, most=0)) == 60
    with pytest.raises(InputError, match="of which SBG knows nothing"):
        views.frequency_recency(SBG(0.7, 3.1), 270)


@pytest.mark.parametrize(
    ("model", "spend", "laws"),
    [
        (BG, SPEND, {
            "rate": stats.gamma(0.6, scale=365.25 / 40), "leaving": stats.beta(0.7, 2.5),
            "spend": stats.invgamma(3.74, scale=6.25 * 15.44),
        }),
        (ParetoNBD(0.6, 40.0, 0.8, 90.0).in_unit("weeks"), None, {
            "rate": stats.gamma(0.6, scale=365.25 / 40),
            "dropout": stats.gamma(0.8, scale=365.25 / 90),
        }),
        (SBG(0.7, 3.1), None, {"ending": stats.beta(0.7, 3.1)}),
    ],
)  # fmt: skip
def test_traits_have_the_densities_of_their_laws(model, spend, laws):
    table = views.heterogeneity(model, spend)
    assert table["trait"].unique().tolist() == list(laws)
    assert table.index.tolist() == list(range(200 * len(laws)))
    for trait, law in laws.items():
        some = table[table["trait"] == trait]
        x = some["x"].to_numpy()
        assert x == pytest.approx(np.linspace(*law.ppf([0.005, 0.99]), 200))
        assert some["density"].to_numpy() == pytest.approx(law.pdf(x))
        assert some["cumulative"].to_numpy() == pytest.approx(law.cdf(x))


ORDERS = (
    # A: four days, the longest silence 60; B: four days, 50; C: two days with a silence of 100;
    # D: five days, 60 as well; E: once.
    ("A", "2025-01-01"), ("A", "2025-01-11"), ("A", "2025-03-12"), ("A", "2025-03-15"),
    ("B", "2025-01-02"), ("B", "2025-01-05"), ("B", "2025-01-10"), ("B", "2025-03-01"),
    ("C", "2025-01-03"), ("C", "2025-04-13"),
    ("D", "2025-01-04"), ("D", "2025-01-05"), ("D", "2025-01-06"), ("D", "2025-01-07"),
    ("D", "2025-03-08"), ("E", "2025-01-05"),
)  # fmt: skip


def small(rows=ORDERS):
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at"])
    table["amount"] = np.arange(len(table)) + 5.0
    return quick.opened(orders=table, as_of=date(2025, 5, 1), time_zone="UTC")


def test_one_customer_day_by_day_as_it_looked_on_that_day():
    table = views.customer_life(small(), "B", model=BG)
    days = [date.fromisoformat(day) for who, day in ORDERS if who == "B"]
    assert table["date"].tolist() == [
        one.date() for one in pd.date_range(days[0], "2025-04-30", freq="D")
    ]
    assert table.loc[table["purchase"], "date"].tolist() == days
    amounts = table.set_index("date")["amount"]
    assert amounts[days].tolist() == [9, 10, 11, 12] and amounts.sum() == 42
    for day, alive in zip(table["date"], table["probability_alive"], strict=True):
        so_far = [one for one in days if one <= day]
        history = (len(so_far) - 1, (so_far[-1] - days[0]).days, (day - days[0]).days)
        assert alive == pytest.approx(float(BG.probability_alive(*history)))
    assert table.attrs.items() >= {"customer_id": "B", "model": "BGNBD"}.items()


def test_nothing_is_known_of_purchases_at_or_after_until():
    table = views.customer_life(small(), "B", model=BG, until=date(2025, 3, 1))
    assert table["date"].iloc[-1] == date(2025, 2, 28)
    assert table["purchase"].sum() == 3
    with pytest.raises(InputError, match="customer 'C' has no purchase before 2025-01-03"):
        views.customer_life(small(), "C", model=BG, until=date(2025, 1, 3))


@pytest.mark.parametrize(
    ("leave_out", "until", "found"),
    [("", None, "A"), ("A", None, "D"), ("AD", None, "B"), ("ABD", None, "C"), ("ABCD", None, "E"),
     ("AD", date(2025, 3, 1), "C")],
)  # fmt: skip
def test_who_came_back_after_the_longest_silence_is_shown(leave_out, until, found):
    """Of those with three repeat purchases or more, where there are any; ties by their names."""
    rows = [row for row in ORDERS if row[0] not in leave_out]
    if until:
        rows.append(("C", "2025-02-12"))  # twice within reach, against B's three days by then
        rows = [row for row in rows if row[0] != "E"]
    table = views.customer_life(small(rows), model=BG, until=until)
    assert table.attrs["customer_id"] == found


def test_what_was_predicted_beside_what_came_by_frequency():
    base = small()
    split = date(2025, 3, 1)
    table = views.holdout_by_frequency(base, split, model=BG, most=2).set_index("frequency")
    # By March: A and C 1 and 0 repeats, B 2, D 3, E 0; then came A twice, B, C and D once.
    assert table["customers"].to_dict() == {0: 2, 1: 1, 2: 2}
    assert table["actual"].to_dict() == {0: 0.5, 1: 2, 2: 1}
    days = (date(2025, 5, 1) - split).days
    began = {who: date(2025, 1, place + 1) for place, who in enumerate("ABCDE")}
    ages = {who: (split - day).days - 1 for who, day in began.items()}
    expected = BG.expected_purchases(days, [2, 3], [8, 3], [ages["B"], ages["D"]])
    assert table.loc[2, "predicted"] == pytest.approx(expected.mean())
    assert table.attrs.items() >= {"most": 2, "days": days, "model": "BGNBD"}.items()
    short = views.holdout_by_frequency(base, split, model=BG, until=date(2025, 3, 12), most=9)
    assert short.set_index("frequency")["actual"].to_dict() == {0: 0, 1: 0, 2: 1, 3: 1}


def test_where_nothing_is_said_seven_purchases_and_more_are_one_row():
    days = pd.date_range("2025-01-01", periods=12, freq="D")
    rows = [(f"c{n}", day) for n in range(10) for day in days[: n + 1]]
    table = views.holdout_by_frequency(small(rows), date(2025, 3, 1), model=BG)
    assert table["frequency"].tolist() == list(range(8))
    assert table["customers"].tolist() == [1] * 7 + [3]


@pytest.mark.parametrize("values", [[3.0, 1.0, 0.0, 6.0], [5.0], [1.0] * 400, [0.3, 0.2]])
def test_the_best_customers_hold_so_much_of_the_value(values):
    """Against the plain area: the best so many of a hundred, the last of them in part."""
    table = views.concentration(pd.Series(values))
    ranked = sorted(values, reverse=True)
    assert table["customers"].tolist() == pytest.approx([k / 100 for k in range(101)])
    for k in range(101):
        many = k * len(values) / 100
        held = sum(one * min(max(many - place, 0), 1) for place, one in enumerate(ranked))
        assert table.loc[k, "value"] == pytest.approx(held / sum(values))
    assert views.concentration(pd.Series([0.0, 0.0]))["value"].isna().all()
    assert views.concentration(pd.Series([5.0, -10.0]))["value"].isna().all()


def test_who_came_back_on_the_next_day_came_back():
    rows = [("A", "2025-01-01"), ("B", "2025-01-01"), ("B", "2025-01-02")]
    assert views.customer_life(small(rows), model=BG).attrs["customer_id"] == "B"
