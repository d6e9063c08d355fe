"""One quick pass over a text file's bytes: what any reading of it must add up to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kpilib.errors import InputError

_CHUNK = 2**22
_LONGEST = 2**22


@dataclass(frozen=True)
class Survey:
    """What a file's bytes hold."""

    lines: int
    """Lines that end in a line feed, and the last one where it does not."""
    quotes: int
    """Double quotes."""
    returns: int
    """Carriage returns."""
    pairs: int
    """Carriage returns right before a line feed."""
    nuls: int
    """NUL characters."""
    is_ascii: bool = True
    """Whether every byte is one of ASCII."""

    @property
    def has_odd_ends(self) -> bool:
        """Whether lines end in more than one way, or in a carriage return alone."""
        return bool(self.returns) and (self.returns != self.pairs or self.pairs < self.lines - 1)


def survey(path: Path) -> Survey:
    """Count a file's line ends, quotes and NULs."""
    lines = quotes = returns = pairs = nuls = 0
    last, is_ascii = b"\n", True
    for chunk in _chunks(path):
        lines += chunk.count(b"\n")
        quotes += chunk.count(b'"')
        nuls += chunk.count(b"\0")
        is_ascii = is_ascii and chunk.isascii()
        if b"\r" in chunk:
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n")
        if last == b"\r" and chunk.startswith(b"\n"):
            pairs += 1
        last = chunk[-1:]
    return Survey(lines + (last != b"\n"), quotes, returns, pairs, nuls, is_ascii)


def lines_of_rows(path: Path, skip: int) -> int:
    """How many lines after the first `skip` are not blank."""
    with path.open("rb") as file:
        return sum(place >= skip and not line.isspace() for place, line in enumerate(file))


def lines_in_quotes(path: Path, delimiter: str, width: int) -> int | None:
    """How many line ends stand between two quotes; None where a quote seems never to be closed.

    That is so where their number is odd, or where a line within quotes, but for the first, has as
    many fields as the header.
    """
    mark, inner, inside, held = delimiter.encode(), 0, False, b""
    for chunk in _chunks(path):
        first, *others = chunk.split(b'"')
        held += first
        for piece in others:
            if inside:
                if _holds_a_row(held, mark, width):
                    return None
                inner += held.count(b"\n")
            inside, held = not inside, piece
        if not inside:
            held = b""
        elif len(held) > _LONGEST:
            return None
    return None if inside else inner


def _holds_a_row(text: bytes, mark: bytes, width: int) -> bool:
    if b"\n" not in text:
        return False
    return any(line.count(mark) == width - 1 for line in text.split(b"\n")[1:] if line.strip())


def line_of(path: Path, letter: bytes) -> int:
    """The line, counted from 1, of the first such letter."""
    with path.open("rb") as file:
        return next((place for place, line in enumerate(file, 1) if letter in line), 0)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
