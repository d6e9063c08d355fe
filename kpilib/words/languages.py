"""The languages there are, and their catalogues: from `kpilib.mo` where the package was built, else
from `kpilib.po`. One more language is a line here and a catalogue in `kpilib/locale/`."""

from collections.abc import Sequence
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from kpilib.errors import InputError, near_miss

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = ("en", "vi", "zh")
"""Each by its ISO 639 code, English first: the texts in the code are English."""

NAMES = {"en": "English", "vi": "Tiếng Việt", "zh": "中文"}
"""What each is called by those who read it."""

_SCRIPTS = {"zh": "zh-Hans"}
"""Where HTML must name the script too: simplified Chinese has glyphs of its own."""

ALL = "all"

LOCALES = Path(__file__).resolve().parents[1] / "locale"
"""Where `<language>/LC_MESSAGES/kpilib.po` stands."""

_ENGLISH = NullTranslations()


def check_language(lang: str) -> str:
    """`lang` itself where it is one of `LANGUAGES`, an InputError that lists them otherwise."""
    if lang not in LANGUAGES:
        raise InputError(f"language {lang!r} is not known; {near_miss(lang, LANGUAGES)}")
    return lang


def html_language(lang: str) -> str:
    """A language as the `lang` and `hreflang` of HTML name it (BCP 47).

    >>> html_language("vi"), html_language("zh")
    ('vi', 'zh-Hans')
    """
    return _SCRIPTS.get(lang, lang)


def read_languages(text: str) -> tuple[str, ...]:
    """One language, several with commas between, or `all`; an InputError for one there is not.

    >>> read_languages("vi"), read_languages("vi,en"), read_languages("all")
    (('vi',), ('vi', 'en'), ('en', 'vi', 'zh'))
    """
    if text.strip() == ALL:
        return LANGUAGES
    return tuple(dict.fromkeys(check_language(one.strip()) for one in text.split(",")))


def write_languages(languages: Sequence[str]) -> str:
    """What `read_languages` reads as these."""
    return ALL if tuple(languages) == LANGUAGES else ",".join(languages)


@lru_cache(maxsize=len(LANGUAGES))
def locale(lang: str) -> "Locale":
    """Babel's locale of a language: its separators, its names of months."""
    from babel import Locale

    return Locale.parse(check_language(lang))


@lru_cache
def catalogue(lang: str) -> NullTranslations:
    """The translations into one language; English has none, and gives back what it is asked."""
    folder = LOCALES / check_language(lang) / "LC_MESSAGES"
    compiled = folder / "kpilib.mo"
    if compiled.is_file():
        return GNUTranslations(BytesIO(compiled.read_bytes()))
    source = folder / "kpilib.po"
    return GNUTranslations(BytesIO(compile_catalogue(source))) if source.is_file() else _ENGLISH


def compile_catalogue(source: Path) -> bytes:
    """What a `.po` file is as a `.mo` file. Fuzzy entries are left out."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file))
    return compiled.getvalue()
