"""Months set beside each other: verdicts, the order, and the interval of a difference."""

import json

import numpy as np
import pytest

from kpilib.errors import InputError
from kpilib.report.history.compare import between, compare
from kpilib.report.history.published import Published, find_month, months_before, read_month
from tests.report.conftest import VALUE as SHOWN

UNTOLD = dict.fromkeys(("change", "change_low", "change_high", "signal", "signal_reason", "good"))
VALUE = SHOWN | UNTOLD
"""A value of a time before values told their own change."""

RUN = {"status": "good", "data": "shop", "notebooks": [], "inputs": {}, "versions": {}}


def month(label, *values, **run):
    year, number = map(int, label.split("-"))
    after = f"{year + number // 12}-{number % 12 + 1:02d}-01"
    period = {"start": f"{label}-01", "end": after}
    said = RUN | {"period": {**period, "label": label}} | run
    return Published(None, said, tuple({**VALUE, "period": period, **one} for one in values))


def verdict(a, b):
    (found,) = compare(month("2026-09", a), month("2026-10", b))
    return found


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ({"value": 0.2, "low": 0.18, "high": 0.22}, {}, "better"),
        ({"value": 0.01, "low": 0.0, "high": 0.02}, {}, "worse"),
        ({"value": 0.06, "low": 0.04, "high": 0.08}, {}, "no clear change"),
        ({"value": 0.05}, {}, "unchanged"),
        ({"value": 0.06, "low": None}, {}, "no interval"),
        ({}, {"status": "incomplete"}, "too early"),
        ({"value": None, "status": "undefined", "reason": "nobody"}, {}, "not comparable"),
        ({"value": None}, {"value": None}, "no value"),
        ({"definition": "other"}, {"value": 0.2}, "not comparable"),
        ({"unit": "count"}, {}, "not comparable"),
        ({"value": 0.2, "low": 0.18, "high": 0.22, "better": ""}, {"better": ""}, "moved"),
        ({"value": 0.2}, {"signal": "no clear change"}, "no clear change"),
        ({"value": 0.2}, {"signal": "down"}, "better"),
        ({"value": 0.2}, {"signal": "too early"}, "too early"),
    ],
)
def test_each_verdict_has_its_case(a, b, expected):
    assert verdict(a, b).verdict == expected


def test_why_not_is_said_with_the_month_it_is_about():
    assert verdict({}, {"status": "incomplete"}).reason.en == "2026-10 is not over"
    lacking = verdict({"value": None, "status": "undefined", "reason": "nobody"}, {})
    assert lacking.reason.en == "2026-09 has no value: nobody"
    assert "abc123 to def456" in verdict({}, {"definition": "def456"}).reason.en
    (alone,) = compare(month("2026-09", {}), month("2026-10"))
    assert alone.reason.en == "only 2026-09 has it"


def test_a_signal_counts_only_against_the_month_it_was_made_against():
    values = {"value": 0.2, "low": 0.1, "high": 0.3}, {"signal": "down"}
    (far,) = compare(month("2026-07", values[0]), month("2026-10", values[1]))
    assert far.verdict == "better"  # by the intervals
    wide = {"value": 0.06, "low": 0.01, "high": 0.3}
    (far,) = compare(month("2026-07", wide), month("2026-10", {"signal": "down"}))
    assert far.verdict == "no clear change"


def test_the_most_surprising_comes_first():
    old = [
        {"id": "a", "value": 0.2, "low": 0.19, "high": 0.21},
        {"id": "b", "value": 0.5, "low": 0.49, "high": 0.51},
        {"id": "c", "value": 0.05},
        {"id": "d", "value": 0.06, "low": 0.02, "high": 0.1},
    ]
    found = compare(month("2026-09", *old), month("2026-10", *[{"id": o["id"]} for o in old]))
    assert [one.value["id"] for one in found] == ["b", "a", "d", "c"]
    assert found[0].surprise > found[1].surprise > 1


def test_the_interval_of_a_difference_holds_the_true_one_as_often_as_it_says():
    random = np.random.default_rng(5)
    n, p, q, held = 400, 0.3, 0.36, 0
    from statsmodels.stats.proportion import proportion_confint

    for x, y in zip(random.binomial(n, p, 400), random.binomial(n, q, 400), strict=True):
        (al, ah), (bl, bh) = (proportion_confint(k, n, method="wilson") for k in (x, y))
        a = {"value": x / n, "low": al, "high": ah}
        low, high = between(a, {"value": y / n, "low": bl, "high": bh})
        held += low <= q - p <= high
    assert 0.92 <= held / 400 <= 0.98


def test_it_equals_newcombes_worked_example():
    """Newcombe (1998), Statistics in Medicine 17, table II, (a): 56/70 - 48/80, method 10."""
    from statsmodels.stats.proportion import proportion_confint

    sides = []
    for k, n in ((48, 80), (56, 70)):
        low, high = proportion_confint(k, n, method="wilson")
        sides.append({"value": k / n, "low": low, "high": high})
    low, high = between(*sides)
    assert round(low, 4) == 0.0524 and round(high, 4) == 0.3339


def test_months_are_found_by_label_and_by_folder(tmp_path):
    folder = tmp_path / "2026-09"
    folder.mkdir()
    said = month("2026-09", {}).run
    (folder / "run.json").write_text(json.dumps(said))
    (folder / "kpis.json").write_text(
        json.dumps([dict(one) for one in month("2026-09", {}).values])
    )
    assert find_month("2026-09", tmp_path).label == find_month(str(folder), tmp_path).label
    assert [one.label for one in months_before(tmp_path, "2026-10-01")] == ["2026-09"]
    assert months_before(tmp_path, "2026-09-01") == []
    with pytest.raises(InputError, match="did you mean '2026-09'"):
        find_month("2026-10", tmp_path)
    with pytest.raises(InputError, match="holds no report"):
        read_month(tmp_path)
    (folder / "kpis.json").write_text('[{"id": "churn_rate"}]')
    with pytest.raises(InputError, match=r"kpis.json cannot be read .*family"):
        read_month(folder)
