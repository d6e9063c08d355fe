"""Times: how they are written, in which zone, and the hours that a clock change plays with."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from kpilib.errors import InputError
from kpilib.loading import load
from kpilib.loading.reading.clock import Clock
from kpilib.periods import day_number
from tests.searching import examples

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


def test_day_and_month_that_cannot_be_told_apart_are_refused_with_both_readings():
    message = (
        r"orders: the dates of ordered_at can be read in two ways: '05/01/2026' is 2026-01-05 "
        r"\(day first\) or 2026-05-01 \(month first\); "
        r'give options=\{"orders": \{"date_format": "%d/%m/%Y"\}\}, or "%m/%d/%Y"'
    )
    table = shop(ordered_at=["05/01/2026", "06/01/2026"])
    with pytest.raises(InputError, match=message):
        load(orders=table)
    kept, _ = read(table, options={"orders": {"date_format": "%d/%m/%Y"}})
    assert kept["ordered_day"].tolist() == [day_of("2026-01-05"), day_of("2026-01-06")]


def test_dates_that_are_the_same_in_both_orders_need_no_choice():
    kept, _ = read(shop(ordered_at=["02/02/2026", "03/03/2026"]))
    assert kept["ordered_day"].tolist() == [day_of("2026-02-02"), day_of("2026-03-03")]


@pytest.mark.parametrize("others", [1, 30])
def test_both_orders_of_day_and_month_in_one_column_are_refused(others):
    texts = [f"{day % 19 + 13}/01/2026" for day in range(others)] + ["01/31/2026", "02/03/2026"]
    message = (
        r"partly day first and partly month first: .* like '01/31/2026' can only be 2026-01-31"
    )
    if others == 1:
        message = "are partly (day|month) first and partly (day|month) first"
    with pytest.raises(InputError, match=message):
        load(orders=shop(ordered_at=texts))
    options = {"orders": {"date_format": "%d/%m/%Y"}}
    assert read(shop(ordered_at=texts), options=options)[1].left_out == {
        "ordered_at is not a time": 1
    }


def test_two_ways_of_writing_dates_are_both_read_and_named():
    kept, account = read(shop(ordered_at=["2026-01-31", "2026-02-01", "3 Feb 2026", "soon"]))
    assert account.left_out == {"ordered_at is not a time": 1}
    assert account.samples["ordered_at is not a time"]["ordered_at"].tolist() == ["soon"]
    assert len(kept) == 3
    assert account.notes == (
        "ordered_at is written in 2 ways: 2 like '2026-01-31', 1 like '3 Feb 2026'",
    )


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
        ({}, r"no value of ordered_at is a time; one is 'later'\. Map ordered_at to another"),
        ({"date_format": "%d/%m/%y"}, r"a time under date_format = '%d/%m/%y'; one is 'later'"),
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
    counted, account = read(shop(ordered_at=texts[:1]))
    assert counted["ordered_second"].tolist() == [1769817600]
    (note,) = account.notes
    assert note.startswith("ordered_at was read as ") and note.endswith(" is 2026-01-31 00:00")


def test_a_column_of_another_type_is_refused():
    with pytest.raises(InputError, match="ordered_at is read from ordered_at, which is of type"):
        load(orders=shop(ordered_at=[1.5, 2.5]))


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


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["15-Jan-24", "03-Feb-24"], ["2024-01-15", "2024-02-03"]),
        (["2024.01.05", "2024.02.15"], ["2024-01-05", "2024-02-15"]),
        (["2024年1月5日", "2024年01月15日 14:05"], ["2024-01-05", "2024-01-15 14:05"]),
        (["Jan 5, 2024, 2:05 PM", "Feb 15, 2024"], ["2024-01-05 14:05", "2024-02-15"]),
        (["Jan 5, 2024, 2:05\u202fPM"], ["2024-01-05 14:05"]),
        (["2024/1/5 下午 2:05", "2024/1/5 上午 11:05"], ["2024-01-05 14:05", "2024-01-05 11:05"]),
        (["2024-1-5 1:05 p.m."], ["2024-01-05 13:05"]),
        (["Fri, 05 Jan 2024 14:05:09 +0000"], ["2024-01-05 14:05:09"]),
        (["Fri, 5 Jan 2024 14:05:09 GMT"], ["2024-01-05 14:05:09"]),
        (["Fri Jan 05 2024 14:05:09 GMT+0100 (Central European Time)"], ["2024-01-05 13:05:09"]),
        (["Friday, January 5, 2024"], ["2024-01-05"]),
        (["2024-01-05T14:05:09+07:00[Asia/Ho_Chi_Minh]"], ["2024-01-05 07:05:09"]),
        (["2024-01-05 14:05 Europe/Berlin"], ["2024-01-05 13:05"]),
        (["2024-07-05 14:05 Europe/Berlin"], ["2024-07-05 12:05"]),
        (["Jan 5, 2024 2:05 PM PST"], ["2024-01-05 22:05"]),
        (["Jul 5, 2024 2:05 PM PDT"], ["2024-07-05 21:05"]),
        (["20240105140509", "20240106010203"], ["2024-01-05 14:05:09", "2024-01-06 01:02:03"]),
        (["20240105T140509Z"], ["2024-01-05 14:05:09"]),
        (["05/Jan/2024:14:05:09 +0100"], ["2024-01-05 13:05:09"]),
        (["14:05 15/01/2024"], ["2024-01-15 14:05"]),
        (["5 tháng 1, 2024", "ngày 6 tháng 2 năm 2024"], ["2024-01-05", "2024-02-06"]),
        (["24/01/05", "24/12/31", "23/02/01"], ["2024-01-05", "2024-12-31", "2023-02-01"]),
        (["05/01/24", "06/02/24", "28/02/24"], ["2024-01-05", "2024-02-06", "2024-02-28"]),
        (["45296", "45297.58681"], ["2024-01-05", "2024-01-06 14:05"]),
        (["1704463509", "1704463510"], ["2024-01-05 14:05:09", "2024-01-05 14:05:10"]),
        (["1704463509123"], ["2024-01-05 14:05:09"]),
        (["1704463509123456"], ["2024-01-05 14:05:09"]),
        ([45296.5, 45297.58681], ["2024-01-05 12:00", "2024-01-06 14:05"]),
        ([1704463509.9, 1704463510.1], ["2024-01-05 14:05:09", "2024-01-05 14:05:10"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_times_are_read_as_people_write_them(frame, texts, expected):
    kept, account = read(frame(shop(ordered_at=texts)), as_of="2026-01-01")
    assert account.left_out == {}
    seconds = kept.sort_values("customer_id")["ordered_second"]
    assert pd.to_datetime(seconds, unit="s").tolist() == [pd.Timestamp(t) for t in expected]


def test_a_month_alone_asks_which_day_it_stands_for():
    table = shop(ordered_at=["2024-01", "2024-02"])
    with pytest.raises(
        InputError, match=r"like '2024-01' say a month and no day; give .*\"first\""
    ):
        load(orders=table)
    for day, expected in (("first", 1), ("last", None), (15, 15)):
        for more in ({}, {"date_format": "%Y-%m"}):
            kept, _ = read(table, options={"orders": {"day": day, **more}})
            dates = pd.to_datetime(kept["ordered_day"], unit="D")
            assert dates.dt.month.tolist() == [1, 2]
            assert dates.dt.day.tolist() == ([expected] * 2 if expected else [31, 29])
    with pytest.raises(InputError, match="day = 'middle' must be 'first', 'last', or 1 to 28"):
        load(orders=table, options={"orders": {"day": "middle"}})


@pytest.mark.parametrize("text", ["Jan-24", "202401", "01/2024", "2024年1月", "January 2024"])
def test_months_are_known_in_other_ways_of_writing_too(text):
    with pytest.raises(InputError, match="say a month and no day"):
        load(orders=shop(ordered_at=[text]))
    kept, _ = read(shop(ordered_at=[text]), options={"orders": {"day": "last"}})
    assert kept["ordered_day"].tolist() == [day_of("2024-01-31")]


def test_a_zone_s_short_name_means_what_the_business_s_clock_says():
    table = shop(ordered_at=["2024-01-05 14:05 CST"])
    with pytest.raises(InputError, match=r"CST, which is -6 h \(America/Chicago\), or \+8 h"):
        load(orders=table)
    for zone, hour in (("Asia/Shanghai", 6), ("America/Chicago", 20)):
        kept, _ = read(table, time_zone=zone)
        assert kept["ordered_second"].tolist() == [day_of("2024-01-05") * 86400 + hour * 3600 + 300]


def test_several_formats_may_be_given():
    table = shop(ordered_at=["2025-01-01", "05/03/2025", "06/03/2025 10:00"])
    with pytest.raises(InputError, match=r"\[\"%Y-%m-%d\", \"%d/%m/%Y\"\]"):
        load(orders=table)
    options = {"orders": {"date_format": ["%Y-%m-%d", "%d/%m/%Y"]}}
    kept, account = read(table, options=options)
    assert account.left_out == {}
    assert kept["ordered_day"].tolist() == [
        *map(day_of, ("2025-01-01", "2025-03-05", "2025-03-06"))
    ]


DATES = st.dates(date(2001, 1, 1), date(2026, 10, 31))
WRITTEN = [
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%d/%m/%Y", "%m/%d/%Y"),
    *("%d.%m.%Y", "%m-%d-%Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%a, %d %b %Y %H:%M:%S +0000"),
    *("%Y-%m-%dT%H:%M:%SZ", "%A, %B %d, %Y", "%d/%m/%y", "%y/%m/%d", "%d/%b/%y"),
]


@hypothesis_given(
    st.lists(DATES, min_size=1, max_size=6),
    st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=2),
)
@examples(8)
def test_dates_written_in_one_or_two_ways_are_read_back_or_refused(dates, formats):
    texts = [one.strftime(formats[n % len(formats)]) for n, one in enumerate(dates)]
    table = shop(ordered_at=texts)
    try:
        loaded = load(orders=table, gate=False)
    except InputError:
        with pytest.raises(InputError, match=r"can be read in two ways|are partly"):
            load(orders=table, gate=False)
        return
    assert loaded.accounts["orders"].left_out == {}
    kept = rows(loaded).sort_values("customer_id")
    assert kept["ordered_day"].tolist() == [day_number(one) for one in dates]
