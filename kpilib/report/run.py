"""One run of the report: check, prepare, execute, hold to evidence, show, publish."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from kpilib.errors import InputError, QualityGateError
from kpilib.report.archive import earlier_month, last_good, list_months
from kpilib.report.handoff.pdf import find_browser, write_pdf
from kpilib.report.handoff.written import check_watched, write_handoff
from kpilib.report.history import earlier
from kpilib.report.history.carried import carried_line
from kpilib.report.history.overview import months_pages
from kpilib.report.history.past import write_past, write_past_page
from kpilib.report.history.restated import Past, look_back
from kpilib.report.history.why import FILE as WHY
from kpilib.report.history.why import reasons
from kpilib.report.kernels.manager import Kernels
from kpilib.report.notebooks import find_notebooks, imported_modules, own_notebooks
from kpilib.report.order import Order
from kpilib.report.page.evidence import find_kpis, hold_to_evidence
from kpilib.report.page.facts import (
    Facts,
    prepared_environment,
    read_facts,
    refuse_secrets,
    versions,
)
from kpilib.report.parameters import check_settings, read_parameters, split_settings
from kpilib.report.proof.seal import sealed
from kpilib.report.publish import MonthFolder, check_index, read_run, write_index
from kpilib.report.record import (
    GOOD,
    PARTIAL,
    Shown,
    edition_of,
    kpi_records,
    run_record,
    show,
    write_edition,
    write_json,
)
from kpilib.report.running.execute import Execution, labelled
from kpilib.report.running.reuse import (
    code_digest,
    digest,
    find_executed,
    find_told,
    last_seconds,
    notebook_key,
)
from kpilib.report.running.schedule import Clock, Once, Task, execute_all
from kpilib.report.running.watch import Plan, Watch
from kpilib.scratch.private import private_folder
from kpilib.words import check_language


@dataclass(frozen=True)
class Outcome:
    """What came of a run: its folder, its `run.json` and its `kpis.json`."""

    folder: Path
    run: dict[str, Any]
    kpis: list[dict[str, Any]]
    summary: dict[str, Any] = field(default_factory=dict)
    """The month in a few lines: `summary.json`."""

    @property
    def good(self) -> bool:
        """Whether every notebook ran and showed what it must."""
        return self.run["status"] == GOOD


@dataclass(frozen=True)
class _Notebook:
    """A notebook of the run: where it is, what is in it, what it is given, and its key."""

    path: Path
    content: dict[str, Any]
    given: dict[str, Any]
    key: str
    edition: str

    @property
    def name(self) -> str:
        """The notebook's name."""
        return self.path.stem

    @property
    def label(self) -> str:
        """The notebook's name, with its edition."""
        return labelled(self.name, self.edition)


