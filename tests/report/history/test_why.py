"""Why the movers of a month moved: asked when it is published, read when it is compared."""

import json
from dataclasses import replace

from kpilib.demo import tiny_shop
from kpilib.periods import Period
from kpilib.report.history.compare import compare
from kpilib.report.history.told import grouped
from kpilib.report.history.why import FILE, published_reasons, reasons
from tests.report.history.test_compare import month

APRIL = Period.month("2026-04")


def moved(kpi_id, **changes):
    value = {"id": kpi_id, "signal": "up", "segment": None, "period": APRIL.to_dict()}
    return value | {"value": 3.0, "usual": 1.0, "visible": 0.5} | changes


def test_what_moved_beyond_chance_is_taken_apart_in_every_language():
    values = [
        moved("buyers", usual=2.9),
        moved("revenue"),
        moved("orders_count", signal="no clear change"),
        moved("churn_rate", segment="web"),
        moved("customer_ledger"),
        moved("buyers", period=APRIL.previous().to_dict()),
    ]
    found = reasons(tiny_shop(), APRIL, values)
    assert [*found] == ["revenue", "buyers"]
    why = tiny_shop().why("revenue", APRIL)
    assert found["revenue"] == {lang: why.told(lang) for lang in ("en", "vi", "zh")}
    assert reasons(None, APRIL, values) == {}


def test_a_comparison_says_why_where_the_months_follow_one_another(tmp_path):
    first = month("2026-09", {"value": 0.2, "low": 0.19, "high": 0.21})
    second = month("2026-10", {"value": 0.05, "low": 0.04, "high": 0.06})
    second = replace(second, folder=tmp_path)
    assert published_reasons(first, second) == {}
    said = {lang: f"{lang}: <b>web</b>" for lang in ("en", "vi", "zh")}
    name = second.values[0]["id"]
    (tmp_path / FILE).write_text(json.dumps({name: said}))
    whys = published_reasons(first, second)
    (group,) = grouped(compare(first, second), "vi", whys)
    assert group["lines"][0]["why"] == said["vi"]
    assert published_reasons(month("2026-08", {}), second) == {}
    (tmp_path / FILE).write_text("[1]")
    assert published_reasons(first, second) == {}
