from datetime import date

import pytest

from kpilib.activity.service.public_holidays import DAY, days_off_and_on, known_to
from kpilib.errors import InputError
from kpilib.periods import day_number


def span(first: str, last: str) -> tuple[int, int]:
    return tuple(day_number(date.fromisoformat(day)) * DAY for day in (first, last))


def test_tet_is_off_and_the_saturday_that_makes_up_for_a_bridge_is_worked():
    off, worked = days_off_and_on("VN", *span("2025-01-01", "2025-12-31"))
    assert day_number(date(2025, 1, 29)) in off  # the first day of the year of the snake
    assert day_number(date(2025, 5, 2)) in off  # worked on Saturday 26 April instead
    assert day_number(date(2025, 4, 26)) in worked


def test_a_part_of_a_country_has_holidays_of_its_own():
    hogmanay = day_number(date(2025, 1, 2))
    assert hogmanay in days_off_and_on("GB-SCT", *span("2025-01-01", "2025-02-01"))[0]
    assert hogmanay not in days_off_and_on("gb-eng", *span("2025-01-01", "2025-02-01"))[0]


def test_years_not_decided_yet_are_known_as_such():
    assert known_to("US") is None
    last = known_to("CN")
    assert last is not None and (last.month, last.day) == (12, 31)


def test_a_country_that_is_not_known_is_named():
    with pytest.raises(InputError, match=r"service.holidays = 'XY' is not known; write an ISO"):
        days_off_and_on("XY", 0, 1)
    with pytest.raises(InputError, match=r"service.holidays = 'GB-SCO' is not known; .*'SCT'"):
        days_off_and_on("GB-SCO", 0, 1)