def make_report(order: Order, watch: Watch) -> Outcome:
    """Make the report that `order` asks for; see `Outcome` for what is given back.

    Input that cannot be used is an `InputError` before any notebook is executed; a notebook that
    fails does not stop the others, and its run is kept beside the month's report instead of in it.
    """
    begun, started = time.monotonic(), datetime.now(UTC)
    for lang in order.languages:
        check_language(lang)
    refuse_secrets(order.data)
    own = own_notebooks(order.data)
    contents = {path: _load(path) for path in find_notebooks((), order.folder, own)}
    chosen = {path.stem for path in find_notebooks(order.only, order.folder, own)}
    settings = _settings(order, contents, chosen)
    check_index(order.out, order.languages)
    if order.pdf and not order.unprinted:
        find_browser()
    modules = imported_modules(contents.values())
    with private_folder() as folder, Kernels(folder, modules) as kernels:
        if order.force or not list_months(order.out):
            kernels.start()  # the data are read meanwhile; elsewhere there may be nothing to do
        facts = read_facts(order.data, order.period, folder / "data")
        kernels.env |= prepared_environment(folder / "data")
        check_watched(facts)
        _be_strict(order, facts)
        carried = earlier.take_over(facts, order.out, anew=order.force)
        month = MonthFolder(order.out, facts.period.label)
        notebooks = [
            _notebook(path, content, settings.get(path.stem, {}), order, facts, lang)
            for lang in order.languages
            for path, content in contents.items()
        ]
        with month.claimed() as building:
            facts, key = _with_values(order, facts, month, notebooks)
            past = Once(lambda: look_back(facts, order.out, facts.values(order.lang)))
            whys = Once(lambda: reasons(facts.base, facts.period, facts.values(order.lang)))
            asides = (past, whys)
            told = (kernels, watch, carried_line(carried.record, order.lang))
            shown = _executed(order, facts, month, notebooks, chosen, *told, asides)
            run = run_record(order, facts, shown, {one.label: one.key for one in notebooks})
            run |= {"code": code_digest(), "restated": past().restated}
            run |= {"archive": dict(past().archive), "earlier": dict(carried.record)}
            about = {
                "last_good": last_good(month, facts.period.start),
                "before": earlier_month(order.out, past().archive),
                "whys": whys(),
            }
            kpis, hashes = _write_editions(building, order, facts, run, shown, past(), about)
            write_past(past(), building, facts)
            if facts.base is not None:
                write_json(building / WHY, whys())
            handed = (building, order.out, facts, run, kpis, past())
            summary = write_handoff(*handed, xlsx=order.xlsx)
            run |= {"values": {"key": key, **hashes.pop(order.lang), "editions": hashes}}
            earlier.keep(carried, building, facts)
            run |= {"started": started.isoformat(timespec="seconds")}
            run |= {"seconds": round(time.monotonic() - begun, 2)}
            run = sealed(run, building)
            write_json(building / "run.json", run)
            good = run["status"] in (GOOD, PARTIAL)
            place = month.publish() if good else month.keep_failed()
    write_index(order.out, lambda: months_pages(order.out, order.languages))
    return Outcome(place, run, kpis, summary)


def _settings(
    order: Order, contents: Mapping[Path, dict[str, Any]], chosen: set[str]
) -> dict[str, dict[str, Any]]:
    """What each chosen notebook is given of `--set`; every notebook's parameters are read."""
    declared = {path.stem: read_parameters(one, path.stem) for path, one in contents.items()}
    asked = {name: found for name, found in declared.items() if name in chosen}
    return check_settings(split_settings(order.settings), asked)


def _notebook(
    path: Path,
    content: dict[str, Any],
    settings: dict[str, Any],
    order: Order,
    facts: Facts,
    lang: str,
) -> _Notebook:
    given = {"data": order.data, "period": facts.period.label, "lang": lang, **settings}
    inputs = facts.inputs() | {"versions": versions()}
    edition = "" if lang == order.lang else lang
    return _Notebook(path, content, given, notebook_key(content, given, inputs), edition)


def _write_editions(
    building: Path,
    order: Order,
    facts: Facts,
    run: Mapping[str, Any],
    shown: Sequence[Shown],
    past: Past,
    about: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], dict[str, dict[str, str]]]:
    """Write the pages in each language: the values in the first, and what was written hashed."""
    hashes: dict[str, dict[str, str]] = {}
    first: list[dict[str, Any]] = []
    for lang in order.languages:
        own, pages = edition_of(run, lang), _in(shown, order, lang)
        folder, kpis = building / own["edition"], kpi_records(pages, facts, lang)
        write_edition(folder, facts, own, kpis, pages, about)
        write_past_page(past, folder, facts, own)
        hashes[lang] = {"hash": digest(kpis), "said": digest(facts.say(lang))}
        if order.pdf and not order.unprinted:
            write_pdf(folder, own, facts.complete_to)
        first = first or kpis
    return first, hashes


def _in(shown: Sequence[Shown], order: Order, lang: str) -> list[Shown]:
    """What was shown in one of the languages."""
    edition = "" if lang == order.lang else lang
    return [one for one in shown if one[0].edition == edition]


