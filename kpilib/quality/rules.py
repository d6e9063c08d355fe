"""The rules that a user writes for columns of the records, and the rows that break them."""

import re
from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.errors import InputError

REQUIRED, UNIQUE = "required", "unique"
_COMPARED = re.compile(r"(\w+)\s*(<=|>=|!=|<>|==|=|<|>)\s*(.+)")
_LISTED = re.compile(r"(\w+)\s+in\s*\((.+)\)", re.IGNORECASE)
_MATCHED = re.compile(r"(\w+)\s+matches\s+'(.+)'", re.IGNORECASE)


def rules_of(base: Business, table: str) -> list[tuple[str, str]]:
    """The rules for a table as (column, rule), in the order of the table `rules`."""
    if "rules" not in base.tables:
        return []
    rows = base.engine.collect(base.table("rules").select("table", "column", "rule"))
    mine = rows[rows["table"].str.strip().str.lower() == table]
    return [
        (str(row["column"]).strip(), str(row["rule"]).strip()) for row in mine.to_dict("records")
    ]


def required(base: Business, table: str) -> tuple[str, ...]:
    """The columns of a table that the rules call required."""
    return tuple(column for column, rule in rules_of(base, table) if rule.lower() == REQUIRED)


def broken(column: str, rule: str, names: Mapping[str, str]) -> nw.Expr:
    """Whether a row breaks a rule; a missing value breaks `required` alone.

    `names` are the loaded columns by their names in the contract. A rule is `required`, `unique`,
    a comparison (`amount >= 0`), a list (`currency in ('VND', 'EUR')`) or a pattern
    (`country matches '[A-Z]{2}'`). Raises InputError for any other.
    """
    asked = column if rule.lower() in (REQUIRED, UNIQUE) else rule.split()[0]
    if asked not in names:
        raise InputError(f"rules: {rule!r} names {asked!r}, which is no column of its table")
    value = nw.col(names[asked])
    if rule.lower() == REQUIRED:
        return value.is_null()
    if rule.lower() == UNIQUE:
        return ~value.is_null() & (nw.len().over(names[asked]) > 1)
    if match := _LISTED.fullmatch(rule):
        return ~value.is_in([_literal(one) for one in match[2].split(",")])
    if match := _MATCHED.fullmatch(rule):
        return ~value.cast(nw.String).str.contains(f"^(?:{match[2]})$")
    if match := _COMPARED.fullmatch(rule):
        return ~_compare(value, match[2], _literal(match[3]))
    raise InputError(
        f"rules: {rule!r} is not understood; write required, unique, amount >= 0, "
        "currency in ('VND', 'EUR') or country matches '[A-Z]{2}'"
    )


def _compare(value: nw.Expr, operator: str, other: "str | float") -> nw.Expr:
    if operator in ("=", "=="):
        return value == other
    if operator in ("!=", "<>"):
        return value != other
    if operator in ("<", "<="):
        return value < other if operator == "<" else value <= other
    return value > other if operator == ">" else value >= other


def _literal(text: str) -> "str | float":
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    try:
        return float(text)
    except ValueError:
        raise InputError(f"rules: {text!r} is no number; put text in quotes, '{text}'") from None
