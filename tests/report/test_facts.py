"""What a run says of itself, and what it must not say."""

from dataclasses import replace
from datetime import date

import pytest

from kpilib import __version__
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.report.page.facts import kpi_command, month_name, read_facts, refuse_secrets, versions
from tests.report.conftest import FACTS, VALUE


@pytest.mark.parametrize(
    "data",
    [
        "postgresql://ann:s3cret@db.example/shop",
        "mysql://db.example/shop?user=ann&password=s3cret",
        "https://example.com/orders.csv?api_key=s3cret",
        "https://example.com/orders.csv?Token=s3cret",
    ],
)
def test_a_password_in_the_data_is_refused_and_not_repeated(data):
    with pytest.raises(InputError) as caught:
        refuse_secrets(data)
    assert "s3cret" not in str(caught.value) and "password" in str(caught.value)


@pytest.mark.parametrize(
    "data", ["cdnow", "shop.toml", "C:\\data\\pass.csv", "s3://bucket/key?x=1"]
)
def test_other_data_are_not(data):
    refuse_secrets(data)


def test_days_are_named_as_people_name_them():
    assert (FACTS.last_day, FACTS.complete_to) == (date(1998, 6, 30), date(1998, 6, 30))
    assert month_name(Period.parse("2026-Q4"), "en") == "2026-Q4"


def test_inputs_account_for_every_row():
    assert FACTS.inputs()["tables"]["orders"] == {"read": 69659, "kept": 69600, "left_out": 59}
    assert FACTS.inputs() != replace(FACTS, fingerprints={"orders": "other"}).inputs()


def test_the_command_of_a_value_can_be_pasted():
    command = kpi_command(VALUE, "my shop.toml")
    assert command == "kpilib kpi churn_rate --data 'my shop.toml' --period 1998-06"


def test_versions_name_what_makes_the_numbers():
    assert {"kpilib", "Python", "pandas", "papermill"} <= set(versions())
    assert versions()["kpilib"] == __version__


def test_the_data_are_opened_once_and_say_what_they_are(tmp_path):
    facts = read_facts("cdnow-sample", None, tmp_path / "one")
    assert facts.period == Period.month("1998-06") and facts.as_of == date(1998, 7, 1)
    (orders,) = facts.rows
    assert (orders.table, orders.read, orders.kept) == ("orders", 6919, 6919)
    assert facts.inputs() == read_facts("cdnow-sample", "1998-05", tmp_path / "two").inputs()


@pytest.mark.parametrize("period", ["1996-12", "1998-07", "2026-13", "soon"])
def test_a_period_that_the_data_do_not_have_is_bad_input(period, tmp_path):
    with pytest.raises(InputError, match=period):
        read_facts("cdnow-sample", period, tmp_path / "data")


def test_data_that_are_not_there_are_bad_input(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        read_facts("nowhere.csv", None, tmp_path / "data")


def test_a_business_has_the_name_of_its_file_or_of_the_folder_of_its_settings(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for data, name in (("kpilib.toml", tmp_path.name), ("shop.toml", "shop"), ("a/b.csv", "b")):
        assert replace(FACTS, data=data).business == name


def test_a_folder_keeps_its_name_and_a_file_loses_only_its_known_ending(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("shop.v2", "shop.csv"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kpilib.toml").touch()
        for data in (name, f"{name}/", str(tmp_path / name), f"{name}/kpilib.toml"):
            assert replace(FACTS, data=data).business == name
    monkeypatch.chdir(tmp_path / "shop.v2")
    assert replace(FACTS, data=".").business == "shop.v2"
    files = ("a/b.csv", "b.csv.gz", "b.parquet", "b.DuckDB", "b.v2.xlsx", "b.2026-10", "b.toml")
    names = [replace(FACTS, data=data).business for data in files]
    assert names == ["b", "b", "b", "b", "b.v2", "b.2026-10", "b"]
