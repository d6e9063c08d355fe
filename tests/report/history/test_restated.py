"""A run looks back: what it keeps, what it finds restated, where provisional numbers will end."""

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.vintage.rows import rows_of, write_rows
from kpilib.registry import definitions as registry
from kpilib.report.history import restated
from kpilib.report.history.compare import compare
from kpilib.report.history.overview import months_page
from kpilib.report.history.pages import difference_page
from kpilib.report.history.past import parts_text, past_page, signed, write_past, write_past_page
from kpilib.report.history.published import find_month
from kpilib.report.history.restated import look_back
from kpilib.report.history.settling import end_interval, settling
from kpilib.report.page.facts import Facts
from tests.report.history.test_compare import month as published
from tests.report.test_run import outline

IDS = ("revenue", "buyers", "customer_ledger")
DEFINITIONS = {kpi_id: registry.definition(kpi_id) for kpi_id in IDS}
MARCH, APRIL = Period.month("2026-03"), Period.month("2026-04")


def shop(*late, as_of):
    days = pd.to_datetime(["2026-01-05", "2026-02-10", "2026-03-05", "2026-03-20", *late])
    who = ["An", "Binh", "An", "Chi", "<script>", "Dana"][: len(days)]
    orders = pd.DataFrame({"customer_id": who, "ordered_at": days, "amount": 100.0})
    orders["order_id"] = [f"o{number}" for number in range(len(days))]
    return kpilib.open(orders=orders, as_of=as_of, lapse_window=45, currency="GBP")


def facts_of(base, period):
    day = date(1970, 1, 1) + pd.Timedelta(days=base.as_of)
    return Facts("shop", period, day, "UTC", "GBP", 45, (), base.fingerprints, base=base)


def archive(out, base, period, *, rows=True):
    folder = out / period.label
    folder.mkdir(parents=True)
    values = [one.to_dict() for one in ask.values(base, DEFINITIONS, (period,))]
    run = published(period.label, data="shop", inputs=facts_of(base, period).inputs()).run
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "kpis.json").write_text(json.dumps(values))
    if rows:
        write_rows(rows_of(base), folder / "rows")
    return folder


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(restated, "asked_again", lambda: DEFINITIONS)


@pytest.fixture
def march(tmp_path, few):
    archive(tmp_path, shop(as_of=date(2026, 4, 1)), MARCH)
    return tmp_path


def test_late_rows_are_found_and_told(march):
    later = shop("2026-03-30", "2026-04-02", as_of=date(2026, 5, 1))
    facts = facts_of(later, APRIL)
    past = look_back(facts, march, [])
    (month,) = past.months
    found = {(one["id"], one["segment"]): one for one in month["values"]}
    assert found["revenue", None]["published"] == 200 and found["revenue", None]["now"] == 300
    assert found["revenue", None]["parts"] == {"late_rows": 100.0}
    assert found["customer_ledger", "new"]["parts"] == {"late_rows": 1.0}
    assert month["rows"] == {"late_rows": {"orders": 1}, "known_since": {"orders": 1}}
    run = published("2026-04", versions={}, command="kpilib report").run
    run |= {"lang": "vi", "notebooks": []}
    target = march / "2026-04"
    target.mkdir()
    write_past(past, target, facts)
    write_past_page(past, target, facts, run)
    assert json.loads((target / "restated.json").read_text())["months"][0]["period"] == "2026-03"
    assert (target / "rows" / "orders.parquet").is_file()
    page = (target / "history.html").read_text(encoding="utf-8")
    assert "tháng 3/2026" in page and "100,00" in page
    outline(target / "history.html")
    english = past_page(past, facts, run | {"lang": "en"})
    read = re.sub("<[^>]*>", "", english)
    assert "late rows +£100.00" in read and "late rows (orders 1)" in read


@pytest.mark.parametrize(
    ("lang", "edition", "link"),
    [
        ("zh", "zh", "../../2026-03/zh/index.html"),
        ("zh", "", "../2026-03/zh/index.html"),
        ("en", "en", "../../2026-03/index.html"),
        ("vi", "", "../2026-03/index.html"),
    ],
)
def test_an_earlier_month_is_opened_in_the_readers_language_where_it_has_it(
    march, lang, edition, link
):
    said = json.loads((march / "2026-03" / "run.json").read_text()) | {"languages": ["en", "zh"]}
    (march / "2026-03" / "run.json").write_text(json.dumps(said))
    facts = facts_of(shop("2026-03-30", as_of=date(2026, 5, 1)), APRIL)
    run = published("2026-04", versions={}, command="").run
    run |= {"lang": lang, "edition": edition, "notebooks": []}
    assert f'<h3 id="m-2026-03"><a href="{link}">' in past_page(
        look_back(facts, march, []), facts, run
    )


def test_the_list_of_months_and_a_comparison_lead_to_a_month_in_their_language(march):
    later = shop("2026-03-30", as_of=date(2026, 5, 1))
    facts = facts_of(later, APRIL)
    archive(march, later, APRIL, rows=False)
    write_past(look_back(facts, march, []), march / "2026-04", facts)
    for label in ("2026-03", "2026-04"):
        path = march / label / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"languages": ["en", "zh"]}))
    assert 'href="2026-04/zh/history.html#m-2026-03"' in months_page(march, "zh")
    assert 'href="2026-04/history.html#m-2026-03"' in months_page(march, "vi")
    both = [find_month(label, march) for label in ("2026-03", "2026-04")]
    for lang, edition in (("zh", "zh/"), ("en", "")):
        page = difference_page(*both, compare(*both), lang)
        assert all(f'href="{one.label}/{edition}index.html"' in page for one in both)


