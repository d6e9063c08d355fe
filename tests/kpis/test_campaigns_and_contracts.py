"""Win-back, renewal, dormancy, profit, the loyalty index, data quality: from hand-made rows."""

from datetime import date

import pandas as pd
import pytest

import kpilib
from kpilib.demo import tiny_tables
from kpilib.questions.values import Status
from kpilib.statistics import intervals
from tests import quick

MARCH = "2026-03"


def frame(rows, heads):
    table = pd.DataFrame(rows, columns=heads)
    for name in heads:
        if name.endswith("_at"):
            table[name] = pd.to_datetime(table[name], format="mixed")
    return table


def orders(*rows):
    return frame(rows, ["customer_id", "ordered_at", "amount"])


def opened(tables, **options):
    settings = {"lapse_window": 30, "as_of": date(2026, 6, 1), "time_zone": "UTC"} | options
    return quick.opened(**tables, **settings)


EXPOSED = ["campaign_id", "customer_id", "exposed_at", "is_control"]


def test_only_the_lapsed_are_won_back_and_only_within_the_days():
    bought = orders(
        *[(name, "2026-01-01", 10.0) for name in ("A", "B", "C", "D")],
        ("E", "2026-02-25", 10.0), ("A", "2026-03-10", 5.0), ("B", "2026-04-09", 5.0),
        ("C", "2026-04-10", 5.0), ("D", "2026-03-12", 5.0), ("N", "2026-03-20", 5.0),
    )  # fmt: skip
    reached = [("w", name, "2026-03-10", name == "D") for name in ("A", "B", "C", "D", "E", "N")]
    shop = opened({"orders": bought, "campaign_exposures": frame(reached, EXPOSED)})
    found = shop.kpi("win_back_rate", MARCH)
    assert (found.numerator, found.denominator) == (2, 3)
    assert found.details["control_rate"] == 1.0
    low, high = intervals.newcombe(2, 3, 1, 1)
    assert found.details["uplift_low"] == pytest.approx(float(low))
    assert found.details["uplift_high"] == pytest.approx(float(high))


def test_without_a_control_group_there_is_no_uplift():
    bought = orders(("A", "2026-01-01", 10.0))
    shop = opened(
        {"orders": bought, "campaign_exposures": frame([("w", "A", "2026-03-10", None)], EXPOSED)}
    )
    found = shop.kpi("win_back_rate", MARCH)
    assert (found.value, found.details["uplift"]) == (0, None)
    unsaid = frame([("w", "A", "2026-03-10")], EXPOSED[:3])
    again = opened({"orders": bought, "campaign_exposures": unsaid}).kpi("win_back_rate", MARCH)
    assert (again.value, again.details["uplift"]) == (0, None)


CONTRACTS = ["customer_id", "started_at", "term_end_at", "ended_at"]
ENDED = ("A", "2025-03-15", "2026-03-15", "2026-03-15")


@pytest.mark.parametrize(
    ("rows", "renewed"),
    [
        ([("A", "2025-03-15", "2026-03-15", None)], 1),
        ([("A", "2025-03-15", "2026-03-15", "2026-04-14")], 0),
        ([("A", "2025-03-15", "2026-03-15", "2026-04-15")], 1),
        ([("A", "2025-03-15", "2026-03-15", "2025-09-01")], 0),
        ([("A", "2025-03-15", "2026-03-15", "2026-03-15"), ("A", "2026-04-14", None, None)], 1),
        ([("A", "2025-03-15", "2026-03-15", "2026-03-15"), ("A", "2026-04-15", None, None)], 0),
        ([ENDED, ("A", "2025-06-01", None, "2026-03-15")], 0),
        ([ENDED, ("A", "2025-06-01", None, "2026-03-16")], 1),
        ([ENDED, ("A", "2025-03-15", None, "2026-04-10")], 0),
    ],
)
def test_a_term_is_renewed_by_itself_or_by_what_follows_within_the_grace(rows, renewed):
    found = opened({"subscriptions": frame(rows, CONTRACTS)}).kpi("renewal_rate", MARCH)
    assert (found.numerator, found.denominator) == (renewed, 1)


def test_a_term_within_its_grace_is_pending():
    table = frame([("A", "2025-03-15", "2026-03-15", None)], CONTRACTS)
    found = opened({"subscriptions": table}, as_of=date(2026, 4, 14)).kpi("renewal_rate", MARCH)
    assert (found.status, found.denominator) == (Status.INCOMPLETE, 0)


@pytest.mark.parametrize(("day", "dormant"), [("2026-03-01", 1), ("2026-03-02", 0)])
def test_a_contact_within_the_lapse_window_is_no_silence(day, dormant):
    contacts = frame([("A", day)], ["customer_id", "event_at"])
    bought = orders(("A", "2026-01-01", 30.0), ("B", "2026-03-20", 10.0))
    found = opened({"orders": bought, "interactions": contacts}).kpi("dormant_customers", MARCH)
    assert (found.numerator, found.denominator) == (dormant, 2)
    assert found.details["value_share"] == pytest.approx(0.75 * dormant)


