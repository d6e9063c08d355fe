"""What a month's folder keeps for the next run, when that is not taken over, and what is said."""

import json
import shutil
from datetime import date
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

import kpilib
from kpilib.periods import Period
from kpilib.questions.base import prepare_base
from kpilib.questions.shared import answers
from kpilib.registry import definitions as registry
from kpilib.report.history import earlier
from kpilib.report.history.carried import carried_line
from kpilib.report.page.facts import Facts
from kpilib.report.proof.seal import sealed
from kpilib.report.publish import MonthFolder
from tests.report.history.test_restated import facts_of

DEFINITIONS = {name: registry.definition(name) for name in ("revenue", "buyers", "churn_rate")}
SETTINGS = {"lapse_window": 45, "currency": "GBP", "settle_days": 0}
PEOPLE = range(28)
VALUES = 9
"""Three KPIs of December to February."""


def write(folder, months=(1, 2, 3), who=PEOPLE, **settings):
    """A folder of orders, each month's in a file."""
    (folder / "orders").mkdir(parents=True, exist_ok=True)
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in (SETTINGS | settings).items())
    (folder / "kpilib.toml").write_text("".join(lines))
    for month in months:
        days = pd.date_range(f"2026-{month:02}-01", periods=28)
        table = pd.DataFrame({"customer_id": who, "ordered_at": days, "amount": 10.0 + month})
        table.to_csv(folder / "orders" / f"{month}.csv", index=False)
    return folder


