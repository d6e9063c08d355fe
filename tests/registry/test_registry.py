"""What must hold for every KPI in the registry, on real and generated businesses."""

import inspect
from typing import get_origin

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import kpilib
from kpilib.demo import tiny_orders, tiny_shop, tiny_tables
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.availability import needs
from kpilib.questions.values import Status
from kpilib.registry.definitions import registry
from kpilib.statistics.statistic import Statistic
from kpilib.words import LANGUAGES, Unit
from tests.engines.frames import to_polars
from tests.searching import examples

DAYS = ("01-05", "03-10", "01-05", "03-02", "02-01", "03-15")
IDS = tuple(registry())
NUMBERS = ("value", "low", "high", "numerator", "denominator", "n")
PERIOD = "2026-03"


def everything(base, *periods, by=None):
    """Every KPI's values as one frame indexed by KPI, period and segment."""
    asked = tuple(Period.parse(period) for period in periods)
    known = registry()
    if by:
        whole = ("mix", "flow")
        known = {
            name: one
            for name, one in known.items()
            if one.kind not in whole and one.breakdowns is None
        }
    values = ask.values(base, known, asked, by)
    rows = [
        {"id": v.id, "period": v.period.label, "segment": v.segment or "", "status": str(v.status)}
        | {name: getattr(v, name) for name in NUMBERS}
        for v in values
    ]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(NUMBERS, float))
    return frame.set_index(["id", "period", "segment"])


def costs_of(orders: pd.DataFrame, each: float = 1.5) -> pd.DataFrame:
    """A cost on the day of each customer's every third order."""
    some = orders[orders.groupby("customer_id").cumcount() % 3 == 0]
    return pd.DataFrame(
        {"customer_id": some["customer_id"], "date": some["ordered_at"].dt.date, "amount": each}
    )


def shop(orders: pd.DataFrame, **others: pd.DataFrame):
    return kpilib.open(
        orders=orders,
        **others,
        customer_costs=costs_of(orders.sort_values(["ordered_at", "amount"], kind="stable")),
        lapse_window=45,
        currency="GBP",
        as_of=pd.Timestamp("2026-05-01").date(),
    )


def quick(orders: pd.DataFrame, **others: pd.DataFrame):
    """The same on Polars, which answers in half the time: for what is asked of many businesses."""
    tables = {"orders": orders, "customer_costs": costs_of(orders), **others}
    return kpilib.open(
        **to_polars(tables),
        lapse_window=45,
        currency="GBP",
        as_of=pd.Timestamp("2026-05-01").date(),
    )


def subscribers(**columns):
    """The tiny shop with contracts: Ann expands, Bob shrinks, Cat leaves, Dan comes in March."""
    contracts = pd.DataFrame(
        {
            "customer_id": ["Ann", "Ann", "Bob", "Bob", "Cat", "Dan"],
            "started_at": [f"2026-{day}" for day in DAYS],
            "ended_at": [None, None, "2026-03-02", None, "2026-03-20", None],
            "mrr": [100.0, 50.0, 80.0, 30.0, 20.0, 70.0],
        }
    )
    return kpilib.open(
        orders=tiny_orders(),
        subscriptions=contracts.drop(columns=columns.get("without", [])),
        as_of=pd.Timestamp("2026-05-01").date(),
    )


def test_revenue_retention_counts_the_opening_customers_alone():
    net = subscribers().kpi("net_revenue_retention", PERIOD)
    gross = subscribers().kpi("gross_revenue_retention", PERIOD)
    assert (net.numerator, net.denominator) == (100 + 50 + 30, 200)
    assert gross.value == (100 + 30) / 200
    missing = subscribers(without=["mrr"]).kpi("net_revenue_retention", PERIOD)
    assert missing.status is Status.UNAVAILABLE
    assert missing.reason.en == "needs the column mrr in contracts (subscriptions); map one to it"


@st.composite
def orders(draw):
    """A few dozen orders of a few customers over four months, same-day orders and ties included."""
    n = draw(st.integers(1, 40))
    days = draw(st.lists(st.integers(0, 119), min_size=n, max_size=n))
    customers = draw(st.lists(st.integers(1, 12), min_size=n, max_size=n))
    pence = draw(st.lists(st.integers(0, 20_000), min_size=n, max_size=n))
    start = pd.Timestamp("2026-01-01")
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:02d}" for number in customers],
            "ordered_at": start + pd.to_timedelta(days, unit="D"),
            "amount": np.array(pence) / 100,
        }
    )


