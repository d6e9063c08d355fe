"""Time zones by name, and what is meant where a zone is given by its offset."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from kpilib.errors import InputError, near_miss


def check_zone(name: str) -> None:
    """Refuse a zone that is not known; the error proposes one.

    >>> check_zone("GMT+7")
    Traceback (most recent call last):
    kpilib.errors.InputError: time_zone = 'GMT+7' is not known; write Asia/Ho_Chi_Minh or ...
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        hint = _of_offset(str(name)) or near_miss(name, available_timezones())
        known = hint.startswith(("did", "write"))
        hint = hint if known else "write an IANA name, like Europe/London"
        raise InputError(f"time_zone = {name!r} is not known; {hint}") from None


_PLACES = {
    -480: "America/Los_Angeles", -420: "America/Denver", -360: "America/Chicago",
    -300: "America/New_York", -240: "America/Halifax", -180: "America/Sao_Paulo",
    0: "Europe/London", 60: "Europe/Paris", 120: "Europe/Athens", 180: "Europe/Istanbul",
    240: "Asia/Dubai", 300: "Asia/Karachi", 330: "Asia/Kolkata", 345: "Asia/Kathmandu",
    360: "Asia/Dhaka", 390: "Asia/Yangon", 420: "Asia/Ho_Chi_Minh", 480: "Asia/Shanghai",
    540: "Asia/Tokyo", 570: "Australia/Darwin", 600: "Australia/Sydney", 720: "Pacific/Auckland",
}  # fmt: skip
"""Minutes ahead of UTC in winter → a place whose clock shows that."""


def _of_offset(name: str) -> str:
    """For a zone that is given by its offset, a place that has it, or the zone of that offset."""
    found = re.fullmatch(r"(?i)\s*(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?\s*", name)
    if found is None:
        return ""
    sign = -1 if found[1] == "-" else 1
    minutes = sign * (60 * int(found[2]) + int(found[3] or 0))
    fixed = f"Etc/GMT{-minutes // 60:+d}" if minutes % 60 == 0 and -720 <= minutes <= 840 else ""
    turned = f"{fixed} (in names of Etc the sign is turned: it counts hours west)" if fixed else ""
    choices = [choice for choice in (_PLACES.get(minutes, ""), turned) if choice]
    return f"write {' or '.join(choices)}" if choices else ""
