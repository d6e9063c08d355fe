"""Where the rows come from: the tables that a source has, each as a frame of its engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kpilib.contract.settings import Settings, TableSettings, read_toml
from kpilib.contract.tables import SCHEMAS
from kpilib.contract.vocabulary.endings import ENDINGS
from kpilib.engines import Engine, engine_for, is_frame
from kpilib.errors import InputError, near_miss
from kpilib.sources import cdnow, demo
from kpilib.sources.containers import none_of_ours, tables_in, views_passed_by
from kpilib.sources.databases.address import Address, is_url
from kpilib.sources.databases.connecting import connect, let_go, tables_on
from kpilib.sources.databases.spark import SparkServer
from kpilib.sources.folder import files_in, table_of
from kpilib.sources.formats.kinds import SUPPORTED, kind_of
from kpilib.sources.paths import checked, exists, files_of, located
from kpilib.sources.reader import Files, Reader
from kpilib.sources.source import Source
from kpilib.sources.trust import REMEDY, inside

PLACES = (
    f"a file of orders ({SUPPORTED}), a folder of files named after the tables, a database or "
    "workbook of such tables, a kpilib.toml, the URL of a database like postgresql://host/name, "
    "or the built-in 'demo', 'cdnow' and 'cdnow-sample'"
)
"""What a source may be, as errors say it."""


@dataclass(frozen=True)
class Sources:
    """All tables of a source, in one engine."""

    engine: Engine
    tables: dict[str, Source]
    settings: Settings
    name: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What a source turned out to be: per table its files or a frame."""

    name: str
    specs: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    base: Path = Path()
    place: Path | Address | None = None
    """The folder, file or database in which tables lie that name no file."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """What the caller says himself, who may name any file."""

    def within(self, table: str, key: str = "file") -> Path | None:
        """The folder in which the files of a table must lie: the settings file's."""
        own = self.said.get(table)
        free = self.place is None or (isinstance(own, Mapping) and key in own)
        return None if free else self.base


def find(
    source: str | Path | None, settings: Mapping[str, Any], tables: Mapping[str, Any]
) -> Sources:
    """The tables of a source and of the keyword arguments (which go first), with the settings.

    `settings` are nested as in `kpilib.toml`; `tables` are frames or paths by table name. Raises
    `InputError` for a source that does not exist or holds nothing that kpilib knows.
    """
    if source is not None and not isinstance(source, str | Path):
        if is_frame(source):
            raise InputError("the source is a frame; name the table it is, like orders=frame")
        raise InputError(f"a {type(source).__name__} is no source; give {PLACES}")
    found = _resolve(source) if source is not None else _Found("frames", {})
    found = replace(found, said=settings)
    merged = _merge(found.settings, settings)
    where = str(source) if source is not None else "the settings"
    chosen = Settings.from_mapping(merged, where)
    given = {name: _spec(name, table) for name, table in tables.items()}
    specs = {**_named(found, chosen, given), **given}
    specs = {name: specs[name] for name in SCHEMAS if name in specs}
    with let_go(specs):
        _check_there(found, chosen, specs)
        first = sorted(specs, key=lambda name: name != "orders")
        engine = engine_for([specs[name] for name in first])
        reader = Reader(engine, chosen, found.base, found.within)
        opened = {name: reader.open(name, spec) for name, spec in specs.items()}
        reader.lock()
    return Sources(engine, opened, chosen, found.name, (*found.notes, *_passed_by(specs)))


def _passed_by(specs: Mapping[str, Any]) -> list[str]:
    """Sentences on the views of databases that are named after tables and were not read."""
    files = {path for spec in specs.values() if isinstance(spec, Files) for path in spec.paths}
    return [
        f"{path.name}: {view} was not read, as it is a query kept in the database; {REMEDY}"
        for path in sorted(files)
        for view in views_passed_by(path)
        if view.lower() in SCHEMAS
    ]


def _check_there(found: _Found, chosen: Settings, specs: Mapping[str, Any]) -> None:
    """There are the tables without which nothing can be said."""
    if not specs:
        raise InputError(f"no data was given; give {PLACES}, or orders=a frame")
    if "orders" not in specs and "subscriptions" not in specs:
        raise InputError(
            f"{found.name} has {', '.join(sorted(specs))} but no orders; "
            "orders(customer_id, ordered_at, amount) or subscriptions are needed"
        )
    needed = "orders" if chosen.activity == "purchases" else chosen.activity
    if needed and needed not in specs:
        raise InputError(
            f"{found.name}: activity = {chosen.activity!r} needs the table {needed}, "
            "which was not given"
        )


def _resolve(source: str | Path) -> _Found:
    """What a source's text or path stands for."""
    text = str(source)
    if text in cdnow.LOGS:
        return _Found(text, {"orders": cdnow.read(text)}, dict(cdnow.SETTINGS))
    if text == demo.NAME:
        return replace(_toml(demo.demo_folder() / "kpilib.toml"), name=text)
    if is_url(text):
        address = Address(text)
        return _Found(address.url, {}, place=address)
    path = located(text, Path(), text)
    if not exists(path, text):
        beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = near_miss(path.name, [demo.NAME, *cdnow.LOGS, *beside])
        hint = hint if hint.startswith("did") else f"give {PLACES}"
        raise InputError(f"{text}: no such file, folder or built-in source; {hint}")
    if path.is_dir():
        settings = path / "kpilib.toml"
        return _toml(settings) if settings.exists() else _folder(path)
    checked(path, text)
    if path.suffix == ".toml":
        return _toml(path)
    if not path.name.lower().endswith(ENDINGS) and kind_of(path) == "csv":
        raise InputError(f"{text}: files of this kind cannot be read; give {PLACES}")
    specs = tables_in(path)
    if not specs and (error := none_of_ours(path)) is not None:
        raise error
    specs = specs or {"orders": Files((path,))}
    return _Found(text, dict(specs))


