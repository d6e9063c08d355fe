"""Several files, or sheets, as one table."""

from collections.abc import Callable, Sequence

from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError
from kpilib.sources.source import PART, LeftOut, Part, Source


def together(duck: DuckEngine, table: str, parts: Sequence[Source]) -> Source:
    """One table out of several, column by column of the same name.

    A column that some of them lack is missing there, and a note says so. Raises `InputError`
    where one shares no column with the first.
    """
    if len(parts) == 1:
        return parts[0]
    first = {name.lower() for name in parts[0].names}
    for part in parts[1:]:
        if not first & {name.lower() for name in part.names}:
            raise InputError(
                f"{part.label} has no column that {parts[0].label} has: "
                f"{', '.join(part.names[:5])}; leave it out of {table}"
            )
    return Source(
        table,
        duck.union([part.frame for part in parts], PART),
        f"{parts[0].label} … {parts[-1].label}",
        _print([part.fingerprint for part in parts]),
        is_text=all(part.is_text for part in parts),
        is_file=all(part.is_file for part in parts),
        left_out=_left_out(parts),
        notes=tuple(
            dict.fromkeys([note for part in parts for note in part.notes] + _lacking(parts))
        ),
        parts=tuple(Part(part.label, part.lines_left_out) for part in parts),
    )


def _lacking(parts: Sequence[Source]) -> list[str]:
    every = list(dict.fromkeys(name for part in parts for name in part.names))
    notes = []
    for part in parts:
        own = {name.lower() for name in part.names}
        without = list(dict.fromkeys(name for name in every if name.lower() not in own))
        if without:
            notes.append(f"{part.label} has no {', '.join(without)}, missing in its rows")
    return notes


def _left_out(parts: Sequence[Source]) -> tuple[LeftOut, ...]:
    return tuple(lines for part in parts for lines in part.left_out)


def _print(prints: Sequence[Callable[[], str]]) -> Callable[[], str]:
    return lambda: "; ".join(one() for one in prints)
