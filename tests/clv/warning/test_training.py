"""What the warning learns from and is judged by: stretches, outcomes, scores, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier

from kpilib.clv import churn_early_warning, early_warning_deciles, evaluate_early_warning
from kpilib.clv.warning import evaluation, training
from kpilib.clv.warning.training import columns_of, outcomes_of, slices
from kpilib.errors import InputError
from kpilib.periods import Period
from tests import quick
from tests.clv.warning.test_early_warning import AS_OF, CLOSE, made
from tests.clv.warning.test_known import DAY
from tests.clv.warning.test_known import rows as dated


def shop(*bought):
    """Customers by the days before 1 July 2026 on which they bought."""
    pairs = [(f"c{who:03}", day) for who, days in enumerate(bought) for day in days]
    orders = dated("ordered_at", *pairs).assign(amount=10.0, order_id=range(len(pairs)))
    return quick.opened(orders=orders, currency="GBP", activity="purchases", as_of="2026-08-01")


@pytest.mark.parametrize(("back", "gone"), [(50, 50), (49, 60), (60, 49)])
def test_fifty_who_came_back_and_fifty_who_did_not_are_enough(back, gone):
    base = shop(*[(61, 30 - who % 30)[: 1 + (who < back)] for who in range(back + gone)])
    if min(back, gone) >= 50:
        (found,) = slices(base, DAY, 30)
        assert (found.known.day, found.silent.sum()) == (DAY - 30, gone)
    else:
        want = (
            f"of {back + gone} customers in stretches of 30 days {gone} bought nothing and {back}"
        )
        with pytest.raises(InputError, match=want):
            slices(base, DAY, 30)


def test_a_stretch_begins_on_its_day_and_ends_before_the_next(monkeypatch):
    monkeypatch.setattr(training, "ENOUGH", 1)
    base = shop((200, 30), (200, 1), (200, 31), (200, 0), (200, 60), (200, 59), (61,), (30,))
    found = slices(base, DAY, 30)
    assert [one.known.day for one in found] == [DAY - 30, DAY - 60, DAY - 90, DAY - 120]
    first, second = found[:2]
    assert first.known.customers.tolist() == [f"c{who:03}" for who in range(7)]
    assert first.silent.tolist() == [False, False, True, True, True, True, True]
    assert second.silent.tolist() == [True, True, False, True, False, False, True]
    assert outcomes_of(found[:2]).tolist() == [*first.silent, *second.silent]
    both = columns_of(found[:2])
    assert both["recency"][:7] == pytest.approx(np.log1p([170, 170, 1, 170, 30, 29, 31]))
    assert both["recency"][7:] == pytest.approx(np.log1p([140, 140, 140, 140, 140, 140, 1]))


def test_a_stretch_has_as_long_again_of_records_before_it(monkeypatch):
    monkeypatch.setattr(training, "ENOUGH", 1)
    for first, stretches in ((90, 1), (91, 2), (61, 1), (121, 3), (400, 4)):
        found = slices(shop((first, 45, 29), (first, 46)), DAY, 30)
        assert len(found) == stretches, first
    with pytest.raises(InputError, match="of 0 customers in stretches of 30 days 0 bought nothing"):
        slices(shop((60, 45, 20), (60, 46)), DAY, 30)


@pytest.mark.parametrize("days", [0, -5, True, 2.5, "90"])
def test_days_are_a_whole_number_of_one_or_more(days):
    with pytest.raises(
        InputError, match=r"days = .* must be a whole number of at least 1, like 90"
    ):
        slices(shop((9,)), DAY, days)


def test_one_day_is_taken(monkeypatch):
    monkeypatch.setattr(training, "ENOUGH", 1)
    assert len(slices(shop((9, 1), (9, 3, 2), (5, 4)), DAY, 1)) == 4


@pytest.fixture(scope="module")
def orders():
    return made()["orders"]


@pytest.fixture(scope="module")
def base(orders):
    """Without refunds and the like, and with three customers of whom each has a twin."""
    twins = orders[orders["customer_id"].isin([1, 2, 3])]
    more = twins.assign(customer_id=twins["customer_id"] + 9000, order_id=twins["order_id"] + 10**6)
    both = pd.concat([orders, more])
    return quick.opened(orders=both, currency="GBP", activity="purchases", as_of=AS_OF)


@pytest.fixture(scope="module")
def warned(base):
    return churn_early_warning(base, CLOSE)


def test_customers_alike_are_alike_and_stand_by_their_ids(base, warned):
    assert warned.index.tolist() == list(range(len(warned)))
    pd.testing.assert_frame_equal(warned, churn_early_warning(base, CLOSE, days=90))
    place = {who: row for row, who in enumerate(warned["customer_id"])}
    for who in (1, 2, 3):
        if who in place:
            pair = warned.iloc[[place[who], place[who + 9000]]]
            assert place[who + 9000] == place[who] + 1
            assert pair["at_risk"].nunique() == 1
    assert {1, 2, 3} & set(place)


def test_rules_are_judged_by_what_became_of_whom_they_warned_of(base, warned):
    found = evaluate_early_warning(base, CLOSE).set_index("rule")
    bought = base.engine.collect(base.tables["orders"])
    close = Period.parse(CLOSE).end_day
    inside = bought[(bought["ordered_day"] >= close) & (bought["ordered_day"] < close + 90)]
    silent = ~warned["customer_id"].isin(inside["customer_id"])
    ours = found.loc["early warning"]
    assert ours["customers"] == len(warned) and ours["base_rate"] == pytest.approx(silent.mean())
    assert ours["brier"] == pytest.approx(((warned["probability"] - silent) ** 2).mean())
    # The area under the curve is how often who stayed away had the higher score of two.
    for rule, score in (
        ("early warning", warned["probability"]),
        ("days since last purchase", warned["recency"]),
    ):
        gone, back = score[silent].to_numpy()[:, None], score[~silent].to_numpy()
        area = (gone > back).mean() + (gone == back).mean() / 2
        assert found.loc[rule, "auc"] == pytest.approx(area)
    tenths = early_warning_deciles(base, CLOSE)
    total = (tenths["predicted"] * tenths["customers"]).sum()
    assert total == pytest.approx(warned["probability"].sum())
    again = early_warning_deciles(base, CLOSE, days=90)
    pd.testing.assert_frame_equal(tenths, again)
    pd.testing.assert_frame_equal(
        found.reset_index(),
        evaluate_early_warning(base, days=90),  # the latest that is over
    )


def test_the_lifetime_model_s_chance_is_its_own(base):
    judged = evaluation._judged(base, CLOSE, 90)
    life = judged.now.life
    first, last, n = (judged.now.table[name].to_numpy(float) for name in ("first", "last", "n"))
    chance = life.probability_of_n_more_purchases(
        0, 90, n - 1, last - first, judged.now.day - 1 - first
    )
    assert evaluation.RULES["lifetime model"](judged) == pytest.approx(chance, abs=2e-6)


def test_the_challenger_is_tried_where_asked_for_and_calibrated_on_what_it_was_not_trained_on(base):
    rules = evaluate_early_warning(base, CLOSE)["rule"].tolist()
    assert rules == list(evaluation.RULES) and "gradient boosting" not in rules
    judged = evaluation._judged(base, CLOSE, 90)
    latest, before, *_older = judged.learned
    # Its chances on the latest stretch add up to who stayed away in it, as a regression's do.
    same = replace(judged, learned=[latest, before], now=latest.known)
    chance = evaluation.boosted(same)
    assert chance.sum() == pytest.approx(latest.silent.sum(), rel=1e-3)
    # On a line of its log odds (Platt): the chances of any three customers lie on one.
    trees = HistGradientBoostingClassifier(
        max_depth=3, learning_rate=0.1, max_iter=100, min_samples_leaf=50, random_state=0
    )
    columns, now = columns_of([before]), latest.known.columns
    fitted = trees.fit(np.column_stack([*columns.values()]), before.silent)
    odds = fitted.decision_function(np.column_stack([now[name] for name in columns]))
    slope, level = np.polyfit(odds, logit(chance), 1)
    assert slope > 0 and logit(chance) == pytest.approx(level + slope * odds, abs=1e-6)
    with pytest.raises(InputError, match="needs two stretches of days before the close"):
        evaluation.boosted(replace(judged, learned=[latest]))


def test_the_latest_period_is_the_one_whose_days_are_just_over(base):
    """Its last day is 30 September, and the data end with 31 December: 92 days."""
    latest = {days: evaluation._latest(base, days).label for days in (31, 91, 92, 93, 122, 123)}
    assert latest == {
        31: "2025-11", 91: "2025-09", 92: "2025-09", 93: "2025-08",
        122: "2025-08", 123: "2025-07",
    }  # fmt: skip
    longest = evaluation._latest(base, 5000)
    assert longest.start_day <= base.first_day < longest.end_day
    said = "2025-09 over 93 days cannot be judged before 2026-01-02; .* up to 2025-12-31"
    with pytest.raises(InputError, match=said):
        evaluation._judged(base, CLOSE, 93)
    assert evaluation._judged(base, CLOSE, 92).now.day == Period.parse(CLOSE).end_day
