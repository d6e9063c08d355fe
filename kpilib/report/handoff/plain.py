"""Texts of the data as they may stand in files that other programmes open."""

import re
from typing import Any

_ACTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What a terminal obeys, or a spreadsheet cannot hold; a tab and a line's end stay."""
_TURNS = {mark: f"⟨U+{mark:04X}⟩" for mark in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Marks that turn the direction of what follows, shown instead of obeyed."""
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """A text whose marks of direction are shown, and whose control characters are blanks.

    >>> shown("abc\\u202efdp.exe")
    'abc⟨U+202E⟩fdp.exe'
    >>> shown("a\\x9b2Jb")
    'a 2Jb'
    """
    return _CONTROL.sub(" ", text.translate(_TURNS))


def in_csv(cell: Any) -> Any:
    """A cell of a CSV file: a text that a spreadsheet would act on has an apostrophe before it.

    >>> in_csv("=cmd()"), in_csv(-1.5), in_csv(" @x")
    ("'=cmd()", -1.5, "' @x")
    """
    if not isinstance(cell, str):
        return cell
    text = shown(cell)
    return f"'{text}" if text.lstrip().startswith(_ACTS) or text.startswith(_ACTS) else text


def one_line(text: str) -> str:
    """A text in one line, its marks of direction shown.

    >>> one_line("a\\nb")
    'a b'
    """
    return " ".join(shown(text).split())
