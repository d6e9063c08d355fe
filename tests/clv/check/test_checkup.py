"""What a base is examined with before a model of it is believed."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import SBG
from kpilib.clv.check import checkup
from kpilib.clv.check.checkup import diagnose_base, window_findings
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.value.contract_value import contract_table
from kpilib.clv.value.renewals import contract_counts
from kpilib.periods import day_date, day_number
from tests import quick
from tests.generate import bgnbd_purchases


@pytest.mark.parametrize(("first_day", "named"), [(99, False), (100, False), (101, True)])
def test_a_window_of_more_than_a_third_of_the_records_is_long(first_day, named):
    base = SimpleNamespace(
        as_of=190, first_day=first_day, lapse_window=SimpleNamespace(days=30, method="found")
    )
    found = window_findings(base)
    assert [one.name for one in found] == ["lapse_window_long"] * named
    if named:
        assert "30 days, is more than a third of the 89 days" in found[0].sentence.en


def test_a_window_that_was_given_is_the_users_affair():
    window = SimpleNamespace(days=30, method="given")
    assert not window_findings(SimpleNamespace(as_of=31, first_day=1, lapse_window=window))


@pytest.fixture(scope="module")
def shop():
    orders = bgnbd_purchases(400, 500, r=0.5, alpha=30.0, a=0.8, b=2.5, seed=5)
    return quick.opened(orders=orders)


@pytest.fixture
def examined(monkeypatch):
    """What the doctor is handed."""
    asked = {}
    monkeypatch.setattr(checkup, "diagnose", lambda *_, **given: asked.update(given) or ())
    return asked


def purchases(shop, closes, step=1):
    table = shop.engine.collect(shop.purchases)
    some = table[(table["day"] < closes) & (table["first_day"] % step == 0)]
    return sorted(zip(some["customer_id"], some["day"], strict=True))


def handed(examined):
    table = examined["purchases"]
    return sorted(zip(table["customer_id"], table["day"], strict=True))


def test_purchases_are_examined_up_to_the_close(shop, examined):
    days = {*shop.engine.collect(shop.purchases)["day"]}
    close = max(day for day in days if day - 1 in days)
    diagnose_base(shop, day_date(close), model="BGNBD")
    assert examined["end"] == close
    assert handed(examined) == purchases(shop, close)


@pytest.mark.parametrize(("less", "step"), [(0, 1), (1, 11)])
def test_of_more_purchases_than_are_needed_every_eleventh_day_stands_for_all(
    shop, examined, monkeypatch, less, step
):
    close = day_number(date(2025, 3, 1))
    repeats = len(purchases(shop, close)) - len({who for who, _ in purchases(shop, close)})
    monkeypatch.setattr(checkup, "MOST", repeats - less)
    diagnose_base(shop, date(2025, 3, 1), model="BGNBD")
    assert handed(examined) == purchases(shop, close, step)


def test_what_is_most_serious_comes_first_whoever_found_it(shop, monkeypatch):
    told = [Finding(name, name, "Seen.", "Do.") for name in ("note", "serious", "warning")]
    monkeypatch.setattr(checkup, "diagnose", lambda *_, **_given: tuple(told[:2]))
    monkeypatch.setattr(checkup, "window_findings", lambda _base: (told[2],))
    found = diagnose_base(shop, model="BGNBD")
    assert [one.severity for one in found] == ["serious", "warning", "note"]


def test_of_contracts_what_their_fit_found():
    rng = np.random.default_rng(2)
    begins = pd.Timestamp("2024-01-05") + pd.to_timedelta(rng.integers(0, 300, 80), unit="D")
    months = rng.geometric(0.2, 80)
    ends = [b + pd.DateOffset(months=int(n)) for b, n in zip(begins, months, strict=True)]
    contracts = pd.DataFrame(
        {"customer_id": range(80), "started_at": begins, "ended_at": ends, "mrr": 10.0}
    )
    orders = pd.DataFrame({"customer_id": range(80), "ordered_at": begins, "amount": 1.0})
    base = quick.opened(orders=orders, subscriptions=contracts, as_of=date(2025, 3, 1))
    given = SBG(1.0, 2.0)
    assert diagnose_base(base, model=given) == given.diagnosis
    fitted = SBG.fit_counts(contract_counts(contract_table(base)))
    assert diagnose_base(base, model="SBG") == fitted.diagnosis
    assert fitted.diagnosis != given.diagnosis
