"""The month as a workbook: a sheet per family, and the rows that its numbers are formulas over.

Numbers are numbers and days are days; every text is stored as text, so that no cell of the data is
ever a formula or a link. A number that is no sum over another (a median, a forecast) stands as it
was computed, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.base import CustomerBase
from kpilib.questions.contributions import Family, Part, Sums, contributions
from kpilib.questions.values import KPIValue
from kpilib.registry.definitions import Definition, family
from kpilib.report.handoff.plain import shown
from kpilib.words import Unit, _
from kpilib.words.families import FAMILIES, family_name
from kpilib.words.text import labelled
from kpilib.words.values import value_text

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FILE = "kpis.xlsx"
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "default_date_format": "yyyy-mm-dd",
}
_MADE = datetime(2000, 1, 1)
"""The day that the file says it was made on: the same month gives the same bytes."""
_FORMATS = {Unit.SHARE: "0.0%", Unit.MONEY: "#,##0.00", Unit.COUNT: "#,##0"}
_HEADS = (
    _("KPI"),
    _("Value"),
    _("Unit"),
    _("95% interval, low"),
    _("95% interval, high"),
    _("Numerator"),
    _("Denominator"),
    _("Status"),
    _("How it is made"),
)
_WIDTHS = (44, 16, 14, 16, 16, 16, 16, 16, 60)
_LIVE = _("a formula over the rows in “{sheet}”")
_FIXED = _("as it was computed: no sum of rows over another")
_ROWS = _("{family} rows {number}")


def write_workbook(
    path: Path, base: CustomerBase, period: Period, lang: str = "en", *, cached: bool = True
) -> None:
    """Write the workbook of a month to `path`, in a language; an InputError without XlsxWriter.

    Without `cached` the formulas carry no value of their own, and show one only once a spreadsheet
    has reckoned them.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise InputError(
            'the workbook needs XlsxWriter; run: pip install "kpilib[xlsx]", or leave out --xlsx'
        ) from None
    with Workbook(str(path), _OPTIONS) as book:
        book.set_properties({"created": _MADE, "comments": "kpilib"})
        for name in FAMILIES:
            if definitions := _family(name):
                _Sheets(book, base, period, lang, cached).write(name, definitions)


def _family(name: str) -> dict[str, Definition]:
    try:
        return family(name)
    except InputError:  # a family of analyses alone
        return {}


