"""The tables of rules: their defaults, what they take, and what they refuse by name."""

import dataclasses

import pytest

import kpilib
from kpilib.contract.rules import RULES, ServiceRule
from kpilib.contract.settings import SETTING_NAMES, Settings
from kpilib.demo import tiny_orders
from kpilib.errors import InputError

DEFAULTS = {
    "acquisition": {
        "cost_types": ("marketing", "sales"),
        "ad_cost_types": ("marketing",),
        "lag_days": 0,
        "attribution": "recorded",
        "touch_days": 30,
        "half_life_days": 7,
    },
    "campaigns": {"days": 30},
    "surveys": {
        "csat": "csat",
        "nps": "nps",
        "ces": "ces",
        "overall": "overall",
        "recommend": "recommend",
        "effort": "effort",
        "repurchase": "repurchase",
        "answer_days": 14,
        "rake_by": ("segment",),
    },
    "engagement": {
        "site_channels": ("web", "website", "site"),
        "social_channels": (
            *("social", "facebook", "instagram", "x", "twitter", "tiktok", "youtube"),
            *("linkedin", "zalo", "wechat", "weibo"),
        ),
        "session_minutes": 30,
        "open_days": 7,
    },
    "service": {
        "complaint_types": ("complaint",),
        "calendar": "",
        "response_hours": 8,
        "resolution_hours": 40,
        "waiting_events": ("waiting",),
        "subtract_waiting": False,
        "holidays": "",
    },
    "renewal": {"grace_days": 30},
    "referral": {"days": 30, "channel": "referral"},
    "loyalty_index": {"preset": "source3", "weights": {}},
    "data_quality": {
        "columns": ("created_at", "acquisition_channel", "segment", "country"),
        "max_age_days": 365,
        "weights": {},
    },
    "privacy": {"purposes": ("marketing",), "columns": (), "least": 1},
    "loyalty": {"purchases": 3, "days": 365},
    "value": {"months": 12, "discount_rate": 0.10, "margin": 1.0, "model": None},
}


@pytest.mark.parametrize("section", RULES)
def test_a_table_has_the_keys_and_defaults_of_the_catalogue(section):
    assert dataclasses.asdict(getattr(Settings(), section)) == DEFAULTS[section]
    assert section in SETTING_NAMES


@pytest.mark.parametrize(
    ("section", "values", "message"),
    [
        ("acquisition", {"cost_type": ["sales"]}, "did you mean 'cost_types'"),
        ("acquisition", {"cost_types": []}, r"cost_types = \[\] must be a list of words"),
        ("acquisition", {"cost_types": [3]}, "cost_types = 3 must be a word"),
        ("acquisition", {"lag_days": -1}, "lag_days = -1 must be a whole number of at least 0"),
        ("acquisition", {"attribution": "lst"}, "did you mean 'last'"),
        ("acquisition", {"half_life_days": 0}, "half_life_days = 0 must be above 0, like 7"),
        ("campaigns", {"days": 0}, "campaigns.days = 0 must be a whole number of at least 1"),
        ("campaigns", {"day": 5}, "'day' is not a setting; did you mean 'days'"),
        ("surveys", {"csat": ""}, "surveys.csat = '' must be a word"),
        ("surveys", {"answer_days": 1.5}, "answer_days = 1.5 must be a whole number"),
        ("engagement", {"session_minutes": "30"}, "session_minutes = '30' must be a whole number"),
        ("service", {"response_hours": 0}, "response_hours = 0 must be above 0"),
        ("service", {"response_hours": {"urgent": 1}}, "response_hours has no 'default'"),
        ("service", {"resolution_hours": {"default": "x"}}, "resolution_hours.default = 'x'"),
        ("service", {"subtract_waiting": 1}, "subtract_waiting = 1 must be true or false"),
        ("service", {"calendar": True}, "service.calendar = True must be an id"),
        ("renewal", {"grace_days": True}, "grace_days = True must be a whole number"),
        ("referral", {"chanel": "x"}, "'chanel' is not a setting; did you mean 'channel'"),
        ("loyalty_index", {"preset": "source4"}, "'source4' is not known; did you mean 'source3'"),
        (
            "loyalty_index",
            {"weights": {"renewal": 1}},
            "'renewal' is not a setting; did you mean 'referral'",
        ),
        ("loyalty_index", {"weights": {"referal": 1}}, "did you mean 'referral'"),
        ("data_quality", {"weights": {"continuity": -1}}, "continuity = -1 must be a number of at"),
        ("data_quality", {"columns": "  "}, "columns = '  ' must name columns"),
        ("privacy", {"purposes": [None]}, "privacy.purposes = None must be a word"),
        ("privacy", "marketing", "privacy = 'marketing' must be a table of settings"),
    ],
)
def test_a_bad_value_is_named_with_what_it_must_be(section, values, message):
    with pytest.raises(InputError, match=message):
        Settings.from_mapping({section: values}, "shop.toml")


def test_weights_that_are_all_zero_are_refused_and_a_component_left_out_weighs_one():
    zero = dict.fromkeys(("repurchase", "recommendation"), 0)
    with pytest.raises(InputError, match=r"loyalty_index\.weights are all 0"):
        Settings.from_mapping({"loyalty_index": {"preset": "source2", "weights": zero}})
    some = {"preset": "source2", "weights": {"repurchase": 0}}
    assert Settings.from_mapping({"loyalty_index": some}).loyalty_index.weights == {"repurchase": 0}


def test_words_are_trimmed_and_case_blind_and_one_may_stand_alone():
    rules = Settings.from_mapping(
        {
            "acquisition": {"cost_types": [" Marketing", "marketing", "PR"]},
            "privacy": {"purposes": "Newsletter"},
            "data_quality": {"columns": [" Country "]},
            "service": {"response_hours": {"Urgent": 1, "default": 8.5}, "calendar": 7},
        }
    )
    assert rules.acquisition.cost_types == ("marketing", "pr")
    assert rules.privacy.purposes == ("newsletter",)
    assert rules.data_quality.columns == ("Country",)
    assert rules.service.response_hours == {"urgent": 1, "default": 8.5}
    assert rules.service.calendar == "7"


def test_rules_are_keywords_of_open_too():
    base = kpilib.open(
        orders=tiny_orders(),
        service={"response_hours": 4},
        referral={"days": 60},
    )
    assert base.settings.service == ServiceRule(response_hours=4)
    assert base.settings.referral.days == 60
    with pytest.raises(InputError, match="'servic' is neither a setting nor a table; did you mean"):
        kpilib.open(orders=tiny_orders(), servic={})
    for section in RULES:
        assert f"`{section}`" in kpilib.open.__doc__
