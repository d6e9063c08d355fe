import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from kpilib.clv import save_list
from kpilib.errors import InputError

NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "An", "a=b", ""]
PLAIN = ["007", "1e5", "https://example.com", "mailto:an@example.com", "external:a.xlsx"]


def table():
    return pd.DataFrame({"=name": NASTY, "at_risk": np.arange(len(NASTY)) - 5.5})


def test_no_cell_of_a_csv_acts_as_a_formula(tmp_path):
    path = save_list(table(), tmp_path / "list.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(path, keep_default_na=False)
    assert list(back.columns) == ["'=name", "at_risk"]
    assert back["'=name"].tolist() == [f"'{text}" for text in NASTY[:8]] + NASTY[8:]
    assert back["at_risk"].tolist() == table()["at_risk"].tolist()  # numbers stay numbers


def test_excel_keeps_every_text_as_text(tmp_path):
    path = save_list(table(), tmp_path / "list.xlsx")
    sheet = load_workbook(path)["list"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert cells[0].value == "=1+1" and sheet["A1"].data_type == "s"
    assert sheet["B2"].value == -5.5


def test_excel_shows_the_list_as_it_is_read(tmp_path):
    warned = pd.DataFrame(
        {"customer_id": [7], "probability": [0.125], "value": [1234.5], "at_risk": [154.3],
         "recency": [40], "reasons": ["4 purchases so far"], "note": ["x"]}
    )  # fmt: skip
    sheet = load_workbook(save_list(warned, tmp_path / "list.xlsx"))["list"]
    assert sheet.freeze_panes == "A2"  # the names stay in sight
    assert [one.value for one in sheet[1]] == list(warned.columns)
    assert [one.value for one in sheet[2]] == warned.iloc[0].tolist()
    columns = dict(zip(warned.columns, "ABCDEFG", strict=True))
    formats = {
        name: sheet.column_dimensions[column].number_format for name, column in columns.items()
    }
    assert formats["probability"] == "0.0%" and formats["recency"] == "0"
    assert formats["value"] == formats["at_risk"] == "#,##0.00"
    assert {formats[name] for name in ("customer_id", "reasons", "note")} == {"General"}
    width = {name: sheet.column_dimensions[column].width for name, column in columns.items()}
    assert width["reasons"] == pytest.approx(60, abs=1)
    assert [round(width[name]) for name in ("customer_id", "note")] == pytest.approx(
        [16, 16], abs=1
    )


def test_another_ending_or_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"ends in '.ods'; write a name in .csv or .xlsx"):
        save_list(table(), tmp_path / "list.ods")
    with pytest.raises(InputError, match="does not exist; make it first"):
        save_list(table(), tmp_path / "none" / "list.csv")


def test_excel_without_the_library_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(InputError, match=r'pip install "kpilib\[warning\]", or write a name'):
        save_list(table(), tmp_path / "list.xlsx")


def test_excel_makes_no_number_and_no_link_of_an_id(tmp_path):
    ids = pd.DataFrame({"customer_id": PLAIN})
    sheet = load_workbook(save_list(ids, tmp_path / "list.xlsx"))["list"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == PLAIN
    assert not any(cell.hyperlink for cell in cells)
