"""Every KPI of purchases and contracts against its second reckoning, on random businesses.

A few businesses each run, the same ones. Many more, new ones, by hand:

    HYPOTHESIS_PROFILE=search ORACLE_EXAMPLES=1000 python -m pytest tests/oracle
"""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.registry.definitions import registry
from tests.oracle.businesses import Business, opened, shops
from tests.oracle.lives import ContractBook, of_contracts, of_money
from tests.oracle.shop import Purchases, of_lives_by_purchases, of_purchases
from tests.oracle.status import expected

EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "6"))
# A business is asked for some thirty KPIs: to shrink one takes longer than to look at it.
few, many = (
    settings(
        max_examples=most,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )
    for most in (max(EXAMPLES // 3, 2), EXAMPLES)
)


def reckoned(
    shop: Business, period: Period, whole: Business | None = None
) -> dict[str, float | None]:
    """Every KPI of the business, as `id` or `id/part`; of a part, those of the `whole`."""
    whole = whole or shop
    opens, closes = window(shop, period)
    before, after = (window(shop, period.shift(step)) for step in (-1, 1))
    by_contract = bool(whole.contracts) and whole.activity != "purchases"
    found = of_money(shop, opens, closes) if whole.contracts else {}
    if whole.orders:
        found |= of_purchases(shop, opens, closes, before, after)
        if not by_contract:
            found |= of_lives_by_purchases(shop, opens, closes)
    if by_contract:
        found |= of_contracts(shop, opens, closes, before)
    return found


def window(shop: Business, period: Period):
    """The days of a period for which there are records."""
    return period.start, max(min(period.end, shop.as_of), period.start)


def check(shop: Business) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = opened(shop, Path(folder))
        wanted = {period: reckoned(shop, period) for period in shop.periods}
        names = dict.fromkeys(name.split("/")[0] for one in wanted.values() for name in one)
        known = registry()
        values = ask.values(base, {name: known[name] for name in names}, shop.periods)
    for value in values:
        if str(value.status) == "unavailable":
            continue
        where = (value.id, value.segment, value.period.label, shop.form)
        name = value.id if not value.is_part else f"{value.id}/{value.segment}"
        right = wanted[value.period].get(name)
        if name not in wanted[value.period]:
            right = None
        status = expected(shop, value.id, value.period, right)
        assert str(value.status) == status, (*where, right, value.reason)
        if status == "undefined" or value.period.start >= shop.as_of or right is None:
            assert value.value is None, (*where, right)
        else:
            assert value.value == pytest.approx(right, rel=1e-9, abs=1e-9), where


def segments(shop: Business) -> dict[str, set]:
    """Customers by what their first order says, or their first contract where there are none."""
    rows = [(one.customer, one.at, one.channel) for one in shop.orders] or [
        (one.customer, one.start, one.plan) for one in shop.contracts
    ]
    everybody = {one.customer for one in (*shop.orders, *shop.refunds, *shop.contracts)}
    found: dict[str, set] = {}
    for who in everybody | {one for one, _, _ in shop.costs}:
        own = [(at, said) for one, at, said in rows if one == who]
        first = [said for at, said in own if said and at == min(at for at, _ in own)]
        found.setdefault(min(first, default="(missing)"), set()).add(who)
    return found


def check_segments(shop: Business) -> None:
    """A segment's value is that of a business of its customers alone."""
    period = shop.periods[1]
    known = {
        name: one
        for name, one in registry().items()
        if one.breakdowns is None and one.kind not in ("mix", "flow")
    }
    with tempfile.TemporaryDirectory() as folder:
        base = opened(shop, Path(folder))
        names = [name for name in reckoned(shop, period) if name in known]
        by = "channel" if shop.orders else "plan"
        values = ask.values(base, {name: known[name] for name in names}, (period,), by)
    renews = ContractBook(shop).renews
    right = {
        one: reckoned(shop.of(who, renews), period, shop) for one, who in segments(shop).items()
    }
    for value in values:
        if value.segment is not None and value.value is not None:
            where = (value.id, value.segment, period.label)
            wanted = right[value.segment].get(value.id)
            assert wanted is not None and value.value == pytest.approx(wanted, rel=1e-9), where


@few
@given(shops())
def test_segments_of_purchases(shop):
    assume(Purchases(shop).days)
    check_segments(shop)


@few
@given(shops(contracts=True))
def test_segments_of_contracts(shop):
    assume(not shop.orders)
    check_segments(shop)


@many
@given(shops())
def test_kpis_of_purchases(shop):
    assume(Purchases(shop).days)
    check(shop)


@many
@given(shops(contracts=True))
def test_kpis_of_contracts(shop):
    assume(not shop.orders or Purchases(shop).days)
    check(shop)


def test_a_shop_of_which_all_was_given_back_says_so():
    shop = next(_all_given_back())
    with tempfile.TemporaryDirectory() as folder, pytest.raises(InputError, match="no purchase"):
        opened(shop, Path(folder)).kpi("buyers", shop.periods[0])


def _all_given_back():
    from datetime import date, datetime

    from tests.oracle.businesses import Order, Refund

    day = datetime(2024, 2, 1)
    yield Business(
        zone="UTC", aware=False, as_of=date(2024, 3, 1), window=30, loyalty=(3, 365), settle=0,
        grace=30, orders=(Order(1, "An", day, 5.0, None),), refunds=(Refund(1, "An", day, 5.0),),
        periods=(Period.parse("2024-02"),),
    )  # fmt: skip
