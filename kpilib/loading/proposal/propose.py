"""From files to a proposed `kpilib.toml` that has been tried."""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kpilib.contract.layout import Place
from kpilib.contract.settings import Settings
from kpilib.contract.tables import SCHEMAS
from kpilib.contract.vocabulary.endings import ENDINGS
from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError, KpilibError, near_miss
from kpilib.loading import Loaded, load
from kpilib.loading.proposal.money import currency_of, zone_of
from kpilib.loading.proposal.stars import with_joins
from kpilib.loading.proposal.write import TableDraft, toml_text
from kpilib.sources.containers import places_in
from kpilib.sources.paths import files_of
from kpilib.sources.reader import Reader
from kpilib.sources.recognise.guess import Guess, guess
from kpilib.sources.recognise.sample import Sample, sample_of
from kpilib.sources.source import Source
from kpilib.sources.trust import inside

_SHOWN = 5
_COLUMNS = ("order_id", "customer_id", "amount", "mrr", "status", "currency")


@dataclass(frozen=True)
class Proposal:
    """A proposed settings file: its text, what was guessed, and what is left to decide."""

    toml: str
    """The text of the file."""
    guessed: tuple[str, ...]
    """What each file was taken for, a sentence each."""
    questions: tuple[str, ...]
    """What has to be decided by someone who knows, a sentence each."""
    rows: pd.DataFrame
    """The first rows as they are read; empty where the file cannot be read before a decision."""
    account: str = ""
    """What became of the rows of the files."""

    @property
    def runs(self) -> bool:
        """Whether the file can be used as it is."""
        return bool(self.account)

    def __str__(self) -> str:
        parts = list(self.guessed)
        if len(self.rows):
            shown = self.rows.to_string(index=False, na_rep="", max_colwidth=28)
            parts += ["", f"The first {len(self.rows)} rows as they are read:", shown]
        if self.account:
            parts += ["", self.account]
        if self.questions:
            parts += ["", "To decide:", *(f"  {question}" for question in self.questions)]
        return "\n".join(parts)


@dataclass(frozen=True)
class _Found:
    """One file, looked at."""

    path: Path
    place: Place
    source: Source
    sample: Sample
    guess: Guess


