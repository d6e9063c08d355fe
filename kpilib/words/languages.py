"""The languages there are. One more is a line here and a catalogue in `kpilib/locale/`."""

from functools import lru_cache
from typing import TYPE_CHECKING

from kpilib.errors import InputError, near_miss

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = ("en", "vi", "zh")
"""Each by its ISO 639 code, English first: the texts in the code are English."""


def check_language(lang: str) -> str:
    """`lang` itself where it is one of `LANGUAGES`, an InputError that lists them otherwise."""
    if lang not in LANGUAGES:
        raise InputError(f"language {lang!r} is not known; {near_miss(lang, LANGUAGES)}")
    return lang


@lru_cache(maxsize=len(LANGUAGES))
def locale(lang: str) -> "Locale":
    """Babel's locale of a language: its separators, its names of months."""
    from babel import Locale

    return Locale.parse(check_language(lang))
