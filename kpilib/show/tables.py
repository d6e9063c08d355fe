"""A table as HTML for a reader: words for column names, numbers as the language writes them.

The table itself stays as it is; only what is shown of it is rounded. Shares are percentages, whole
numbers have their separators, and a column of other numbers has as many decimals as its size calls
for. Limits (`low`, `high`) are written like the column that they belong to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from html import escape
from math import floor, log10
from typing import TYPE_CHECKING, Any

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.words import Text, Unit, _, check_language, format_number, format_value
from kpilib.words.columns import head, kind
from kpilib.words.dates import format_day
from kpilib.words.families import family_name
from kpilib.words.kinds import COUNT, GAP, HEAD, KPI, LIMIT, NAME, PERIOD, SHARE, WORDS
from kpilib.words.tables import table_name
from kpilib.words.text import labelled
from kpilib.words.units import Change
from kpilib.words.values import VALUES, value_text

if TYPE_CHECKING:
    import pandas as pd

ROWS = 60
COLUMNS_SHOWN = 30
LONG = 28
"""Text longer than this may be broken into lines."""
_YES, _NO, _MORE = _("yes"), _("no"), _("{count} rows")


def table_html(
    table: "pd.DataFrame", lang: str = "en", digits: int | None = None, rows: int = ROWS
) -> str:
    """The table as an HTML `<table>` with scopes, its cells marked `num`, `word` or `long`.

    Of more than `rows` rows the first and last ten are shown, and how many there are; so is that
    there are none. An index that
    only counts the rows is left out. With `digits` every number has that many significant ones.
    What is said of the table as a whole and so is alike in all rows stands above it. A column may
    have the head of another, by `attrs["heads"]`.

    >>> import pandas as pd
    >>> html = table_html(pd.DataFrame({"customers": [23570], "value": [792717.42]}))
    >>> "<td class=\\"num\\">23,570</td><td class=\\"num\\">792,717</td>" in html
    True
    """
    check_language(lang)
    called = table.attrs.get("heads") or {}
    shown = table.iloc[:, :COLUMNS_SHOWN]
    names = [_name(column) for column in shown.columns]
    columns = [_Column(shown.iloc[:, i], lang, digits) for i in range(len(names))]
    _in_units(table, columns)
    _follow(names, columns)
    once = _once(names, columns)
    alike = _said_once(once, called, lang)
    shown = shown.loc[:, [name not in once for name in names]]
    columns = [column for name, column in zip(names, columns, strict=True) if name not in once]
    names = [name for name in names if name not in once]
    places = list(range(len(shown)))
    cut = len(places) > rows
    places = [*places[:10], *places[-10:]] if cut else places
    lines = [_line(shown, columns, place) for place in places]
    if cut:
        lines.insert(10, f"<tr>{_gap(shown, columns)}</tr>")
    heads = "".join(_corner(name, lang) for name in _index_names(shown)) + "".join(
        f'<th scope="col" class="{column.kind}">{escape(head(called.get(name, name), lang))}</th>'
        for name, column in zip(names, columns, strict=True)
    )
    if len(table.columns) > COLUMNS_SHOWN:
        heads += '<th scope="col">…</th>'
    above = [*([_rows(len(table), lang)] if cut or not len(table) else []), *alike]
    many = f"<caption>{escape(' · '.join(above))}</caption>" if above else ""
    return f"<table>{many}<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def show_tables(lang: str = "en") -> None:
    """From now on the running IPython shows every pandas table as `table_html` does.

    Nothing happens outside IPython.
    """
    check_language(lang)
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return
    shell: Any = get_ipython()
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    for module in ("pandas", "pandas.core.frame"):
        formatter.for_type_by_name(module, "DataFrame", lambda table: table_html(table, lang))


class _Column:
    """One column: what kind it is, and how a value of it is written."""

    def __init__(self, values: "pd.Series", lang: str, digits: int | None = None) -> None:
        from pandas.api import types

        self.lang = lang
        self.values = values
        self.name = _name(values.name)
        self.share = kind(self.name) == SHARE
        self.number = types.is_numeric_dtype(values) and not types.is_bool_dtype(values)
        self.digits = digits
        self.decimals = _decimals(values) if self.number else 0
        self.counts = types.is_integer_dtype(values) or kind(self.name) == COUNT
        self.kind = "num" if self.number else "word"
        self.kpis: list[_Of] = []

    def cell(self, place: int) -> str:
        """The cell of one row."""
        text = self.text(place)
        kind = "long" if self.kind == "word" and len(text) > LONG else self.kind
        return f'<td class="{kind}">{escape(text)}</td>'

    def text(self, place: int) -> str:
        """What one row says, in words."""
        value = self.values.iloc[place]
        of_row = self.kpis[place] if self.kpis else None
        return self.written(value) if of_row is None else of_row.written(value, self)

    def written(self, value: Any) -> str:
        """One value as text."""
        if _missing(value):
            return "–"
        if isinstance(value, bool) or type(value).__name__ == "bool_" or str(value) in (
            "True", "False",
        ):  # fmt: skip
            return (_YES if value else _NO).of(self.lang)
        if self.number:
            if kind(self.name) == NAME:
                return f"{value:.15g}"
            if self.share:
                return format_value(float(value), Unit.SHARE, self.lang).replace("-", "−")
            decimals = self.decimals
            if self.digits and value and abs(value) != float("inf"):
                decimals = max(self.digits - 1 - floor(log10(abs(value))), 0)
            return _signed(float(value), self.lang, decimals)
        return _worded(value, self.name, self.lang)


@dataclass(frozen=True)
class _Of:
    """The KPI that a row of a table is about."""

    name: Text
    unit: Unit
    currency: str | None

    def written(self, value: Any, column: _Column) -> str:
        """A value of the row in the KPI's own unit, its id as its name."""
        if kind(column.name) == KPI:
            return self.name.of(column.lang)
        if _missing(value) or column.share or not column.number:
            return column.written(value)
        if kind(column.name) == GAP:
            return Change(float(value), self.unit, self.currency).of(column.lang)
        return format_value(float(value), self.unit, column.lang, self.currency)


