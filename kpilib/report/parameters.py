"""A notebook's parameters, read from its tagged cell without running it, and checked.

The annotations of the cell tagged `parameters` are the schema. Everything that the user sets is
held against it before any kernel starts.
"""

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpilib.errors import InputError, KpilibError, near_miss

GIVEN = ("data", "period", "lang")
"""The parameters that every notebook of the report has; the command line's own options set them."""

_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date like 2026-10-31",
    "None": "none",
}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name and the types that its annotation allows, in the order written."""

    name: str
    types: tuple[str, ...]

    def read(self, text: str) -> Any:
        """The value that `text` stands for, or a ValueError that says what it should have been.

        >>> Parameter("window", ("int", "None")).read("90")
        90
        """
        if "None" in self.types and text.strip().lower() in ("none", ""):
            return None
        for name in sorted(set(self.types) - {"None"}, key=list(_WORDS).index, reverse=True):
            try:
                return _read_as(name, text.strip() if name != "str" else text)
            except (ValueError, KeyError):
                continue
        raise ValueError(f"it must be {' or '.join(_WORDS[name] for name in self.types)}")


def _read_as(name: str, text: str) -> Any:
    match name:
        case "int":
            return int(text)
        case "float":
            if not math.isfinite(value := float(text)):
                raise ValueError(text)
            return value
        case "bool":
            return _TRUTH[text.lower()]
        case "date":
            return date.fromisoformat(text)
    return text


def parameters_cell(notebook: Mapping) -> int | None:
    """The index of the code cell tagged `parameters`, or None."""
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", ()):
            return index
    return None


def read_parameters(notebook: Mapping, name: str) -> dict[str, Parameter]:
    """The parameters that a notebook declares, from the annotations of its tagged cell.

    `name` is the notebook's, for the errors: no tagged cell, a cell that is not Python, a type
    outside str, int, float, bool, date and None, or one of `data`, `period`, `lang` missing.
    """
    index = parameters_cell(notebook)
    if index is None:
        raise KpilibError(f"notebook {name} has no cell tagged 'parameters'; tag the one it sets")
    source = "".join(notebook["cells"][index]["source"])
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise KpilibError(
            f"notebook {name}: the parameters cell is not Python ({error.msg}, line {error.lineno})"
        ) from None
    found = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            key = node.target.id
            found[key] = Parameter(key, _types(node.annotation, f"{key!r} of notebook {name}"))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            raise KpilibError(
                f"parameter {node.targets[0].id!r} of notebook {name} has no annotation; "
                "write it like `months: int = 12`"
            )
    if missing := [key for key in GIVEN if key not in found]:
        raise KpilibError(f"notebook {name} lacks the parameter {missing[0]!r} in its tagged cell")
    return found


def _types(annotation: ast.expr, owner: str) -> tuple[str, ...]:
    """The names of the types in an annotation like `str | None`."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    parts = [part.strip().rpartition(".")[2] for part in ast.unparse(annotation).split("|")]
    for part in parts:
        if part not in _WORDS:
            raise KpilibError(
                f"parameter {owner} is annotated {ast.unparse(annotation)!r}; "
                f"only {', '.join(_WORDS)} and unions of them are read"
            )
    return tuple(parts)


def split_settings(settings: Iterable[str]) -> dict[str, str]:
    """`name=value` pairs as a dictionary.

    >>> split_settings(["window=90"])
    {'window': '90'}
    """
    values: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip().isidentifier():
            raise InputError(f"--set {setting!r} is not NAME=VALUE; write it like --set months=12")
        values[name.strip()] = value
    return values


def check_settings(
    settings: Mapping[str, str], declared: Mapping[str, Mapping[str, Parameter]]
) -> dict[str, dict[str, Any]]:
    """What each notebook is to be given of `settings`: its own parameters, read as their types.

    Shapes: `declared` maps notebook -> name -> Parameter; the answer maps notebook -> name ->
    value. A name that no notebook declares, or a value of another type, is an `InputError`.
    """
    known = {name for parameters in declared.values() for name in parameters} - set(GIVEN)
    for name in settings:
        if name in GIVEN:
            raise InputError(f"--set {name}=… is not for {name}; use --{name}")
        if name not in known:
            raise InputError(f"--set {name!r}: no notebook has it; {near_miss(name, known)}")
    return {
        notebook: {
            name: _checked(parameters[name], text, notebook)
            for name, text in settings.items()
            if name in parameters
        }
        for notebook, parameters in declared.items()
    }


def _checked(parameter: Parameter, text: str, notebook: str) -> Any:
    try:
        return parameter.read(text)
    except ValueError as error:
        raise InputError(
            f"--set {parameter.name}={text!r} does not fit notebook {notebook}: {error}"
        ) from None


def parameter_source(values: Mapping[str, Any]) -> str:
    """The code of the cell that sets `values`.

    >>> print(parameter_source({"data": "cdnow", "since": date(2026, 1, 31)}))
    from datetime import date
    data = 'cdnow'
    since = date(2026, 1, 31)
    """
    lines = ["from datetime import date"] if _has_date(values) else []
    for name, value in values.items():
        text = f"date({value.year}, {value.month}, {value.day})" if _is_date(value) else repr(value)
        lines.append(f"{name} = {text}")
    return "\n".join(lines)


def _is_date(value: Any) -> bool:
    return isinstance(value, date)


def _has_date(values: Mapping[str, Any]) -> bool:
    return any(_is_date(value) for value in values.values())
