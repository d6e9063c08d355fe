"""Settings: what is misspelt or of the wrong kind is named with its remedy."""

import time
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.contract.rules import LoyaltyRule
from kpilib.contract.settings import Settings, read_tables, read_toml
from kpilib.errors import InputError
from tests.loading.shops import shop


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"lapse_windw": 90}, "'lapse_windw' is not a setting; did you mean 'lapse_window'"),
        ({"lapse_window": 0}, "lapse_window = 0 must be a whole number of at least 1"),
        ({"lapse_window": True}, "lapse_window = True must be a whole number"),
        ({"lapse_window": 30.5}, "lapse_window = 30.5 must be a whole number"),
        ({"currency": "EURO"}, "currency = 'EURO' is not an ISO 4217 code"),
        ({"as_of": "2026-13-01"}, "as_of = '2026-13-01' is not a date"),
        ({"as_of": datetime(2026, 1, 1, 12)}, "is not a date; write it like"),
        ({"max_loss": 35}, "max_loss = 35 is no share"),
        ({"max_loss": True}, "max_loss = True is no share"),
        ({"activity": "subscription"}, "did you mean 'subscriptions'"),
        ({"time_zone": "Nowhere"}, "write an IANA name, like Europe/London"),
        ({"time_zone": "../etc"}, "time_zone = '../etc' is not known"),
        ({"loyalty": {"purchase": 3}}, "loyalty: 'purchase' is not a setting; did you mean"),
        ({"loyalty": {"days": 0}}, "loyalty.days = 0 must be a whole number"),
        ({"value": {"month": 12}}, "value: 'month' is not a setting; did you mean 'months'"),
        ({"value": {"months": 0}}, "value.months = 0 must be a whole number of at least 1"),
        ({"value": {"discount_rate": -1}}, "value.discount_rate = -1 must be above -1"),
        ({"value": {"margin": 0}}, "value.margin = 0 must be above 0 and at most 1, like 0.30"),
        ({"value": {"margin": 35}}, "value.margin = 35 must be above 0 and at most 1"),
        ({"value": {"months": 1201}}, "value.months = 1201 must be at most 1,200"),
        ({"lapse_window": 10**9}, "lapse_window = 1000000000 must be at most 100,000"),
        ({"campaigns": {"days": 10**7}}, "campaigns.days = 10000000 must be at most 100,000"),
        ({"value": {"model": "BGNB"}}, "value.model = 'BGNB' is not known; did you mean 'BGNBD'"),
        ({"value": 12}, "value = 12 must be a table of settings"),
        ({"targets": {"churn_rate": "low"}}, "targets.churn_rate = 'low' is not a number"),
        ({"orders": "orders.csv"}, r"\[orders\] must be a table of settings, not 'orders.csv'"),
        ({"orders": {"colums": {}}}, r"\[orders\]: 'colums' is not a setting; did you mean"),
        ({"orders": {"columns": {"amount": 3}}}, r"columns must map names to text"),
        ({"orders": {"lines": "yes"}}, "lines = 'yes' must be true or false"),
        ({"orders": {"decimal": ";"}}, "decimal = ';' is not a decimal mark"),
        ({"orders": {"delimiter": "||"}}, "delimiter = '||' must be one character"),
        ({"order": {"lines": True}}, "'order' is not a setting; did you mean 'orders'"),
    ],
)
def test_a_bad_setting_is_named(values, message):
    with pytest.raises(InputError, match=message):
        Settings.from_mapping(values, "shop.toml")


def test_nested_settings_are_read():
    settings = Settings.from_mapping(
        {
            "as_of": "2026-11-01",
            "currency": " eur ",
            "loyalty": {"purchases": 4},
            "targets": {"churn_rate": 0.05},
            "orders": {"cancelled": "storniert"},
        }
    )
    assert settings.as_of == date(2026, 11, 1)
    assert settings.currency == "EUR"
    assert settings.loyalty == LoyaltyRule(4, 365)
    assert settings.targets["churn_rate"] == 0.05
    assert settings.table("orders").cancelled == ("storniert",)
    assert settings.table("refunds").columns == {}


def test_targets_may_also_be_a_table():
    settings = Settings.from_mapping({"targets": {"file": "targets.csv"}})
    assert settings.targets == {}
    assert settings.table("targets").file == "targets.csv"


def test_replace_reads_as_from_mapping_does():
    assert Settings().replace(currency="usd").currency == "USD"
    with pytest.raises(InputError, match="did you mean 'currency'"):
        Settings().replace(curency="usd")


def test_read_tables_names_an_unknown_table():
    with pytest.raises(InputError, match="'refnds' is not a table; did you mean 'refunds'"):
        read_tables({"refnds": {}}, "options")


@pytest.mark.parametrize("content", [b"currency = ", b"\xff\xfe\x00"])
def test_a_broken_toml_is_named(tmp_path, content):
    path = tmp_path / "kpilib.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"kpilib\.toml: not valid TOML"):
        read_toml(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".".join(["a"] * 50_000) + " = 1", "parts or more"),
        (".".join(['"a"'] * 25_000) + " = 1", "parts or more"),
        ("x = " + "9" * 100_000, "not valid TOML"),
        ("x = " + "[" * 50_000, "not valid TOML"),
        ("x = " + "{a = " * 5_000, "not valid TOML"),
        ("# " + "x" * 300_000, "larger than"),
        ("-" * 200_000, "not valid TOML"),
        (
            "[orders.leave_out]\n" + "".join(f"r{i} = 'amount = {i}'\n" for i in range(2_000)),
            "2,000 leave_out; 200 at most",
        ),
        ("[orders]\ndate_format = [" + "'%Y'," * 9_000 + "]", "20 at most"),
    ],
)
def test_a_file_made_to_exhaust_its_reader_is_refused_at_once(tmp_path, text, said):
    path = tmp_path / "kpilib.toml"
    path.write_text(text)
    began = time.monotonic()
    with pytest.raises(InputError, match=said):
        Settings.from_mapping(read_toml(path), str(path))
    assert time.monotonic() - began < 2


def test_what_a_notebook_reckons_is_a_setting_like_what_one_types():
    given = {"lapse_window": np.int64(90), "settle_days": np.int32(2), "as_of": "2026-11-01"}
    reckoned = kpilib.open(orders=shop(), **given).settings
    typed = kpilib.open(orders=shop(), lapse_window=90, settle_days=2, as_of=date(2026, 11, 1))
    assert reckoned == typed.settings
    assert type(reckoned.lapse_window) is int
    for midnight in (datetime(2026, 11, 1), pd.Timestamp("2026-11-01")):
        assert kpilib.open(orders=shop(), as_of=midnight).settings.as_of == date(2026, 11, 1)
    rule = kpilib.open(orders=shop(), loyalty={"purchases": np.int64(4)}).settings.loyalty
    assert rule == LoyaltyRule(purchases=4)


def test_the_longest_windows_there_may_be_are_reckoned_with():
    base = kpilib.open(
        orders=shop(customer_id=[1, 2]),
        lapse_window=100_000,
        as_of="2026-04-01",
        loyalty={"days": 100_000},
        acquisition={"touch_days": 100_000},
    )
    assert base.kpi("customers_active", "2026-02").value == 2
    assert base.kpi("churn_rate", "2026-02").value is None
    assert base.kpi("first_purchase_loss_rate", "2026-01").value is None
    assert base.kpi("loyal_customers", "2026-02").value == 0