class _Sheets:
    """The sheets of one family after the other, in one workbook."""

    def __init__(
        self, book: "Workbook", base: CustomerBase, period: Period, lang: str, cached: bool
    ) -> None:
        self.book, self.base, self.period = book, base, period
        self.lang, self.cached = lang, cached
        self.bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})

    def write(self, name: str, definitions: Mapping[str, Definition]) -> None:
        """The family's sheet, then a sheet for each listing that a number is made of."""
        values = ask.values(self.base, definitions, (self.period,))
        found = contributions(self.base, definitions, values)
        used = sorted({part.listing for sums in found.made.values() for part in sums.parts})
        title = family_name(name, self.lang)
        sheets = {
            place: _sheet_name(_ROWS.format(family=title, number=at + 1).of(self.lang))
            for at, place in enumerate(used)
        }
        self._numbers(_sheet_name(title), values, found, sheets)
        for place, sheet in sheets.items():
            self._rows(self.book.add_worksheet(sheet), found.listings[place])

    def _numbers(
        self,
        title: str,
        values: Sequence[KPIValue],
        found: Family,
        sheets: Mapping[int, str],
    ) -> None:
        sheet = self.book.add_worksheet(title)
        sheet.freeze_panes(1, 1)
        for column, (head, width) in enumerate(zip(_HEADS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head.of(self.lang), self.bold)
        for row, value in enumerate(values, start=1):
            sums = found.made.get((value.id, value.segment))
            self._number(sheet, row, value, sums, found, sheets)

    def _number(
        self,
        sheet: "Worksheet",
        row: int,
        value: KPIValue,
        sums: Sums | None,
        found: Family,
        sheets: Mapping[int, str],
    ) -> None:
        style = self.book.add_format({"num_format": _FORMATS.get(value.unit, "#,##0.00##")})
        plain = self.book.add_format({"num_format": "#,##0.00"})
        name = value.name.of(self.lang)
        if value.segment is not None:
            name += f" · {value.segment_name(self.lang)}"
        self._text(sheet, row, 0, name)
        unit = value.currency if value.unit is Unit.MONEY and value.currency else str(value.unit)
        self._text(sheet, row, 2, value_text(unit).of(self.lang))
        for column, number in ((3, value.low), (4, value.high)):
            if number is not None:
                sheet.write_number(row, column, number, style)
        reason = value.reason.of(self.lang) if value.reason else ""
        status = value_text(value.status).of(self.lang)
        self._text(sheet, row, 7, labelled(status, reason, self.lang))
        if value.value is None:
            return
        if sums is None:
            sheet.write_number(row, 1, value.value, style)
            self._text(sheet, row, 8, _FIXED.of(self.lang))
            return
        over, under = self._formulas(sums, found, sheets)
        self._formula(sheet, row, 5, f"={over}", value.numerator, plain)
        made = f"F{row + 1}"
        if under:
            self._formula(sheet, row, 6, f"={under}", value.denominator, plain)
            made = f"{made}/G{row + 1}"
        scale = "" if sums.scale == 1 else f"{sums.scale!r}*"
        self._formula(sheet, row, 1, f"={scale}{made}", value.value, style)
        said = _LIVE.format(sheet=sheets[sums.over.listing])
        self._text(sheet, row, 8, said.of(self.lang))

    def _formulas(self, sums: Sums, found: Family, sheets: Mapping[int, str]) -> tuple[str, str]:
        def total(part: Part) -> str:
            listing = found.listings[part.listing]
            column = _column(list(listing.columns).index(part.column))
            sheet = sheets[part.listing].replace("'", "''")
            return f"SUM('{sheet}'!${column}$2:${column}${max(len(listing), 1) + 1})"

        over = total(sums.over) + (f"-{total(sums.less)}" if sums.less else "")
        return over, "+".join(total(part) for part in sums.under)

    def _formula(
        self, sheet: "Worksheet", row: int, column: int, formula: str, value: Any, style: Any
    ) -> None:
        sheet.write_formula(row, column, formula, style, value if self.cached else "")

    def _rows(self, sheet: "Worksheet", listing: pd.DataFrame) -> None:
        """The rows of a listing, a column after the other."""
        sheet.freeze_panes(1, 0)
        day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        for column, name in enumerate(listing.columns):
            sheet.set_column(column, column, 16)
            self._text(sheet, 0, column, str(name), self.bold)
            for row, cell in enumerate(_cells(listing[name]), start=1):
                if isinstance(cell, str):
                    self._text(sheet, row, column, cell)
                elif isinstance(cell, pd.Timestamp):
                    sheet.write_datetime(row, column, cell.to_pydatetime(), day)
                elif isinstance(cell, bool):
                    sheet.write_boolean(row, column, cell)
                elif cell is not None:
                    sheet.write_number(row, column, cell)

    def _text(
        self, sheet: "Worksheet", row: int, column: int, text: str, style: Any = None
    ) -> None:
        sheet.write_string(row, column, shown(text)[:32767], style)


def _cells(column: pd.Series) -> Iterable[Any]:
    """The cells of a column as plain Python values, None where there is none."""
    plain = column.astype("object").where(column.notna(), None).tolist()
    return (cell.item() if hasattr(cell, "item") else cell for cell in plain)


def _column(index: int) -> str:
    """The letters of a column.

    >>> _column(0), _column(25), _column(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet_name(text: str) -> str:
    """A name that a sheet may have.

    >>> _sheet_name("a/b: [c]")
    'a b c'
    """
    plain = "".join(" " if one in "[]:*?/\\'" else one for one in text)
    return " ".join(plain.split())[:31] or "-"
