"""One run of the report: check, execute, hold to evidence, show, publish."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from kpilib.errors import InputError
from kpilib.report.archive import last_good, list_months
from kpilib.report.execute import TIME_OUT, Execution, Failure, execute
from kpilib.report.notebooks import find_notebooks
from kpilib.report.page.content import Content, read_content
from kpilib.report.page.evidence import count_figures, find_kpis, hold_to_evidence
from kpilib.report.page.facts import Facts, command_line, kpi_command, read_facts, versions
from kpilib.report.page.pages import month_page, months_page, notebook_page, told_failure
from kpilib.report.parameters import check_settings, read_parameters, split_settings
from kpilib.report.publish import MonthFolder, read_run, write_whole
from kpilib.words import check_language

OUT = "reports"


@dataclass(frozen=True)
class Order:
    """What is asked for: the options of `kpilib report`."""

    data: str
    period: str | None = None
    lang: str = "en"
    out: Path = Path(OUT)
    notebooks: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    timeout: float = TIME_OUT
    folder: Path | None = None

    def command(self, facts: Facts) -> str:
        """The command line that gives the same report again."""
        options = [("period", facts.period.label), ("lang", self.lang)]
        options += [("out", str(self.out))] if str(self.out) != OUT else []
        options += [("notebook", name) for name in self.notebooks]
        options += [("set", setting) for setting in self.settings]
        return command_line("report", self.data, options)


class Watch(Protocol):
    """Who is told how the run goes on."""

    def begins(self, facts: Facts, count: int) -> None:
        """The input is good; so many notebooks will be executed."""

    def starts(self, name: str, place: int) -> None:
        """The notebook at that place, counted from 1, starts."""

    def cell(self, index: int, count: int) -> None:
        """The cell of that index, of so many, starts."""

    def ends(self, execution: Execution) -> None:
        """The notebook has ended, well or not."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run: its folder, its `run.json` and its `kpis.json`."""

    folder: Path
    run: dict[str, Any]
    kpis: list[dict[str, Any]]

    @property
    def good(self) -> bool:
        """Whether every notebook ran and showed what it must."""
        return self.run["status"] == "good"


def make_report(order: Order, watch: Watch) -> Outcome:
    """Make the report that `order` asks for; see `Outcome` for what is given back.

    Input that cannot be used is an `InputError` before any kernel starts; a notebook that fails
    does not stop the others, and its run is kept beside the month's report instead of in it.
    """
    begun, started = time.monotonic(), datetime.now(UTC)
    check_language(order.lang)
    paths = find_notebooks(order.notebooks, order.folder)
    declared = {path.stem: read_parameters(_load(path), path.stem) for path in paths}
    settings = check_settings(split_settings(order.settings), declared)
    facts = read_facts(order.data, order.period)
    month = MonthFolder(order.out, facts.period.label)
    with month.claimed() as building:
        executions = _carried(month, facts, order, set(declared)) if order.notebooks else []
        watch.begins(facts, len(paths))
        for place, path in enumerate(paths, 1):
            watch.starts(path.stem, place)
            given = _given(facts, order) | settings[path.stem]
            execution = execute(path, given, timeout=order.timeout, on_cell=watch.cell)
            execution = hold_to_evidence(execution, find_kpis(execution))
            watch.ends(execution)
            executions.append(execution)
        shown = [_shown(execution, order.lang) for execution in executions]
        shown.sort(key=lambda pair: pair[0].name)
        run = _run(order, facts, shown)
        kpis = _kpis(shown, facts)
        _write(building, month, facts, run, kpis, shown, order)
        run |= {"started": started.isoformat(timespec="seconds")}
        run |= {"seconds": round(time.monotonic() - begun, 2)}
        _write_json(building / "run.json", run)
        folder = month.publish() if run["status"] == "good" else month.keep_failed()
    write_whole(order.out / "index.html", months_page(list_months(order.out), order.lang))
    return Outcome(folder, run, kpis)


def _given(facts: Facts, order: Order) -> dict[str, Any]:
    """The parameters that every notebook has."""
    return {"data": order.data, "period": facts.period.label, "lang": order.lang}


def _load(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"notebook {path.name} cannot be read: {error}") from None


