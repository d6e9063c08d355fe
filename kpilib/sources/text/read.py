"""A CSV file into a table of DuckDB, every line of it a row or left out for a reason."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kpilib.engines.duck import DuckEngine, literal, quoted
from kpilib.errors import InputError, KpilibError
from kpilib.scratch.private import room_for
from kpilib.sources.source import HEADER_AGAIN, RAGGED, TOTALS_LINE, LeftOut
from kpilib.sources.text.csvfile import CSVFile
from kpilib.sources.text.header import TAIL, TOTALS
from kpilib.sources.text.mended import LONGEST, Mended, UnclearQuoteError, mend
from kpilib.sources.text.survey import lines_in_quotes, lines_of_rows, survey


@dataclass(frozen=True)
class Read:
    """A file's rows as a table, and what became of its other lines."""

    name: str
    """The table."""
    left_out: tuple[LeftOut, ...]
    """Lines that are no rows."""
    notes: tuple[str, ...]
    """What is worth knowing."""


def read_csv(duck: DuckEngine, file: CSVFile) -> Read:
    """Read a file with DuckDB; line by line where what that gives does not add up to its lines."""
    with file.as_utf8() as path:
        try:
            name, rejects = duck.read_csv(path, file.names, file.delimiter, file.skip)
            adds_up = _adds_up(duck, file, path, name, rejects)
        except ValueError:
            adds_up = False
        if adds_up:
            left_out = _ragged(rejects[["line", "text"]])
            mended = None
        else:
            name, mended = _line_by_line(duck, file, path)
            left_out = _ragged(_lines(mended.ragged))
            if mended.long:
                left_out = (*left_out, LeftOut(TOO_LONG, len(mended.long), _lines(mended.long)))
    notes = (*file.notes, *_mended_notes(file, mended))
    return Read(name, (*left_out, *no_rows(duck, name, file.names)), notes)


def _adds_up(duck: DuckEngine, file: CSVFile, path: Path, name: str, rejects: pd.DataFrame) -> bool:
    """Whether rows and lines left out are all the lines there are, each read as it stands."""
    seen = file.seen if path == file.path else survey(path)
    if len(rejects) and (seen.quotes or not _all_ragged(rejects, file.delimiter)):
        return False
    found = duck.count(name) + len(rejects)
    if found == seen.lines - file.skip:
        return True
    inner = lines_in_quotes(path, file.delimiter, len(file.names)) if seen.quotes else 0
    return inner is not None and found == lines_of_rows(path, file.skip) - inner


def _all_ragged(rejects: pd.DataFrame, delimiter: str) -> bool:
    """Whether lines were left out for their number of fields alone, none for a blank one more."""
    few, many = (rejects["error"] == f"{what} COLUMNS" for what in ("MISSING", "TOO MANY"))
    blank = many & rejects["text"].str.rstrip(" \r\n").str.endswith(delimiter)
    return bool((few | many).all()) and not bool(blank.any())


def _line_by_line(duck: DuckEngine, file: CSVFile, path: Path) -> tuple[str, Mended]:
    with room_for("mended") as folder:
        copy = folder / "copy.csv"
        with (
            path.open("r", encoding="utf-8-sig", newline=None) as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            try:
                mended = mend(source, target, file.delimiter, len(file.names), file.skip)
            except UnclearQuoteError as unclear:
                raise InputError(
                    f"{file.path}: a quote opens in line {unclear.first} and closes in line "
                    f"{unclear.last}, and each of these lines looks like a row: double the quote "
                    "where it is a letter, or take it out"
                ) from None
        try:
            name, rejects = duck.read_csv(copy, file.names, ",", skip=0)
        except ValueError as error:
            raise InputError(f"{file.path} cannot be read: {error}") from None
    if len(rejects):
        line = rejects.iloc[0]
        raise InputError(
            f"{file.path}: a line cannot be read ({line['error'].lower()}): "
            f"{str(line['text'])[:60]!r}; mend it or take it out"
        )
    if duck.count(name) != mended.rows:
        raise KpilibError(
            f"{file.path}: {mended.rows:,} rows became {duck.count(name):,}; report it"
        )
    return name, mended


TOO_LONG = f"the line has more than {LONGEST // 10**6} million bytes"


def _lines(found: list[tuple[int, str]]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=["line", "text"])


def _ragged(rejects: pd.DataFrame) -> tuple[LeftOut, ...]:
    return (LeftOut(RAGGED, len(rejects), rejects),) if len(rejects) else ()


def _mended_notes(file: CSVFile, mended: Mended | None) -> tuple[str, ...]:
    if mended is None or not mended.mended:
        return ()
    lines = ", ".join(f"{line:,}" for line in mended.mended[:5])
    if len(mended.mended) == 1:
        return (f"{file.label}: a stray quote in line {lines} was read as a letter",)
    more = ", …" if len(mended.mended) > 5 else ""
    return (
        f"{file.label}: stray quotes in {len(mended.mended):,} lines were read as letters "
        f"(lines {lines}{more})",
    )


def no_rows(duck: DuckEngine, name: str, columns: list[str]) -> tuple[LeftOut, ...]:
    """Take out of a table of text the header where it comes again, and a line of totals."""
    again = " AND ".join(
        f"{quoted(column)} = {literal(column)}"
        for place, column in enumerate(columns, 1)
        if column != f"column_{place}"
    )
    found = []
    if again and len(columns) > 1:
        headers = duck.take_out(name, again)
        if len(headers):
            found.append(LeftOut(HEADER_AGAIN, len(headers), headers, fault=False))
    words = ", ".join(literal(word) for word in TOTALS)
    leftmost = f"coalesce({', '.join(quoted(column) for column in columns)})"
    said = f"lower(rtrim(trim({leftmost}), ': ')) IN ({words})"
    blank = " OR ".join(f"{quoted(column)} IS NULL" for column in columns)
    last = f"rowid > (SELECT max(rowid) FROM {name}) - {TAIL}"
    totals = duck.take_out(name, f"{last} AND {said} AND ({blank})")
    if len(totals):
        found.append(LeftOut(TOTALS_LINE, len(totals), totals, fault=False))
    return tuple(found)
