"""What kind of file it is, from its first bytes and then from its name."""

from pathlib import Path
from typing import Literal

from kpilib.contract.vocabulary.endings import PACKED, PARQUETS, TEXTS, WORKBOOKS
from kpilib.errors import InputError

Kind = Literal["csv", "parquet", "workbook", "json", "lines", "sqlite", "duckdb", "zip", "packed"]

SUPPORTED = "CSV, Parquet, Excel, JSON, SQLite or DuckDB, plain or packed as .gz, .zip, .zst …"
"""The kinds, as errors say them."""

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
    (b"\x1f\x8b", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ\0", "packed"),
    (b"\x28\xb5\x2f\xfd", "packed"),
)


def kind_of(path: Path, name: str = "") -> Kind:
    """The kind of a file; `name` is what it is called where `path` is a copy of it."""
    name = (name or path.name).lower()
    with path.open("rb") as file:
        head = file.read(2048)
    for magic, kind in _MAGIC:
        if head.startswith(magic) and (kind != "packed" or name.endswith((*PACKED, *TEXTS))):
            return kind
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head.startswith(b"PK\x03\x04"):
        is_book = name.endswith(WORKBOOKS) or b"[Content_Types].xml" in head or b"xl/" in head
        return "workbook" if is_book else "zip"
    if name.endswith(PARQUETS):
        return "parquet"
    if name.endswith((".duckdb", ".ddb", ".db")):
        return "duckdb"
    if name.endswith((".sqlite", ".sqlite3")):
        return "sqlite"
    if name.endswith((*PACKED, ".xlsx", ".xlsm", ".xlsb", ".ods")):
        raise InputError(f"{path}: its content is not what its name says; rename it")
    if name.endswith((".jsonl", ".ndjson")):
        return "lines"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if name.endswith(".json") or (name.endswith(".txt") and start.startswith((b"{", b"[{"))):
        return "json"
    if start[:64].lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise InputError(
            f"{path}: a page of HTML or XML whatever its name says; open it in a spreadsheet and "
            "save it as .xlsx or CSV"
        )
    return "csv"