def _carried(month: MonthFolder, facts: Facts, order: Order, chosen: set[str]) -> list[Execution]:
    """The month's other notebooks, as they were executed from the same inputs.

    A month made from other inputs is not mixed with this run: an InputError says so.
    """
    before = read_run(month.target)
    if before is None:
        return []
    others = [page for page in before["notebooks"] if page["name"] not in chosen]
    same = {"data": order.data, "lang": order.lang, "inputs": facts.inputs()}
    same["versions"] = versions()
    differ = [name for name, value in same.items() if before.get(name) != value]
    if others and differ:
        raise InputError(
            f"{month.target} was made from other {differ[0]}, and its other notebooks would not "
            "agree with this one; leave out --notebook, or choose another --out"
        )
    return [
        Execution(
            name=page["name"],
            parameters=page["parameters"],
            notebook=_load(month.target / "notebooks" / f"{page['name']}.ipynb"),
            seconds=page["seconds"],
            attempts=page["attempts"],
        )
        for page in others
    ]


def _shown(execution: Execution, lang: str) -> tuple[Execution, Content]:
    """An execution and its page's content; a page that cannot be made is a failure."""
    try:
        return execution, read_content(execution.notebook, execution.name, lang)
    except Exception as error:
        content = Content()
        content.headings.title = execution.name
        failure = Failure("page", None, type(error).__name__, str(error))
        return replace(execution, failure=execution.failure or failure), content


def _run(order: Order, facts: Facts, shown: Sequence[tuple[Execution, Content]]) -> dict[str, Any]:
    """What `run.json` says, but for the clock."""
    pages = [_page(execution, content) for execution, content in shown]
    return {
        "status": "failed" if any(page["status"] == "failed" for page in pages) else "good",
        "data": order.data,
        "period": {**facts.period.to_dict(), "label": facts.period.label},
        "lang": order.lang,
        "settings": split_settings(order.settings),
        "command": order.command(facts),
        "inputs": facts.inputs(),
        "versions": versions(),
        "notebooks": pages,
    }


def _page(execution: Execution, content: Content) -> dict[str, Any]:
    failure = execution.failure
    return {
        "name": execution.name,
        "title": content.title,
        "page": f"{execution.name}.html",
        "status": execution.status,
        "kpis": len(find_kpis(execution)),
        "figures": count_figures(execution.notebook),
        "parameters": {key: _plain(value) for key, value in execution.parameters.items()},
        "seconds": round(execution.seconds, 2),
        "attempts": execution.attempts,
        "failure": failure
        and {
            "kind": failure.kind,
            "cell": None if failure.cell is None else failure.cell + 1,
            "error": failure.name,
            "message": failure.message,
        },
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _kpis(shown: Sequence[tuple[Execution, Content]], facts: Facts) -> list[dict[str, Any]]:
    """Every value of the run, with the page and cell it is on and the command that gives it."""
    found = []
    for execution, _ in shown:
        for value in find_kpis(execution):
            number = value["cell"] + 1
            page = f"{execution.name}.html#cell-{number}"
            command = kpi_command(value, facts.data)
            found.append({**value, "cell": number, "page": page, "command": command})
    return found


def _write(
    building: Path,
    month: MonthFolder,
    facts: Facts,
    run: Mapping[str, Any],
    kpis: list[dict[str, Any]],
    shown: Sequence[tuple[Execution, Content]],
    order: Order,
) -> None:
    """Write everything but `run.json` into the folder that is being built."""
    told = {"command": run["command"], "last_good": last_good(month, facts.period.start)}
    (building / "notebooks").mkdir()
    for execution, content in shown:
        failure = execution.failure and told_failure(execution.failure, content, order.lang)
        page = notebook_page(content, execution.name, facts, run, {**told, "failure": failure})
        (building / f"{execution.name}.html").write_text(page, encoding="utf-8", newline="\n")
        _write_json(building / "notebooks" / f"{execution.name}.ipynb", execution.notebook)
    page = month_page(facts, run, kpis, told)
    (building / "index.html").write_text(page, encoding="utf-8", newline="\n")
    _write_json(building / "kpis.json", kpis)


def _write_json(path: Path, data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
