"""SQL expressions from a settings file are data: which of them may be handed to an engine.

An expression is read by DuckDB's own parser, the one that will run it, and every node of what it
read must be on a list: columns of the table, constants, arithmetic, and functions that reckon one
value from others. So nothing reads a file, asks a setting, or grows beyond a bound. Other engines
write the same tokens (`same_words`), so that what was checked is what they run.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

MOST_CHARACTERS = 10_000
"""How long an expression may be."""

MOST_GROWTH = 50
"""How many times as long as the longest cell a text may become."""

PATTERN_STEPS = 30
"""How many plain steps a regular expression costs."""

_DEEPEST = 100
_PADDED = 1000

_NODES = {
    "BETWEEN": ("COMPARE_BETWEEN", "COMPARE_NOT_BETWEEN"),
    "CASE": ("CASE_EXPR",),
    "CAST": ("OPERATOR_CAST",),
    "COLLATE": ("COLLATE",),
    "COLUMN_REF": ("COLUMN_REF",),
    "COMPARISON": (
        "COMPARE_EQUAL",
        "COMPARE_NOTEQUAL",
        "COMPARE_LESSTHAN",
        "COMPARE_GREATERTHAN",
        "COMPARE_LESSTHANOREQUALTO",
        "COMPARE_GREATERTHANOREQUALTO",
        "COMPARE_DISTINCT_FROM",
        "COMPARE_NOT_DISTINCT_FROM",
    ),
    "CONJUNCTION": ("CONJUNCTION_AND", "CONJUNCTION_OR"),
    "CONSTANT": ("VALUE_CONSTANT",),
    "FUNCTION": ("FUNCTION",),
    "LAMBDA": ("LAMBDA",),  # what `->` is read as, the arrow into a JSON value
    "OPERATOR": (
        "OPERATOR_NOT",
        "OPERATOR_IS_NULL",
        "OPERATOR_IS_NOT_NULL",
        "OPERATOR_COALESCE",
        "OPERATOR_TRY",
        "COMPARE_IN",
        "COMPARE_NOT_IN",
        "ARRAY_EXTRACT",
        "ARRAY_SLICE",
        "STRUCT_EXTRACT",
    ),
    "TYPE": ("TYPE",),
}
"""The kinds of nodes that may stand in an expression, as DuckDB names them."""

_TYPES = """
    bigint bool boolean bpchar char date datetime dec decimal double float float4 float8 hugeint
    int int1 int2 int4 int8 integer interval json logical long numeric real short signed smallint
    string text time timestamp timestamp_ms timestamp_ns timestamp_s timestamp_us timestamptz
    tinyint ubigint uinteger usmallint utinyint varchar unbound unknown
"""
TYPES = frozenset({*_TYPES.split(), "timestamp with time zone", "timestamp without time zone"})
"""What a value may be turned into."""

_OPERATORS = "+ - * / // % ** ^ || ~~ !~~ ~~* !~~* ~~~ ->> ^@"
_TEXTS = """
    ascii char_length character_length concat concat_ws contains ends_with ilike_escape
    instr lcase left length like_escape locate lower lpad ltrim md5 nfc_normalize not_ilike_escape
    not_like_escape position prefix regexp_extract regexp_full_match regexp_like regexp_matches
    regexp_replace replace reverse right rpad rtrim sha256 split_part starts_with str_split
    string_split strip_accents strlen strpos substr substring suffix translate trim ucase unicode
    upper
"""
_NUMBERS = """
    abs ceil ceiling exp floor greatest if ifnull isfinite isinf isnan least ln log log10 log2 mod
    nullif nvl pow power round sign sqrt trunc
"""
_TIMES = """
    add date_add date_diff date_format date_part date_sub date_trunc datediff datepart datesub
    datetrunc day dayname dayofmonth dayofweek dayofyear epoch epoch_ms epoch_ns epoch_us
    from_unixtime hour isodow isoyear last_day make_date make_time make_timestamp minute month
    monthname quarter second strftime strptime timezone to_date to_days to_hours
    to_milliseconds to_microseconds to_minutes to_months to_seconds to_timestamp to_weeks to_years
    try_strptime try_to_timestamp unix_timestamp week weekday weekofyear year
