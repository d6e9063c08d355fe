"""The month's numbers as tables for a BI tool: `kpis.csv` and `kpis.parquet`, a row per number."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from kpilib.periods import Period
from kpilib.report.handoff.plain import in_csv, shown

NUMBERS = (
    *("value", "low", "high", "numerator", "denominator", "n"),
    *("previous", "change", "change_low", "change_high", "target"),
)
COLUMNS = (
    *("month", "period_start", "period_end", "id", "family", "name", "segment", "segment_name"),
    *NUMBERS,
    *("unit", "currency", "better", "status", "reason", "signal", "definition", "data"),
)
"""The columns of the tables, always all of them, in this order."""


def values_table(values: Sequence[Mapping[str, Any]], run: Mapping[str, Any]) -> pd.DataFrame:
    """A row per number of the run, in natural units (a share of 0.05 is 0.05).

    Columns: `COLUMNS`; `month` is the label of the number's own period, `name` is in the run's
    language, days are dates, and what is not there is missing.
    """
    rows = [_row(value, run) for value in values]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("period_start", "period_end"):
        table[name] = pd.to_datetime(table[name]).dt.date
    texts = [name for name in COLUMNS if name not in (*NUMBERS, "period_start", "period_end")]
    return table.astype(dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(texts, "str"))


def _row(value: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    start, end = value["period"]["start"], value["period"]["end"]
    name = value["name"]
    said = name.get(run["lang"], name.get("en")) if isinstance(name, Mapping) else str(name)
    own = {column: value.get(column) for column in COLUMNS}
    return own | {
        "month": Period.parse(f"{start}/{end}").label,
        "period_start": start,
        "period_end": end,
        "name": said,
        "data": run["data"],
    }


def write_tables(folder: Path, table: pd.DataFrame) -> None:
    """Write `kpis.csv` (UTF-8 with the mark that Excel knows) and `kpis.parquet`."""
    safe = table.astype("object").where(table.notna(), None).map(in_csv)
    safe.to_csv(
        folder / "kpis.csv",
        index=False,
        encoding="utf-8-sig",
        lineterminator="\r\n",
        quoting=csv.QUOTE_NONNUMERIC,
    )
    plain = table.apply(_shown)
    plain.to_parquet(folder / "kpis.parquet", compression="zstd", index=False)


def _shown(column: pd.Series) -> pd.Series:
    if column.dtype != "str":
        return column
    return column.map(shown, na_action="ignore").astype("str")
