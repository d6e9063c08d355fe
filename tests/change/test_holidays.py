"""Moving holidays are named where one of two periods has them and the other has not."""

import pytest

from kpilib.change.holidays import moved_holidays
from kpilib.periods import Period


def told(country, period, earlier, lang="en"):
    periods = Period.parse(period), Period.parse(earlier)
    return [text.of(lang) for text in moved_holidays(country, *periods)]


@pytest.mark.parametrize(
    ("country", "period", "earlier", "name"),
    [
        ("VN", "2026-02", "2025-02", "Lunar New Year"),
        ("VN", "2026-01", "2025-01", "Lunar New Year"),
        ("CN", "2026-02", "2025-02", "Chinese New Year"),
        ("GB", "2024-03", "2023-03", "Good Friday"),
        ("GB-SCT", "2024-03", "2023-03", "Good Friday"),
    ],
)
def test_a_holiday_of_one_period_alone_is_named_once(country, period, earlier, name):
    (said,) = told(country, period, earlier)
    assert said.startswith(name)


@pytest.mark.parametrize(
    ("country", "period", "earlier"),
    [
        ("VN", "2026-03", "2025-03"),
        ("CN", "2026-Q1", "2025-Q1"),
        ("US", "2024-05", "2023-05"),
        ("XX", "2024-03", "2023-03"),
    ],
)
def test_what_both_have_or_neither_is_not_named(country, period, earlier):
    assert told(country, period, earlier) == []


def test_both_days_are_said_in_the_readers_language():
    assert told("VN", "2026-02", "2025-02", "vi") == [
        "Tết Nguyên Đán năm nay vào 17/2/2026; năm trước vào 29/1/2025"
    ]
    (chinese,) = told("CN", "2026-02", "2025-02", "zh")
    assert chinese.startswith("春节") and "2025年1月29日" in chinese
