"""What differs between a month as it lies there and as it was, or is when made again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpilib.periods import Period
from kpilib.report.proof.seal import RUN, files_of, seal_of
from kpilib.words import Text, _, format_value

TIMES = ("seconds", "started", "attempts", "reused")
"""What a run's record says of the clock, which no second run can repeat."""
MADE_ANEW = ("seal", "files", "archive", "earlier")
"""What of the record hangs on the folder and not on the input."""
KEYS = ("values.key",)
"""Places of the record that hang on which notebooks were asked for."""

_NUMBER = _("{name}, {period}: published {old}, computed again {new}")
_FIELD = _("{name}, {period}: {field} is {old} as published, and {new} computed again")
_EXTRA = _("{name}, {period}: published, and not given by the input")
_LACKS = _("{name}, {period}: given by the input, and not published")
_TWICE = _("{name}, {period}: published twice")
_RECORD = _("{file}: {field} is {old}, and {new} when made again")
_CHANGED = _("{file}: changed since it was published")
_GONE = _("{file}: was published, and is gone")
_NEW = _("{file}: was not published, and lies there")
_UNLIKE = _("{file}: is not what is made again from the same input")
_SEAL = _("run.json: changed since it was published")
_UNREADABLE = _("{file}: cannot be read ({why})")
_NO_SEAL = _("run.json: carries no hashes of the report's files")


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    kind: str
    """`number`, `input`, `file` or `record`."""
    where: str
    """A KPI's id, or the path of a file within the folder."""
    said: Text
    """In words."""

    def to_dict(self, lang: str) -> dict[str, str]:
        """As plain JSON."""
        return {"kind": self.kind, "where": self.where, "said": self.said.of(lang)}


def unsealed(folder: Path, run: Mapping[str, Any]) -> Iterator[Finding]:
    """What was changed since the month was published, by the hashes in its record."""
    known = run.get("files")
    if not isinstance(known, Mapping):
        yield Finding("record", RUN, _NO_SEAL)
        return
    if seal_of(run) != run.get("seal"):
        yield Finding("record", RUN, _SEAL)
    there = files_of(folder)
    for name in sorted({*known, *there}):
        if known.get(name) != there.get(name):
            said = _NEW if name not in known else _GONE if name not in there else _CHANGED
            yield Finding("file", name, said.format(file=name))


def read_values(folder: Path, edition: str = "") -> list[dict[str, Any]] | Finding:
    """The numbers in a month's folder, or in that of an edition in it, or why they cannot be read.

    An edition is named by its language; the month's first has no folder of its own.
    """
    name = f"{edition}/kpis.json" if edition else "kpis.json"
    try:
        values = json.loads((folder / name).read_text(encoding="utf-8"))
        for value in values:
            _which(value)
        return values
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        return Finding("file", name, _UNREADABLE.format(file=name, why=why))


def _which(value: Mapping[str, Any]) -> tuple:
    return value["id"], value["period"]["start"], value["period"]["end"], value.get("segment")


def numbers(
    published: Sequence[Mapping[str, Any]],
    again: Sequence[Mapping[str, Any]],
    lang: str,
    *,
    exactly: bool = True,
) -> Iterator[Finding]:
    """Published numbers that are other ones when computed again, in their published order.

    With `exactly` every field must be the same; without, as where another version computes, the
    numbers to 1e-9 of themselves, and nothing else is looked at.
    """
    computed = {_which(value): value for value in again}
    seen = set()
    for value in published:
        which = _which(value)
        if which in seen:
            yield _found(_TWICE, value, lang)
            continue
        seen.add(which)
        if (other := computed.get(which)) is None:
            yield _found(_EXTRA, value, lang)
        elif said := _differs(value, other, lang, exactly):
            yield Finding("number", str(value["id"]), said)
    for which, value in computed.items():
        if which not in seen:
            yield _found(_LACKS, value, lang)


def _found(text: Text, value: Mapping[str, Any], lang: str) -> Finding:
    return Finding("number", str(value["id"]), text.format(**_named(value, lang)))


def _named(value: Mapping[str, Any], lang: str) -> dict[str, str]:
    name = value.get("name")
    said = name.get(lang) or name.get("en") if isinstance(name, Mapping) else None
    said = f"{said or value['id']} ({value['id']})"
    if value.get("segment") is not None:
        said += f" · {value['segment']}"
    start, end = value["period"]["start"], value["period"]["end"]
    try:
        period = Period.parse(f"{start}/{end}").of(lang)
    except ValueError:
        period = f"{start}/{end}"
    return {"name": said, "period": period}


_FIELDS = ("value", "low", "high", "numerator", "denominator", "n", "previous", "target")


def _differs(
    value: Mapping[str, Any], other: Mapping[str, Any], lang: str, exactly: bool
) -> Text | None:
    """In words, the first field that differs."""
    named = _named(value, lang)
    fields = [*_FIELDS, *(sorted({*value, *other} - {*_FIELDS}) if exactly else ())]
    for field in fields:
        old, new = value.get(field), other.get(field)
        if old == new and (field in value) == (field in other):
            continue
        if not exactly and _close(old, new):
            continue
        if field == "value" and _shown(value, old, lang) != _shown(other, new, lang):
            told = {"old": _shown(value, old, lang), "new": _shown(other, new, lang)}
            return _NUMBER.format(**named, **told)
        return _FIELD.format(**named, field=field, old=_brief(old), new=_brief(new))
    return None


def _close(old: Any, new: Any) -> bool:
    if not isinstance(old, int | float) or not isinstance(new, int | float):
        return old is None and new is None
    return abs(old - new) <= 1e-9 * max(1.0, abs(old), abs(new))


def _shown(value: Mapping[str, Any], number: Any, lang: str) -> str:
    try:
        return format_value(number, value["unit"], lang, value.get("currency"))
    except (KeyError, ValueError, TypeError):
        return _brief(number)


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"


def records(
    published: Mapping[str, Any], again: Mapping[str, Any], apart: Sequence[str] = ()
) -> Iterator[Finding]:
    """Where the record of a run is another one than that of the same run made again."""
    for field, old, new in _paths(_timeless(published), _timeless(again), ""):
        if field in (*KEYS, *apart):
            continue
        part = "input" if field.startswith("inputs") else "record"
        told = {"field": field, "old": _brief(old), "new": _brief(new)}
        yield Finding(part, RUN, _RECORD.format(file=RUN, **told))


def _timeless(value: Any, top: bool = True) -> Any:
    if isinstance(value, Mapping):
        left = {*TIMES, *(MADE_ANEW if top else ())}
        return {name: _timeless(one, False) for name, one in value.items() if name not in left}
    return [_timeless(one, False) for one in value] if isinstance(value, list) else value


def _paths(old: Any, new: Any, field: str) -> Iterator[tuple[str, Any, Any]]:
    """The places at which two plain values differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys([*old, *new]):
            inner = f"{field}.{name}" if field else str(name)
            yield from _paths(old.get(name), new.get(name), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _paths(one, other, f"{field}[{place}]")
    elif old != new:
        yield field, old, new


def files(published: Path, again: Path, apart: Sequence[str] = ()) -> Iterator[Finding]:
    """Files that are not what is made again, byte for byte; `run.json` is compared as a record."""
    old, new = files_of(published), files_of(again)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name) and name not in apart:
            said = _NEW if name not in new else _GONE if name not in old else _UNLIKE
            yield Finding("file", name, said.format(file=name))
