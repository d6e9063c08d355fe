"""`base.why`: parts that add up on every KPI, the rows behind them, and what it refuses."""

import json
from contextlib import suppress

import numpy as np
import pandas as pd
import polars as pl
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.registry.definitions import registry
from tests import quick
from tests.kpis.test_conformance import business, contracts
from tests.quick import tiny_shop


@pytest.fixture(scope="module")
def tables():
    tables = business()
    rng = np.random.default_rng(3)
    who = tables["customers"]["customer_id"]
    survey = rng.choice(["nps", "csat"], 300)
    answers = pd.DataFrame(
        {
            "customer_id": rng.choice([*who, None], 300),
            "survey": survey,
            "question": np.where(survey == "nps", "recommend", "overall"),
            "responded_at": pd.Timestamp("2026-05-01")
            + pd.to_timedelta(rng.integers(0, 60, 300), "D"),
            "score": rng.integers(1, 6, 300).astype(float),
            "scale_min": 0.0,
            "scale_max": 10.0,
            "channel": rng.choice(["mail", "phone", None], 300),
        }
    )
    tickets = pd.DataFrame(
        {
            "ticket_id": range(120),
            "customer_id": rng.choice([*who, None], 120),
            "type": rng.choice(["complaint", "question"], 120),
            "created_at": pd.Timestamp("2026-05-01")
            + pd.to_timedelta(rng.integers(0, 60, 120), "D"),
            "channel": rng.choice(["mail", "phone"], 120),
        }
    )
    spend = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-01-02", "2026-01-03", "2026-02-02", "2026-02-04"]),
            "channel": ["x", "z", "x", "y"],
            "cost_type": "marketing",
            "amount": [90.0, 10.0, 40.0, 30.0],
        }
    )
    channels = np.array(["x", "y", None], dtype=object)[np.arange(len(who)) % 3]
    tables["customers"] = tables["customers"].assign(acquisition_channel=channels)
    return tables | {"survey_responses": answers, "tickets": tickets, "marketing_spend": spend}


OF_EACH_KIND = {
    "revenue": "total",
    "new_customers": "count",
    "acquisition_rate": "ratio",
    "repeat_purchase_rate": "share",
    "churn_rate": "share",
    "nps": "net",
    "csat_mean": "mean",
    "complaint_rate": "rate",
    "customer_net_profit": "mean",
}
"""A few of each kind; the benchmark of `why` asks every KPI of a whole generated business."""


def opened(tables, how=quick.opened, **more):
    return how(**tables, **more, time_zone="UTC", lapse_window=45, as_of="2026-07-01")


@pytest.fixture(scope="module")
def base(tables):
    return opened(tables, kpilib.open)


def asked_of(base, period, names=None):
    """Every KPI whose change can be taken apart there, or of those named."""
    found = {}
    for name in names or registry():
        with suppress(InputError):
            found[name] = base.why(name, period)
    return found


def check_sums(found):
    for why in found.values():
        size = max(1.0, abs(why.value.value), abs(why.value.previous))
        for _dimension, parts in why.table.groupby("dimension", sort=False):
            assert abs(parts["contribution"].sum() - why.change) <= 1e-12 * size, why.value.id


def test_parts_add_up_for_every_kpi_and_dimension_of_the_tiny_shop():
    found = asked_of(tiny_shop(), "2026-04")
    assert {"revenue", "churn_rate", "complaint_rate", "returning_customer_rate"} <= found.keys()
    check_sums(found)


def test_parts_add_up_for_every_kpi_and_dimension_of_a_generated_shop(base):
    found = asked_of(base, "2026-06", OF_EACH_KIND)
    assert [registry()[name].kind for name in found] == [*OF_EACH_KIND.values()]
    check_sums(found)
    own = set(found["nps"].table["dimension"])
    assert {"tier", "channel", "question", "customers"} <= own


def test_parts_add_up_for_contracts():
    table = contracts()
    plain = quick.opened(subscriptions=table, time_zone="UTC", as_of="2026-07-01")
    why = plain.why("churn_rate", "2026-06")
    assert set(why.segments["segment"]) == {"all"}
    assert why.sentence.endswith("There is no segment to look at.")
    plan = np.array(["a", "b", None], dtype=object)[np.arange(len(table)) % 3]
    base = quick.opened(subscriptions=table.assign(plan=plan), time_zone="UTC", as_of="2026-07-01")
    asked = ["churn_rate", "net_revenue_retention", "new_customers", "acquisition_rate"]
    found = asked_of(base, "2026-06", asked)
    assert [*found] == asked
    check_sums(found)


def test_the_cost_of_acquisition_is_by_channel_and_spend_without_customers_is_unexplained(base):
    why = base.why("cac", "2026-02")
    assert set(why.table["dimension"]) == {"acquisition_channel"}
    assert why.table["contribution"].iloc[-1] != 0
    check_sums({"cac": why})
    with pytest.raises(InputError, match="cac cannot be broken down by 'tier'"):
        base.why("cac", "2026-02", by="tier")


def test_segments_are_those_of_the_breakdown(base):
    why = base.why("average_purchase_value", "2026-06", by="tier")
    for column, month in (("value_before", "2026-05"), ("value_now", "2026-06")):
        table = base.kpi("average_purchase_value", month, by="tier").frame().set_index("segment")
        mine = why.segments.set_index("segment")[column]
        assert mine.to_dict() == pytest.approx(table["value"].to_dict())


def test_an_order_s_own_attribute_is_the_customer_s_and_a_survey_s_own_is_the_row_s(base):
    assert set(base.why("buyers", "2026-06").table["dimension"]) == {
        "tier", "channel", "acquisition_channel", "customers",
    }  # fmt: skip
    rows = base.why("nps", "2026-06", by="question").rows("question", "recommend")
    assert set(rows["segment"]) == {"recommend"} and set(rows["period"]) == {"2026-05", "2026-06"}


