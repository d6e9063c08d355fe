"""Words, numbers and money as each language writes them. Imports only `errors`."""

from kpilib.words.text import (
    LANGUAGES,
    MISSING,
    Text,
    Unit,
    check_language,
    format_number,
    format_value,
)

__all__ = [
    "LANGUAGES",
    "MISSING",
    "Text",
    "Unit",
    "check_language",
    "format_number",
    "format_value",
]
