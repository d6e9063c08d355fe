"""CSV text read line by line, so that a stray quote or a ragged line costs no other line."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

REACH = 200
"""So many lines at most may one pair of quotes span."""

LONGEST = 2_000_000
"""So many characters at most may a row have."""


@dataclass
class Mended:
    """What became of each line."""

    width: int
    """Fields in the header."""
    rows: int = 0
    """Lines that are rows; several lines within quotes count as one."""
    mended: list[int] = field(default_factory=list)
    """The lines of rows in which a quote was taken as it stands."""
    ragged: list[tuple[int, str]] = field(default_factory=list)
    """Lines with more or fewer fields than the header, and their text."""
    long: list[tuple[int, str]] = field(default_factory=list)
    """Lines that are longer than a row may be, and how they begin."""


class UnclearQuoteError(ValueError):
    """A quote that opens in one line and closes in another, each of which could be a row."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(first, last)
        self.first, self.last = first, last


@dataclass(frozen=True)
class _Fields:
    """What a text was split into."""

    fields: list[str]
    is_open: bool = False
    """Whether its last quote is not closed."""
    is_odd: bool = False
    """Whether a quote stands where none should."""


def mend(source: IO[str], target: IO[str], delimiter: str, width: int, skip: int) -> Mended:
    """Write the rows of `source` to `target` as a plain CSV with commas, without a header.

    A quote that is not closed within reach, or that takes in lines which are rows themselves, is
    taken as a letter. Surplus fields at the end that are all empty are dropped. Raises
    `UnclearQuoteError` where the lines between two quotes could as well be rows of their own.
    """
    found = Mended(width)
    write = csv.writer(target, lineterminator="\n").writerow
    for line, text in _records(source, delimiter, width, skip):
        if len(text.encode()) > LONGEST:
            found.long.append((line, text[:200]))
            continue
        split = _split(text, delimiter)
        fields = _fitted(split.fields, width)
        odd = split.is_odd or split.is_open
        if odd and (split.is_open or len(fields) != width):
            fields = _fitted(text.split(delimiter), width)
        if len(fields) != width:
            found.ragged.append((line, text))
            continue
        if odd:
            found.mended.append(line)
        found.rows += 1
        write(fields)
    return found


def _records(source: IO[str], delimiter: str, width: int, skip: int) -> Iterator[tuple[int, str]]:
    """The number of its first line and the text of each record; blank lines are none."""
    lines = enumerate((line.rstrip("\n") for line in source), 1)
    waiting: list[tuple[int, str]] = []
    while True:
        numbered = waiting.pop(0) if waiting else next(lines, None)
        if numbered is None:
            return
        line, text = numbered
        if line <= skip or not text.strip():
            continue
        if '"' not in text or not _split(text, delimiter).is_open:
            yield line, text
            continue
        taken = _closing(numbered, waiting, lines, delimiter, width)
        yield line, "\n".join(taken)


def _closing(
    first: tuple[int, str],
    waiting: list[tuple[int, str]],
    lines: Iterator[tuple[int, str]],
    delimiter: str,
    width: int,
) -> list[str]:
    """The lines from an open quote to the one that closes it; only the first where none does."""
    held: list[tuple[int, str]] = []
    taken = [first[1]]
    while len(held) < REACH:
        numbered = waiting.pop(0) if waiting else next(lines, None)
        if numbered is None:
            break
        held.append(numbered)
        taken.append(numbered[1])
        if '"' in numbered[1]:
            split = _split("\n".join(taken), delimiter)
            if not split.is_open:
                inner = any(len(text.split(delimiter)) == width for _, text in held[:-1])
                if not inner and all(len(t.split(delimiter)) == width > 2 for t in taken):
                    raise UnclearQuoteError(first[0], numbered[0])
                if split.is_odd or inner or len(_fitted(split.fields, width)) != width:
                    break
                return taken
    waiting[:0] = held
    return taken[:1]


def _split(text: str, delimiter: str) -> _Fields:
    """A record's fields; a quote within or after a quoted field is taken as it stands."""
    if '"' not in text:
        return _Fields(text.split(delimiter))
    fields, place, odd = [], 0, False
    while place <= len(text):
        if text.startswith('"', place):
            value, place, closed, strays = _quoted(text, place + 1, delimiter)
            fields.append(value)
            odd = odd or strays
            if not closed:
                return _Fields(fields, is_open=True, is_odd=odd)
        else:
            end = text.find(delimiter, place)
            end = len(text) if end < 0 else end
            fields.append(text[place:end])
            place = end
        place += 1
    return _Fields(fields, is_odd=odd)


def _quoted(text: str, start: int, delimiter: str) -> tuple[str, int, bool, bool]:
    """A quoted field from after its quote: its value, where it ends, if closed, if with strays."""
    parts: list[str] = []
    place, strays = start, False
    while True:
        end = text.find('"', place)
        if end < 0:
            return "".join(parts) + text[place:], len(text), False, strays
        after = text[end + 1 : end + 2]
        parts.append(text[place:end])
        if after == '"':
            parts.append('"')
            place = end + 2
        elif after in ("", delimiter):
            return "".join(parts), end + 1, True, strays
        else:
            parts.append('"')
            strays, place = True, end + 1


def _fitted(fields: list[str], width: int) -> list[str]:
    """Fields without empty ones beyond the header's width."""
    if len(fields) > width and not any(field.strip() for field in fields[width:]):
        return fields[:width]
    return fields