"""
_PARTS = """
    array_extract array_slice element_at get_json_object json_extract json_extract_string
    list_contains list_element list_extract list_slice struct_extract
"""
FUNCTIONS = frozenset(
    name for group in (_OPERATORS, _TEXTS, _NUMBERS, _TIMES, _PARTS) for name in group.split()
)
"""The functions that an expression may use, operators among them."""

_SYNTAX = """
    date_part ilike_escape like_escape ltrim not_ilike_escape not_like_escape position rtrim
    substring timezone trim
"""
_BY_SYNTAX = frozenset(_SYNTAX.split())
"""What DuckDB 1 puts into its schema main where it stands in an expression without a name."""

_JOINED, _REPLACED = ("||", "concat", "concat_ws"), ("replace", "regexp_replace")
_PATTERNS = frozenset(name for name in FUNCTIONS if name.startswith("regexp_"))


@dataclass(frozen=True)
class Work:
    """What an expression asks for."""

    growth: int
    """How many times as long as the longest cell a text may become."""
    steps: int
    """How many functions and operators it is made of; a pattern takes `PATTERN_STEPS`."""
    columns: frozenset[str]
    """The columns that it names, in small letters."""


def check_scalar(expressions: Mapping[str, str], columns: Sequence[str]) -> dict[str, Work]:
    """Raise `ValueError` for an expression that does more than reckon a value from a row's columns.

    `columns` are those that may be named. Gives what each expression asks for.

    >>> check_scalar({"amount": "Quantity * UnitPrice"}, ["Quantity", "UnitPrice"])["amount"].growth
    1
    >>> check_scalar({"amount": "(SELECT content FROM read_text('/etc/passwd'))"}, ["Quantity"])
    Traceback (most recent call last):
    ValueError: a query inside an expression is not allowed
    """
    found: dict[str, Work] = {}
    if not expressions:
        return found
    names = {name.lower() for name in columns}
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as parser:
        for name, expression in expressions.items():
            tree = _parsed(parser, expression)
            nodes = list(_nodes(tree))
            for node in nodes:
                _check(node, names)
            named = [node["column_names"][0] for node in nodes if node["class"] == "COLUMN_REF"]
            steps = sum(map(_steps, nodes))
            work = Work(_growth(tree), steps, frozenset(map(str.lower, named)))
            if work.growth > MOST_GROWTH:
                raise ValueError(
                    f"it could make a text more than {MOST_GROWTH} times as long as its columns"
                )
            found[name] = work
    return found


def same_words(expression: str) -> None:
    """Raise `ValueError` for what other engines take apart into words in another way than DuckDB.

    Left are names in backticks, texts in single quotes without a backslash, and plain words.
    """
    for sign in ("\\", '"', "/*", "$"):
        if sign in expression:
            raise ValueError(
                f"{sign} cannot be used here; quote texts with ' and names with `, and write "
                "[0-9] for a digit"
            )


def _parsed(parser: duckdb.DuckDBPyConnection, expression: str) -> dict[str, Any]:
    """The one node that an expression is, and nothing beside it."""
    if len(expression) > MOST_CHARACTERS:
        raise ValueError(f"it is longer than {MOST_CHARACTERS:,} characters")
    if _brackets(expression) > _DEEPEST:
        raise ValueError(f"it is nested more than {_DEEPEST} deep")
    if "\0" in expression:
        raise ValueError("it holds a NUL character")
    try:
        found = parser.execute(
            "SELECT json_serialize_sql(?::VARCHAR)", [f"SELECT ({expression}\n)"]
        ).fetchone()
        read: dict[str, Any] = json.loads(found[0]) if found else {"error": True}
    except (duckdb.Error, RecursionError) as error:
        raise ValueError(str(error).strip().splitlines()[0]) from None
    if read.get("error"):
        raise ValueError(str(read.get("error_message", "it cannot be read")).splitlines()[0])
    query = dict(read["statements"][0]["node"]) if len(read["statements"]) == 1 else {}
    picked = query.pop("select_list", [])
    plain = query.pop("type", "") == "SELECT_NODE"
    plain = plain and query.pop("from_table", {}).get("type") == "EMPTY"
    plain = plain and query.pop("aggregate_handling", "") == "STANDARD_HANDLING"
    if not plain or len(picked) != 1 or any(_filled(part) for part in query.values()):
        raise ValueError("it is no single expression")
    return picked[0]


def _brackets(expression: str) -> int:
    """How deep round brackets stand within each other, those in quotes left away."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)
    steps = (1 if sign == "(" else -1 for sign in bare if sign in "()")
    return max(itertools.accumulate(steps), default=0)


