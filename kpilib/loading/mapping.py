"""Which of a source's columns is which of ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from kpilib.contract.checks import check_keys
from kpilib.contract.schema import Schema
from kpilib.contract.settings import TABLE_NAMES, TableSettings
from kpilib.engines import Engine
from kpilib.errors import InputError, near_miss
from kpilib.loading.reading.values import OURS, PLAIN_NUMBER, WHOLE_NUMBER, valued
from kpilib.loading.told import Told
from kpilib.sources.recognise.known import likely
from kpilib.sources.source import Source


@dataclass(frozen=True)
class Mapped:
    """A source's rows with, beside the source's own columns, those that ours are read from."""

    frame: nw.LazyFrame
    """The source's columns, and further ones whose names begin with `kpilib__`."""
    columns: dict[str, str]
    """Our column's name → the column of `frame` it is read from."""
    exclusions: dict[str, str]
    """The user's exclusion → the column of `frame` that holds its condition."""
    extras: dict[str, str]
    """The name under which a further column is kept → the column of `frame`."""
    originals: dict[str, str]
    """The source's column → the column of `frame` that holds its values as they were."""
    used: tuple[str, ...] = ()
    """The source's columns that ours and the exclusions are made of."""


def map_columns(
    engine: Engine, source: Source, schema: Schema, settings: TableSettings, toml: str
) -> Mapped:
    """Find every column of the schema, by the user's mapping first and by its name otherwise."""
    names = source.names
    for ours in settings.columns:
        _check_ours(schema, ours, toml)
    frame, given = with_parts(source, schema, settings.columns)
    found = {ours: _same(wanted, names) for ours, wanted in given.items()}
    found |= {ours: f"{OURS}parts_{ours}" for ours in settings.columns if ours not in given}
    simple = {ours: column for ours, column in found.items() if column is not None}
    by_name = {ours: _same(ours, names) for ours in schema.names if ours not in found}
    columns = simple | {ours: column for ours, column in by_name.items() if column is not None}
    _check_required(engine, source, schema, {*columns, *found}, {*columns.values()}, toml)
    wanted = {
        f"columns.{ours}": (f"{OURS}from_{ours}", given[ours])
        for ours in found
        if ours not in simple
    } | {
        f"leave_out.{reason}": (f"{OURS}out_{place}", condition)
        for place, (reason, condition) in enumerate(settings.leave_out.items())
    }
    said = " ".join(sql for _, sql in wanted.values())
    taken = {*columns.values(), *_named(names, said)}
    originals = {name: name for name in names}
    if source.is_text:
        frame, originals = _typed(engine, frame, names, [sql for _, sql in wanted.values()])
    frame = _add(engine, frame, wanted, source, names)
    columns = {ours: originals.get(column, column) for ours, column in columns.items()}
    columns |= {ours: f"{OURS}from_{ours}" for ours in found if ours not in simple}
    return Mapped(
        frame,
        columns={ours: columns[ours] for ours in schema.names if ours in columns},
        exclusions={
            reason: f"{OURS}out_{place}" for place, reason in enumerate(settings.leave_out)
        },
        extras=_extras(schema, columns, simple, names),
        originals=originals,
        used=tuple(name for name in names if name in taken),
    )


def with_parts(
    source: Source, schema: Schema, columns: Mapping[str, Any]
) -> tuple[nw.LazyFrame, dict[str, str]]:
    """The source's rows with the times whose parts are columns of their own put together.

    Also the other columns as they are mapped. Raises `InputError` for parts that make no time.
    """
    frame, names = source.frame, source.names
    given = {ours: theirs for ours, theirs in columns.items() if isinstance(theirs, str)}
    for ours, parts in columns.items():
        if isinstance(parts, str):
            continue
        where = f"{source.label}: {ours} = {dict(parts)!r}"
        if ours not in schema.names or schema.column(ours).kind not in ("time", "date"):
            raise InputError(f"{where}: only a time is put together from parts; name one column")
        check_keys(parts, _PARTS, where)
        if "date" not in parts and "year" not in parts:
            raise InputError(f"{where} needs year and month, or date")
        pieces = {part: _part(theirs, names, where) for part, theirs in parts.items()}
        days = [pieces[part] for part in ("year", "month", "day") if part in pieces]
        text = pieces["date"] if "date" in pieces else nw.concat_str(*days, separator="-")
        if "time" in pieces:
            text = nw.concat_str(text, pieces["time"], separator=" ")
        frame = frame.with_columns(text.alias(f"{OURS}parts_{ours}"))
    return frame, given


_PARTS = ("year", "month", "day", "date", "time")


def _part(theirs: Any, names: list[str], where: str) -> nw.Expr:
    """One part of a time as text: a number that is the same for all rows, or a column's values."""
    if isinstance(theirs, int) and not isinstance(theirs, bool):
        return nw.lit(str(theirs))
    column = _same(str(theirs), names)
    if column is None:
        raise InputError(f"{where}: there is no column {theirs!r}; {near_miss(str(theirs), names)}")
    text = nw.col(column).cast(nw.String)
    return text.str.replace_all(r"\.0+$", "").str.replace_all(" 00:00:00$", "")


def _extras(
    schema: Schema, columns: Mapping[str, str], simple: Mapping[str, str], names: list[str]
) -> dict[str, str]:
    """The source's other columns, which serve as dimensions, and those the user named himself."""
    taken = {name.lower() for column in schema.columns for name in (*column.outputs, column.name)}
    extras = {ours: column for ours, column in columns.items() if ours not in schema.names}
    taken |= {ours.lower() for ours in extras}
    renamed = set(simple.values())
    for name in names:
        if name not in renamed and name.lower() not in taken:
            extras[name] = name
    return extras