def _folder(path: Path) -> _Found:
    """The files of a folder that are named after tables; at least one."""
    specs, others = files_in(path)
    if not specs:
        has = "it has no file that can be read"
        if others:
            has = (
                f"it has {', '.join(others)}; rename one, or write a kpilib.toml "
                f'there whose [orders] has file = "{others[0]}"'
            )
        raise InputError(f"{path} has no file named after a table, like orders.csv: {has}")
    notes = [f"{name} was not read: {near_miss(table_of(name), SCHEMAS)}" for name in others]
    return _Found(str(path), dict(specs), notes=tuple(notes))


def _toml(path: Path) -> _Found:
    """The settings of a file, and where its tables lie: where its `data` says, or beside it."""
    values = read_toml(path)
    data = values.pop("data", None)
    Settings.from_mapping(values, str(path))
    if data is not None and not isinstance(data, str):
        raise InputError(f"{path}: data = {data!r} must be a path, in quotes")
    if data is not None and is_url(data):
        return _Found(str(path), {}, values, base=path.parent, place=Address(data, from_toml=True))
    label = f"{path}: data = {data!r}"
    place = located(data, path.parent, label) if data is not None else path.parent
    inside(place, path.parent, label)
    if not exists(place, label):
        raise InputError(f"{label}: there is no {place}")
    if not place.is_dir():
        checked(place, label)
    return _Found(str(path), {}, values, base=path.parent, place=place)


def _named(found: _Found, chosen: Settings, given: Mapping[str, Any]) -> dict[str, Any]:
    """Where every table lies that the settings name, or that lies where they say or beside."""
    if found.place is None:
        own = {name: one for name, one in chosen.tables.items() if one.files and name not in given}
        return {**found.specs, **{name: _files(found, name, one) for name, one in own.items()}}
    if isinstance(found.place, Address):
        return _remote(found, found.place, chosen, given)
    named = {
        name: spec
        for name, table in chosen.tables.items()
        if name not in given and (spec := _toml_table(found, name, table)) is not None
    }
    if found.place.is_dir():
        used = [path for spec in named.values() for path in spec.paths]
        used += [path for table in chosen.tables.values() for path in _joined(found, table)]
        specs, _ = files_in(found.place, used, {*named, *given})
    else:
        specs = tables_in(found.place)
        if not specs and not named and (error := none_of_ours(found.place)) is not None:
            raise error
        specs = specs or {"orders": Files((found.place,))}
    return {**specs, **named}


def _remote(
    found: _Found, address: Address, chosen: Settings, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The tables of a database, and files that the settings name beside them; Spark's as frames."""
    files = {name: _files(found, name, one) for name, one in chosen.tables.items() if one.files}
    apart = {**given, **files}
    named = {name: one for name, one in chosen.tables.items() if name not in apart}
    server = connect(address)
    try:
        there: dict[str, Any] = {
            name: remote
            for name, remote in tables_on(server, address, named).items()
            if name not in apart
        }
        if isinstance(server, SparkServer):
            asked = {name: one.asked(name, chosen.table(name)) for name, one in there.items()}
            there = {name: server.frame(one) for name, one in asked.items()}
    except InputError:
        server.close()
        raise
    return {**there, **files}


def _joined(found: _Found, table: TableSettings) -> list[Path]:
    """The files that a table's joins name, as far as they are there."""
    return [found.base / file for join in table.join for file in join.files]


def _files(found: _Found, name: str, table: TableSettings) -> Files:
    where = f"{found.name}: [{name}] file = "
    paths = [
        path
        for text in table.files
        for path in files_of(text, found.base, f"{where}{text!r}", ENDINGS, found.within(name))
    ]
    return Files(tuple(dict.fromkeys(paths)))


def _toml_table(found: _Found, name: str, table: TableSettings) -> Files | None:
    """Where one table of a settings file lies; None where its place has it under its name."""
    if table.files:
        return _files(found, name, table)
    assert not isinstance(found.place, Address)
    place = found.place or Path()
    if place.is_file():
        chosen = table.table is not None or table.sheet is not None
        return Files((place,)) if chosen or not tables_in(place) or name == "orders" else None
    if table.table is not None:
        raise InputError(
            f'{found.name}: [{name}] table = {table.table!r} needs data = "….duckdb" at the top, '
            'or file = "…" beside it'
        )
    if name not in files_in(place)[0]:
        raise InputError(f'{found.name}: [{name}] names no file; write file = "{name}.csv"')
    return None


def _spec(name: str, table: Any) -> Any:
    """A keyword argument: a frame as it is, paths made sure of."""
    if name not in SCHEMAS:
        raise InputError(f"no table is called {name!r}; {near_miss(name, SCHEMAS)}")
    several = table if isinstance(table, list | tuple) else [table]
    if several and all(isinstance(one, str | Path) for one in several):
        paths = [
            path
            for one in several
            for path in files_of(str(one), Path(), f"{name} = {str(one)!r}", ENDINGS)
        ]
        for path in paths:
            if not path.name.lower().endswith(ENDINGS) and kind_of(path) == "csv":
                raise InputError(f"{name} = {str(path)!r}: give a file that is {SUPPORTED}")
        return Files(tuple(paths))
    if not is_frame(table):
        raise InputError(
            f"{name}: a {type(table).__name__} is not a table; give a frame of pandas, Polars, "
            f"DuckDB, Spark or Ibis, or the path of a file ({SUPPORTED})"
        )
    return table


def _merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings, the second going before the first."""
    merged = dict(first)
    for name, value in second.items():
        before = merged.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[name] = {**before, **value}
        else:
            merged[name] = value
    return merged