def _filled(part: Any) -> bool:
    return any(_filled(one) for one in part.values()) if isinstance(part, dict) else bool(part)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of a parsed expression, whatever it hangs on."""
    waiting = [(tree, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > 4 * _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} deep")
        if isinstance(part, dict):
            if "class" in part:
                yield part
            waiting += [(one, depth + 1) for one in part.values()]
        elif isinstance(part, list):
            waiting += [(one, depth + 1) for one in part]


def _check(node: dict[str, Any], columns: set[str]) -> None:
    kind = node["class"]
    if kind == "SUBQUERY":
        raise ValueError("a query inside an expression is not allowed")
    if node["type"] not in _NODES.get(kind, ()):
        raise ValueError(f"{str(kind).lower().replace('_', ' ')} is not allowed in an expression")
    if kind == "COLUMN_REF" and node["column_names"][0].lower() not in columns:
        raise ValueError(f"{'.'.join(node['column_names'])} is not a column of the table")
    if kind == "CAST" and "cast_type" in node:
        _check_type(str(node["cast_type"]["id"]))
    if kind == "TYPE":
        _check_type(str(node["type_name"]))
    if kind == "FUNCTION":
        _check_function(node)


def _check_type(name: str) -> None:
    if name.lower() not in TYPES:
        raise ValueError(f"a cast to {name} is not allowed")


def _check_function(node: dict[str, Any]) -> None:
    name, arguments = _name(node), _arguments(node)
    made_by_syntax = name in _BY_SYNTAX and node.get("schema") == "main"
    elsewhere = node.get("catalog") or (node.get("schema") and not made_by_syntax)
    if elsewhere or name not in FUNCTIONS:
        raise ValueError(f"the function {name} is not allowed in an expression")
    constant = [_constant(argument) for argument in arguments]
    if name in _PATTERNS and None in constant[1:]:
        raise ValueError(f"{name}: a pattern must be a text in quotes, not a column")
    if name == "replace" and None in constant[2:]:
        raise ValueError("replace: what is put in must be a text in quotes, not a column")
    if name in ("lpad", "rpad"):
        width = constant[1] if len(constant) > 1 else None
        if not (width or "").isdigit() or int(width or 0) > _PADDED:
            raise ValueError(f"{name}: the length must be a number up to {_PADDED:,}")


def _steps(node: dict[str, Any]) -> int:
    if node["class"] in ("COLUMN_REF", "CONSTANT", "TYPE"):
        return 0
    return PATTERN_STEPS if node["class"] == "FUNCTION" and _name(node) in _PATTERNS else 1


_ARGUMENTS = ("arguments", "children")


def _name(node: dict[str, Any]) -> str:
    return str(node["function_name"]).lower()


def _arguments(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The arguments of a function, in the forms in which DuckDB 1 and 2 tell them."""
    if "arguments" in node:
        return [argument["expression"] for argument in node["arguments"]]
    return list(node.get("children", ()))


def _constant(node: dict[str, Any]) -> str | None:
    """A constant as text; None for what is none."""
    if node["class"] != "CONSTANT":
        return None
    if "literal" in node:
        return str(node["literal"]["text"])
    return str(node["value"].get("value", ""))


def _growth(part: Any) -> int:
    """How many times as long as the longest cell, or constant, a value can become at most."""
    if isinstance(part, list):
        return max(map(_growth, part), default=1)
    if not isinstance(part, dict) or part.get("class") in ("CONSTANT", "COLUMN_REF", "TYPE"):
        return 1
    if part.get("class") == "FUNCTION":
        parts = [_growth(argument) for argument in _arguments(part)]
        if _name(part) in _JOINED:
            return sum(parts)
        if _name(part) in _REPLACED and len(parts) > 2:
            return parts[0] * max(1, len(_constant(_arguments(part)[2]) or ""))
        rest = [one for name, one in part.items() if name not in _ARGUMENTS]
        return max([*parts, *map(_growth, rest)])
    return max((_growth(one) for one in part.values()), default=1)
