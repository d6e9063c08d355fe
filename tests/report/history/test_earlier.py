"""What a month's folder keeps for the next run, and when that is not taken over."""

import json

import pandas as pd
import pytest

from kpilib.questions.base import prepare_base
from kpilib.questions.shared import answers
from kpilib.registry import definitions as registry
from kpilib.report.history import earlier
from kpilib.report.page.facts import Facts
from kpilib.report.proof.seal import sealed
from tests.report.history.test_restated import facts_of

DEFINITIONS = {name: registry.definition(name) for name in ("revenue", "buyers", "churn_rate")}


@pytest.fixture
def shop(tmp_path):
    """A folder of orders, each month's in a file, up to March."""
    folder = tmp_path / "shop"
    (folder / "orders").mkdir(parents=True)
    (folder / "kpilib.toml").write_text('lapse_window = 45\ncurrency = "GBP"\nsettle_days = 0\n')
    for month in (1, 2, 3):
        orders(folder, month)
    return folder


def orders(folder, month):
    days = pd.date_range(f"2026-{month:02}-01", periods=28)
    table = pd.DataFrame({"customer_id": range(28), "ordered_at": days, "amount": 10.0 + month})
    table.to_csv(folder / "orders" / f"{month}.csv", index=False)


@pytest.fixture
def facts(shop, tmp_path):
    """The facts of a run of a month, of whose base a few KPIs can be asked."""

    def of(month, name="shop"):
        base = prepare_base(str(shop), tmp_path / f"prepared-{len([*tmp_path.iterdir()])}")
        found = facts_of(base, base.period(month))
        return Facts(**{**vars(found), "data": name})

    return of


def asked(facts):
    return answers.values(facts.base, DEFINITIONS, facts.period.trailing(3))


def publish(out, facts, *, anew=False):
    """A run of the month: what it took over, and its folder."""
    carried = earlier.take_over(facts, out, anew=anew)
    asked(facts)
    folder = out / facts.period.label
    folder.mkdir(parents=True, exist_ok=True)
    earlier.keep(carried, folder, facts)
    run = {
        "period": {**facts.period.to_dict(), "label": facts.period.label},
        "status": "good",
        "data": facts.data,
        "notebooks": [],
    }
    (folder / "kpis.json").write_text("[]")
    (folder / "run.json").write_text(json.dumps(sealed(run, folder)))
    return carried.record


def test_the_next_month_takes_over_what_is_settled(shop, facts, tmp_path):
    out = tmp_path / "reports"
    assert publish(out, facts("2026-02")) == {}
    orders(shop, 4)
    # Three KPIs of December to February; the data of the first run ended on the 28th of March.
    record = publish(out, facts("2026-04"))
    assert record == {"from": "2026-02", "values": 9, "until": "2026-03-29"}
    again = facts("2026-04")
    assert publish(out, again)["from"] == "2026-04"
    assert [one.value for one in asked(again)] == [one.value for one in asked(facts("2026-04"))]


def test_nothing_is_taken_over_where_all_is_to_be_computed_anew(facts, tmp_path):
    out = tmp_path / "reports"
    publish(out, facts("2026-02"))
    assert publish(out, facts("2026-03"), anew=True) == {}


def test_nothing_is_taken_over_of_other_data(facts, tmp_path):
    out = tmp_path / "reports"
    publish(out, facts("2026-02"))
    assert publish(out, facts("2026-03", "another shop")) == {}


def test_nothing_is_taken_over_that_was_written_over(facts, tmp_path):
    out = tmp_path / "reports"
    publish(out, facts("2026-02"))
    kept = out / "2026-02" / earlier.FILE
    text = kept.read_text()
    assert "38" in text
    kept.write_text(text.replace("38", "39"))
    assert publish(out, facts("2026-03")) == {}


@pytest.mark.parametrize("what", ["code_digest", "versions"])
def test_nothing_is_taken_over_from_other_code(facts, tmp_path, monkeypatch, what):
    out = tmp_path / "reports"
    publish(out, facts("2026-02"))
    monkeypatch.setattr(earlier, what, lambda: "another")
    assert publish(out, facts("2026-03")) == {}


def test_no_id_of_a_customer_is_kept(shop, facts, tmp_path):
    days = pd.date_range("2026-01-01", periods=20)
    table = pd.DataFrame({"customer_id": "planted-9137", "ordered_at": days, "amount": 4.0})
    for month in (1, 2, 3):
        table.to_csv(shop / "orders" / f"{month}.csv", index=False)
    out = tmp_path / "reports"
    publish(out, facts("2026-01"))
    assert "9137" not in (out / "2026-01" / earlier.FILE).read_text()
