"""Times: how they are written, in which zone, and the hours that a clock change plays with."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.loading import load
from kpilib.loading.reading.clock import Clock
from kpilib.periods import day_number

from ..shops import csv, read, rows, shop


def day_of(text: str) -> int:
    return day_number(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["2026-01-31", "2026-1-2"], ["2026-01-31", "2026-01-02"]),
        (["2026-01-31T23:59:59.999", "2026-01-02 00:00"], ["2026-01-31", "2026-01-02"]),
        (["2026/01/31 10:00:00", "2026/02/01"], ["2026-01-31", "2026-02-01"]),
        (["20260131", "20260201"], ["2026-01-31", "2026-02-01"]),
        (["31/01/2026", "01/02/2026"], ["2026-01-31", "2026-02-01"]),
        (["1/31/2026 1:20", "02/01/2026 13:20"], ["2026-01-31", "2026-02-01"]),
        (["1/31/26 1:20 PM", "2/1/26 12:01am"], ["2026-01-31", "2026-02-01"]),
        (["31.1.2026", "1.2.2026"], ["2026-01-31", "2026-02-01"]),
        (["31-01-2026", "01-02-2026"], ["2026-01-31", "2026-02-01"]),
        (["31 Jan 2026", "1 may 2026"], ["2026-01-31", "2026-05-01"]),
        (["31-JAN-2026", "01-Feb-2026"], ["2026-01-31", "2026-02-01"]),
        (["Jan 31, 2026 10:00", "Feb 1, 2026"], ["2026-01-31", "2026-02-01"]),
        (["January 31, 2026", "February 1, 2026"], ["2026-01-31", "2026-02-01"]),
        (["31 January 2026", "1 March 2026"], ["2026-01-31", "2026-03-01"]),
    ],
)
def test_a_format_is_recognised(texts, days):
    kept, account = read(shop(ordered_at=texts))
    assert account.left_out == {}
    assert kept.sort_values("customer_id")["ordered_day"].tolist() == [day_of(d) for d in days]


def test_half_days_are_read():
    kept, _ = read(shop(ordered_at=["1/31/2026 1:20 PM", "1/31/2026 12:01 AM"]))
    midnight = day_of("2026-01-31") * 86400
    assert (kept["ordered_second"] - midnight).tolist() == [13 * 3600 + 20 * 60, 60]


def test_day_and_month_that_cannot_be_told_apart_are_refused():
    message = (
        r"the dates of ordered_at, like '05/01/2026', may be day first and month first; "
        r'write date_format = "%d/%m/%Y" or "%m/%d/%Y"'
    )
    table = shop(ordered_at=["05/01/2026", "06/01/2026"])
    with pytest.raises(InputError, match=message):
        load(orders=table)
    kept, _ = read(table, options={"orders": {"date_format": "%d/%m/%Y"}})
    assert kept["ordered_day"].tolist() == [day_of("2026-01-05"), day_of("2026-01-06")]


def test_both_orders_of_day_and_month_in_one_column_are_refused():
    with pytest.raises(InputError, match="are partly day first and month first"):
        load(orders=shop(ordered_at=["31/01/2026", "01/31/2026", "02/03/2026"]))


def test_a_few_dates_of_the_other_order_are_left_out_and_counted():
    table = shop(ordered_at=[f"{day}/01/2026" for day in range(1, 32)] + ["01/31/2026"])
    kept, account = read(table)
    assert account.left_out == {"ordered_at is not a time": 1}
    assert len(kept) == 31


def test_mixed_formats_leave_the_fewer_out():
    kept, account = read(shop(ordered_at=["2026-01-31", "2026-02-01", "3 Feb 2026", "soon"]))
    assert account.left_out == {"ordered_at is not a time": 2}
    assert account.samples["ordered_at is not a time"]["ordered_at"].tolist() == [
        "3 Feb 2026",
        "soon",
    ]
    assert len(kept) == 2


def test_a_format_that_only_late_rows_show_is_found():
    texts = ["2026-01-05"] * 1500 + ["2026-01-06T07:08:09Z"]
    kept, account = read(shop(ordered_at=texts))
    assert account.left_out == {}
    assert kept["ordered_second"].max() == day_of("2026-01-06") * 86400 + 7 * 3600 + 8 * 60 + 9


def test_impossible_dates_are_counted():
    table = shop(ordered_at=["2026-02-29", "2026-13-01", "2026-01-01 24:00", "2024-02-29"])
    kept, account = read(table)
    assert account.left_out == {"ordered_at is not a time": 3}
    assert kept["ordered_day"].tolist() == [day_of("2024-02-29")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"no value of ordered_at is a time; one is 'later'\. Write date_format = "),
        ({"date_format": "%d/%m"}, r"is a time under date_format = '%d/%m'; one is 'later'"),
    ],
)
def test_a_column_without_one_time_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        load(orders=shop(ordered_at=["soon", "later"]), options={"orders": options})


def test_missing_times_are_counted():
    _, account = read(shop(ordered_at=["2026-01-05", "", None, " ", "NaN"]))
    assert account.left_out == {"no ordered_at": 4}


@pytest.mark.parametrize(
    ("number", "format_"), [(20260131, None), (1769817600, "epoch_s"), (1769817600123, "epoch_ms")]
)
def test_whole_numbers_may_be_times(number, format_):
    options = {"orders": {"date_format": format_}} if format_ else {}
    kept, _ = read(shop(ordered_at=[number]), options=options)
    assert kept["ordered_day"].tolist() == [day_of("2026-01-31")]


@pytest.mark.parametrize(
    ("texts", "format_"), [(["1769817600", "x", ""], "epoch_s"), (["1769817600123"], "epoch_ms")]
)
def test_text_may_count_from_1970(tmp_path, texts, format_):
    path = tmp_path / "orders.csv"
    shop(ordered_at=texts).to_csv(path, index=False)
    kept, account = read(path, options={"orders": {"date_format": format_}}, max_loss=1)
    assert kept["ordered_second"].tolist() == [1769817600]
    expected = {"ordered_at is not a time": 1, "no ordered_at": 1} if len(texts) == 3 else {}
    assert account.left_out == expected
    with pytest.raises(InputError, match=rf"is a time; one is '17.*date_format = \"{format_}\""):
        load(orders=shop(ordered_at=texts[:1]))


def test_a_column_of_another_type_is_refused():
    with pytest.raises(InputError, match="ordered_at is read from ordered_at, which is of type"):
        load(orders=shop(ordered_at=[1.5]))


def test_times_with_a_zone_are_turned_and_those_without_are_the_business_s_own():
    table = shop(
        ordered_at=[
            *("2026-07-01T23:30:00Z", "2026-07-02 00:30:00+01:00", "2026-07-01T19:30:00-0400"),
            *("2026-07-02 00:30:00", "2026-07-01 23:30:00 UTC", "2026-07-02T01:30:00.5+02"),
        ]
    )
    kept, account = read(table, time_zone="Europe/London", as_of="2026-12-01")
    assert account.left_out == {}
    assert set(kept["ordered_day"]) == {day_of("2026-07-02")}
    assert set(kept["ordered_second"]) == {day_of("2026-07-02") * 86400 - 1800}


@pytest.mark.parametrize("time_zone", ["America/New_York", "Asia/Ho_Chi_Minh", "Asia/Kathmandu"])
def test_typed_times_with_a_zone_are_turned(time_zone):
    moments = pd.date_range("2026-01-01", periods=40, freq="9D7h", tz="Europe/Berlin")
    kept, _ = read(shop(ordered_at=list(moments)), time_zone=time_zone, as_of="2027-06-01")
    local = moments.tz_convert(time_zone)
    assert kept["ordered_second"].tolist() == [int(m.timestamp()) for m in moments]
    assert kept["ordered_day"].tolist() == [day_number(m.date()) for m in local]


@pytest.mark.parametrize("as_text", [True, False])
def test_the_hour_that_comes_twice_is_counted_and_noted(as_text):
    times = pd.to_datetime(["2025-10-26 00:59:59", "2025-10-26 01:00:00", "2025-10-26 02:00:00"])
    table = shop(ordered_at=[str(t) for t in times] if as_text else list(times))
    kept, account = read(table, time_zone="Europe/London")
    midnight = day_of("2025-10-26") * 86400
    assert sorted(kept["ordered_second"] - midnight) == [-1, 0, 2 * 3600]
    assert account.notes == (
        "1 row at a time in the hour that a clock change repeats, read as its first",
    )


def test_the_hour_that_a_clock_change_skips_is_counted_and_noted():
    table = shop(ordered_at=["2025-03-30 00:59:59", "2025-03-30 01:30:00", "2025-03-30 02:00:00"])
    kept, account = read(table, time_zone="Europe/London")
    midnight = day_of("2025-03-30") * 86400
    assert sorted(kept["ordered_second"] - midnight) == [3599, 3600, 5400]
    assert set(kept["ordered_day"]) == {day_of("2025-03-30")}
    assert account.notes == (
        "1 row at a time in an hour that a clock change skips, "
        "read as if the clock had not changed",
    )


@pytest.mark.parametrize("zone", ["Europe/London", "America/Sao_Paulo", "Asia/Kolkata", "UTC"])
def test_the_clock_agrees_with_zoneinfo(zone):
    import narwhals.stable.v2 as nw

    from kpilib.engines.duck import DuckEngine

    start = datetime(1970, 3, 1, tzinfo=UTC)
    moments = [start + timedelta(hours=1301 * step) for step in range(360)]
    clock = Clock.between(ZoneInfo(zone), *(int(m.timestamp()) for m in (moments[0], moments[-1])))
    local = [m.astimezone(ZoneInfo(zone)) for m in moments]
    wall = [int(m.replace(tzinfo=UTC).timestamp()) for m in local]
    first = [int(m.replace(fold=0).timestamp()) for m in local]
    engine = DuckEngine()
    table = pd.DataFrame({"utc": [int(m.timestamp()) for m in moments], "wall": wall})
    found = engine.collect(
        engine.frame(table).select(
            to_wall=clock.to_wall(nw.col("utc")), to_utc=clock.to_utc(nw.col("wall"))
        )
    )
    assert found["to_wall"].tolist() == wall
    assert found["to_utc"].tolist() == first


def test_dates_in_the_future_are_left_out():
    tomorrow = date.today() + timedelta(days=2)
    kept, account = read(shop(ordered_at=["2026-01-05", tomorrow.isoformat(), "2999-01-01"]))
    assert account.left_out == {"in the future": 2}
    assert len(kept) == 1


def test_as_of_is_the_day_after_the_last_event():
    assert load(orders=shop(ordered_at=["2026-01-05", "2026-01-09"])).as_of == day_of("2026-01-10")


def test_as_of_leaves_later_rows_out_and_holds_them_against_nobody():
    loaded = load(
        orders=shop(ordered_at=["2026-01-05", "2026-02-09", "2026-03-01"]), as_of="2026-02-01"
    )
    assert loaded.as_of == day_of("2026-02-01")
    assert loaded.accounts["orders"].left_out == {"on or after 2026-02-01, the as_of day": 2}
    assert loaded.failures == ()


def test_us_dates_of_the_311_file_are_read(shared_data):
    path = shared_data / "complaints_311.csv"
    columns = {"ticket_id": "complaint_id", "created_at": "created"}
    loaded = load(
        orders=shop(),
        tickets=path,
        time_zone="America/New_York",
        options={"tickets": {"columns": columns}},
    )
    account = loaded.accounts["tickets"]
    assert account.read == account.kept + sum(account.left_out.values()) == 4969
    oracle = pd.to_datetime(pd.read_csv(path)["created"], format="%m/%d/%Y %H:%M").dt.normalize()
    kept = rows(loaded, "tickets")
    assert kept["created_day"].value_counts().to_dict() == (
        (oracle - pd.Timestamp("1970-01-01")).dt.days.value_counts().to_dict()
    )


def test_a_csv_in_utf_16_is_read_like_any_other(tmp_path):
    text = "customer_id;ordered_at;amount\nÄ7;31/01/2026;1,5\n"
    kept, account = read(csv(tmp_path, text, "utf-16"))
    assert kept[["customer_id", "amount"]].values.tolist() == [["Ä7", 1.5]]
    assert account.notes == ("orders.csv was read as utf-16; set encoding if this is wrong",)
