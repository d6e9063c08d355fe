"""The early warning on the demo business: nothing from the future, better than simple rules."""

import sys

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.clv import churn_early_warning, early_warning_deciles, evaluate_early_warning
from kpilib.clv.warning.features import GROUPS, snapshot
from kpilib.clv.warning.known import known_before
from kpilib.clv.warning.reasons import group_terms
from kpilib.clv.warning.training import slices, train
from kpilib.errors import InputError
from kpilib.periods import Period
from tests import quick
from tests.generate import bgnbd_purchases
from tests.quick import tiny_shop

AS_OF = "2026-01-01"
CLOSE = "2025-09"  # closes on 1 October
TABLES = {
    "interactions": "event_at",
    "tickets": "created_at",
    "survey_responses": "responded_at",
    "email_events": "event_at",
    "subscriptions": "started_at",
    "refunds": "refunded_at",
    "orders": "ordered_at",
}


def made(seed=1, customers=600):
    """Two years of a BG/NBD business, and what else is recorded of its customers."""
    random = np.random.default_rng(seed)
    orders = bgnbd_purchases(
        customers, 731, r=1.1, alpha=46.0, a=0.85, b=4.6, arrivals=500, seed=seed
    )
    orders = orders.assign(order_id=np.arange(len(orders)))

    def rows(n, column, **more):
        days = random.integers(0, 731, n)
        at = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")
        who = random.integers(1, customers + 1, n)
        return pd.DataFrame({"customer_id": who, column: at, **more})

    mails = rows(1500, "event_at", message_id=np.arange(1500), event="delivered")
    opened = mails.iloc[::3].assign(event="opened", machine_open=False)
    bought = orders.iloc[::40]
    contracts = rows(200, "started_at", mrr=10.0)
    ended = contracts["started_at"] + pd.Timedelta(120, "D")
    return {
        "orders": orders,
        "refunds": pd.DataFrame(
            {
                "order_id": bought["order_id"],
                "refunded_at": bought["ordered_at"] + pd.Timedelta(100, "D"),
                "amount": bought["amount"],
            }
        ),
        "interactions": rows(6000, "event_at", channel="web", event_type="view"),
        "tickets": rows(400, "created_at", ticket_id=np.arange(400), type="complaint"),
        "survey_responses": rows(
            900, "responded_at", survey="csat", question="overall",
            score=random.integers(1, 6, 900).astype(float), scale_min=1.0, scale_max=5.0,
        ),
        "email_events": pd.concat([mails, opened]),
        "subscriptions": contracts.assign(ended_at=ended.where(ended < "2025-12-20")),
    }  # fmt: skip


def business(tables, **options):
    settings = {"currency": "GBP", "activity": "purchases", "as_of": AS_OF} | options
    return quick.opened(**tables, **settings)


@pytest.fixture(scope="module")
def shop():
    return business(made())


@pytest.fixture(scope="module")
def warned(shop):
    return shop.analysis("churn_early_warning", CLOSE)


def test_every_customer_so_far_has_a_row_and_the_costliest_risk_comes_first(shop, warned):
    columns = ["customer_id", "probability", "value", "at_risk", "recency", "reasons"]
    assert list(warned.columns) == columns
    orders, refunds = (made()[name] for name in ("orders", "refunds"))
    back = refunds[refunds["refunded_at"] < "2025-10-01"]["order_id"]
    kept = orders[(orders["ordered_at"] < "2025-10-01") & ~orders["order_id"].isin(back)]
    assert set(warned["customer_id"]) == set(kept["customer_id"])
    last = kept.groupby("customer_id")["ordered_at"].max().dt.normalize()
    days = (pd.Timestamp("2025-10-01") - last).dt.days
    assert (warned.set_index("customer_id")["recency"].sort_index() == days).all()
    assert warned["probability"].between(0, 1).all() and (warned["value"] >= 0).all()
    assert np.allclose(warned["at_risk"], warned["probability"] * warned["value"])
    assert warned["at_risk"].is_monotonic_decreasing


@pytest.mark.parametrize("name", TABLES)
def test_nothing_dated_on_or_after_the_close_changes_the_list(name, warned):
    tables = made()
    at = TABLES[name]
    future = tables[name][tables[name][at] >= "2025-10-01"]
    assert len(future)
    if name == "survey_responses":  # another scale, another score
        changed = future.assign(score=9.0, scale_min=0.0, scale_max=10.0)
        more = pd.concat([changed] * 9)
    else:
        more = future.iloc[:0]
    tables[name] = pd.concat([tables[name][tables[name][at] < "2025-10-01"], more])
    found = business(tables).analysis("churn_early_warning", CLOSE)
    pd.testing.assert_frame_equal(found, warned)


def test_ends_and_refunds_yet_to_come_are_not_known(warned):
    tables = made()
    contracts = tables["subscriptions"]
    late = contracts["ended_at"] >= "2025-10-01"
    tables["subscriptions"] = contracts.assign(ended_at=contracts["ended_at"].mask(late))
    found = business(tables).analysis("churn_early_warning", CLOSE)
    pd.testing.assert_frame_equal(found, warned)