def test_rows_of_a_component_are_of_its_customers(base):
    why = base.why("orders_count", "2026-06", by="tier")
    table = why.frame().set_index(["segment", "component"])["contribution"]
    for component in ("same", "joined", "left"):
        rows = why.rows("tier", "gold", component)
        signed = rows["numerator"] * np.where(rows["period"] == "2026-06", 1, -1)
        assert signed.sum() == table.get(("gold", component), 0.0)
    both = why.rows("tier", "gold")
    assert len(both) == why.of_segment("tier", "gold")[["rows_before", "rows_now"]].sum()
    assert len(both) == sum(len(why.rows("tier", "gold", c)) for c in ("same", "joined", "left"))
    with pytest.raises(InputError, match="tier has no segment 'golf'; did you mean 'gold'"):
        why.rows("tier", "golf")
    with pytest.raises(InputError, match="dimension 'tear' was not looked at; did you mean 'tier'"):
        why.rows("tear", "gold")


def test_equal_on_polars_and_duckdb(base, tables):
    polars = opened({name: pl.from_pandas(table) for name, table in tables.items()})
    for name in ("revenue", "repeat_purchase_rate", "complaint_rate", "nps"):
        one, other = (b.why(name, "2026-06") for b in (base, polars))
        pd.testing.assert_frame_equal(one.table, other.table)
        pd.testing.assert_frame_equal(one.looked_at, other.looked_at)


def planted(factor=2.5, n=900):
    """Two months of buyers; of those in Vietnam more come again in the later one."""
    rng = np.random.default_rng(8)
    rows = []
    for month in (1, 2):
        who = np.arange(n) + n * month
        country = np.where(who % 3 == 0, "VN", np.where(who % 3 == 1, "CN", "FR"))
        own = np.where((country == "VN") & (month == 2), 0.2 * factor, 0.2)
        for day, some in ((1, np.ones(n, bool)), (15, rng.random(n) < own)):
            rows.append(pd.DataFrame({"customer_id": who[some], "country": country[some],
                                      "ordered_at": f"2026-0{month}-{day:02d}"}))  # fmt: skip
    orders = pd.concat(rows).assign(
        amount=10.0, size=lambda t: np.where(t["customer_id"] % 2, "s", "l")
    )
    return quick.opened(orders=orders, time_zone="UTC", lapse_window=60, as_of="2026-03-01")


def test_a_planted_cause_is_named_with_what_it_goes_with():
    why = planted().why("repeat_purchase_rate", "2026-02")
    assert (why.dimension, why.segment, why.effect) == ("country", "VN", "rate")
    assert why.p_value < 1e-6
    assert "It goes with country VN, which went from" in why.sentence
    assert "because" not in why.sentence and "p < 0.001 after" in why.sentence
    told = json.loads(json.dumps(why.to_dict("vi")))
    assert told["segment"] == "VN" and told["parts"][0]["dimension"] == "country"
    assert "country" in str(why) and "<table>" in why._repr_html_()


def test_a_cause_in_the_mix_is_named_as_one():
    rng = np.random.default_rng(4)
    rows = []
    for month, part in ((1, 0.5), (2, 0.8)):
        for group, n, rate in (("low", part, 0.1), ("high", 1 - part, 0.6)):
            who = np.arange(round(3000 * n)) + month * 10_000 + 5_000 * (group == "high")
            for day, some in ((1, who == who), (15, rng.random(len(who)) < rate)):
                rows.append(pd.DataFrame({"customer_id": who[some], "plan": group,
                                          "ordered_at": f"2026-0{month}-{day:02d}"}))  # fmt: skip
    orders = pd.concat(rows).assign(amount=1.0)
    base = quick.opened(orders=orders, time_zone="UTC", lapse_window=60, as_of="2026-03-01")
    why = base.why("repeat_purchase_rate", "2026-02")
    assert (why.dimension, why.effect) == ("plan", "mix")
    assert "It goes with the weight of plan" in why.sentence


def test_a_dimension_of_many_segments_is_left_out_unless_asked_for(tables, monkeypatch):
    monkeypatch.setattr("kpilib.questions.why.MOST_SEGMENTS", 10)
    orders = tables["orders"].assign(note=[f"n{i}" for i in range(len(tables["orders"]))])
    base = opened(tables | {"orders": orders})
    why = base.why("buyers", "2026-06")
    assert "note" not in set(why.table["dimension"]) and why.left_out["note"] > 20
    assert set(base.why("buyers", "2026-06", by="note").table["dimension"]) == {"note"}


def test_says_what_it_cannot_take_apart(base):
    with pytest.raises(InputError, match="lost_customer_mix is a mix, neither a sum nor"):
        base.why("lost_customer_mix", "2026-06")
    with pytest.raises(InputError, match="average_customer_lifetime is a duration, neither"):
        base.why("average_customer_lifetime", "2026-06")
    with pytest.raises(InputError, match="sales_efficiency cannot be taken apart: its rows know"):
        base.why("sales_efficiency", "2026-06")
    with pytest.raises(InputError, match="renewal_rate: needs records that were not given"):
        base.why("renewal_rate", "2026-06")
    with pytest.raises(
        InputError,
        match=r"buyers: 2026-01 cannot be compared with 2025-12; 2025-12 is not defined: the",
    ):
        base.why("buyers", "2026-01")
    with pytest.raises(InputError, match="dimension 'tear' is not a column"):
        base.why("buyers", "2026-06", by="tear")