def _in_units(table: "pd.DataFrame", columns: list[_Column]) -> None:
    """Where each row is about a KPI of its own, its numbers are written in that KPI's unit."""
    known = table.attrs.get("kpis")
    if not known or "kpi_id" not in table.columns:
        return
    currency = table.attrs.get("currency")
    rows = [_Of(name, Unit(unit), currency) for name, unit in map(known.get, table["kpi_id"])]
    for column in columns:
        column.kpis = rows


_NAMING: dict[str, Callable[[str, str], str]] = {
    "family": family_name,
    "table": lambda table, lang: table_name(table).of(lang),
}
"""The columns whose words mean another thing elsewhere."""


def _worded(value: Any, name: str, lang: str) -> str:
    """A value that is no number, in words: a date, a period, a word of the library's own."""
    if name in _NAMING:
        return _NAMING[name](str(value), lang)
    if isinstance(value, Text):
        return value.of(lang)
    if isinstance(value, datetime) and value.time() != time(0):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return format_day(value, lang)
    if kind(name) == WORDS:
        return value_text(value).of(lang)
    if kind(name) == HEAD:
        return head(str(value), lang)
    if kind(name) == PERIOD:
        return _period(str(value), lang)
    return str(value)


def _period(label: str, lang: str) -> str:
    if label in VALUES:
        return VALUES[label].of(lang)
    try:
        return Period.parse(label).of(lang)
    except InputError:
        return label


def _follow(names: list[str], columns: list[_Column]) -> None:
    """Limits are written like the nearest column before them that is none.

    Where its values happen to be whole and are no counts, both have the decimals of the limits.
    """
    before, limits = None, list[tuple[_Column, _Column]]()
    for name, column in zip(names, columns, strict=True):
        if kind(name) == LIMIT:
            if before is not None and before.number and column.number:
                limits.append((before, column))
        elif column.number:
            before = column
    for main, limit in limits:
        limit.share = main.share
        if main.decimals == 0 and not main.counts:
            main.decimals = min(limit.decimals, _by_size(main.values))
    for main, limit in limits:
        limit.decimals = main.decimals


