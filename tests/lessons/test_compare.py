"""One month under every definition: four churn rates of one month, and our own numbers again."""

from datetime import date

import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.lessons.compare.comparison import compare
from kpilib.lessons.compare.topics import TOPICS, ours, topic
from tests.quick import tiny_shop


def contracts(opening=1000, new=200, lost=50, new_lost=20):
    """A month of contracts: so many at the opening, so many new, so many of each lost."""
    rows = []
    for number in range(opening):
        ended = "2026-03-10" if number < lost else None
        rows.append((f"old {number}", "2026-01-05", ended))
    for number in range(new):
        ended = "2026-03-25" if number < new_lost else None
        rows.append((f"new {number}", "2026-03-05", ended))
    table = pd.DataFrame(rows, columns=["customer_id", "started_at", "ended_at"])
    return kpilib.open(subscriptions=table, as_of=date(2026, 4, 5))


@pytest.fixture(scope="module")
def month():
    return contracts()


def test_four_rules_give_four_churn_rates_of_one_month(month):
    table = compare("churn", month, "2026-03").table.set_index("rule")
    assert table.loc["opening", "value"] == 50 / 1000
    assert table.loc["stripe", "value"] == 70 / 1200
    assert table.loc["closing", "value"] == 70 / 1130
    assert table.loc["baremetrics", "value"] == 70 / 1000
    shown = [f"{100 * table.loc[name, 'value']:.1f}" for name in table.index[:4]]
    assert sorted(shown) == ["5.0", "5.8", "6.2", "7.0"]
    assert table.loc["average", "value"] == 70 / 1065


def test_the_customers_that_make_the_difference_are_named(month):
    found = {one.rule.id: one.differs for one in compare("churn", month, "2026-03").found}
    assert set(found["baremetrics"].over_more) == {f"new {number}" for number in range(20)}
    assert found["baremetrics"].under_more == ()
    assert set(found["stripe"].under_more) == {f"new {number}" for number in range(200)}
    assert found["opening"].customers == 0 and found["stripe"].customers == 200


def test_retention_of_more_than_all_comes_from_the_totals():
    month = contracts(1000, 200, 100, 0)
    table = compare("retention", month, "2026-03").table.set_index("rule")
    assert table["value"].round(3).to_dict() | {} == {
        "matched": 0.9, "totals": 0.9, "growth": 1.1, "bought": 0.0,
        "stripe": round(1100 / 1200, 3),
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in TOPICS if name not in ("clv", "loyalty")])
def test_the_rule_that_is_a_kpi_gives_its_value(name, small_business):
    for one in compare(name, small_business, "2026-06").found:
        if one.rule.kpi:
            value = small_business.kpi(one.rule.kpi, "2026-06").value
            assert one.value == pytest.approx(value, rel=1e-12), one.rule.id


def test_a_definition_whose_table_is_missing_says_so():
    found = compare("loyalty", tiny_shop(), "2026-04")
    assert [one.value is None for one in found.found[:2]] == [False, False]
    found = compare("complaints", contracts(), "2026-03")
    assert all(one.value is None and "tickets" in one.why for one in found.found)


def test_it_shows_itself_in_three_languages(month):
    for lang, word in (("en", "opening customers"), ("vi", "khách đầu kỳ"), ("zh", "期初客户")):
        found = compare("churn", month, "2026-03", lang)
        assert word in str(found)
        assert word in found._repr_mimebundle_()["text/html"]


def test_topics_by_name_and_by_kpi():
    assert topic("Response time").id == "response" and topic("complaint rate").id == "complaints"
    assert ours("retention_rate_ledger")[1].id == "totals"
    with pytest.raises(InputError, match="churn"):
        topic("chrun")
    with pytest.raises(InputError, match="no other definitions"):
        ours("dq_accuracy")


def test_whether_buyers_come_back_is_not_told_before_the_next_period_is_over():
    days = ["2026-03-02", "2026-03-09", "2026-04-06"]
    orders = pd.DataFrame({"customer_id": [1, 2, 1], "ordered_at": days, "amount": 10.0})
    base = kpilib.open(orders=orders, lapse_window=45, as_of=date(2026, 4, 11))
    table = compare("repurchase", base, "2026-03").table.set_index("rule")
    assert pd.isna(table.loc["next", "value"])
    over = kpilib.open(orders=orders, lapse_window=45, as_of=date(2026, 5, 1))
    table = compare("repurchase", over, "2026-03").table.set_index("rule")
    assert table.loc["next", "value"] == 0.5


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ("response", {"vi": "cần bảng", "zh": "需要"}),
        ("csat", {"vi": "cần", "zh": "需要"}),
        ("repurchase", {"vi": "không có gì để chia", "zh": "没有"}),
    ],
)
def test_why_a_definition_has_no_number_is_said_in_the_language(topic, why):
    orders = pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-03-02"], "amount": 10.0})
    base = kpilib.open(orders=orders, lapse_window=45, as_of=date(2026, 4, 1))
    for lang, words in why.items():
        said = {one.why for one in compare(topic, base, "2026-03", lang=lang).found} - {""}
        assert said and all(words in one for one in said), said


def test_a_topic_is_found_by_its_whole_name_before_its_first_word():
    assert topic("Customer lifetime value").id == "clv"
    assert topic("customer").id == "customers" and topic("satisfaction (CSAT)").id == "csat"
