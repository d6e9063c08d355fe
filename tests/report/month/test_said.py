"""The month in words: of one base, in every language, the same each time, and plain data."""

import json
import re

import pytest

from kpilib.periods import Period
from kpilib.report.month.said import say_month
from kpilib.report.page.facts import Facts
from kpilib.report.page.pages import month_page


@pytest.mark.parametrize("lang", ["en", "vi", "zh"])
def test_it_is_plain_data_and_the_same_each_time(shop, lang):
    first, second = (json.dumps(say_month(shop, lang), sort_keys=True) for _ in range(2))
    assert first == second
    assert not re.search(r"\bnan\b|None|Traceback", first)


def test_the_ledger_is_an_equation_that_holds(shop):
    left, right = say_month(shop, "en")["ledger"]["title"].split(" = ")
    assert left == "4 + 0 + 1 − 2" and right == "3"


def test_the_headline_is_of_revenue_and_its_parts(shop):
    said = say_month(shop, "en")
    assert said["headline"].startswith(
        "Revenue fell 67% to £55.00: new customers brought £80.00 less"
    )
    assert [one["name"] for one in said["bridge"]["list"]] == [
        "March", "New customers", "Returning buyers", "Orders each", "Order size", "April",
    ]  # fmt: skip


def test_every_family_has_its_rows_and_a_finding(shop):
    said = say_month(shop, "en")
    assert {row["id"] for row in said["rows"]["sales"]} == {
        "revenue", "gross_revenue", "orders_count", "buyers",
    }  # fmt: skip
    assert said["findings"]["engagement"].startswith("Needs records that were not given")
    assert "KPIs need records that were not given" in said["missing"]


def test_distrust_names_how_many_totals_kept_to_their_limits():
    from types import SimpleNamespace

    from kpilib.report.month.tiles import failed_tests

    asked = SimpleNamespace(tested={"times": 3.0, "within": 1.0, "bias": 0.011})
    assert failed_tests(asked, "en") == (
        "1 of 3 tests kept to their limits; the model promised 1.1% too much in all"
    )
    asked.tested["bias"] = -0.24
    assert failed_tests(asked, "en").endswith("the model fell 24% short in all")


@pytest.mark.parametrize("chance", [True, False])
def test_the_page_says_that_nothing_moved_only_of_what_could_be_judged(chance):
    period = Period.month("2026-10")
    facts = Facts("shop", period, period.end, "UTC", "GBP", 90, (), {})
    run = {"lang": "en", "status": "good", "notebooks": [], "versions": {}}
    row = {"id": "nps", "name": "NPS", "line": "", "before": "20.0", "now": "30.0", "kind": "quiet",
           "change": "▲ +10.0", "between": ""}  # fmt: skip
    changed = {"beyond": [], "chance": [row] if chance else [], "early": [row]}
    told = {"command": "kpilib report", "last_good": None, "before": None}
    page = month_page(facts, run, {"changed": changed}, [], told)
    assert ("Nothing moved by more than chance" in page) is chance
    assert "Too early to judge" in page


@pytest.mark.parametrize(
    ("lang", "both"), [("en", ("2026-Q2", "2026-Q3")), ("vi", ("quý 2", "quý 3"))]
)
def test_the_heads_of_quarters_are_in_the_language(lang, both):
    period = Period.parse("2026-Q3")
    facts = Facts("shop", period, period.end, "UTC", "GBP", 90, (), {})
    run = {"lang": lang, "status": "good", "notebooks": [], "versions": {}}
    row = {"id": "nps", "name": "NPS", "line": "", "before": "20", "now": "30", "kind": "quiet",
           "change": "▲ +10", "between": ""}  # fmt: skip
    changed = {"beyond": [], "chance": [row], "early": []}
    told = {"command": "kpilib report", "last_good": None, "before": None}
    page = month_page(facts, run, {"changed": changed}, [], told)
    heads = page.partition("<thead>")[2].partition("</thead>")[0]
    assert all(one in heads for one in both)
    assert ("12 periods" if lang == "en" else "12 kỳ") in heads
