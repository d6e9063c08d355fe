"""What a source table is made of: its columns, what each means, and the rules between them."""

from dataclasses import dataclass
from typing import Literal

from kpilib.errors import InputError, near_miss

Kind = Literal["id", "text", "number", "flag", "time", "date"]


@dataclass(frozen=True)
class Column:
    """One column of a source table.

    >>> Column("ordered_at", "time", "When the customer ordered.").outputs
    ('ordered_day', 'ordered_second')
    """

    name: str
    """The name it has in kpilib."""
    kind: Kind
    """What it is read as."""
    meaning: str
    """One sentence."""
    required: bool = False
    """Whether the table can be used without it; a row that lacks its value is left out."""
    names: str = ""
    """For an id, the thing it names (`customer`, `order`, …): such ids agree across tables."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that it becomes once loaded."""
        if self.kind not in ("time", "date"):
            return (self.name,)
        stem = self.name.removesuffix("_at").removesuffix("_date")
        day = "day" if self.name == "date" else f"{stem}_day"
        return (day,) if self.kind == "date" else (day, f"{stem}_second")


@dataclass(frozen=True)
class Schema:
    """One source table: its columns and the rules that hold between them."""

    name: str
    """The table's name."""
    meaning: str
    """What one row is, in one sentence."""
    columns: tuple[Column, ...]
    """In the order in which they are documented."""
    key: tuple[str, ...] = ()
    """Columns that together name a row; a row that repeats them is left out as a duplicate."""
    event: str = ""
    """The column that says when the row happened; one in the future is left out."""
    money: tuple[str, ...] = ()
    """Columns in `currency`, turned into the reporting currency at the rate of the row's day."""
    rules: tuple[str, ...] = ()
    """What else a row must satisfy, in sentences."""

    def column(self, name: str) -> Column:
        """The column of that name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise InputError(f"{self.name} has no column {name!r}; {near_miss(name, self.names)}")

    def day_of(self, name: str | None = None) -> str:
        """The loaded column that holds the business-local day of a time, the event's by default.

        Raises InputError where the table has no event, or the column is no time.
        """
        column = self.column(name or self.event) if name or self.event else None
        if column is None or column.kind not in ("time", "date"):
            times = [one.name for one in self.columns if one.kind in ("time", "date")]
            what = f"{self.name}.{name} is no time" if name else f"{self.name} has no event"
            raise InputError(f"{what}; choose one of {', '.join(times) or 'another table'}")
        return column.outputs[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns it cannot do without."""
        return tuple(column.name for column in self.columns if column.required)


def id_column(name: str, meaning: str, required: bool = False, names: str = "") -> Column:
    """A column of type `id`."""
    return Column(name, "id", meaning, required, names or name.removesuffix("_id"))


def text_column(name: str, meaning: str, required: bool = False) -> Column:
    """A column of type `text`."""
    return Column(name, "text", meaning, required)


def number_column(name: str, meaning: str, required: bool = False) -> Column:
    """A column of type `number`."""
    return Column(name, "number", meaning, required)


def time_column(name: str, meaning: str, required: bool = False) -> Column:
    """A column of type `time`."""
    return Column(name, "time", meaning, required)


def date_column(name: str, meaning: str, required: bool = False) -> Column:
    """A column of type `date`."""
    return Column(name, "date", meaning, required)


def flag_column(name: str, meaning: str) -> Column:
    """A column of type `flag`."""
    return Column(name, "flag", meaning)


CUSTOMER = id_column("customer_id", "The customer the row belongs to.", required=True)
ANY_CUSTOMER = id_column("customer_id", "The customer, where one is known.")
CURRENCY = text_column(
    "currency", "ISO 4217 code of the row's money; missing means the reporting currency."
)
