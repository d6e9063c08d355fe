"""Settings and accounts as JSON has them, and back: nothing of them is lost."""

import json
from dataclasses import fields

import pandas as pd

from kpilib.contract.account import Account, StatusCount
from kpilib.contract.settings import Settings
from kpilib.loading.snapshots.plain import (
    account_as_plain,
    account_from_plain,
    settings_as_plain,
    settings_from_plain,
)

GIVEN = {
    "time_zone": "Asia/Ho_Chi_Minh",
    "currency": "vnd",
    "country": "VN",
    "lapse_window": 60,
    "week_starts": "sunday",
    "as_of": "2026-11-01",
    "loyalty": {"purchases": 4},
    "value": {"months": 24, "margin": 0.3, "model": "SBG"},
    "acquisition": {"cost_types": ["Ads"], "attribution": "time_decay", "half_life_days": 3.5},
    "campaigns": {"days": 7},
    "surveys": {"nps": "NPS", "rake_by": ["country", "plan"]},
    "engagement": {"site_channels": "web"},
    "service": {
        "response_hours": {"Urgent": 1, "default": 8},
        "holidays": {"hanoi": "vn"},
        "subtract_waiting": True,
    },
    "renewal": {"grace_days": 0},
    "referral": {"days": 5},
    "loyalty_index": {"preset": "source2", "weights": {"repurchase": 2.0}},
    "data_quality": {"weights": {"completeness": 3}},
    "privacy": {"columns": ["club"]},
    "activity": "purchases",
    "max_loss": 0.2,
    "settle_days": 3,
    "nobody": ["Guest", 0],
    "ids": "casefold",
    "targets": {"churn_rate": 0.05},
    "alerts": {"churn_rate": {"above": 0.08, "change": "worse"}},
    "orders": {
        "file": ["a.csv", "b.csv"],
        "sheet": ["2025", 2],
        "join": {"file": "items.csv", "on": {"id": "order_id"}, "sum": "price"},
        "columns": {"amount": "Q * P", "ordered_at": {"year": "Y", "month": 3}},
        "leave_out": {"zero price": "P <= 0"},
        "lines": False,
        "sold": ["paid"],
        "cancelled": [],
        "date_format": ["%Y-%m-%d", "epoch_s"],
        "day": 28,
        "decimal": ",",
        "unit": "cents",
        "header": 0,
        "delimiter": ";",
        "encoding": "cp1258",
    },
    "refunds": {"file": "r.csv", "query": "SELECT 1", "table": "r"},
}


def through_json(values):
    return json.loads(json.dumps(values))


def test_every_setting_comes_back_as_it_was():
    settings = Settings.from_mapping(GIVEN)
    assert {item.name for item in fields(Settings)} - {"tables"} <= GIVEN.keys()
    back = settings_from_plain(through_json(settings_as_plain(settings)))
    assert back == settings and repr(back) == repr(settings)
    assert settings_from_plain(through_json(settings_as_plain(Settings()))) == Settings()


def test_targets_may_be_values_and_a_table_at_once():
    settings = Settings.from_mapping({"targets": {"churn_rate": 0.1}})
    settings = settings.replace(currency="EUR")
    tables = Settings.from_mapping({"orders": {"file": "o.csv"}}).tables
    both = Settings(targets={"nps": 1.0}, tables=tables)
    for one in (settings, both):
        assert settings_from_plain(through_json(settings_as_plain(one))) == one


def test_an_account_comes_back_with_its_samples():
    rows = pd.DataFrame({"customer_id": [None, "a"], "amount": [1.5, None]})
    account = Account(
        "orders",
        read=10,
        kept=7,
        left_out={"no customer_id": 3},
        samples={"no customer_id": rows},
        notes=("a note",),
        parts={"a.csv": (4, 3), "b.csv": (6, 4)},
        money={"kept": 5.0, "no customer_id": 1.25},
        wrong=("no customer_id",),
        doubts={"mixed": (2, None)},
        statuses=(StatusCount("paid", 7, "", True),),
    )
    laid = []

    def lay(frame):
        laid.append(frame)
        return str(len(laid) - 1)

    plain = through_json(account_as_plain(account, lay))
    back = account_from_plain(plain, lambda name: lambda: laid[int(name)])
    assert back.to_dict() == account.to_dict() and back.text(samples=True) == account.text(True)
    for item in fields(Account):
        if item.name != "samples":
            assert getattr(back, item.name) == getattr(account, item.name)
            assert type(getattr(back, item.name)) is type(getattr(account, item.name))
