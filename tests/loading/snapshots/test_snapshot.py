"""A snapshot is what was loaded: rows, account, settings, fingerprints, whatever comes later."""

import shutil

import pandas as pd
import pytest

import kpilib
from kpilib.contract.prepared import PREPARED
from kpilib.engines.connection import may_use
from kpilib.errors import InputError, QualityGateError
from kpilib.loading import load
from kpilib.loading.snapshots.snapshot import read_snapshot, snapshot_of, take_snapshot
from kpilib.questions.base import prepare_base

ORDERS = (
    "order_id,customer_id,ordered_at,amount\n1,a,2026-01-05,10\n2,b,2026-01-20,5.5\n"
    "3,a,2026-02-11,7\n4,,2026-02-12,9\n5,c,2026-02-20,4\n"
)
TOML = 'currency = "EUR"\nlapse_window = 20\n[targets]\nchurn_rate = 0.2\n'


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "kpilib.toml").write_text(TOML)
    return folder


@pytest.fixture
def taken(shop, tmp_path):
    take_snapshot(str(shop), tmp_path / "data")
    return tmp_path / "data"


def rows(loaded, name="orders"):
    return loaded.engine.collect(loaded.tables[name])


def test_it_is_what_was_loaded(shop, taken):
    first, second = load(str(shop)), read_snapshot(taken)
    assert list(first.tables) == list(second.tables)
    pd.testing.assert_frame_equal(rows(first), rows(second))
    assert second.settings == first.settings and second.as_of == first.as_of
    assert second.source == first.source and second.fingerprints == first.fingerprints
    assert second.accounts["orders"].left_out == {"no customer_id": 1}
    assert str(second.accounts) == str(first.accounts)
    for reason, rows_left_out in first.accounts["orders"].samples.items():
        pd.testing.assert_frame_equal(
            second.accounts["orders"].samples[reason], rows_left_out, obj=reason
        )
    assert second.accounts["orders"].samples.keys() == {"no customer_id"}


def test_a_source_replaced_meanwhile_changes_no_number(shop, taken, monkeypatch):
    monkeypatch.setenv(PREPARED, str(taken))
    before = kpilib.open(str(shop)).kpi("churn_rate", "2026-02")
    (shop / "orders.csv").write_text(ORDERS + "6,d,2026-01-25,1000\n")
    base = kpilib.open(str(shop))
    assert base.kpi("churn_rate", "2026-02") == before and before.target == 0.2
    assert base.fingerprints == read_snapshot(taken).fingerprints
    monkeypatch.delenv(PREPARED)
    assert kpilib.open(str(shop)).kpi("churn_rate", "2026-02") != before
    assert kpilib.open(str(shop)).fingerprints != base.fingerprints


def test_another_source_and_other_options_are_read_as_ever(shop, taken, tmp_path, monkeypatch):
    monkeypatch.setenv(PREPARED, str(taken))
    assert snapshot_of(str(shop), {}) is not None
    assert snapshot_of(str(shop / "orders.csv"), {}) is None
    assert snapshot_of(str(shop), {"lapse_window": 30}) is None
    assert snapshot_of(None, {}) is None
    assert kpilib.open(str(shop), lapse_window=30).lapse_window.days == 30
    monkeypatch.setenv(PREPARED, str(tmp_path / "nowhere"))
    assert snapshot_of(str(shop), {}) is None


def test_several_read_it_at_a_time_and_none_can_write_it(taken):
    one, two = read_snapshot(taken), read_snapshot(taken)
    assert len(rows(one)) == len(rows(two)) == 4
    (name,) = one.engine.connection.execute(
        "SELECT database_name FROM duckdb_databases() WHERE readonly AND NOT internal"
    ).fetchone()
    with pytest.raises(Exception, match="read-only"):
        one.engine.connection.execute(f"DELETE FROM {name}.orders")


def test_it_is_its_owners_alone_and_computes_in_one_thread(taken):
    assert taken.stat().st_mode & 0o077 == 0
    (threads,) = (
        read_snapshot(taken).engine.connection.execute("SELECT current_setting('threads')")
    ).fetchone()
    assert threads == 1


def test_a_source_that_changes_while_it_is_read_is_refused(shop, tmp_path, monkeypatch):
    from kpilib.engines.duck import DuckEngine

    save = DuckEngine.save

    def save_later(engine, frames, path):
        (shop / "orders.csv").write_text(ORDERS + "6,d,2026-01-25,1000\n")
        save(engine, frames, path)

    monkeypatch.setattr(DuckEngine, "save", save_later)
    with pytest.raises(InputError, match=r"orders\.csv has changed since it was read"):
        take_snapshot(str(shop), tmp_path / "data")


def test_a_folder_that_cannot_hold_it_is_bad_input(shop, tmp_path):
    (tmp_path / "tables.duckdb").mkdir()
    with may_use(tmp_path):
        loaded = load(str(shop))
    with pytest.raises(InputError, match=r"cannot be written.*TMPDIR"):
        loaded.engine.save(loaded.tables, tmp_path / "tables.duckdb")


def test_what_loading_refuses_is_refused(shop, tmp_path):
    (shop / "orders.csv").write_text("customer_id,ordered_at,amount\n,2026-01-05,3\n")
    with pytest.raises(QualityGateError):
        take_snapshot(str(shop), tmp_path / "data")
    shutil.rmtree(shop)
    with pytest.raises(InputError, match="no such file"):
        take_snapshot(str(shop), tmp_path / "data")


def test_purchases_are_made_once_and_are_the_same_in_every_process(shop, tmp_path, monkeypatch):
    (shop / "refunds.csv").write_text(
        "order_id,customer_id,refunded_at,amount\n1,a,2026-01-08,10\n,b,2026-02-02,1.5\n"
    )
    first = prepare_base(str(shop), tmp_path / "data")
    monkeypatch.setenv(PREPARED, str(tmp_path / "data"))
    monkeypatch.setattr("kpilib.activity.records.buy", None)
    second = kpilib.open(str(shop))
    for name in ("purchases", "money"):
        one, other = (base.engine.collect(getattr(base, name)) for base in (first, second))
        pd.testing.assert_frame_equal(one, other)
    assert len(one) > 3 and first._bought.refunded_orders == second._bought.refunded_orders == 1
    assert second.first_day == first.first_day
    assert second.kpi("churn_rate", "2026-02") == first.kpi("churn_rate", "2026-02")


def test_a_prepared_base_answers_like_any(shop, tmp_path):
    base = prepare_base(str(shop), tmp_path / "data", "vi")
    assert base.lang == "vi" and base.notes == ()
    assert base.kpi("customers_active", "2026-02").value == 2
