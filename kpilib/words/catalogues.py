"""The gettext catalogues: from `kpilib.mo` where the package was built, else from `kpilib.po`."""

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from kpilib.words.languages import check_language

LOCALES = Path(__file__).resolve().parents[1] / "locale"
"""Where `<language>/LC_MESSAGES/kpilib.po` stands."""


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


_ENGLISH = NullTranslations()
