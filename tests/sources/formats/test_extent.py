"""A workbook with one cell far off is refused before its reader lays out all that lies before."""

import io
import zipfile

import openpyxl
import pytest

from kpilib.errors import InputError
from kpilib.loading import load
from kpilib.sources.formats.extent import check_extent

HEAD, ROW = ("customer_id", "ordered_at", "amount"), ("a", "2026-01-05", 1)


def book(path, far=None):
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (HEAD, ROW):
        sheet.append(row)
    if far:
        sheet[far] = "x"
    made.save(path)
    return path


def test_a_cell_far_off_is_named_with_what_to_do(tmp_path):
    assert load(book(tmp_path / "orders.xlsx")).accounts["orders"].kept == 1
    said = r"sheet1 has 7 cells that reach as far as row 1,048,576 and column 16,384; delete"
    with pytest.raises(InputError, match=said):
        load(book(tmp_path / "far.xlsx", "XFD1048576"))


def test_a_long_sheet_with_cells_throughout_is_none(tmp_path):
    assert load(book(tmp_path / "orders.xlsx", "C9000"), gate=False).accounts["orders"].read == 2


def record(kind, payload):
    size = bytes([len(payload) | 0x80, 0]) if len(payload) < 128 else b""
    return bytes([kind & 0x7F | 0x80, kind >> 7]) + (size or bytes([0x80, 1])) + payload


def binary(rows, column):
    """A sheet in Excel's binary records: two rows, and a cell in the last."""
    records = [(129, b""), (0, (0).to_bytes(4, "little")), (2, b"\0" * 12), (500, b"x" * 128)]
    records += [(0, rows.to_bytes(4, "little")), (7, column.to_bytes(4, "little") + b"12345678")]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(record(*one) for one in records))
    return zipfile.ZipFile(stream)


def test_binary_sheets_are_measured_too(tmp_path):
    check_extent(binary(50_000, 300), tmp_path / "orders.xlsb")
    with pytest.raises(InputError, match=r"2 cells that reach as far as row 1,000,001 and column"):
        check_extent(binary(1_000_000, 16_000), tmp_path / "orders.xlsb")


def test_a_size_that_is_not_what_the_archive_says_is_found_out(tmp_path):
    path = book(tmp_path / "orders.xlsx")
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"xl/worksheets/sheet1.xml") - 46  # its entry in the archive's directory
    raw[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(bytes(raw))
    with pytest.raises(InputError, match="a damaged workbook"):
        load(path)
