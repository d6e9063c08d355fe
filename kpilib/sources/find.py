"""Where the rows come from: the tables that a source has, each as a frame of its engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kpilib.contract.settings import Settings, TableSettings, read_toml
from kpilib.contract.tables import SCHEMAS
from kpilib.engines import Engine, engine_for, is_frame
from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError, near_miss
from kpilib.sources import cdnow, demo
from kpilib.sources.reader import DUCKDB_ENDINGS, FILE_ENDINGS, InDuckDB, Reader, attach
from kpilib.sources.source import Source

SUPPORTED = (
    "a folder of CSV or Parquet files named after the tables, one such file of orders, "
    "a DuckDB file, a kpilib.toml, or the built-in 'demo', 'cdnow' and 'cdnow-sample'"
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
    """What a source turned out to be: per table a path, a frame, or a table of a DuckDB file."""

    name: str
    specs: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    base: Path = Path()


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
        raise InputError(f"a {type(source).__name__} is no source; give {SUPPORTED}")
    found = _resolve(source) if source is not None else _Found("frames", {})
    merged = _merge(found.settings, settings)
    where = str(source) if source is not None else "the settings"
    chosen = Settings.from_mapping(merged, where)
    specs = {**found.specs, **{name: _spec(name, table) for name, table in tables.items()}}
    if not specs:
        raise InputError(f"no data was given; give {SUPPORTED}, or orders=a frame")
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
    engine = engine_for([specs[name] for name in sorted(specs, key=lambda name: name != "orders")])
    reader = Reader(engine, chosen)
    opened = {name: reader.open(name, specs[name]) for name in SCHEMAS if name in specs}
    return Sources(engine, opened, chosen, found.name, found.notes)


def _resolve(source: str | Path) -> _Found:
    """What a source's text or path stands for."""
    text = str(source)
    if text in cdnow.LOGS:
        return _Found(text, {"orders": cdnow.read(text)}, dict(cdnow.SETTINGS))
    if text == demo.NAME:
        return replace(_toml(demo.demo_folder() / "kpilib.toml"), name=text)
    if "://" in text:
        scheme = text.split("://")[0]
        raise InputError(
            f"databases ({scheme}://…) cannot be opened in this version; there is {SUPPORTED}"
        )
    path = Path(source).expanduser()
    if not path.exists():
        beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = near_miss(path.name, [demo.NAME, *cdnow.LOGS, *beside])
        hint = hint if hint.startswith("did") else f"give {SUPPORTED}"
        raise InputError(f"{text}: no such file, folder or built-in source; {hint}")
    if path.is_dir():
        settings = path / "kpilib.toml"
        return _toml(settings) if settings.exists() else _folder(path)
    if path.suffix == ".toml":
        return _toml(path)
    if _is_duckdb(path):
        return _database(path)
    if path.name.lower().endswith(FILE_ENDINGS):
        return _Found(text, {"orders": path})
    raise InputError(f"{text}: files of this kind cannot be read; give {SUPPORTED}")


def _folder(path: Path) -> _Found:
    """The files of a folder that are named after tables; at least one."""
    specs, others = _files(path)
    if not specs:
        has = "it has no CSV or Parquet file"
        if others:
            has = (
                f"it has {', '.join(others)}; rename one, or write a kpilib.toml "
                f'there whose [orders] has file = "{others[0]}"'
            )
        raise InputError(f"{path} has no file named after a table, like orders.csv: {has}")
    notes = [f"{name} was not read: {near_miss(_table_of(name), SCHEMAS)}" for name in others]
    return _Found(str(path), dict(specs), notes=tuple(notes))


