"""Which of a table's first rows holds the names of its columns."""

import re
from collections.abc import Sequence

TITLES = 40
"""So many rows at most may stand above the header."""

_VALUE = re.compile(
    r"\s*[^\w\s]{0,3}\s*[-+(]?\d[\d.,'\s:/TZ+-]*\)?\s*%?\s*[^\w\s]{0,3}\s*"
    r"|\s*\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}.*|true|false",
    re.IGNORECASE,
)


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """The place of the header among a table's first rows, counted from 0.

    It is the first row, unless that has at most half as many cells filled as a later one that
    looks like a header: filled to the width of what follows, with names that differ and are no
    numbers or dates.

    >>> find_header([["Sales 2024", "", ""], ["", "", ""], ["Order", "Customer", "Total"],
    ...              ["1", "a", "9.50"]])
    2
    >>> find_header([["a", "b"], ["1", "2"]])
    0
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    first = next((place for place, cells in enumerate(filled) if cells), 0)
    following = sorted(filled[first + 1 :])
    if not following:
        return first
    width = max(following[len(following) // 2], 2)
    for place in range(first, min(len(rows), first + TITLES)):
        if place > first and filled[first] > max(1, width // 2):
            break
        if filled[place] >= max(2, width * 0.75) and is_header(rows[place]):
            return place
    return first


def is_header(row: Sequence[str]) -> bool:
    """Whether a row's cells could be names: different, and none a number or a date."""
    names = [cell.strip() for cell in row if cell.strip()]
    values = sum(bool(_VALUE.fullmatch(name)) for name in names)
    return bool(names) and len(set(names)) == len(names) and values <= len(names) / 10


def looks_like_a_row(row: Sequence[str]) -> bool:
    """Whether what stands for names is a row: some of it is numbers or dates.

    >>> looks_like_a_row(["a17", "2024-01-05", "19.90"]), looks_like_a_row(["day", "2024"])
    (True, False)
    """
    names = [cell.strip() for cell in row if cell.strip()]
    values = [name for name in names if _VALUE.fullmatch(name)]
    return len(values) >= 2 and any(re.search(r"\d[-/.:,]\d", value) for value in values)


TOTALS = (
    *("total", "totals", "grand total", "subtotal", "sub total", "sum", "overall", "summe"),
    *("gesamt", "insgesamt", "totale", "total général", "tổng", "tổng cộng", "tổng số", "cộng"),
    *("合计", "总计", "小计", "总和", "合計", "總計", "小計"),
)
"""What stands first in a line that adds up the others."""

TAIL = 20
"""A line of totals is looked for among so many of the last ones."""


def is_totals(cells: Sequence[str]) -> bool:
    """Whether a row adds up others: it begins with such a word and has cells that are blank.

    >>> is_totals(["Total:", "", "59.00"]), is_totals(["Total", "c1", "59.00"])
    (True, False)
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    return 0 < len(filled) < len(cells) and filled[0].rstrip(": ").lower() in TOTALS