@pytest.mark.parametrize("name", ["orders", "interactions", "tickets", "survey_responses"])
def test_what_came_before_the_close_does_change_it(name, warned):
    tables = made()
    at = TABLES[name]
    tables[name] = tables[name][tables[name][at] < "2025-09-01"]
    found = business(tables).analysis("churn_early_warning", CLOSE)
    assert not np.array_equal(found["probability"], warned["probability"])


def test_columns_know_the_day_before_and_not_the_day_itself():
    day = Period.parse(CLOSE).end_day
    tables = {name: made()[name] for name in ("orders", "tickets", "interactions")}
    counts = []
    for at in ("2025-09-30 23:59", "2025-10-01 00:00"):
        ticket = tables["tickets"].iloc[:1].assign(ticket_id=-1, customer_id=1, created_at=at)
        visit = tables["interactions"].iloc[:1].assign(customer_id=1, event_at=at)
        order = tables["orders"].iloc[:1].assign(order_id=-1, customer_id=1, ordered_at=at)
        extra = {"tickets": ticket, "interactions": visit, "orders": order}
        for name, one in extra.items():
            one[TABLES[name]] = pd.to_datetime(one[TABLES[name]])
        more = {name: pd.concat([tables[name], one]) for name, one in extra.items()}
        counts.append(known_before(business(more), day, 90).set_index("customer_id").loc[1])
    before, after = counts
    assert before["complaints"] - after["complaints"] == 1
    assert before["visits"] - after["visits"] == 1
    assert before["n"] - after["n"] == 1 and before["last"] == day - 1


def test_reasons_are_the_terms_that_raise_the_chance_in_words(shop):
    day = Period.parse(CLOSE).end_day
    model, now = train(shop, day, 90), snapshot(shop, day, 90)
    added = group_terms(model, now)
    assert set(added) == set(GROUPS)
    total = model.level + np.sum(list(added.values()), axis=0)
    assert np.allclose(1 / (1 + np.exp(-total)), model.probability(now.columns))
    table = churn_early_warning(shop, CLOSE).set_index("customer_id")
    rhythm = pd.Series(added["rhythm"], now.customers)
    worst = rhythm.idxmax()
    assert f"{table.loc[worst, 'recency']} days since the" in table.loc[worst, "reasons"]
    best = (total - model.level).argmin()
    assert "days since" not in table.loc[now.customers.iloc[best], "reasons"]


def test_reasons_are_in_the_readers_language():
    tables = {"orders": made()["orders"]}
    for lang, word in (("vi", "ngày kể từ lần mua"), ("zh", "距上次购买已")):
        found = business(tables, lang=lang).analysis("churn_early_warning", CLOSE)
        assert found["reasons"].str.contains(word).any()


def test_it_learns_from_stretches_that_ended_before_the_close(shop):
    day = Period.parse(CLOSE).end_day
    found = slices(shop, day, 90)
    assert [one.known.day for one in found] == [day - 90, day - 180, day - 270, day - 360]
    orders = made()["orders"]
    first = found[0]
    inside = orders[(orders["ordered_at"] >= "2025-07-03") & (orders["ordered_at"] < "2025-10-01")]
    bought = set(inside["customer_id"])
    plain = ~first.known.customers.isin(bought).to_numpy()
    assert (first.silent == plain).mean() > 0.98  # refunds make the difference


def test_too_little_to_train_on_is_said():
    with pytest.raises(InputError, match=r"too little to train on before 2026-05-01: .* needed"):
        tiny_shop().analysis("churn_early_warning", "2026-04")
    with pytest.raises(InputError, match="days = 0 must be a whole number of at least 1"):
        churn_early_warning(tiny_shop(), "2026-04", days=0)


def test_on_the_demo_it_is_better_than_both_simple_rules():
    found = evaluate_early_warning(kpilib.open("demo"), "2026-07").set_index("rule")
    ours = found.loc["early warning"]
    for rival in ("days since last purchase", "recency and frequency"):
        assert ours["auc"] > found.loc[rival, "auc"] + 0.01
        assert ours["lift"] >= found.loc[rival, "lift"]
    assert 0.9 < ours["slope"] < 1.1
    assert ours["brier"] < found.loc["recency and frequency", "brier"]
    assert np.isnan(found.loc["days since last purchase", "slope"])


def test_the_challenger_stands_beside_it_and_chances_come_by_tenths(shop):
    found = evaluate_early_warning(shop, CLOSE, boosting=True).set_index("rule")
    assert list(found.index)[-1] == "gradient boosting"
    assert found["auc"].between(0.6, 1).all()
    assert found.loc["gradient boosting", "slope"] > 0.5
    table = early_warning_deciles(shop)  # the latest period that can be judged
    assert table["customers"].sum() == found.loc["early warning", "customers"]
    assert table["predicted"].is_monotonic_decreasing


def test_the_challenger_without_its_library_says_how_to_get_it(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(InputError, match=r'pip install "kpilib\[warning\]"'):
        evaluate_early_warning(shop, CLOSE, boosting=True)


def test_a_close_whose_days_are_not_over_cannot_be_judged(shop):
    with pytest.raises(InputError, match="cannot be judged before 2026-01-30"):
        evaluate_early_warning(shop, "2025-10")
