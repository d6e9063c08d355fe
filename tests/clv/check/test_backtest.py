"""The backtest, the tracking table and the doctor on a base."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib import periods
from kpilib.clv.check.backtest import backtest
from kpilib.clv.check.checkup import diagnose_base, findings_table
from kpilib.clv.expected.tracking import purchase_tracking
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.clv.value.views import holdout_by_frequency
from kpilib.contract.prepared import PREPARED
from kpilib.errors import InputError
from kpilib.questions.base import prepare_base
from tests import quick
from tests.generate import bgnbd_purchases
from tests.quick import tiny_shop


@pytest.fixture(scope="module")
def shop():
    orders = bgnbd_purchases(3000, 700, r=0.5, alpha=30.0, a=0.8, b=2.5, seed=4)
    return quick.opened(orders=orders, currency="USD", as_of=date(2025, 12, 1))


@pytest.fixture(scope="module")
def found(shop):
    return backtest(shop, "3 months", origins=3)


def test_actuals_are_what_was_bought_after_each_origin(shop, found):
    table = shop.engine.collect(shop.purchases)
    rows = found.scores[found.scores["rule"] == "model"]
    starts = [date(2025, 3, 1), date(2025, 6, 1), date(2025, 9, 1)]
    ends = dict(zip(starts, [*starts[1:], date(2025, 12, 1)], strict=True))
    assert rows["origin"].drop_duplicates().tolist() == starts
    for row in rows.itertuples():
        start = (row.origin - date(1970, 1, 1)).days
        later = ends[row.origin]
        end = (later - date(1970, 1, 1)).days
        known = table.loc[table["day"] < start, "customer_id"].unique()
        came = table[
            table["customer_id"].isin(known) & (table["day"] >= start) & (table["day"] < end)
        ]
        assert row.customers == len(known)
        total = len(came) if row.measure == "purchases" else came["amount"].sum()
        assert row.actual == pytest.approx(total)


def test_of_data_made_by_the_model_it_is_unbiased_and_beats_the_plain_rules(found):
    table = found.summary().set_index(["measure", "rule"])
    for measure in ("purchases", "revenue"):
        model, naive = table.loc[(measure, "model")], table.loc[measure].drop("model")
        assert abs(model["bias"]) < 0.08
        assert model["mae"] < naive["mae"].min()
        assert model["rmse"] < naive["rmse"].min()
        assert model["top_tenth"] >= naive["top_tenth"].max() - 0.01
    # Counts are whole numbers, so limits of 95% hold at least that many.
    assert 0.94 <= table.loc[("purchases", "model"), "coverage"] <= 1
    assert found.scores["within"].dropna().astype(float).mean() >= 0.5


def test_deciles_add_up_and_fall_from_the_best_tenth(found):
    for (measure, _), part in found.deciles.groupby(["measure", "rule"]):
        assert (
            part["customers"].sum()
            == found.scores.query("rule == 'model'").groupby("measure")["customers"].sum()[measure]
        )
        lift = np.average(part["lift"], weights=part["customers"])
        assert lift == pytest.approx(1.0)
        assert part["lift"].iloc[0] > 2
        assert part["predicted"].is_monotonic_decreasing


def test_the_words_name_the_best_plain_rule(found):
    text = str(found)
    assert text.startswith("BGNBD from 3 past moments, 3 months ahead:")
    row = found.summary().set_index(["measure", "rule"]).loc[("purchases", "model")]
    assert f"purchases: totals off by {row['absolute_bias']:.1%} in the mean" in text
    assert f"mean absolute error per customer {row['mae']:.3g}, less than by the best" in text
    assert f"root mean square error per customer {row['rmse']:.3g}, less than by the best" in text
    assert "fell within their 95% limits" in text


def test_a_fitted_model_brings_no_knowledge_of_the_future(shop):
    fitted = customer_lifetime_value(shop, "3 months", draws=0).model
    by_name, by_model = (
        backtest(shop, "3 months", origins=1, model=model, draws=50) for model in ("BGNBD", fitted)
    )
    pd.testing.assert_frame_equal(by_name.scores, by_model.scores)


def test_too_short_a_history_is_refused(shop):
    first, last = (periods.day_date(day) for day in (shop.first_day, shop.as_of - 1))
    said = f"the data run from {first} to {last}, too short for a history of 2 years"
    with pytest.raises(InputError, match=said):
        backtest(shop, "2 years")
    with pytest.raises(InputError, match="origins is 0"):
        backtest(shop, origins=0)
    with pytest.raises(InputError, match="horizon 0 is no time at all"):
        backtest(shop, 0)
    with pytest.raises(InputError, match="draws is 0; a backtest scores limits"):
        backtest(shop, draws=0)
    with pytest.raises(InputError, match="a backtest follows purchases"):
        backtest(shop, model="SBG")


def test_tracking_follows_the_customers_of_the_first_part(shop):
    table = purchase_tracking(shop, "2025-01-01", step="month")
    bought = shop.engine.collect(shop.purchases)
    split = (date(2025, 1, 1) - date(1970, 1, 1)).days
    repeat = bought[(bought["first_day"] < split) & bought["previous_day"].notna()]
    month = pd.to_datetime(repeat["day"], unit="D").dt.strftime("%Y-%m")
    ours = table.set_index(table["start"].astype(str).str[:7])["actual"]
    assert ours.to_dict() == month.value_counts().reindex(ours.index).fillna(0).to_dict()
    late = table[table["holdout"]]
    assert late["start"].min() == date(2025, 1, 1)
    assert late["expected"].sum() == pytest.approx(late["actual"].sum(), rel=0.1)
    with pytest.raises(InputError, match="step 'weeks' is not known; did you mean 'week'"):
        purchase_tracking(shop, step="weeks")


def test_the_doctor_sees_the_whole_base(retail):
    names = {finding.name: finding for finding in diagnose_base(retail)}
    assert "spend_related" in names or "spend_unrelated" in names
    assert "one_time_buyers" in names
    table = findings_table(tuple(names.values()))
    assert list(table) == ["severity", "finding", "remedy"]


def test_the_doctor_names_the_trouble_of_a_tiny_shop():
    found = diagnose_base(tiny_shop(), model="MBGNBD")
    assert "few_repeat_buyers" in [finding.name for finding in found]
    assert all(finding.remedy.en for finding in found)


def test_nothing_after_until_counts():
    orders = bgnbd_purchases(300, 500, r=0.5, alpha=30.0, a=0.8, b=2.5, seed=5)
    end = date(2025, 3, 1)
    early = quick.opened(orders=orders[orders["ordered_at"] < pd.Timestamp(end)], as_of=end)
    late = quick.opened(orders=orders)
    assert late.as_of > early.as_of
    options = {"origins": 1, "draws": 20, "until": end}
    scores = [backtest(base, "3 months", **options).scores for base in (early, late)]
    pd.testing.assert_frame_equal(*scores)
    pd.testing.assert_frame_equal(
        purchase_tracking(early, step="month"), purchase_tracking(late, step="month", until=end)
    )
    split = date(2024, 12, 1)
    pd.testing.assert_frame_equal(
        holdout_by_frequency(early, split), holdout_by_frequency(late, split, until=end)
    )
    with pytest.raises(InputError, match="split lies at the end of the data"):
        holdout_by_frequency(late, end, until=end)


def test_a_second_process_of_a_run_is_told_what_the_first_found(tmp_path, monkeypatch):
    prepared = prepare_base("cdnow-sample", tmp_path / "data")
    asked = {"origins": 1, "draws": 50, "until": "1998-04-01"}
    first = backtest(prepared, **asked)
    monkeypatch.setenv(PREPARED, str(tmp_path / "data"))
    second = kpilib.open("cdnow-sample")
    second.answered = None
    alone = backtest(second, **asked)
    monkeypatch.setattr("kpilib.clv.check.backtest.value_of_summary", None)
    told = backtest(kpilib.open("cdnow-sample", lang="vi"), **asked)
    for one in (first, told):
        pd.testing.assert_frame_equal(one.scores, alone.scores, check_exact=True)
        pd.testing.assert_frame_equal(one.deciles, alone.deciles, check_exact=True)
    assert told.lang == "vi" and str(told) == str(alone)
    with pytest.raises(TypeError):
        backtest(kpilib.open("cdnow-sample"), **asked | {"draws": 51})