def prepared(shop, place, month, name="shop"):
    """The facts of a run of a month, of whose base a few KPIs can be asked."""
    base = prepare_base(str(shop), place)
    return Facts(**{**vars(facts_of(base, base.period(month))), "data": name})


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Orders up to March."""
    return write(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def march(shop, tmp_path_factory):
    """The facts of a run of March."""
    return prepared(shop, tmp_path_factory.mktemp("march") / "data", "2026-03")


@pytest.fixture(scope="module")
def published(shop, tmp_path_factory):
    """Reports with February alone; to be copied by whoever changes them."""
    place = tmp_path_factory.mktemp("published")
    record = publish(place / "reports", prepared(shop, place / "data", "2026-02"))
    assert record["values"] == 0 and record["from"] is None
    return place / "reports"


@pytest.fixture
def out(published, tmp_path):
    return shutil.copytree(published, tmp_path / "reports")


def asked(facts):
    return answers.values(facts.base, DEFINITIONS, facts.period.trailing(3))


def publish(out, facts):
    """A run of the month: what it took over, and its folder."""
    carried = earlier.take_over(facts, out, anew=False)
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


def taken(out, facts, *, anew=False):
    """What is taken over: how many values, and why not more, as reason → names."""
    record = earlier.take_over(facts, out, anew=anew).record
    return record["values"], {one["reason"]: one["names"] for one in record["why"]}


def test_the_next_month_takes_over_what_is_settled(out, tmp_path):
    shop = write(tmp_path / "shop", (1, 2, 3, 4))
    # The data of the first run ended on the 28th of March.
    record = publish(out, prepared(shop, tmp_path / "first", "2026-04"))
    assert record == {
        "from": "2026-02", "values": VALUES, "of": VALUES, "until": "2026-03-29", "why": [],
    }  # fmt: skip
    again = prepared(shop, tmp_path / "again", "2026-04")
    assert publish(out, again)["from"] == "2026-04"
    full = prepared(shop, tmp_path / "full", "2026-04")
    assert [one.value for one in asked(again)] == [one.value for one in asked(full)]


def test_nothing_is_taken_over_where_all_is_to_be_computed_anew(march, published):
    assert taken(published, march, anew=True) == (0, {"forced": []})


def test_nothing_is_taken_over_of_other_data(march, published):
    other = Facts(**{**vars(march), "data": "another shop"})
    assert taken(published, other) == (0, {"nothing kept": []})
    own = Facts(**{**vars(other), "period": march.base.period("2026-02")})
    assert taken(published, own) == (0, {"nothing kept": []})


@pytest.mark.parametrize("change", [lambda text: text.replace("38", "39"), lambda text: ""])
def test_nothing_is_taken_over_that_was_written_over(march, out, change):
    kept = out / "2026-02" / earlier.FILE
    assert "38" in kept.read_text()
    kept.write_text(change(kept.read_text()))
    assert taken(out, march) == (0, {"file": ["2026-02"]})
    kept.unlink()
    assert taken(out, march) == (0, {"file": ["2026-02"]})


@pytest.mark.parametrize("what", ["code_digest", "versions"])
def test_nothing_is_taken_over_from_other_code(march, published, monkeypatch, what):
    monkeypatch.setattr(earlier, what, lambda: "another")
    assert taken(published, march) == (0, {"code": []})


def test_nothing_is_taken_over_where_rows_have_no_marks(published):
    orders = pl.DataFrame({"customer_id": [1], "ordered_at": [date(2026, 3, 1)], "amount": [1.0]})
    base = kpilib.open(orders=orders, lapse_window=45)
    found = facts_of(base, base.period("2026-03"))
    assert taken(published, found) == (0, {"engine": []})
    assert (
        earlier.take_over(Facts(**{**vars(found), "base": None}), published, anew=False).record
        == {}
    )


def test_nothing_is_taken_over_under_other_settings_windows_columns_or_targets(published, tmp_path):
    shop = write(tmp_path / "shop", lapse_window=60, country="VN", week_starts="sunday")
    table = pd.read_csv(shop / "orders" / "1.csv").assign(channel="web")
    table.to_csv(shop / "orders" / "1.csv", index=False)
    refunds = pd.DataFrame({"customer_id": [1], "refunded_at": ["2026-03-02"], "amount": [1.0]})
    refunds.to_csv(shop / "refunds.csv", index=False)
    targets = pd.DataFrame({"kpi_id": ["churn_rate"], "period": ["2026-03"], "target": [0.1]})
    targets.to_csv(shop / "targets.csv", index=False)
    count, why = taken(published, prepared(shop, tmp_path / "data", "2026-03"))
    assert count == 0
    assert why.pop("targets") == []
    assert why == {
        "lapse_window": ["45", "60"],
        "settings": ["country", "week_starts"],
        "columns": ["orders.channel", "refunds", "targets"],
    }


def test_what_came_late_or_is_no_more_is_told_with_its_day(published, tmp_path):
    shop = write(tmp_path / "shop")
    table = pd.read_csv(shop / "orders" / "2.csv")
    table.loc[3, "amount"] += 1
    table.to_csv(shop / "orders" / "2.csv", index=False)
    late = prepared(shop, tmp_path / "late", "2026-03")
    assert taken(published, late) == (VALUES * 2 // 3, {"rows": ["2026-02-04"]})
    short = write(tmp_path / "short", as_of="2026-02-20")
    (short / "orders" / "3.csv").unlink()
    found = prepared(short, tmp_path / "shorter", "2026-02")
    count, why = taken(published, found)
    assert (count, why) == (VALUES * 2 // 3, {"end of the data": ["2026-02-20"]})


def test_no_id_of_a_customer_is_kept(tmp_path):
    shop = write(tmp_path / "shop", who="planted-9137")
    publish(tmp_path, prepared(shop, tmp_path / "data", "2026-01"))
    assert "9137" not in (tmp_path / "2026-01" / earlier.FILE).read_text()


SAID = {
    "code": ([], "kpilib, Python or a package that computes the values has another version now"),
    "settings": (list("abcdef"), "settings have changed: a, b, c, d, e, …"),
    "lapse_window": (["45", "60"], "the lapse window is 60 days now, and was 45"),
    "columns": (["orders.channel"], "tables or columns have come or gone: orders.channel"),
    "targets": ([], "the table of targets has changed"),
    "file": (["2026-02"], "what 2026-02 kept for later runs is missing or was changed"),
    "engine": ([], "that is done only for orders that DuckDB reads"),
    "forced": ([], "--force has everything computed anew"),
    "nothing kept": ([], "no earlier run of these data has kept any"),
    "rows": (["2026-02-04"], "rows of 2026-02-04 or later are not what they were"),
    "end of the data": (["2026-02-20"], "the data end before 2026-02-20 now"),
}


@pytest.mark.parametrize("reason", SAID)
def test_each_reason_is_said_in_every_language(reason):
    names, words = SAID[reason]
    record = {"from": "2026-02", "values": 0, "of": 9, "why": [{"reason": reason, "names": names}]}
    head = "No value of an earlier period was taken over, all are computed: "
    assert carried_line(record, "en") == head + words
    others = [carried_line(record, lang) for lang in ("vi", "zh")]
    assert others[0].startswith(
        "Không dùng lại giá trị nào của các kỳ trước, tất cả được tính lại: "
    )
    assert others[1].startswith("没有沿用以前各期的任何数值，全部重新计算：")
    assert not any(words in one for one in others)


def test_of_what_was_taken_over_how_many_is_said():
    why = [{"reason": "rows", "names": ["2026-02-04"]}, {"reason": "forced", "names": []}]
    part = {"from": "2026-02", "values": 6, "of": 1200, "why": why}
    assert carried_line(part, "en") == (
        "6 of 1,200 values of earlier periods were taken over from 2026-02, the others are "
        "computed: rows of 2026-02-04 or later are not what they were; --force has everything "
        "computed anew"
    )
    assert carried_line(part, "zh") == (
        "沿用了 2026-02 报告中以前各期 1,200 个数值中的 6 个，其余重新计算："
        "2026年2月4日及以后的记录与当时不同；--force 要求全部重新计算"
    )
    assert carried_line(part | {"values": 1200, "why": []}, "vi") == (
        "Dùng lại 1.200 giá trị của các kỳ trước từ báo cáo 2026-02"
    )
    assert carried_line({}, "en") == ""


def test_names_of_the_data_do_not_steer_the_terminal():
    why = [{"reason": "columns", "names": ["orders.\x1b[2J"]}]
    record = {"from": "2026-02", "values": 0, "of": 9, "why": why}
    assert "\x1b" not in carried_line(record, "en")


def test_the_folder_of_a_week_that_starts_on_sunday_is_found(tmp_path):
    week = Period.parse("2026-W02", week_starts="sunday")
    folder = tmp_path / MonthFolder(tmp_path, week.label).name
    folder.mkdir()
    run = {"period": {**week.to_dict(), "label": week.label}, "status": "good", "data": "shop",
           "notebooks": []}  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run))
    facts = SimpleNamespace(period=week, data="shop")
    assert list(earlier._folders(facts, tmp_path)) == [folder]
