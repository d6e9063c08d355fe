"""Every KPI explained in every language; its formula filled in gives its value again."""

import math
import re
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from latex2mathml.converter import convert

import kpilib
from kpilib.errors import InputError
from kpilib.lessons.disagreements import DISAGREEMENTS
from kpilib.lessons.explain.explanation import _weights, explain
from kpilib.lessons.explain.filled import READ_OFF, fill, fill_rows
from kpilib.lessons.explain.plain import plain_formula
from kpilib.lessons.knowledge import all_knowledge
from kpilib.lessons.record import TEXTS
from kpilib.registry.definitions import catalogue, registry
from kpilib.words.prose import say_formula
from tests.quick import tiny_shop

READ_FROM_A_MODEL = ("clv_predicted",)


def reckoned(latex: str, lang: str = "en") -> float:
    """A formula of numbers reckoned: everything up to its last equals sign."""
    text = latex.rpartition(" = ")[0] or latex
    point, apart = ("{,}", ".") if lang == "vi" else (".", "{,}")
    text = text.replace(apart, "").replace(point, ".")
    while r"\frac" in text:
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    text = text.replace(r"\times", "*").replace(r"\cdot", "*")
    assert re.fullmatch(r"[\d.+\-*/() ]+", text), latex
    return eval(text)  # nothing but digits and signs is left


def test_everything_there_is_to_ask_is_explained():
    assert set(all_knowledge()) == set(catalogue())


@pytest.mark.parametrize("lang", ["vi", "zh"])
def test_no_text_is_missing_in_any_language(lang):
    for kpi_id, known in all_knowledge().items():
        texts = [known.asks, known.decides, *known.mistakes, *known.relatives.values()]
        for text in (*texts, catalogue()[kpi_id].summary):
            assert text.en and text.of(lang) and text.of(lang) != text.en, (kpi_id, text.en)
        assert known.mistakes and known.asks.en.endswith("?")
    for text in DISAGREEMENTS.values():
        assert text.of(lang) != text.en


def test_relatives_texts_and_disagreements_are_there():
    every = catalogue()
    for kpi_id, known in all_knowledge().items():
        assert set(known.relatives) <= set(every) - {kpi_id}, kpi_id
        assert set(known.texts) <= set(range(len(TEXTS)))
        assert set(known.disagreements) <= set(DISAGREEMENTS)
    told = {one for known in all_knowledge().values() for one in known.disagreements}
    assert told == set(DISAGREEMENTS)


@pytest.mark.parametrize("lang", ["en", "vi", "zh"])
def test_every_formula_parses_and_reads_on_one_line(lang):
    for kpi_id in catalogue():
        formula = say_formula(explain(kpi_id).formula, lang)
        assert formula and convert(formula).startswith("<math")
        assert "\\" not in plain_formula(formula).replace(r"\infty", "")


def test_the_filled_formula_gives_the_value_again(small_business):
    base, period = small_business, small_business.period("2026-06")
    found = list(base.scorecard("all", period))
    seen = {lang: set() for lang in ("en", "vi", "zh")}
    for (kpi_id, asked), lang in product(registry().items(), seen):
        values = [replace(one, lang=lang) for one in found if one.id == kpi_id]
        weights = _weights(base, asked, period) if asked.kind == "composite" else None
        for line in fill(values, asked.kind, weights):
            seen[lang].add(kpi_id)
            convert(line.latex)
            if asked.kind in READ_OFF or kpi_id in READ_FROM_A_MODEL:
                continue
            again = reckoned(line.latex, lang)
            assert math.isclose(again, line.value, rel_tol=1e-3, abs_tol=1e-3), (kpi_id, line)
    assert len(seen["en"]) > 60 and seen["en"] == seen["vi"] == seen["zh"]


def test_what_is_read_off_a_curve_is_where_the_curve_says(small_business):
    value = small_business.kpi("average_customer_lifetime", "2026-06")
    rows = value.rows()
    alive, area, before = 1.0, 0.0, 0
    for day in sorted(set(rows["lasted"])):
        area += alive * (day - before)
        ended = int((rows["ended"] & (rows["lasted"] == day)).sum())
        alive *= 1 - ended / int((rows["lasted"] >= day).sum())
        before = day
    assert math.isclose(area, value.value, rel_tol=1e-9)
    (line,) = fill([value], "duration")
    assert f"{round(value.details['horizon']):,}".replace(",", "{,}") in line.latex


def test_months_of_payback_are_no_quotient(small_business):
    value = small_business.kpi("cac_payback", "2026-10")
    assert r"\frac" not in value.filled() and " / " not in str(value)


def test_an_analysis_is_reckoned_from_its_row():
    table = pd.DataFrame({"kept": [None, 9], "customers": [3, 12], "retention": [None, 0.75]})
    line = fill_rows(r"\frac{[kept]}{[customers]}", "retention", table, "en")
    assert line.latex == r"\frac{9}{12} = 0.75" and reckoned(line.latex) == line.value
    assert fill_rows(r"\frac{[kept]}{[customers]}", "retention", table.head(1), "en") is None


def test_analyses_of_a_business_are_reckoned(small_business):
    for kpi_id in ("satisfaction_loyalty_link", "churn_reasons", "value_tiers", "rfm_segments"):
        said = explain(kpi_id, small_business, "2026-06")
        (line,) = said.lines
        assert math.isclose(reckoned(line.latex), line.value, rel_tol=1e-3), line
        assert said.row_count and "low" in said.rows


def test_the_tiny_shop_as_text_and_as_a_card():
    said = kpilib.explain("churn_rate", tiny_shop(), "2026-04")
    text = str(said)
    assert "Of the customers we had, how many did we lose?" in text
    assert "2 / 4 = 50.0%" in text and "4 of 4 rows" in text
    assert "15.0% to 85.0%" in text and "Wilson" in text
    html = said._repr_mimebundle_()["text/html"]
    assert "<math" in html and "Chen" in html and "<script" not in html
    vietnamese = kpilib.explain("churn_rate", tiny_shop(), "2026-04", lang="vi")
    assert "tháng 4/2026" in str(vietnamese) and "Who decides" not in str(vietnamese)


def test_what_cannot_be_had_is_explained_with_the_reason():
    said = kpilib.explain("nps_growth_link", tiny_shop(), "2026-04")
    assert said.result and not said.lines
    said = kpilib.explain("renewal_rate", tiny_shop(), "2026-04")
    assert "subscriptions" in said.result and said.row_count == 0


def test_an_unknown_id_offers_the_nearest():
    with pytest.raises(InputError, match="churn_rate"):
        kpilib.explain("chrun_rate")


def test_why_an_analysis_has_no_table_is_explained_in_the_language():
    days = ["2024-01-05", "2026-02-20"]
    orders = pd.DataFrame({"customer_id": [1, 2], "ordered_at": days, "amount": 5.0})
    base = kpilib.open(orders=orders, lapse_window=45)
    said = kpilib.explain("rfm_segments", base, "2025-12", lang="vi")
    assert "không ai mua" in said.result