def _with_values(
    order: Order, facts: Facts, month: MonthFolder, notebooks: Sequence[_Notebook]
) -> tuple[Facts, str]:
    """The facts, whose values are computed once or taken over, and the key of these values."""
    key = digest([facts.inputs(), order.languages, order.only, [one.key for one in notebooks]])
    values, say = {}, {}
    for lang in order.languages:
        edition = "" if lang == order.lang else lang
        kpis, said = (None, None) if order.force else find_told(month, key, edition)
        values[lang] = Once(partial(facts.values, lang) if kpis is None else partial(list, kpis))
        say[lang] = Once(partial(facts.say, lang) if said is None else partial(dict, said))
    return replace(facts, values=lambda lang: values[lang](), say=lambda lang: say[lang]()), key


def _load(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"notebook {path.name} cannot be read: {error}") from None


def _be_strict(order: Order, facts: Facts) -> None:
    """A QualityGateError where the order is strict and the data leave something to be wished."""
    found = [*facts.notes]
    if facts.period.end > facts.as_of:
        found.append(f"{facts.period.label} is not over: the data end {facts.complete_to}")
    if order.strict and found:
        raise QualityGateError(f"--strict: {'; '.join(found)}")


def _executed(
    order: Order,
    facts: Facts,
    month: MonthFolder,
    notebooks: Sequence[_Notebook],
    chosen: set[str],
    kernels: Kernels,
    watch: Watch,
    carried: str,
    asides: Sequence[Callable[[], object]],
) -> list[Shown]:
    """All notebooks of the month: taken over where they may be, executed where they must."""
    keys = {notebook.label: notebook.key for notebook in notebooks}
    asked = {notebook.label for notebook in notebooks if notebook.name in chosen}
    shown: dict[str, Shown] = {}
    before = find_executed(month, keys)
    before = {name: one for name, one in before.items() if not _held(one, order.strict).failure}
    if order.only:
        _check_others(order, facts, month, keys.keys() - asked - before.keys())
    reused = {name: one for name, one in before.items() if name not in asked or not order.force}
    good = last_good(month, facts.period.start)
    took = last_seconds(month, (good or {}).get("folder"))
    tasks = [
        Task(one.path, one.given, len(one.content["cells"]), took.get(one.label), one.edition)
        for one in notebooks
        if one.label in asked and one.label not in reused
    ]
    jobs = order.jobs_for(len(tasks))
    seconds = Clock(tasks, jobs).left() if tasks else 0.0
    watch.begins(facts, Plan(len(tasks), tuple(sorted(reused)), jobs, seconds, carried))

    def finish(execution: Execution) -> Execution:
        """Hold it to its evidence and make what its page shows, while others are executed."""
        lang = execution.edition or order.lang
        shown[execution.label] = show(_held(execution, order.strict), lang)
        return shown[execution.label][0]

    for name in sorted(reused):
        watch.ends(finish(reused[name]))

    def aside() -> None:
        """What needs no notebook, while the last of them run."""
        for lang in order.languages:
            facts.values(lang)
            facts.say(lang)
        for compute in asides:
            compute()

    options: dict[str, Any] = {"jobs": jobs, "timeout": order.timeout, "aside": aside}
    execute_all(tasks, kernels, watch, finish=finish, **options)
    return [shown[name] for name in sorted(shown)]


def _held(execution: Execution, strict: bool) -> Execution:
    return hold_to_evidence(execution, find_kpis(execution), strict)


def _check_others(order: Order, facts: Facts, month: MonthFolder, lacking: set[str]) -> None:
    """An InputError where the month has other notebooks that are not of the same inputs."""
    before = read_run(month.target)
    others = [page["name"] for page in (before or {"notebooks": ()})["notebooks"]]
    if before is None or not {label.rpartition("/")[2] for label in lacking} & {*others}:
        return
    same: Mapping[str, Any] = {
        "data": order.data,
        "lang": order.lang,
        "inputs": facts.inputs(),
        "versions": versions(),
        "settings": split_settings(order.settings),
    }
    differ = [name for name, value in same.items() if before.get(name) != value] or ["notebooks"]
    raise InputError(
        f"{month.target} was made from other {differ[0]}, and its other notebooks would not "
        "agree with this one; leave out --only, or choose another --out"
    )
