"""Who had a row on the days up to a close, against every row held against every close."""

from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

from kpilib.engines.duck import DuckEngine
from kpilib.engines.expressions import with_words, word
from kpilib.periods import Period, day_number
from tests.activity.test_business import opened


def base():
    return opened([("A", "2026-01-01", 1.0), ("A", "2026-04-30", 1.0)])


def lately(base, rows, periods, days):
    engine = base.engine
    frame = engine.frame(pd.DataFrame(rows, columns=["customer_id", "day"]))
    found = engine.collect(base.lately(frame, periods, days))
    return sorted(zip(found["period"].tolist(), found["customer_id"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("day", "there"),
    [("02-28", []), ("03-01", [0]), ("03-30", [0]), ("03-31", [0, 1]), ("04-01", [1]),
     ("04-29", [1]), ("04-30", [1]), ("05-01", [])],
)  # fmt: skip
def test_the_days_up_to_a_close_begin_and_end_with_it(day, there):
    """31 days up to April 1st begin on March 1st, and 31 up to May 1st on March 31st."""
    months = (Period.month("2026-03"), Period.month("2026-04"))
    rows = [("A", day_number(pd.Timestamp(f"2026-{day}").date()))]
    assert lately(base(), rows, months, 31) == [(place, "A") for place in there]


@pytest.mark.parametrize("days", [1, 9, 31, 400])
@pytest.mark.parametrize(
    "periods",
    [
        Period.month("2026-04").trailing(5),
        (Period.month("2026-04"), Period.month("2026-02")),
        (Period(date(2026, 3, 10), date(2026, 3, 11)), Period(date(2026, 1, 5), date(2026, 4, 11))),
    ],
    ids=["months", "out of order", "one in another"],
)
def test_it_is_what_every_row_against_every_close_gives(periods, days):
    rng, business = np.random.default_rng(days), base()
    first = day_number(pd.Timestamp("2025-06-01").date())
    rows = [(int(rng.integers(40)), int(first + rng.integers(400))) for _ in range(150)]
    closes = [business.closes(period) for period in business.asked(periods)]
    wanted = {
        (place, who)
        for place, close in enumerate(closes)
        for who, day in rows
        if close - days <= day < close
    }
    assert lately(business, rows, periods, days) == sorted(wanted)


FEW = ["Web", "web", None, "", "App ", "Điện thoại", "app", "web"]
MANY = ["Web", " web", "WEB\t", None, "", "App ", "Điện thoại", "app", " "]


@pytest.mark.parametrize("texts", [FEW, MANY, ["web", "app"], [None, None]])
def test_words_put_alike_once_are_those_put_alike_row_by_row(texts):
    """Where few are told one by one, and where each is put into words once and joined."""
    engine = DuckEngine()
    table = pd.DataFrame({"place": range(len(texts)), "channel": pd.Series(texts, dtype="str")})
    frame = engine.frame(table)
    once = engine.collect(with_words(engine, frame, alike="channel", again="channel"))
    both = {"alike": word("channel"), "again": word("channel")}
    each = engine.collect(frame.with_columns(**both))
    pd.testing.assert_frame_equal(
        once.sort_values("place", ignore_index=True), each.sort_values("place", ignore_index=True)
    )
    assert nw.from_native(once).shape == (len(texts), 4)


def test_more_texts_than_are_looked_at_are_put_into_words_all_the_same():
    engine = DuckEngine()
    table = pd.DataFrame({"channel": [f"Text {place}" for place in range(2500)]})
    words = engine.collect(with_words(engine, engine.frame(table), alike="channel"))
    assert sorted(words["alike"]) == sorted(table["channel"].str.lower())
