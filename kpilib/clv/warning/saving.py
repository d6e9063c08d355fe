"""A list for an account manager, as CSV or Excel, in which no cell can act as a formula."""

import csv
from pathlib import Path
from typing import Any

import pandas as pd

from kpilib.errors import InputError

_ACTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a text begins with that a spreadsheet may run; the wide ones in East Asian locales."""

_FORMATS = {"probability": "0.0%", "value": "#,##0.00", "at_risk": "#,##0.00", "recency": "0"}


def save_list(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table to `.csv` or `.xlsx`, whatever the texts in it begin with.

    A text cell or heading that a spreadsheet would take for a formula gets an apostrophe before it
    in CSV, as spreadsheets write it themselves; in Excel every text is stored as text. CSV is UTF-8
    with a mark that Excel knows. Gives the path back.

    Raises InputError for another ending, a folder that is not there, or, for Excel, without
    XlsxWriter.

    >>> import tempfile
    >>> names = pd.DataFrame({"customer_id": ["=cmd()", "An"], "at_risk": [-1.5, 2.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(save_list(names, f"{folder}/list.csv").read_text(encoding="utf-8-sig"))
    "customer_id","at_risk"
    "'=cmd()",-1.5
    "An",2.0
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")
    if path.suffix == ".csv":
        safe = table.map(_defused).rename(columns=_defused)
        safe.to_csv(path, index=False, encoding="utf-8-sig", quoting=csv.QUOTE_NONNUMERIC)
    elif path.suffix == ".xlsx":
        _write_excel(table, path)
    else:
        raise InputError(f"{path} ends in {path.suffix!r}; write a name in .csv or .xlsx")
    return path


def _defused(cell: Any) -> Any:
    """A text that would act, with an apostrophe before it; anything else as it is."""
    if not isinstance(cell, str):
        return cell
    acts = cell.lstrip().startswith(_ACTS) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if acts else cell


def _write_excel(table: pd.DataFrame, path: Path) -> None:
    try:
        import xlsxwriter  # noqa: F401
    except ImportError:
        raise InputError(
            f'{path}: Excel files need XlsxWriter; run: pip install "kpilib[warning]", '
            "or write a name in .csv"
        ) from None
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": as_text}) as writer:
        table.to_excel(writer, sheet_name="list", index=False, freeze_panes=(1, 0))
        sheet, book = writer.sheets["list"], writer.book
        for place, name in enumerate(table.columns):
            width = 60 if name == "reasons" else 16
            style = book.add_format({"num_format": _FORMATS.get(str(name), "General")})
            sheet.set_column(place, place, width, style)