def test_first_buyers_of_the_month_before_who_bought_again():
    days = [("A", "2026-02-01"), ("B", "2026-02-28"), ("C", "2026-01-31"), ("C", "2026-02-10")]
    days += [("A", "2026-03-31"), ("C", "2026-03-01")]
    bought = orders(*[(*one, 1.0) for one in days])
    found = opened({"orders": bought}).kpi("cohort_retention", MARCH)
    assert (found.numerator, found.denominator) == (1, 2)


def test_the_dormant_are_worth_what_they_had_brought_and_contracts_pay_on():
    heads = ["customer_id", "event_at"]
    bought = orders(("A", "2026-01-01", 30.0), ("B", "2026-03-20", 10.0), ("C", "2026-01-02", 20.0))
    contacts = frame([("C", "2026-03-09")], heads)
    shop = opened({"orders": bought, "interactions": contacts})
    found = shop.kpi("dormant_customers", MARCH)
    assert (found.numerator, found.denominator) == (1, 3)
    assert found.details == {"value_share": 0.5}
    # Under contracts it is who pays at the close: A, who has gone, is not looked at, D is silent.
    paying = frame(
        [("A", "2026-01-01", "2026-03-01"), ("C", "2026-01-01", None), ("D", "2026-01-01", None)],
        ["customer_id", "started_at", "ended_at"],
    )
    tables = {"orders": bought, "interactions": contacts, "subscriptions": paying}
    club = opened(tables, activity="subscriptions").kpi("dormant_customers", MARCH)
    assert (club.numerator, club.denominator) == (1, 2)
    assert club.details == {"value_share": 0}


def test_profit_adds_up_to_the_business_and_costs_of_the_inactive_count():
    bought = orders(("A", "2026-03-05", 100.0), ("B", "2025-01-01", 50.0))
    costs = pd.DataFrame({"customer_id": ["A", "B", "X"], "date": "2026-03-10",
                          "amount": [10.0, 4.0, 1.0]})  # fmt: skip
    shop = opened({"orders": bought, "customer_costs": costs}, value={"margin": 0.5})
    found = shop.kpi("customer_net_profit", MARCH)
    assert (found.numerator, found.denominator) == (50 - 15, 3)
    assert (found.details["revenue"], found.details["costs"]) == (100, 15)


def test_the_texts_profit_per_customer_is_four_hundred():
    names = [f"c{n}" for n in range(500)]
    bought = orders(*[(name, "2026-03-05", 1000.0) for name in names])
    costs = pd.DataFrame({"customer_id": names, "date": "2026-03-10", "amount": 600.0})
    found = opened({"orders": bought, "customer_costs": costs}).kpi("customer_net_profit", MARCH)
    assert found.value == 400


def test_the_loyalty_index_is_the_mean_of_its_components():
    shop = opened(tiny_tables(), loyalty_index={"preset": "source2"}, as_of=date(2026, 5, 1))
    found = shop.kpi("loyalty_index", "2026-04")
    assert found.details["recommendation"] == pytest.approx(0.7)
    assert found.details["repurchase"] == 0
    assert found.value == pytest.approx(35)
    weighted = opened(
        tiny_tables(),
        loyalty_index={"preset": "source2", "weights": {"recommendation": 3.0, "repurchase": 1.0}},
        as_of=date(2026, 5, 1),
    )
    assert weighted.kpi("loyalty_index", "2026-04").value == pytest.approx(52.5)


def test_a_component_without_a_value_leaves_no_index():
    shop = opened(tiny_tables(), loyalty_index={"preset": "source2"}, as_of=date(2026, 5, 1))
    found = shop.kpi("loyalty_index", "2026-02")
    assert found.status is Status.UNDEFINED
    assert found.reason.en == "no value of recommendation"


def records():
    rows = [("A", "2026-01-01", "web", "retail", "VN", "2026-03-30"),
            ("B", "2025-01-01", "n/a", "Other", None, "2025-02-01"),
            ("C", None, " 00 ", "retail", "VN", None),
            ("D", "2026-04-01", "web", "retail", "VN", "2026-04-01")]  # fmt: skip
    heads = ["customer_id", "created_at", "acquisition_channel", "segment", "country", "updated_at"]
    return frame(rows, heads)


def test_cells_are_missing_where_words_stand_for_nothing():
    shop = opened({"orders": orders(("A", "2026-03-01", 1.0)), "customers": records()})
    complete = shop.kpi("dq_completeness", MARCH)
    assert (complete.numerator, complete.denominator, complete.low) == (4 + 2 + 2, 12, None)
    specific = shop.kpi("dq_specificity", MARCH)
    assert (specific.numerator, specific.denominator) == (5, 6)
    fresh = shop.kpi("dq_continuity", MARCH)
    assert (fresh.numerator, fresh.denominator) == (1, 3)