def propose(
    files: Sequence[str | Path],
    to: Path,
    columns: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Proposal:
    """Look at files and propose the settings file `to` for them; nothing is written.

    `columns` are decisions: `customer_id` or `orders.customer_id` → a column or SQL expression;
    `settings` others: `currency`, `time_zone`, `date_format`. Raises `InputError` for files that
    cannot be read at all.
    """
    if not files:
        raise InputError("give the files that hold your records, like orders.csv")
    engine = DuckEngine()
    reader = Reader(engine, Settings())
    paths = [p for file in files for p in files_of(str(file), Path(), f"{file}", ENDINGS)]
    found, empty = _all(engine, reader, list(dict.fromkeys(paths)))
    drafts, apart = _tables(found, to.parent, columns or {}, settings or {})
    tables = with_joins(drafts, found, to)
    used = {file for table in tables for file in table.all_files}
    unused = [f"{name}: not used; {why}" for name, why in apart if name not in used] + empty
    currency = currency_of([(one.guess, one.sample) for one in found])
    chosen = settings or {}
    if "currency" in chosen:
        currency = (chosen["currency"], "as you said")
    zone = zone_of([one.guess for one in found])
    if "time_zone" in chosen:
        zone = (chosen["time_zone"], "as you said")
    questions = [*(doubt for table in tables for doubt in table.guess.doubts), *unused]
    kinds = {table.guess.table for table in tables}
    if not kinds & {"orders", "subscriptions"}:
        questions.append("no file of orders or subscriptions is among them: name it too")
    text = toml_text(tables, currency, zone, questions)
    guessed = (*(_sentence(one) for one in found), *_beyond(sorted(used), to.parent))
    if any(table.guess.doubts for table in tables) or not kinds & {"orders", "subscriptions"}:
        return Proposal(text, guessed, tuple(questions), pd.DataFrame())
    try:
        loaded = _tried(text, to.parent)
    except KpilibError as error:
        questions += [str(error).replace("\n", " ")]
        return Proposal(
            toml_text(tables, currency, zone, questions), guessed, tuple(questions), pd.DataFrame()
        )
    account = "\n".join(one.text() for one in loaded.accounts.values())
    return Proposal(text, guessed, tuple(questions), _rows(loaded), account)


def _all(
    engine: DuckEngine, reader: Reader, paths: Sequence[Path]
) -> tuple[list[_Found], list[str]]:
    """Every table of every file, and what is said of those of several that cannot be read."""
    found, said = [], []
    for path in paths:
        places = places_in(path)
        for place in places:
            try:
                found.append(_look(engine, reader, path, place))
            except InputError as error:
                if len(places) == 1:
                    raise
                said.append(f"not used; {error}")
    if not found:
        raise InputError(f"{', '.join(map(str, paths))}: no table that can be read")
    return found, said


def _look(engine: DuckEngine, reader: Reader, path: Path, place: Place) -> _Found:
    source = reader.files("orders", [path], place)
    sample = sample_of(engine, source)
    named = str(place.table or place.sheet or path.stem)
    return _Found(path, place, source, sample, guess(sample, file=named))


def _tables(
    found: Sequence[_Found],
    folder: Path,
    columns: Mapping[str, str],
    settings: Mapping[str, str],
) -> tuple[list[TableDraft], list[tuple[str, str]]]:
    """The tables, files with the same columns as one; and the files that are none, with why."""
    drafts: dict[str, TableDraft] = {}
    first: dict[str, _Found] = {}
    unused: list[tuple[str, str]] = []
    for one in sorted(found, key=lambda one: not one.guess.is_sure):
        name = one.guess.table
        file = _relative(one.path, folder)
        keys: dict[str, object] = {
            key: value
            for key in ("table", "sheet")
            if (value := getattr(one.place, key)) is not None
        }
        before = drafts.get(name)
        if before is None and drafts and _is_none(one.guess):
            unused.append((one.source.label if keys else file, "it looks like no table of ours"))
            continue
        if before is not None:
            if one.guess.columns == first[name].guess.columns and not keys:
                drafts[name] = replace(before, files=(*before.files, file))
            else:
                what = one.source.label if keys else file
                unused.append((what, f"{name} are read from {before.files[0]} already"))
            continue
        first[name] = one
        decided = _decided(one, columns)
        date_format = _date_format(one, settings.get("date_format"))
        if date_format:
            keys["date_format"] = date_format
        layout = tuple(one.source.notes)
        drafts[name] = TableDraft(decided, (file,), layout, keys)
    return list(drafts.values()), unused


def _is_none(made: Guess) -> bool:
    """Whether hardly anything that its table needs was found in a file."""
    required = SCHEMAS[made.table].required
    return not made.is_sure and sum(name in made.columns for name in required) < 2


def _decided(one: _Found, columns: Mapping[str, str]) -> Guess:
    """The guess with what the user has decided in the place of doubts."""
    made = one.guess
    for key, value in columns.items():
        table, _, name = key.rpartition(".")
        if table and table not in SCHEMAS:
            raise InputError(f"{key}: no table is called {table!r}; {near_miss(table, SCHEMAS)}")
        if table not in ("", made.table):
            continue
        if name not in SCHEMAS[made.table].names:
            hint = near_miss(name, SCHEMAS[made.table].names)
            raise InputError(f"{key}: {made.table} has no column {name!r}; {hint}")
        doubts = tuple(doubt for doubt in made.doubts if not doubt.startswith(f"{name}:"))
        made = replace(made, columns={**made.columns, name: value}, doubts=doubts)
    return made


def _date_format(one: _Found, said: str | None) -> str | None:
    """The format of days: as said where no year stands first, else a platform's where it fits."""
    platform = one.guess.platform
    if said:
        times = (one.guess.columns.get(n, "") for n in _times(one.guess.table))
        texts = [t for n in times if n in one.sample.columns for t in one.sample.columns[n].texts]
        clear = bool(texts) and all(re.match(r"(19|20)\d\d\D", text) for text in texts)
        return None if clear else said
    values = one.sample.columns.get(one.guess.columns.get("ordered_at", ""))
    if platform is None or platform.date_format is None or values is None or not values.texts:
        return None
    year = "%Y" if len(values.texts[0].split("/")[-1]) == 4 else "%y"
    fits = all(text.count("/") == 2 and " " not in text for text in values.texts)
    return platform.date_format.replace("%y", year) if fits else None


def _times(table: str) -> list[str]:
    return [column.name for column in SCHEMAS[table].columns if column.kind in ("time", "date")]


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()


def _sentence(one: _Found) -> str:
    what = one.guess.platform.name if one.guess.platform else one.guess.table
    columns = ", ".join(f"{ours} = {theirs}" for ours, theirs in one.guess.columns.items())
    lines = "; several rows make one order" if one.guess.lines else ""
    return f"{one.path.name}: {what}{lines}. {columns}"


def _beyond(files: Iterable[str], folder: Path) -> Iterator[str]:
    """What must be known of files that the settings file may not name by itself."""
    try:
        for file in files:
            inside(folder / file, folder, file)
    except InputError:
        yield f"some files lie outside {folder.absolute()}: read it with --trust-source"


def _tried(text: str, folder: Path) -> Loaded:
    """The proposal loaded as it will be once it stands in its folder."""
    values = tomllib.loads(text)
    tables = {name: value for name, value in values.items() if isinstance(value, dict)}
    for table in tables.values():
        for place in (table, *table.get("join", ())):
            files = [place["file"]] if isinstance(place["file"], str) else place["file"]
            place["file"] = [str(folder.absolute() / file) for file in files]
    plain = {name: value for name, value in values.items() if name not in tables}
    return load(gate=False, options=tables, **plain)


def _rows(loaded: Loaded) -> pd.DataFrame:
    table = next((n for n in ("orders", "subscriptions") if n in loaded.tables), None)
    if table is None:
        return pd.DataFrame()
    frame = loaded.tables[table]
    rows = loaded.engine.collect(frame.head(_SHOWN))
    second = next(name for name in rows.columns if name.endswith("_second"))
    shown = pd.DataFrame({name: rows[name] for name in _COLUMNS if name in rows.columns})
    times = pd.to_datetime(rows[second], unit="s", utc=True).dt.tz_convert(loaded.settings.zone)
    at = second.replace("_second", "_at")
    shown.insert(list(shown).index("customer_id") + 1, at, times.dt.strftime("%Y-%m-%d %H:%M:%S"))
    return shown
