"""The business on disk: a file per table, `kpilib.toml`, and `truth.json`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from kpilib.demo.generate import generate
from kpilib.demo.model import Model
from kpilib.demo.rows import Rows, to_arrow
from kpilib.demo.truth import WATCHED
from kpilib.errors import InputError

FORMATS = ("parquet", "csv")


def write_business(
    model: Model, folder: Path, format: str = "parquet", told: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Write the model's business into `folder` and return its truth, as `truth.json` has it.

    The same model gives the same rows everywhere, in CSV byte for byte; a Parquet file also names
    the version of PyArrow that wrote it. Raises InputError where the folder holds other files.
    """
    if format not in FORMATS:
        raise InputError(f"format = {format!r} is not known; choose one of {', '.join(FORMATS)}")
    _clear(folder)
    writers = _Writers(folder, format, told)
    try:
        truth = generate(model, writers.add).to_dict()
    finally:
        writers.close()
    _write_text(folder / "kpilib.toml", settings_text(model))
    _write_text(folder / "truth.json", json.dumps(truth, ensure_ascii=False, indent=1) + "\n")
    return truth


def business(model: Model) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The model's business as frames by table, and its truth; for one that fits into memory."""
    parts: dict[str, list[pa.Table]] = {}
    truth = generate(model, lambda name, rows: parts.setdefault(name, []).append(to_arrow(rows)))
    frames = {name: pa.concat_tables(some).to_pandas() for name, some in parts.items()}
    return frames, truth.to_dict()


class _Writers:
    """One open file per table."""

    def __init__(self, folder: Path, format: str, told: Callable[[str], None] | None) -> None:
        self.folder, self.format, self.told = folder, format, told
        self.files: dict[str, Any] = {}

    def add(self, name: str, rows: Rows) -> None:
        """A part of a table."""
        table = to_arrow(rows)
        if name not in self.files:
            path = self.folder / f"{name}.{self.format}"
            if self.format == "csv":
                self.files[name] = pyarrow.csv.CSVWriter(path, table.schema)
            else:
                self.files[name] = pyarrow.parquet.ParquetWriter(
                    path, table.schema, **_parquet_options(table.schema)
                )
        self.files[name].write_table(table)
        if self.told is not None:
            self.told(name)

    def close(self) -> None:
        for file in self.files.values():
            file.close()


def _parquet_options(schema: pa.Schema) -> dict[str, Any]:
    """Texts and money by dictionary, times and numbers of rows by their differences."""
    delta = [
        field.name
        for field in schema
        if pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type)
    ]
    return {
        "compression": "zstd",
        "compression_level": 15,
        "use_dictionary": [field.name for field in schema if field.name not in delta],
        "column_encoding": dict.fromkeys(delta, "DELTA_BINARY_PACKED"),
        "write_statistics": True,
        "store_schema": False,
    }


def _clear(folder: Path) -> None:
    """Make the folder; what an earlier business left there goes, anything else is refused."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))
    except OSError as error:
        raise InputError(
            f"folder {str(folder)!r} cannot be written ({error.strerror}); choose another"
        ) from error
    if there and not (folder / "truth.json").is_file():
        raise InputError(f"folder {str(folder)!r} holds {there[0]}; choose an empty one")
    for name in there:
        item = folder / name
        if item.is_file() and (item.suffix in (".csv", ".parquet") or name == "truth.json"):
            item.unlink()


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def settings_text(model: Model) -> str:
    """The business's `kpilib.toml`."""
    beyond = (pd.Timestamp(model.end) + pd.Timedelta(days=1)).date()
    hours = {"urgent": (1, 8), "high": (4, 16), "normal": (8, 40), "low": (16, 80)}
    first = ", ".join(f"{name} = {one}" for name, (one, _) in hours.items())
    whole = ", ".join(f"{name} = {one}" for name, (_, one) in hours.items())
    return f'''# A generated business: {model.customers:,} customers, {model.months} months.
# Its true parameters are in truth.json.
time_zone = "{model.time_zone}"
currency = "{model.currency}"
as_of = {beyond}                # complete before this day
activity = "purchases"             # members pay by the month, but buying is what counts
lapse_window = {model.lapse_window}                 # days without a purchase: lost

[value]
months = 12
margin = {model.costs.margin}                      # of revenue, after goods
discount_rate = 0.1

[acquisition]
cost_types = ["marketing", "sales"]
lag_days = 5

[campaigns]
days = {WATCHED}

[engagement]
site_channels = ["web", "app"]
social_channels = ["facebook", "zalo"]

[service]
calendar = "{model.service.desks[0].name}"
response_hours = {{ default = 8, {first} }}
resolution_hours = {{ default = 40, {whole} }}

[renewal]
grace_days = 30
'''
