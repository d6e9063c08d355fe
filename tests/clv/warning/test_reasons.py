"""Reasons of a chance from terms that are given: which are said, in which order, in which words."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kpilib.clv.warning.reasons import group_terms, reasons

USUAL = {
    "n": 4, "recency": 120, "usual": 33.4, "recent": 1, "before": 3, "visits": 2.0,
    "visits_before": 14.0, "complaints": 2.0, "score": 0.256, "opened": 0.5, "ended": 1.0,
}  # fmt: skip


def said(terms, lang="en", days=90, **values):
    """The reasons of one customer whose columns add these terms to the log odds."""
    model = SimpleNamespace(
        terms=lambda columns: {name: np.array([t]) for name, t in terms.items()}
    )
    now = SimpleNamespace(table=pd.DataFrame([USUAL | values]), columns={})
    return reasons(model, now, days, lang).tolist()


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("recency", {}, "120 days since the last purchase, about 33 between purchases before"),
        ("recency", {"n": 2, "usual": 33.5}, "120 days since the last purchase, about 34 between"),
        ("recency", {"n": 1}, "120 days since the only purchase"),
        ("frequency", {}, "4 purchases so far"),
        ("frequency", {"n": 1}, "1 purchase so far"),
        ("slowing", {}, "purchases in the last 90 days: 1, in the 90 before: 3"),
        ("visits", {}, "interactions in the last 30 days: 2, usual: 5"),
        ("visits", {"visits": 0.0}, "interactions in the last 30 days: 0, usual: 5"),
        ("visits", {"visits_before": 0.0}, "interactions in the last 30 days: 2, usual: 0"),
        ("visits", {"visits": 0.0, "visits_before": 0.0}, "no interactions in the last 120 days"),
        ("complaints", {}, "2 complaints in the last 90 days"),
        ("complaints", {"complaints": 1.0}, "1 complaint in the last 90 days"),
        ("complaints", {"complaints": 0.0}, "no word from the customer in 90 days"),
        ("score", {}, "last survey answered at 26.0% of its scale"),
        ("score", {"score": np.nan}, "no answer to a survey of late"),
        ("opened", {}, "e-mails opened: 50.0%"),
        ("opened", {"opened": np.nan}, "no e-mail delivered of late"),
        ("member", {}, "a contract ended or was cancelled of late"),
        ("ended", {"ended": 0.0}, "no contract"),
    ],
)
def test_each_group_has_its_words(column, values, words):
    (found,) = said({column: 0.4}, **values)
    assert found.startswith(words) and ";" not in found


def test_the_three_that_weigh_most_are_said_the_weightiest_first():
    terms = {"frequency": 0.2, "slowing": 0.9, "complaints": 0.3, "opened": 0.5, "score": -2.0}
    assert said(terms) == [
        "purchases in the last 90 days: 1, in the 90 before: 3; e-mails opened: 50.0%; "
        "2 complaints in the last 90 days"
    ]
    assert said({"slowing": 0.4}, days=30) == [
        "purchases in the last 30 days: 1, in the 30 before: 3"
    ]


@pytest.mark.parametrize(("weight", "worth"), [(0.149, False), (0.15, True), (0.16, True)])
def test_what_raises_the_odds_by_less_than_a_sixth_is_not_said(weight, worth):
    """exp(0.15) is 1.16."""
    assert said({"frequency": weight}) == (["4 purchases so far"] if worth else [""])


def test_a_group_weighs_what_its_columns_add_together():
    terms = {"recency": 0.1, "overdue": 0.1, "expected": -0.02, "frequency": 0.17, "tenure": 0.01}
    model = SimpleNamespace(terms=lambda _columns: {k: np.array([v]) for k, v in terms.items()})
    found = group_terms(model, SimpleNamespace(columns={}))
    assert {name: value.tolist() for name, value in found.items()} == {
        "rhythm": [pytest.approx(0.19)], "purchases": [0.17],
    }  # fmt: skip
    assert said(terms)[0].startswith("120 days since the last purchase")


def test_of_groups_that_weigh_the_same_the_first_of_the_list_is_first():
    assert said({"opened": 0.4, "frequency": 0.4}) == ["4 purchases so far; e-mails opened: 50.0%"]


def test_each_customer_has_reasons_of_their_own():
    model = SimpleNamespace(
        terms=lambda _c: {"frequency": np.array([0.5, 0.0]), "slowing": np.array([0.0, 0.5])}
    )
    table = pd.DataFrame([USUAL, USUAL | {"n": 9, "recent": 0, "before": 7}])
    found = reasons(model, SimpleNamespace(table=table, columns={}), 90, "en")
    assert found.tolist() == [
        "4 purchases so far", "purchases in the last 90 days: 0, in the 90 before: 7",
    ]  # fmt: skip