few = examples(5)


@pytest.mark.parametrize("name", IDS)
def test_has_three_names_and_a_description(name):
    definition = registry()[name]
    texts = [definition.name.of(lang) for lang in LANGUAGES]
    assert all(texts)
    assert len(set(texts)) == 3
    assert len(definition.description.splitlines()[0]) > 20
    assert definition.formula.strip()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_are_unique_and_short(lang):
    names = [definition.name.of(lang) for definition in registry().values()]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 50


@pytest.fixture(scope="module")
def bases(demo):
    """The tiny ones, and one that has every table."""
    return subscribers(), shop(**tiny_tables()), demo


@pytest.mark.parametrize("name", IDS)
def test_returns_a_statistic_of_the_kind_it_announces(name, bases):
    definition = registry()[name]
    base = next(base for base in bases if not needs(base, definition))
    statistic = definition.function(base, (Period.month(PERIOD),))
    assert isinstance(statistic, Statistic)
    assert statistic.kind == definition.kind
    returned = inspect.signature(definition.function, eval_str=True).return_annotation
    assert (get_origin(returned) or returned) is type(statistic)


@pytest.mark.parametrize("base_name", ["cdnow", "retail"])
def test_values_lie_within_their_limits_and_status_is_said(base_name, request):
    base = request.getfixturevalue(base_name)
    found = everything(base, base.period(), base.period().previous())
    known = found.dropna(subset=["value", "low"])
    assert len(known) >= 30
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()
    assert set(found["status"]) <= {str(status) for status in Status}
    assert found.loc[found["status"] == "complete", "value"].notna().all()


def test_row_order_changes_nothing():
    table = tiny_orders()
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        everything(shop(table), PERIOD, "2026-04"), everything(shop(shuffled), PERIOD, "2026-04")
    )


def test_relabelling_customers_changes_nothing():
    table = tiny_orders()
    names = {name: 1000 - place for place, name in enumerate(table["customer_id"].unique())}
    relabelled = table.assign(customer_id=table["customer_id"].map(names))
    pd.testing.assert_frame_equal(
        everything(shop(table), PERIOD, "2026-04"), everything(shop(relabelled), PERIOD, "2026-04")
    )


def test_inputs_stay_untouched():
    table = tiny_orders()
    before = table.copy(deep=True)
    everything(shop(table), PERIOD)
    pd.testing.assert_frame_equal(table, before)


def test_asking_twice_gives_the_same():
    base = shop(tiny_orders())
    pd.testing.assert_frame_equal(everything(base, PERIOD), everything(base, PERIOD))


@few
@given(orders())
def test_a_period_gives_the_same_alone_and_among_others(table):
    base = quick(table)
    together = everything(base, "2026-02", "2026-03", "2026-04")
    alone = everything(quick(table), "2026-03")
    level = together.index.get_level_values("period") == "2026-03"
    pd.testing.assert_frame_equal(together[level].sort_index(), alone.sort_index())


@pytest.mark.parametrize("name", IDS)
def test_a_period_without_data_gets_a_status_and_no_number(name):
    for period in ("2025-01", "2027-01"):
        found = tiny_shop().kpi(name, period)
        assert found.value is None
        if not needs(tiny_shop(), registry()[name]):
            assert found.status in (Status.UNDEFINED, Status.INCOMPLETE)
        else:
            assert found.status is Status.UNAVAILABLE
        assert all(found.reason.of(lang) for lang in LANGUAGES)


@few
@given(orders())
def test_retention_and_churn_make_one_and_the_ledger_balances(table):
    found = everything(quick(table), "2026-02", "2026-03", "2026-04")["value"].unstack("segment")
    sums = found.xs("retention_rate")[""] + found.xs("churn_rate")[""]
    assert np.allclose(sums.dropna(), 1)
    ledger = found.xs("customer_ledger").dropna()  # but months before the records begin
    left = ledger["opening"] + ledger["new"] + ledger["reactivated"] - ledger["lost"]
    assert (left == ledger["closing"]).all()
    assert (ledger["closing"].to_numpy()[:-1] == ledger["opening"].to_numpy()[1:]).all()


