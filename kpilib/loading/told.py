"""How errors name a table, and where they say that a setting is written."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """A table in the words of whoever gave it: its label, and the place of its settings.

    >>> Told("orders.csv", "orders", "shop.toml", True).write("decimal", ",", ".")
    'write decimal = "," or decimal = "." below [orders] in shop.toml'
    >>> Told("orders", "orders", "frames", False).write("decimal", ",", ".")
    'give options={"orders": {"decimal": ","}}, or "."'
    """

    label: str
    """The file, or the name of the table."""
    table: str
    """The table in kpilib's vocabulary."""
    home: str
    """The source as it was given: a settings file, another path, or `frames`."""
    is_file: bool
    """Whether the table is a file or lies in one."""

    @property
    def has_toml(self) -> bool:
        """Whether there is a settings file to write in."""
        return self.home.endswith(".toml")

    @property
    def place(self) -> str:
        """Where a setting of a file is written."""
        return f"in {self.home}" if self.has_toml else "in a kpilib.toml beside it"

    def write(self, setting: str, *values: Any) -> str:
        """What to write to choose one of several values of a setting of the table."""
        written = [_literal(value) for value in values]
        if self.is_file or self.has_toml:
            choices = " or ".join(f"{setting} = {value}" for value in written)
            return f"write {choices} below [{self.table}] {self.place}"
        first, *others = (_python(value) for value in values)
        more = "".join(f", or {value}" for value in others)
        return f'give options={{"{self.table}": {{"{setting}": {first}}}}}{more}'

    def map(self, columns: dict[str, str]) -> str:
        """What to write so that columns of ours are read from columns of the source."""
        if self.is_file or self.has_toml:
            pairs = ", ".join(f"{ours} = {_literal(theirs)}" for ours, theirs in columns.items())
            place = self.place.removesuffix(" beside it")
            return f"Write {place}, under [{self.table}.columns]: {pairs}"
        pairs = ", ".join(f'"{ours}": {_python(theirs)}' for ours, theirs in columns.items())
        return f'Give options={{"{self.table}": {{"columns": {{{pairs}}}}}}}'


def _literal(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(one) for one in value)}]"
    return str(value)


def _python(value: Any) -> str:
    """A value as Python writes it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_python(one) for one in value)}]"
    return _literal(value) if isinstance(value, str) else repr(value)
