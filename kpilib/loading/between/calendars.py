"""Rows of calendars that say no hours: a weekday, a time of day, a zone that cannot be."""

from collections.abc import Mapping
from zoneinfo import available_timezones

import narwhals.stable.v2 as nw

from kpilib.contract.vocabulary.weekdays import WEEKDAYS

WEEKDAY = r"^\s*[1-7](\.0+)?\s*$"
TIME = r"^\s*(([01]?\d|2[0-3]):[0-5]?\d(:[0-5]?\d)?|24:00?(:00?)?)\s*$"


def broken(outputs: Mapping[str, str], unread: Mapping[str, nw.Expr]) -> dict[str, nw.Expr]:
    """Reason → whether a row is left out for it: `outputs` names our columns in the frame.

    A row is a stretch of a weekday, or a date on which nobody works.
    """

    def value(name: str) -> nw.Expr:
        return nw.col(outputs[name]).cast(nw.String) if name in outputs else nw.lit(None, nw.String)

    weekday, opens, closes = (value(name) for name in ("weekday", "open", "close"))
    reasons = {}
    if "holiday_date" in unread:
        reasons["holiday_date is not a date"] = unread["holiday_date"]
    date = nw.col(outputs["holiday_day"]) if "holiday_day" in outputs else nw.lit(None, nw.Int64)
    works = ~weekday.is_null()
    reasons["neither a weekday nor a holiday"] = weekday.is_null() & date.is_null()
    reasons["weekday is not 1 to 7"] = works & ~weekday.str.contains(WEEKDAY)
    for name, time in (("open", opens), ("close", closes)):
        is_time = time.str.contains(TIME).fill_null(False)
        reasons[f"{name} is not a time of day"] = works & ~is_time
    reasons["closes before it opens"] = works & (_clock(closes) <= _clock(opens))
    if "tz" in outputs:
        zone = value("tz").str.strip_chars()
        known = zone.is_in(sorted(available_timezones()))
        reasons["tz is not a time zone"] = ~zone.is_null() & ~known
        one = nw.when(known).then(zone).min().over(outputs["calendar_id"])
        reasons["another time zone than the calendar's other rows"] = known & (zone != one)
    return {reason: one.fill_null(False) for reason, one in reasons.items()}


def numbered(weekday: nw.Expr) -> nw.Expr:
    """A weekday by its number, as text, where it is written by its name in a known language."""
    low = weekday.str.strip_chars().str.to_lowercase().str.replace_all(r"\.$", "")
    number = weekday
    for day, names in WEEKDAYS.items():
        number = nw.when(low.is_in(names)).then(nw.lit(str(day))).otherwise(number)
    return number


def _clock(time: nw.Expr) -> nw.Expr:
    """A time of day as seconds after midnight; null where it is none."""
    text = time.str.strip_chars()
    good = nw.when(text.str.contains(TIME)).then(text)
    after = good.str.replace_all("^[^:]*:", "")
    hour, minute = (one.str.replace_all(":.*$", "").cast(nw.Int64) for one in (good, after))
    second = nw.concat_str([nw.lit("0"), good.str.replace_all("^[^:]*:[^:]*:?", "")])
    return hour * 3600 + minute * 60 + second.cast(nw.Int64)