def _same(wanted: str, names: list[str]) -> str | None:
    """The source's column of that name, however its letters are cased."""
    bare = wanted.strip()
    if len(bare) > 2 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    if bare in names:
        return bare
    alike = [name for name in names if name.lower() == bare.lower()]
    return alike[0] if len(alike) == 1 else None


def _check_ours(schema: Schema, ours: str, toml: str) -> None:
    """A name that is not ours may be a dimension of the user's, but not a slip of the pen."""
    if ours in schema.names:
        return
    hint = near_miss(ours, schema.names)
    if hint.startswith("did you mean") or not re.fullmatch(r"[A-Za-z]\w*", ours):
        raise InputError(f"{toml}: [{schema.name}.columns] {ours!r} is not a column; {hint}")
    if ours in TABLE_NAMES:
        raise InputError(
            f"{toml}: [{schema.name}.columns] {ours!r} is a setting of the table and no column; "
            f"write it below [{schema.name}], above [{schema.name}.columns]"
        )


def _check_required(
    engine: Engine, source: Source, schema: Schema, mapped: set[str], taken: set[str], toml: str
) -> None:
    missing = [name for name in schema.required if name not in mapped]
    if schema.name == "orders" and "gross_amount" in mapped:
        missing = [name for name in missing if name != "amount"]
    if not missing:
        return
    close = likely(engine, source, schema, missing, taken)
    seen = [f"{ours} = {theirs!r}" for ours, theirs in close.items()]
    shown = ", ".join(source.names[:40]) + (" …" if len(source.names) > 40 else "")
    hint = f"did you mean to map {', '.join(seen)}?" if seen else f"it has {shown}."
    told = Told(source.label, schema.name, toml, source.is_file)
    propose = source.is_file and not told.has_toml
    raise InputError(
        f"{source.label} has no column {' and no column '.join(missing)}; {hint}\n"
        f"{told.map({name: close.get(name, '…') for name in missing})}"
        f"{f'; or let it be proposed: kpilib init {toml}' if propose else ''}"
    )


def _named(names: list[str], expressions: str) -> list[str]:
    """The columns that SQL expressions name."""
    said = expressions.lower()
    return [n for n in names if re.search(rf"(?<!\w){re.escape(n.lower())}(?!\w)", said)]


def _typed(
    engine: Engine, frame: nw.LazyFrame, names: list[str], expressions: list[str]
) -> tuple[nw.LazyFrame, dict[str, str]]:
    """A text source for SQL: a column that an expression names is a number if all its values are.

    The text itself stays beside it, and is what ours are read from and what samples show.
    """
    said = " ".join(expressions).lower()
    types = frame.collect_schema()
    texts = [name for name in names if types[name] == nw.String]
    named = [n for n in texts if re.search(rf"(?<!\w){re.escape(n.lower())}(?!\w)", said)]
    originals = {name: name for name in names}
    if not named:
        return frame, originals
    counts = []
    for place, name in enumerate(named):
        text = valued(nw.col(name))
        for kind, pattern in (("any", ""), ("number", PLAIN_NUMBER), ("whole", WHOLE_NUMBER)):
            hit = text.str.contains(pattern) if pattern else ~text.is_null()
            counts.append(nw.when(hit).then(1).otherwise(0).sum().alias(f"{kind}_{place}"))
    seen = engine.collect(frame.select(*counts)).fillna(0).iloc[0]
    changed = {}
    for place, name in enumerate(named):
        for kind, dtype in (("whole", nw.Int64), ("number", nw.Float64)):
            if 0 < seen[f"any_{place}"] == seen[f"{kind}_{place}"]:
                changed[name] = valued(nw.col(name)).cast(dtype).alias(name)
                break
    if not changed:
        return frame, originals
    originals |= {name: f"{OURS}text_{name}" for name in changed}
    kept = [nw.col(name).alias(originals[name]) for name in changed]
    others = [nw.col(name) for name in names if name not in changed]
    return frame.select(*others, *kept, *changed.values()), originals


def _add(
    engine: Engine,
    frame: nw.LazyFrame,
    wanted: Mapping[str, tuple[str, str]],
    source: Source,
    names: list[str],
) -> nw.LazyFrame:
    """The frame with the SQL expressions, by their keys; an error said in the user's terms."""
    try:
        return engine.with_sql(frame, dict(wanted.values()), names)
    except ValueError:
        for key, (name, expression) in wanted.items():
            try:
                engine.with_sql(frame, {name: expression}, names)
            except ValueError as error:
                raise _unusable(key, expression, str(error), source, names) from None
        raise


def _unusable(key: str, expression: str, error: str, source: Source, names: list[str]) -> Exception:
    words = re.findall(r"[A-Za-z_]\w*", expression[:_SHOWN])
    hints = [near_miss(word, names) for word in words if _same(word, names) is None]
    hint = next((h for h in hints if h.startswith("did you mean")), "")
    typed = (
        " (every column of a CSV file whose values are not all numbers is text: "
        "write TRY_CAST(column AS DOUBLE))"
        if source.is_text and not hint
        else ""
    )
    shown = expression if len(expression) <= _SHOWN else f"{expression[:_SHOWN]}…"
    listed = ", ".join(names[:_COLUMNS]) + (" …" if len(names) > _COLUMNS else "")
    return InputError(
        f"{source.label}: {key} = {shown!r} cannot be used: {error}{typed}\n"
        f"{hint or 'its columns are ' + listed}"
    )


_SHOWN, _COLUMNS = 300, 40
