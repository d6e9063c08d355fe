"""The loyalty index, component by component and by hand, and what its weights move."""

import pandas as pd
import pytest

from kpilib.questions.values import Status
from tests import quick
from tests.kpis.test_satisfaction import answer, tables

MARCH = "2026-03"


def shop(**options):
    """a buys on two days, b and c on one; of three answers b's has no name; b invites.

    Two contracts were due, and one of them was renewed; the survey is on a scale of 1 to 5.
    """
    days = [("a", 2), ("a", 9), ("b", 4), ("b", 4), ("c", 20)]
    orders = pd.DataFrame(
        [(who, pd.Timestamp(2026, 3, day), 10.0) for who, day in days],
        columns=["customer_id", "ordered_at", "amount"],
    )
    said = [("a", "csat", 4), (None, "csat", 2), ("c", "csat", 4), ("a", "nps", 9), ("b", "nps", 3)]
    rows = [answer(who, survey, score, "2026-03-20") for who, survey, score in said]
    contracts = pd.DataFrame(
        {
            "customer_id": ["a", "x"],
            "started_at": pd.Timestamp("2025-03-05"),
            "term_end_at": pd.Timestamp("2026-03-05"),
            "ended_at": pd.to_datetime([None, "2026-03-05"]),
        }
    )
    invited = pd.DataFrame({"referrer_customer_id": ["b"], "invited_at": ["2026-03-15"]})
    given = tables(*rows, referrals=invited, subscriptions=contracts) | {"orders": orders}
    return quick.opened(
        **given | options.pop("tables", {}),
        as_of="2026-07-01",
        lapse_window=45,
        activity="purchases",
        time_zone="UTC",
        **options,
    )


PARTS = {"satisfaction": 7 / 12, "repurchase": 1 / 3, "referral": 1 / 3, "recommendation": 0.6,
         "renewal": 1 / 2}  # fmt: skip
"""Scores moved to 0 … 1; buyers of two days; active customers who invited; answers over 10."""


@pytest.mark.parametrize(
    ("preset", "names"),
    [
        ("source3", ("satisfaction", "repurchase", "referral")),
        ("source2", ("repurchase", "recommendation")),
        ("source3_faq", ("repurchase", "referral", "renewal")),
    ],
)
def test_every_preset_is_the_mean_of_its_parts(preset, names):
    found = shop(loyalty_index={"preset": preset}).kpi("loyalty_index", MARCH)
    assert found.details == pytest.approx({name: PARTS[name] for name in names})
    assert found.value == pytest.approx(100 * sum(PARTS[name] for name in names) / len(names))


def test_a_part_without_a_weight_counts_once():
    given = {"preset": "source3", "weights": {"satisfaction": 3.0, "referral": 2.0}}
    found = shop(loyalty_index=given).kpi("loyalty_index", MARCH)
    whole = 3 * PARTS["satisfaction"] + PARTS["repurchase"] + 2 * PARTS["referral"]
    assert found.value == pytest.approx(100 * whole / 6)


@pytest.mark.parametrize("lacking", ["referrals", "survey_responses"])
def test_the_index_needs_what_its_parts_read(lacking):
    found = shop(tables={lacking: None}).kpi("loyalty_index", MARCH)
    assert found.status is Status.UNAVAILABLE and lacking in found.reason.en


def test_other_presets_are_answered_where_their_columns_were_given():
    found = shop().analysis("loyalty_index_weights", MARCH)
    assert list(found["preset"].unique()) == ["source3", "source2", "source3_faq"]
    without_terms = pd.DataFrame({"customer_id": ["a"], "started_at": ["2025-03-05"]})
    base = shop(tables={"subscriptions": without_terms}, loyalty_index={"preset": "source2"})
    found = base.analysis("loyalty_index_weights", MARCH)
    assert list(found["preset"].unique()) == ["source2", "source3"]