def test_where_no_rows_were_kept_the_change_is_told_and_its_cause_is_not(tmp_path, few):
    archive(tmp_path, shop(as_of=date(2026, 4, 1)), MARCH, rows=False)
    facts = facts_of(shop("2026-03-30", as_of=date(2026, 5, 1)), APRIL)
    past = look_back(facts, tmp_path, [])
    assert past.restated and past.months[0]["attributed"] is False
    run = published("2026-04", versions={}, command="").run | {"lang": "en", "notebooks": []}
    assert "not known: the report kept no rows" in past_page(past, facts, run)


def test_a_month_of_the_same_input_is_not_asked_again(march, monkeypatch):
    base = shop(as_of=date(2026, 4, 1))
    facts = facts_of(base, APRIL)
    run = json.loads((march / "2026-03" / "run.json").read_text())
    run |= {"inputs": facts.inputs(), "code": restated.code_digest()}
    (march / "2026-03" / "run.json").write_text(json.dumps(run))
    monkeypatch.setattr(restated, "_looked_at", lambda *_: pytest.fail("asked again"))
    past = look_back(facts, march, [])
    assert past.restated == 0 and len(past.months) == 1
    said = published("2026-04", versions={}, command="").run | {"lang": "en", "notebooks": []}
    assert "Of 1 archived report, every number still holds." in past_page(past, facts, said)


def test_other_data_and_later_months_are_left_alone(march):
    facts = facts_of(shop("2026-03-30", as_of=date(2026, 5, 1)), APRIL)
    assert look_back(replace(facts, data="other"), march, []).months == ()
    assert look_back(replace(facts, period=MARCH), march, []).months == ()


def test_damaged_rows_are_named_and_end_no_run(march):
    (march / "2026-03" / "rows" / "orders.parquet").write_bytes(b"PAR1")
    facts = facts_of(shop("2026-03-30", as_of=date(2026, 5, 1)), APRIL)
    (month,) = look_back(facts, march, []).months
    assert "cannot be read" in month["note"] and month["attributed"] is False


def test_no_customers_id_and_no_words_of_theirs_are_kept(tmp_path):
    tables = rows_of(shop("2026-03-30", as_of=date(2026, 5, 1))).tables
    assert not {"An", "<script>"} & set(tables["orders"]["customer_id"])
    assert tables["orders"]["customer_id"].str.len().eq(16).all()


def test_an_end_interval_holds_as_often_as_it_says():
    random, held = np.random.default_rng(11), 0
    for _ in range(2000):
        old = random.uniform(500, 1500, 9)
        new = old * np.exp(random.normal(0.02, 0.03, 9))
        low, high = end_interval(old[0], list(zip(old[1:], new[1:], strict=True)), "money")
        held += low <= new[0] <= high
    assert 0.935 <= held / 2000 <= 0.965


def test_an_end_interval_needs_six_months_and_keeps_a_share_a_share():
    pairs = [(0.98, 0.99 + k / 1000) for k in range(6)]
    assert end_interval(0.999, pairs, "share")[1] == 1.0
    assert end_interval(0.999, pairs[:5], "share") is None
    assert end_interval(0.0, [(0.0, 1.0 + k) for k in range(6)], "count")[1] > 5
    assert end_interval(0.0, [(0.0, 1.0 + k) for k in range(6)], "count")[0] == 0.0


def test_a_share_that_may_pass_one_ends_where_it_may():
    pairs = [(1.04 + k / 100, 1.05 + k / 100 + k % 2 / 50) for k in range(6)]
    low, high = end_interval(1.08, pairs, "share")
    assert 1.0 < low < 1.1 < high


def test_only_provisional_numbers_are_given_an_end():
    months = [
        published(f"2025-{number:02d}", {"value": 100.0}, inputs={"as_of": f"2025-{number:02d}-28"})
        for number in range(1, 8)
    ]

    class Now:
        def __init__(self, value):
            self.value, self.definition = value, "abc123"

    now = {(m.period, "churn_rate", None): Now(101.0 + at / 10) for at, m in enumerate(months)}
    asked = [{**months[0].values[0], "status": "provisional", "unit": "count", "value": 200.0}]
    (found,) = settling(months, now, asked, date(2026, 1, 1))
    assert found["months"] == 7 and 200 < found["low"] < 202.6 < found["high"] < 204
    assert settling(months, now, [asked[0] | {"status": "complete"}], date(2026, 1, 1)) == []
    assert settling(months, now, [asked[0] | {"definition": "x"}], date(2026, 1, 1)) == []
    assert settling(months, now, asked, date(2025, 3, 1)) == []


def test_parts_are_told_largest_first_with_their_sign():
    value = {"unit": "share", "currency": None}
    value |= {"parts": {"late_rows": 0.01, "refunds": -0.02, "merged_customers": None}}
    assert parts_text(value, "en") == (
        "refunds -2.0 points, late rows +1.0 points, merged customers (no number on one side)"
    )
    assert signed(None, "money", "en", "GBP") == "–"
    assert signed(0.00012, "share", "en", None) == "+0.012 points"