def test_rows_are_clean_without_faults_strangers_and_broken_rules():
    bought = orders(("A", "2026-03-01", 1.0), ("X", "2026-03-01", 1.0), (None, "2026-03-01", 1.0),
                    ("B", "2026-03-01", 500.0))  # fmt: skip
    rules = pd.DataFrame({"table": ["orders"], "column": ["amount"], "rule": ["amount <= 100"]})
    people = records().assign(referred_by_customer_id=["B", "B", "Q", None])
    shop = opened({"orders": bought, "customers": people, "rules": rules}, max_loss=0.9)
    found = shop.kpi("dq_cleanliness", MARCH)
    assert (found.numerator, found.denominator) == (8 - 5, 8)


def test_a_rule_that_is_not_understood_is_named():
    rules = pd.DataFrame({"table": ["orders"], "column": ["amount"], "rule": ["amount is nice"]})
    shop = opened(
        {"orders": orders(("A", "2026-03-01", 1.0)), "customers": records(), "rules": rules}
    )
    with pytest.raises(kpilib.InputError, match="'amount is nice' is not understood"):
        shop.kpi("dq_cleanliness", MARCH)


def test_the_score_is_the_mean_of_its_parts_by_their_weights():
    tables = {"orders": orders(("A", "2026-03-01", 1.0), ("Q", "2026-03-01", 1.0)),
              "customers": records()}  # fmt: skip
    sample = pd.DataFrame({"customer_id": ["A", "B"], "column": "country",
                           "recorded": ["VN", "US"], "verified": ["vn", "VN"]})  # fmt: skip
    parts = {"completeness": 8 / 12, "cleanliness": 5 / 6, "specificity": 5 / 6,
             "continuity": 1 / 3}  # fmt: skip
    plain = opened(tables | {"audit_sample": sample}).kpi("data_quality_score", MARCH)
    assert plain.details == pytest.approx(parts | {"accuracy": 0.5})
    assert plain.value == pytest.approx(sum(parts.values()) / 4)
    given = {"weights": {"completeness": 3.0, "continuity": 2.0}}
    weighed = opened(tables, data_quality=given).kpi("data_quality_score", MARCH)
    assert weighed.details == pytest.approx(parts)
    whole = 3 * parts["completeness"] + parts["cleanliness"] + parts["specificity"] + 2 / 3
    assert weighed.value == pytest.approx(whole / 7)


def test_without_columns_to_fill_nothing_is_complete_and_it_says_so():
    tables = {"orders": orders(("A", "2026-03-01", 1.0)), "customers": records()}
    named = opened(tables).kpi("dq_completeness", MARCH)
    assert named.notes[0].en.startswith("columns: ") and "country" in named.notes[0].en
    bare = tables | {"customers": records()[["customer_id"]]}
    found = opened(bare).kpi("dq_completeness", MARCH)
    assert (found.status, found.notes) == (Status.UNDEFINED, ())
    assert found.reason.en == "customers has none of the columns to be filled"
    late = tables | {"customers": records().assign(created_at=pd.Timestamp("2026-05-01"))}
    early = opened(late).kpi("dq_completeness", MARCH)
    assert early.reason.en == "no customer record by the close"


def test_consent_stands_from_its_day_until_it_is_withdrawn():
    heads = ["customer_id", "purpose", "given_at", "withdrawn_at"]
    rows = [("A", "Marketing", "2026-03-31", "2026-04-01"), ("C", "profiling", "2026-01-01", None)]
    consents = frame([*rows, ("B", "marketing", "2026-01-01", "2026-03-31")], heads)
    bought = orders(("A", "2026-03-01", 1.0))
    shop = opened({"orders": bought, "customers": records(), "consents": consents})
    found = shop.kpi("privacy_consent", MARCH)
    assert (found.numerator, found.denominator) == (1, 3)


def test_only_an_audit_tells_accuracy():
    sample = pd.DataFrame({"customer_id": ["A", "B", "C", "D"], "column": "country",
                           "recorded": ["VN ", None, "US", "US"],
                           "verified": ["vn", "US", "FR", None]})  # fmt: skip
    bought = orders(("A", "2026-03-01", 1.0))
    found = opened({"orders": bought, "audit_sample": sample}).kpi("dq_accuracy", MARCH)
    assert (found.numerator, found.denominator) == (1, 3)
    assert opened({"orders": bought}).kpi("dq_accuracy", MARCH).status is Status.UNAVAILABLE


def test_a_target_is_met_warned_of_or_missed_in_the_good_direction():
    targets = pd.DataFrame(
        {"kpi_id": ["buyers", "buyers", "revenue", "churn_rate"], "target": [1.0, 5.0, 3.0, 0.5],
         "warn": [None, None, 1.0, None], "period": [None, "2026-03", "2026-03", "2026-04"]}
    )  # fmt: skip
    bought = orders(("A", "2026-03-01", 2.0), ("B", "2026-01-01", 1.0))
    shop = opened({"orders": bought, "targets": targets})
    table = shop.analysis("kpi_targets", MARCH)
    assert table["status"].tolist() == ["missed", "warn"]
    assert table["gap"].tolist() == [-4.0, -1.0]
    assert shop.kpi("buyers", MARCH).target == 5.0
    assert shop.kpi("buyers", "2026-02").target == 1.0
