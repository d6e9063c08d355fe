"""What a run leaves in its folder: `run.json`, `kpis.json`, the pages and executed notebooks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kpilib.report.handoff.plain import TURNS
from kpilib.report.order import Order
from kpilib.report.page.content import Content, read_content
from kpilib.report.page.evidence import count_figures, find_kpis
from kpilib.report.page.facts import Facts, kpi_command, versions
from kpilib.report.page.pages import glossary_in_report, month_page, notebook_page, told_failure
from kpilib.report.parameters import split_settings
from kpilib.report.running.execute import Execution, Failure
from kpilib.report.running.reuse import digest

GLOSSARY = "glossary.html"
"""The page of a report that says what each KPI means."""

GOOD, PARTIAL, FAILED = "good", "partial", "failed"

Shown = tuple[Execution, Content]
"""An execution, and what its page shows."""


def show(execution: Execution, lang: str) -> Shown:
    """An execution and its page's content; a page that cannot be made is a failure."""
    try:
        return execution, read_content(execution.notebook, execution.name, lang)
    except Exception as error:
        content = Content()
        content.headings.title = execution.name
        failure = Failure("page", None, type(error).__name__, str(error))
        return replace(execution, failure=execution.failure or failure), content


def run_record(
    order: Order, facts: Facts, shown: Sequence[Shown], keys: Mapping[str, str]
) -> dict[str, Any]:
    """What `run.json` says, but for the clock."""
    editions: dict[str, list[dict[str, Any]]] = {}
    for execution, content in shown:
        editions.setdefault(execution.edition, []).append(_page(execution, content, keys))
    failed = any(page["status"] == FAILED for pages in editions.values() for page in pages)
    return {
        "status": GOOD if not failed else PARTIAL if order.publish_partial else FAILED,
        "data": order.data,
        "period": {**facts.period.to_dict(), "label": facts.period.label},
        "lang": order.lang,
        "languages": [*order.languages],
        "pdf": order.pdf,
        "settings": split_settings(order.settings),
        "command": order.command(facts),
        "inputs": facts.inputs(),
        "versions": versions(),
        "notebooks": editions.pop("", []),
        "editions": editions,
    }


def edition_of(run: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """The record of a run as the pages in one of its languages tell of it."""
    if lang == run["lang"]:
        return {**run, "edition": ""}
    return {**run, "lang": lang, "edition": lang, "notebooks": run["editions"].get(lang, [])}


def _page(execution: Execution, content: Content, keys: Mapping[str, str]) -> dict[str, Any]:
    failure = execution.failure
    return {
        "name": execution.name,
        "title": content.title,
        "page": f"{execution.name}.html",
        "status": execution.status,
        "families": list(execution.notebook["metadata"].get("kpilib", {}).get("families", ())),
        "kpis": len(find_kpis(execution)),
        "figures": count_figures(execution.notebook),
        "parameters": {key: _plain(value) for key, value in execution.parameters.items()},
        "seconds": round(execution.seconds, 2),
        "attempts": execution.attempts,
        "reused": execution.reused,
        "key": keys[execution.label],
        "executed": digest(execution.notebook),
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


def kpi_records(shown: Sequence[Shown], facts: Facts, lang: str) -> list[dict[str, Any]]:
    """Every value of the run: those of the registry, asked once, then what pages show beside them.

    Each with the command that gives it, and with the notebook, page and cell where it is shown
    first; None where it is on no page.
    """
    displayed: dict[tuple, dict[str, Any]] = {}
    for execution, _ in shown:
        for value in find_kpis(execution):
            number = value["cell"] + 1
            page = f"{execution.name}.html#cell-{number}"
            displayed.setdefault(_which(value), {**value, "cell": number, "page": page})
    nowhere = {"notebook": None, "cell": None, "page": None}
    found = {}
    for value in facts.values(lang):
        place = displayed.pop(_which(value), nowhere)
        found[_which(value)] = value | {name: place[name] for name in nowhere}
    every = [*found.values(), *displayed.values()]
    return [{**value, "command": kpi_command(value, facts.data)} for value in every]


def _which(value: Mapping[str, Any]) -> tuple:
    """What tells a value from others: its KPI, period and segment."""
    return value["id"], *value["period"].values(), value.get("segment")


def write_edition(
    folder: Path,
    facts: Facts,
    run: Mapping[str, Any],
    kpis: list[dict[str, Any]],
    shown: Sequence[Shown],
    told: Mapping[str, Any],
) -> None:
    """Write the pages and numbers in one language into a folder, which is made where it is not.

    `run` is that of the language, `told` what the month's page says of other months (`last_good`,
    `before`).
    """
    told = {"command": run["command"], **told}
    (folder / "notebooks").mkdir(parents=True)
    for execution, content in shown:
        failure = execution.failure and told_failure(execution.failure, content, run["lang"])
        parts = {"failure": failure, "said": facts.say(run["lang"]), "kpis": kpis}
        page = notebook_page(content, execution.name, facts, run, told | parts)
        (folder / f"{execution.name}.html").write_text(page, encoding="utf-8", newline="\n")
        write_json(folder / "notebooks" / f"{execution.name}.ipynb", execution.notebook)
    page = month_page(facts, run, facts.say(run["lang"]), kpis, told)
    (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
    glossary = glossary_in_report(facts, run)
    (folder / GLOSSARY).write_text(glossary, encoding="utf-8", newline="\n")
    write_json(folder / "kpis.json", kpis)
    write_json(folder / "month.json", facts.say(run["lang"]))


def write_json(path: Path, data: Any) -> None:
    """Write plain data as JSON, never a NaN."""
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    text = TURNS.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)
    path.write_text(text, encoding="utf-8", newline="\n")
