"""The text of a proposed `kpilib.toml`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kpilib.contract.tables import SCHEMAS
from kpilib.sources.recognise.guess import Guess


@dataclass(frozen=True)
class TableDraft:
    """One table of the proposal."""

    guess: Guess
    files: tuple[str, ...]
    """Its files, relative to the settings file."""
    layout: tuple[str, ...] = ()
    """How they are laid out, in words."""
    keys: Mapping[str, object] = field(default_factory=dict)
    """Further settings of the table."""
    joins: tuple[Mapping[str, object], ...] = ()
    """Files that are joined to it."""

    @property
    def all_files(self) -> tuple[str, ...]:
        """Its files and those that are joined to it."""
        return (*self.files, *(str(join["file"]) for join in self.joins))


def toml_text(
    tables: Sequence[TableDraft],
    currency: tuple[str | None, str],
    time_zone: tuple[str | None, str],
    questions: Sequence[str],
) -> str:
    """The settings file, every guess with a comment; `currency` and `time_zone` with where from."""
    lines = ["# Proposed by kpilib init. See what it reads: kpilib check --data kpilib.toml"]
    lines += [f"# TO DECIDE: {question}" for question in questions]
    lines += [
        "",
        *_top("currency", *currency, "EUR"),
        *_top("time_zone", *time_zone, "Europe/Berlin"),
    ]
    for table in tables:
        lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def _top(name: str, value: str | None, why: str, example: str) -> list[str]:
    if value is None:
        return [f"# {name} = {text(example)}   # {why}"]
    return [f"{name} = {text(value)}   # {why}"]


def _table(table: TableDraft) -> list[str]:
    guess = table.guess
    name = guess.table
    lines = [f"# {name}: {guess.platform.name}" if guess.platform else f"# {name}"]
    lines += [f"# {remark}" for remark in (*table.layout, *_remarks(guess))]
    files = table.files[0] if len(table.files) == 1 else list(table.files)
    lines += [f"[{name}]", f"file = {_value(files)}"]
    lines += [f"{key} = {_value(value)}" for key, value in table.keys.items()]
    if guess.lines:
        lines.append("lines = true   # several rows make one order")
    columns = [line for ours in _in_order(guess) for line in _column(guess, ours)]
    if columns:
        lines += ["", f"[{name}.columns]", *columns]
    for join in table.joins:
        lines += ["", f"[[{name}.join]]", *(f"{key} = {_value(v)}" for key, v in join.items())]
    if guess.platform and guess.platform.leave_out:
        lines += ["", f"[{name}.leave_out]   # counted under these names"]
        lines += [f"{text(k)} = {text(v)}" for k, v in guess.platform.leave_out.items()]
    return lines


def _remarks(guess: Guess) -> tuple[str, ...]:
    return guess.platform.remarks if guess.platform else ()


def _in_order(guess: Guess) -> list[str]:
    asked = [name for name in guess.others if name not in guess.columns and guess.others[name]]
    return [name for name in SCHEMAS[guess.table].names if name in (*guess.columns, *asked)]


def _column(guess: Guess, ours: str) -> list[str]:
    others = guess.others.get(ours, ())[:6]
    if ours in guess.columns:
        also = f"   # or {', '.join(text(name) for name in others)}" if others else ""
        return [f"{ours} = {text(guess.columns[ours])}{also}"]
    return [f"# {ours}: take the # off the right one", *(f"# {ours} = {text(o)}" for o in others)]


def text(value: str) -> str:
    """A text as toml writes it.

    >>> print(text('price * "n"'))
    'price * "n"'
    """
    if '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{text(str(k))} = {_value(v)}' for k, v in value.items())}}}"
    return text(str(value))