def _files(
    path: Path, placed: Mapping[str, Path] = MappingProxyType({})
) -> tuple[dict[str, Any], list[str]]:
    """The files of a folder named after tables that are not `placed` yet; the names of others."""
    specs: dict[str, Any] = {}
    others = []
    for item in sorted(path.iterdir()):
        if item.name.startswith(".") or not item.name.lower().endswith(FILE_ENDINGS):
            continue
        table = _table_of(item.name)
        if table in placed or item.resolve() in placed.values():
            continue
        if table not in SCHEMAS:
            others.append(item.name)
        elif table in specs:
            raise InputError(
                f"{path} has both {specs[table].name} and {item.name}; keep one for {table}"
            )
        else:
            specs[table] = item
    return specs, others


def _table_of(file: str) -> str:
    """The name of a file without its ending, small."""
    ending = next(end for end in FILE_ENDINGS if file.lower().endswith(end))
    return file[: -len(ending)].lower()


def _toml(path: Path) -> _Found:
    """The tables that a settings file names, or that lie where its `data` says or beside it."""
    values = read_toml(path)
    data = values.pop("data", None)
    settings = Settings.from_mapping(values, str(path))
    place = path.parent / data if data is not None else path.parent
    if not place.exists():
        raise InputError(f"{path}: data = {data!r}: there is no {place}")
    names = _database(place).specs if place.is_file() and _is_duckdb(place) else None
    named = {
        name: _toml_table(path, place, name, table, names)
        for name, table in settings.tables.items()
    }
    if names is not None:
        specs = dict(names)
    elif place.is_dir():
        files = {name: spec for name, spec in named.items() if isinstance(spec, Path)}
        specs, _ = _files(place, {name: file.resolve() for name, file in files.items()})
    else:
        specs = {"orders": place}
    return _Found(str(path), {**specs, **named}, values)


def _toml_table(
    path: Path, place: Path, name: str, table: TableSettings, names: Mapping[str, Any] | None
) -> Any:
    """Where one table of a settings file lies."""
    if isinstance(table.file, str):
        file = path.parent / Path(table.file).expanduser()
        if not file.is_file():
            raise InputError(f"{path}: [{name}] file = {table.file!r}: there is no {file}")
        return file
    if table.table is not None or names is not None:
        if not place.is_file():
            raise InputError(
                f'{path}: [{name}] table = {table.table!r} needs data = "….duckdb" at the top'
            )
        return InDuckDB(place, table.table or name)
    folder = place if place.is_dir() else place.parent
    for ending in FILE_ENDINGS:
        if (folder / f"{name}{ending}").is_file():
            return folder / f"{name}{ending}"
    if place.is_file() and name == "orders":
        return place
    raise InputError(f'{path}: [{name}] names no file; write file = "{name}.csv"')


def _database(path: Path) -> _Found:
    """The tables of a DuckDB file that are named after ours."""
    engine = DuckEngine()
    names = attach(engine, path)
    engine.connection.close()
    specs = {name.lower(): InDuckDB(path, name) for name in names if name.lower() in SCHEMAS}
    return _Found(str(path), dict(specs))


def _is_duckdb(path: Path) -> bool:
    if path.suffix.lower() in DUCKDB_ENDINGS:
        return True
    with path.open("rb") as file:
        return file.read(12)[8:12] == b"DUCK"


def _spec(name: str, table: Any) -> Any:
    """A keyword argument: a frame as it is, a path made sure of."""
    if name not in SCHEMAS:
        raise InputError(f"no table is called {name!r}; {near_miss(name, SCHEMAS)}")
    if isinstance(table, str | Path):
        path = Path(table).expanduser()
        if not path.is_file():
            raise InputError(f"{name} = {str(table)!r}: there is no such file")
        if not path.name.lower().endswith(FILE_ENDINGS):
            raise InputError(f"{name} = {str(table)!r}: give a CSV or Parquet file")
        return path
    if not is_frame(table):
        raise InputError(
            f"{name}: a {type(table).__name__} is not a table; give a frame of pandas, Polars, "
            "DuckDB, Spark or Ibis, or the path of a CSV or Parquet file"
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
