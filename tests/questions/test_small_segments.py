"""Values of small segments are kept back, in text, JSON and every change from them."""

import json

import pandas as pd
import pytest

import kpilib
from kpilib.cli import main
from kpilib.errors import InputError
from kpilib.questions.values import Status


@pytest.fixture(scope="module")
def tables():
    """Customers of three countries, 30, 12 and 2, each with an order a month."""
    countries = ["VN"] * 30 + ["DE"] * 12 + ["SC"] * 2
    ids = [f"c{place}" for place in range(len(countries))]
    who = pd.DataFrame({"customer_id": ids, "country": countries})
    months = pd.date_range("2026-01-10", periods=5, freq="MS") + pd.Timedelta(days=9)
    orders = pd.DataFrame(
        [(one, day, 10.0) for day in months for one in ids[day.month - 2 :]],
        columns=["customer_id", "ordered_at", "amount"],
    )
    return {"orders": orders, "customers": who, "lapse_window": 40, "currency": "EUR"}


def shown(base, kpi_id, period="2026-04"):
    return {one.segment: one for one in base.kpi(kpi_id, period, by="country")}


def test_nothing_is_kept_back_unless_it_is_asked_for(tables):
    assert shown(kpilib.open(**tables), "buyers")["SC"].n is not None


@pytest.mark.parametrize("kpi_id", ["buyers", "revenue", "average_purchase_value", "churn_rate"])
def test_a_small_segment_and_the_next_are_without_numbers(tables, kpi_id):
    base = kpilib.open(**tables, privacy={"least": 5})
    found = shown(base, kpi_id)
    assert set(found) == {"VN", "DE", "SC"}
    for name in ("SC", "DE"):
        one = found[name]
        if one.value is None and one.reason and "kept back" not in one.reason.en:
            continue
        numbers = (one.value, one.low, one.high, one.numerator, one.denominator, one.n)
        assert one.status is Status.UNDEFINED and set(numbers) == {None} and not one.details
        assert "fewer than 5 cases" in one.reason.en and one.change is None
    assert base.kpi(kpi_id, "2026-04").value is not None


def test_neither_months_nor_files_nor_json_tell(tables, tmp_path, capsys):
    base = kpilib.open(**tables, privacy={"least": 5})
    for one in base.trend("buyers", 4, by="country"):
        assert (one.value is None) == (one.segment != "VN")
    assert base.kpi("buyers", "2026-03", by="country").frame()["n"].notna().sum() == 1
    for name in ("orders", "customers"):
        tables[name].to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "kpilib.toml").write_text("lapse_window = 40\n[privacy]\nleast = 5\n")
    words = ["kpi", "buyers", "--by", "country", "--period", "2026-03", "--data", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    told = {one["segment"]: one for one in json.loads(capsys.readouterr().out)}
    assert told["SC"]["value"] is None and told["SC"]["n"] is None and told["VN"]["n"] == 29
    assert main(words) == 0
    assert "kept back" in capsys.readouterr().out


def test_a_change_is_not_taken_apart_by_small_segments(tables):
    base = kpilib.open(**tables, privacy={"least": 5})
    why = base.why("revenue", "2026-04")
    assert why.kept_back == ("country",) and why.to_dict()["kept_back"] == ["country"]
    assert set(why.segments["dimension"]) == {"customers"}
    with pytest.raises(InputError, match=r"segments of fewer than 5 cases.*coarser"):
        base.why("revenue", "2026-04", by="country")
    assert kpilib.open(**tables).why("revenue", "2026-04", by="country").kept_back == ()
