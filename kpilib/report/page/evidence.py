"""What an executed notebook shows for itself: its KPIs, each with its cell, and its figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kpilib.questions.values import MIME
from kpilib.report.running.execute import Execution, Failure
from kpilib.show.reason import MIME as REASON

FIGURES = ("image/svg+xml", "image/png", "image/jpeg")


def outputs(notebook: Mapping) -> Iterator[tuple[int, Mapping]]:
    """Every output of every code cell, with the index of its cell."""
    for index, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", ()):
            yield index, output


def data_of(output: Mapping) -> Mapping[str, Any]:
    """An output's contents by kind, empty for what is printed or an error."""
    return output.get("data") or {}


def find_kpis(execution: Execution) -> list[dict[str, Any]]:
    """The KPI values that the notebook displayed, each with its `notebook` and `cell`.

    A value that is displayed again, the same in every field, is listed once, where it came first.
    """
    found: list[dict[str, Any]] = []
    for index, output in outputs(execution.notebook):
        for value in data_of(output).get(MIME, ()):
            if not any(_same(value, known) for known in found):
                found.append({**value, "notebook": execution.name, "cell": index})
    return found


def _same(value: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    return all(known[key] == part for key, part in value.items())


def count_figures(notebook: Mapping) -> int:
    """How many pictures the notebook displayed, or reasons in the place of one."""
    kinds = (*FIGURES, REASON)
    return sum(any(kind in data_of(output) for kind in kinds) for _, output in outputs(notebook))


def count_reasons(notebook: Mapping) -> int:
    """How many times the notebook displayed why there is nothing, in the place of a result."""
    return sum(REASON in data_of(output) for _, output in outputs(notebook))


def hold_to_evidence(
    execution: Execution, kpis: Sequence[Mapping], strict: bool = False
) -> Execution:
    """The execution as it was, or failed where it shows fewer figures or KPIs than it must.

    The notebook's metadata say how many: `{"kpilib": {"figures": 4, "kpis": 6}}`. Where they say
    nothing, one KPI is the least. With `strict`, a reason in the place of a result is a failure.
    """
    if execution.failure:
        return execution
    if strict and (lacking := count_reasons(execution.notebook)):
        failure = Failure("evidence", None, "Evidence", f"reasons in place of results: {lacking}")
        return replace(execution, failure=failure)
    least = {"figures": 0, "kpis": 1} | execution.notebook["metadata"].get("kpilib", {})
    shown = {"figures": count_figures(execution.notebook), "kpis": len(kpis)}
    short = [
        f"{kind}: {shown[kind]} of {least[kind]}"
        for kind in ("figures", "kpis")
        if shown[kind] < least[kind]
    ]
    if not short:
        return execution
    return replace(execution, failure=Failure("evidence", None, "Evidence", ", ".join(short)))