@pytest.mark.parametrize("base_name", ["cdnow", "retail"])
def test_identities_on_real_businesses(base_name, request):
    base = request.getfixturevalue(base_name)
    months = base.period().trailing(3)  # before, no loss can be seen in Online Retail
    found = everything(base, *months)
    value = found["value"].unstack("segment")
    one = value[""]
    assert np.allclose(one["retention_rate"] + one["churn_rate"], 1)
    ledger = value.xs("customer_ledger")
    left = ledger["opening"] + ledger["new"] + ledger["reactivated"] - ledger["lost"]
    assert (left == ledger["closing"]).all()
    mix = value.xs("lost_customer_mix")[["first-time", "developing", "loyal"]]
    assert np.allclose(mix.dropna().sum(axis=1), 1)
    assert mix.notna().all(axis=1).equals(ledger["lost"] > 0)
    assert np.allclose(one["customers_active"], ledger["closing"])
    assert np.allclose(one["new_customers"], ledger["new"])
    assert np.allclose(one["lost_customers"], ledger["lost"])
    ledger_form = (ledger["closing"] - ledger["new"]) / ledger["opening"]
    assert np.allclose(one["retention_rate_ledger"], ledger_form)
    # The lifetime is of the frequency's kind: time active, without the gaps between spells.
    years = [found.details["lifetime_years"] for found in base.trend("clv_simple", months)]
    product = one["average_purchase_value"] * one["purchase_frequency"] * years
    assert np.allclose(one["clv_simple"], product)


@few
@given(orders(), st.integers(0, 2))
def test_segments_add_up_to_the_whole(table, seed):
    names = sorted(table["customer_id"].unique())
    tags = np.random.default_rng(seed).choice(["a", "b", None], size=len(names))
    customers = pd.DataFrame({"customer_id": names, "tag": tags})
    base = quick(table, customers=customers)
    whole = everything(base, "2026-03")
    parts = everything(base, "2026-03", by="tag").groupby(level="id")
    kinds = {name: definition.kind for name, definition in registry().items()}
    for name in parts.groups:
        total = whole.loc[(name, "2026-03", "")]
        # Products of means do not add up, and have no segment where nobody was active.
        means = ("duration", "product", "discounted profit")
        if total["status"] in ("undefined", "unavailable") or kinds[name] in means:
            continue
        for number in ("numerator", "denominator", "n"):
            summed = parts.get_group(name)[number].sum(min_count=1)
            assert summed == pytest.approx(total[number], nan_ok=True), (name, number)


def test_amounts_times_a_thousand_multiply_exactly_the_money_kpis(cdnow):
    period = cdnow.period()
    rows = cdnow.engine.collect(cdnow.tables["orders"])
    table = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "ordered_at": pd.to_datetime(rows["ordered_day"], unit="D"),
            "amount": rows["amount"],
        }
    )
    plain, scaled = (
        everything(
            kpilib.open(
                orders=table.assign(amount=table["amount"] * factor),
                customer_costs=costs_of(table, 1.5 * factor),
                currency="USD",
            ),
            period,
        )
        for factor in (1, 1000)
    )
    assert plain["value"].xs("clv_net_profit").notna().all()
    for (name, *_), row in plain.iterrows():
        factor = 1000 if registry()[name].unit is Unit.MONEY else 1
        other = scaled.loc[[name]].loc[lambda frame, row=row: frame.index == row.name].iloc[0]
        for number in ("value", "low", "high"):
            assert other[number] == pytest.approx(row[number] * factor, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", IDS)
def test_rows_behind_a_number_carry_it(name):
    if needs(tiny_shop(), registry()[name]):
        lacking = r"needs (records that were not given|the column)"
        with pytest.raises(kpilib.InputError, match=lacking):
            tiny_shop().rows(name, PERIOD)
        return
    value = tiny_shop().kpi(name, PERIOD)
    listed = tiny_shop().rows(name, PERIOD)
    if not hasattr(value, "value") and not len(value):
        assert listed.empty
        return
    one = value if hasattr(value, "value") else value[0]
    if registry()[name].kind not in ("product", "composite") and "cells" not in listed:
        assert len(listed) >= (one.n or 0)
    if "cells" in listed:
        assert one.value is None or listed["good"].sum() / listed["cells"].sum() == one.value
    elif registry()[name].kind == "share" and one.value is not None:
        assert listed["counted"].mean() == pytest.approx(one.value)
        assert len(listed) == one.n
    if registry()[name].kind == "count":
        assert len(listed) == one.value


def test_a_trend_over_no_month_is_refused():
    for months in (0, -3):
        with pytest.raises(kpilib.InputError, match="a trend of churn_rate over no period"):
            tiny_shop().trend("churn_rate", months)
