"""Columns mapped: parts of times put together, settings that stand in the wrong place."""

import pytest

from kpilib.errors import InputError
from kpilib.loading import load

from .shops import csv, read, shop


def parted(parts, **columns):
    table = shop(**columns).drop(columns="ordered_at")
    return load(orders=table, options={"orders": {"columns": {"ordered_at": parts}, "day": "last"}})


@pytest.mark.parametrize(
    ("parts", "columns", "second"),
    [
        ({"year": "Y", "month": "M", "day": "D"}, {"Y": [2024], "M": [2], "D": [5]}, 1707091200),
        ({"year": "y", "month": "M"}, {"Y": ["2024"], "M": ["2"]}, 1709164800),
        ({"year": "Y", "month": "M", "day": 1}, {"Y": [2024.0], "M": ["Feb"]}, 1706745600),
        ({"date": "D", "time": "T"}, {"D": ["05/13/2024"], "T": ["14:05:09"]}, 1715609109),
    ],
)
def test_parts_of_a_time_are_put_together(parts, columns, second):
    loaded = parted(parts, **columns)
    found = loaded.engine.collect(loaded.tables["orders"])
    assert found["ordered_second"].tolist() == [second]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"year": "Yr", "month": "M"}, "there is no column 'Yr'; did you mean 'Y'"),
        ({"month": "M"}, "needs year and month, or date"),
        ({"yaer": "Y"}, "'yaer' is not a setting; did you mean 'year'"),
    ],
)
def test_parts_that_make_no_time_are_refused(parts, message):
    with pytest.raises(InputError, match=message):
        parted(parts, Y=[2024], M=[2])


def test_parts_are_for_times_alone():
    with pytest.raises(InputError, match="only a time is put together from parts"):
        load(orders=shop(), options={"orders": {"columns": {"amount": {"year": "a"}}}})


def test_a_setting_below_the_columns_is_told_where_it_belongs(tmp_path):
    csv(tmp_path, "customer_id,ordered_at,amount\n1,05/01/2026,3\n")
    toml = tmp_path / "kpilib.toml"
    toml.write_text('[orders]\n[orders.columns]\ndate_format = "%d/%m/%Y"\n')
    message = (
        r"'date_format' is a setting of the table and no column; write it below \[orders\], ab"
    )
    with pytest.raises(InputError, match=message):
        load(toml)
    toml.write_text('[orders]\ndate_format = "%d/%m/%Y"\n[orders.columns]\namount = "amount"\n')
    assert load(toml).accounts["orders"].kept == 1


def test_sample_rows_of_a_wide_table_show_the_columns_in_use():
    wide = {f"column_{place}": "x" for place in range(20)}
    table = shop(customer_id=[None, "a"], price=["1", "2"], **wide).drop(columns="amount")
    options = {"orders": {"columns": {"amount": "TRY_CAST(price AS DOUBLE)"}}}
    _, account = read(table, options=options)
    assert list(account.samples["no customer_id"]) == ["customer_id", "ordered_at", "price"]


def test_errors_about_a_frame_do_not_speak_of_files():
    with pytest.raises(InputError) as caught:
        load(orders=shop().rename(columns={"customer_id": "who"}))
    assert "kpilib.toml" not in str(caught.value)
    assert 'options={"orders": {"columns": {"customer_id": ' in str(caught.value)