_ALIKE = ("period", "respondents", "r2", "tau", "correlation", "n", "design")
_OF_ALL = frozenset((*_ALIKE, "difference", "difference_low", "difference_high"))
"""Columns that may be about the whole table, and then say the same in every row."""


def _once(names: list[str], columns: list[_Column]) -> dict[str, str]:
    """What columns say that are about all rows and say the same of each; none of a single row."""
    found: dict[str, str] = {}
    for name, column in zip(names, columns, strict=True):
        if name in _OF_ALL and len(column.values) > 1:
            said = {column.text(place) for place in range(len(column.values))}
            found |= {name: said.pop()} if len(said) == 1 and said != {"–"} else {}
    return found if len(found) < len(names) else {}


def _said_once(once: dict[str, str], called: dict[str, str], lang: str) -> list[str]:
    """Each with the head of its column, limits behind what they belong to."""
    parts = []
    for name, text in once.items():
        low, high = once.get(f"{name}_low"), once.get(f"{name}_high")
        limits = f" ({low} … {high})" if low and high else ""
        if kind(name) != LIMIT or name.rpartition("_")[0] not in once:
            parts.append(labelled(head(called.get(name, name), lang), text + limits, lang))
    return parts


def _decimals(values: "pd.Series") -> int:
    """How many decimals a column of numbers needs: about four digits of its largest."""
    from pandas.api import types

    if types.is_integer_dtype(values):
        return 0
    known = values.dropna().abs()
    known = known[known < float("inf")]
    if not len(known) or (known == known.round()).all():
        return 0
    if kind(str(values.name)) == COUNT and float(known.max()) >= 100:
        return 0
    return _by_size(values)


def _by_size(values: "pd.Series") -> int:
    """The decimals that the largest of some numbers calls for."""
    known = values.dropna().abs()
    largest = float(known[known < float("inf")].max()) if len(known) else 0.0
    for least, decimals in ((1000, 0), (1, 2), (0.1, 3), (0.01, 4), (0.001, 5)):
        if largest >= least:
            return decimals
    return 6


def _signed(value: float, lang: str, decimals: int) -> str:
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    text = format_number(abs(value), lang, decimals)
    zero = not any(letter in "123456789" for letter in text)
    return f"−{text}" if value < 0 and not zero else text


def _missing(value: Any) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _name(column: Any) -> str:
    return " · ".join(map(str, column)) if isinstance(column, tuple) else str(column)


def _rows(count: int, lang: str) -> str:
    return _MORE.format(count=count).of(lang)


def _index_names(table: "pd.DataFrame") -> list[str]:
    """The index's columns that are shown: none where it only counts rows."""
    index = table.index
    if index.nlevels == 1 and index.name is None and index.dtype.kind in "iu":
        return []
    return ["" if name is None else str(name) for name in index.names]


def _corner(name: str, lang: str) -> str:
    if not name:
        return "<td></td>"
    return f'<th scope="col" class="word">{escape(head(name, lang))}</th>'


def _line(table: "pd.DataFrame", columns: list[_Column], place: int) -> str:
    labels: tuple = ()
    if _index_names(table):
        label = table.index[place]
        labels = label if isinstance(label, tuple) else (label,)
    heads = "".join(
        f'<th scope="row" class="word">{escape(_label(label, name, columns))}</th>'
        for label, name in zip(labels, table.index.names, strict=bool(labels))
    )
    cells = "".join(column.cell(place) for column in columns)
    return f"<tr>{heads}{cells}</tr>"


def _label(label: Any, name: Any, columns: list[_Column]) -> str:
    if isinstance(label, float) and label == int(label):
        label = int(label)
    lang = columns[0].lang if columns else "en"
    return _worded(label, str(name), lang)


def _gap(table: "pd.DataFrame", columns: list[_Column]) -> str:
    return '<td class="word">…</td>' * (len(_index_names(table)) + len(columns))
