"""The workbook: every live number is its formula over the rows, and no cell of data acts.

The formulas are reckoned here by themselves, from the cells that openpyxl reads;
`tests/benchmarks/workbook.py` lets LibreOffice do it.
"""

import re
from datetime import date

import pandas as pd
import pytest
from openpyxl import load_workbook

import kpilib
from kpilib.demo.tiny import tiny_tables
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.contributions import contributions
from kpilib.registry.definitions import family
from kpilib.report.handoff import workbook
from kpilib.report.handoff.workbook import write_workbook

MARCH = Period.month("2026-03")
FAMILIES = ("sales", "retention")
HOSTILE = {"An": "=cmd()", "Chen": "@SUM(1)", "Dana": "http://x.example", "Finn": "a\u202eb"}
_SUM = re.compile(r"SUM\('([^']+)'!\$([A-Z]+)\$(\d+):\$[A-Z]+\$(\d+)\)")


def reckoned(book, sheet, cell):
    """What a cell is: its number, or its formula of sums, products and quotients."""
    text = book[sheet][cell].value
    if not isinstance(text, str):
        return text
    assert text.startswith("=")

    def total(match):
        name, column, first, last = match.groups()
        cells = (book[name][f"{column}{row}"].value for row in range(int(first), int(last) + 1))
        return repr(float(sum(one for one in cells if one is not None)))

    text = _SUM.sub(total, text[1:])
    text = re.sub(r"\b([FG]\d+)\b", lambda one: repr(float(reckoned(book, sheet, one[1]))), text)
    assert re.fullmatch(r"[\d.e+*/-]+", text), text
    return eval(text)


@pytest.fixture(scope="module")
def base():
    tables = {
        name: table.replace({"customer_id": HOSTILE}) if "customer_id" in table else table
        for name, table in tiny_tables().items()
    }
    tables.pop("customers")
    rules = {"currency": "GBP", "lapse_window": 45, "as_of": date(2026, 5, 1)}
    return kpilib.open(**tables, **rules)


@pytest.fixture(scope="module")
def book(base, tmp_path_factory):
    path = tmp_path_factory.mktemp("xlsx") / "kpis.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "FAMILIES", FAMILIES)
        write_workbook(path, base, MARCH)
    return path


def test_every_formula_gives_the_value(book, base):
    read = load_workbook(book)
    live = 0
    for name in FAMILIES:
        values = ask.values(base, family(name), (MARCH,))
        sheet = next(one for one in read.sheetnames if one.lower() == name)
        for row, value in enumerate(values, start=2):
            number = reckoned(read, sheet, f"B{row}")
            assert number == (value.value and pytest.approx(value.value, rel=1e-12)), value.id
            live += isinstance(read[sheet][f"B{row}"].value, str)
    assert live >= 8


def test_no_cell_of_data_is_a_formula_or_a_link(book):
    read = load_workbook(book)
    texts = set()
    for sheet in read.worksheets:
        assert not sheet._hyperlinks
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert sheet.title.lower() in FAMILIES
                    assert cell.column_letter in "BFG"
                elif isinstance(cell.value, str):
                    texts.add(cell.value)
    assert {"=cmd()", "@SUM(1)", "http://x.example", "a⟨U+202E⟩b"} <= texts


def test_days_are_days_and_numbers_are_numbers(book):
    read = load_workbook(book)
    rows = next(sheet for sheet in read.worksheets if "rows" in sheet.title)
    heads = [cell.value for cell in rows[1]]
    days = [cell for cell in rows[2] if str(heads[cell.column - 1]).endswith("day")]
    assert days and all(cell.is_date for cell in days)


def test_the_same_month_gives_the_same_bytes(base, book, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "FAMILIES", FAMILIES)
    write_workbook(tmp_path / "again.xlsx", base, MARCH)
    assert (tmp_path / "again.xlsx").read_bytes() == book.read_bytes()


def test_a_sum_that_is_another_number_by_chance_is_not_taken_for_a_part():
    orders = pd.DataFrame(
        {"customer_id": ["a", "b"], "ordered_at": ["2026-03-01", "2026-03-02"], "amount": [1.0, 1]}
    )
    base = kpilib.open(orders=orders, lapse_window=30, as_of=date(2026, 4, 1))
    definitions = family("sales")
    found = contributions(base, definitions, ask.values(base, definitions, (MARCH,)))
    for (kpi_id, _), sums in found.made.items():
        assert all(part.column.startswith(f"{kpi_id}: ") for part in sums.parts)
