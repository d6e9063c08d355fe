"""What a run says of itself, and what it must not say."""

from dataclasses import replace
from datetime import date

import pytest
from conftest import FACTS, VALUE

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.report.facts import kpi_command, month_name, refuse_secrets, versions


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
    assert {"Python", "pandas", "papermill"} <= set(versions())
