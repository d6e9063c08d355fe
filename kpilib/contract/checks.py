"""Checks of one setting each: they give the value, put right, or say what it must be."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import field
from datetime import date, datetime, time
from math import isfinite
from numbers import Integral
from typing import Any

from kpilib.errors import InputError, near_miss

Check = Callable[[str, Any], Any]
"""Takes the setting's name and the value given."""


def setting(default: Any, check: Check) -> Any:
    """A field of a frozen rule, with its default and the check that every value passes."""
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata={"check": check})
    return field(default=default, metadata={"check": check})


def is_number(value: Any) -> bool:
    """Whether it is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


MOST = 100_000
"""The most that a whole number of the settings may be: as days, 273 years."""


def whole(least: int, most: int = MOST) -> Check:
    """A whole number of at least `least`, and at most `most`.

    >>> whole(1)("loyalty.days", 365)
    365
    """

    def check(name: str, value: Any) -> int:
        number = int(value) if isinstance(value, Integral) else least - 1
        if isinstance(value, bool) or number < least:
            raise InputError(f"{name} = {value!r} must be a whole number of at least {least}")
        if number > most:
            raise InputError(f"{name} = {value!r} must be at most {most:,}")
        return number

    return check


def as_day(name: str, value: Any) -> date | None:
    """A date, also one that is written or given as its midnight; None where none is given.

    >>> as_day("as_of", "2026-11-01")
    datetime.date(2026, 11, 1)
    """
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    elif isinstance(value, datetime) and value.time() == time():
        return value.date()
    elif value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise InputError(f"{name} = {value!r} is not a date; write it like 2026-11-01")


def above(least: float, example: str, most: float | None = None) -> Check:
    """A finite number above `least`, and at most `most`; the example says what one looks like."""
    end = "" if most is None else f" and at most {most:g}"

    def check(name: str, value: Any) -> float:
        fits = is_number(value) and least < value < float("inf")
        if not fits or (most is not None and value > most):
            raise InputError(f"{name} = {value!r} must be above {least:g}{end}, like {example}")
        return value

    return check


def choice(*known: Any) -> Check:
    """One of several words."""

    def check(name: str, value: Any) -> Any:
        if value not in known:
            hint = near_miss(str(value), [word for word in known if word is not None])
            raise InputError(f"{name} = {value!r} is not known; {hint}")
        return value

    return check


def flag(name: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InputError(f"{name} = {value!r} must be true or false")
    return value


def word(name: str, value: Any) -> str:
    """A word of the data, trimmed and in small letters, as words are compared.

    >>> word("surveys.nps", " NPS ")
    'nps'
    """
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} = {value!r} must be a word, like 'marketing'")
    return value.strip().lower()


def words(name: str, value: Any) -> tuple[str, ...]:
    """One or more words of the data, each once, as `word` gives them."""
    return tuple(dict.fromkeys(word(name, one) for one in _listed(name, value)))


def as_written(name: str, value: Any) -> tuple[str, ...]:
    """Any number of words of the data, each once, as they are written.

    >>> as_written("nobody", ["Guest", 0])
    ('Guest', '0')
    """
    listed = [value] if isinstance(value, str | int) else value
    if not isinstance(listed, list | tuple) or not all(
        isinstance(one, str | int) and not isinstance(one, bool) for one in listed
    ):
        raise InputError(f"{name} = {value!r} must be a list of words, like ['guest']")
    return tuple(dict.fromkeys(str(one).strip() for one in listed))


def names(name: str, value: Any) -> tuple[str, ...]:
    """One or more names of columns, each once, as they are written."""
    return tuple(dict.fromkeys(_name(name, one) for one in _listed(name, value)))


def any_names(name: str, value: Any) -> tuple[str, ...]:
    """Names of columns, or none."""
    return () if isinstance(value, list | tuple) and not value else names(name, value)


def an_id(name: str, value: Any) -> str:
    """An id as text; nothing for none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InputError(f"{name} = {value!r} must be an id, as text")
    return str(value).strip()


def hours(name: str, value: Any) -> Any:
    """Hours above 0: one number, or one per priority with a `default` for all others.

    >>> hours("service.response_hours", {"Urgent": 1, "default": 8})
    {'urgent': 1, 'default': 8}
    """
    one = above(0, "8")
    if not isinstance(value, Mapping):
        return one(name, value)
    found = {word(name, key): one(f"{name}.{key}", number) for key, number in value.items()}
    if "default" not in found:
        raise InputError(f"{name} has no 'default'; give one for every priority it does not name")
    return found


def countries(name: str, value: Any) -> Any:
    """A country's code, nothing for none, or a table of codes by calendar.

    >>> countries("service.holidays", {"hanoi": "vn"})
    {'hanoi': 'VN'}
    """
    if isinstance(value, Mapping):
        return {str(key): countries(f"{name}.{key}", code) for key, code in value.items()}
    if not isinstance(value, str):
        raise InputError(f"{name} = {value!r} must be a country's code, like 'VN'")
    return value.strip().upper()


_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def check_country(name: str, value: Any) -> None:
    """Refuse what is neither None nor a country's code, with a part of it behind a dash.

    >>> check_country("country", "GB-SCT")
    >>> check_country("country", "Vietnam")
    Traceback (most recent call last):
    kpilib.errors.InputError: country = 'Vietnam' must be a country's ISO 3166 code, like 'VN'
    """
    if value is not None and not (isinstance(value, str) and _COUNTRY.fullmatch(value)):
        raise InputError(f"{name} = {value!r} must be a country's ISO 3166 code, like 'VN'")


def weights(*known: str) -> Check:
    """Weights by name, 0 or more and not all 0; none means all alike, a name left out weighs 1."""

    def check(name: str, value: Any) -> dict[str, float]:
        if not isinstance(value, Mapping):
            raise InputError(f"{name} = {value!r} must be a table of weights by name")
        for key, weight in value.items():
            if key not in known:
                raise InputError(f"{name}: {key!r} is not a setting; {near_miss(key, known)}")
            if not is_number(weight) or not isfinite(weight) or weight < 0:
                raise InputError(f"{name}.{key} = {weight!r} must be a number of at least 0")
        if not any(value.get(key, 1) for key in known):
            raise InputError(f"{name} are all 0; give one of {', '.join(known)} more")
        return dict(value)

    return check


def check_keys(values: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Refuse a setting that is not among those known, and offer the nearest."""
    known = tuple(known)
    for name in values:
        if name not in known:
            raise InputError(f"{where}: {name!r} is not a setting; {near_miss(name, known)}")


def _listed(name: str, value: Any) -> list[Any]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed:
        raise InputError(f"{name} = {value!r} must be a list of words, like ['marketing']")
    return list(listed)


def _name(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} = {value!r} must name columns, like ['country']")
    return value.strip()
