"""One notebook executed by papermill in a kernel of its own."""

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kpilib.report.parameters import parameter_source, parameters_cell
from kpilib.scratch.private import remove
from kpilib.words import LANGUAGES

INJECTED = "injected-parameters"
TIME_OUT = 900.0

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")

OnCell = Callable[[int, int], None]
"""Called with the index of the cell that starts and the number of cells."""


class Kernels(Protocol):
    """Where kernels come from; see `kpilib.report.kernels.manager.Kernels`."""

    @property
    def closed(self) -> bool:
        """Whether the run is being stopped, so that no kernel is to be started any more."""

    def start(self) -> None:
        """Make ready for the first kernel."""

    def room(self) -> Path:
        """A new folder for all files of one kernel."""

    def manager(self, room: Path, lang: str) -> type:
        """A class of kernel managers whose kernels live in `room`."""

    def close(self) -> None:
        """End all kernels, and start none any more."""


@dataclass(frozen=True)
class Failure:
    """Why a notebook failed: `kind` is `cell`, `kernel`, `timeout`, `evidence` or `page`.

    `cell` counts the executed notebook's cells from 0; `name` and `message` are the exception's,
    `details` its traceback or the kernel's last words.
    """

    kind: str
    cell: int | None
    name: str
    message: str
    details: str = ""


@dataclass(frozen=True)
class Execution:
    """What came of one notebook: `notebook` is its executed form, as JSON, whole or in part.

    `reused` tells that it was executed by an earlier run, from the very same inputs.
    """

    name: str
    parameters: Mapping[str, Any]
    notebook: dict
    seconds: float
    attempts: int
    failure: Failure | None = None
    reused: bool = False
    edition: str = ""
    """The language, where the month is made in several and this is not the first of them."""

    @property
    def label(self) -> str:
        """What tells it from the same notebook in another language."""
        return labelled(self.name, self.edition)

    @property
    def status(self) -> str:
        """`good` or `failed`, from the exception raised and never from the file."""
        return "failed" if self.failure else "good"


def execute(
    path: Path,
    parameters: Mapping[str, Any],
    kernels: Kernels,
    *,
    timeout: float = TIME_OUT,
    on_cell: OnCell = lambda index, count: None,
) -> Execution:
    """Execute the notebook at `path` with `parameters`, each cell for at most `timeout` seconds.

    A kernel that dies is tried once more; every other failure stands. Nothing is raised for a
    notebook that fails: the failure is in the result.
    """
    begun = time.monotonic()
    prepared = inject(json.loads(path.read_text(encoding="utf-8")), parameters)
    lang = parameters.get("lang")
    lang = lang if lang in LANGUAGES else "en"
    attempt, failure = 0, None
    while attempt == 0 or (attempt == 1 and _is_dead(failure) and not kernels.closed):
        attempt += 1
        room = kernels.room()
        try:
            notebook, failure = _run(prepared, room, kernels.manager(room, lang), timeout, on_cell)
        finally:
            remove(room)
    seconds = time.monotonic() - begun
    return Execution(path.stem, dict(parameters), _tidy(notebook), seconds, attempt, failure)


def labelled(name: str, edition: str) -> str:
    """A notebook's name, with the edition before it where that is not the first.

    >>> labelled("03-retention", ""), labelled("03-retention", "vi")
    ('03-retention', 'vi/03-retention')
    """
    return f"{edition}/{name}" if edition else name


def _is_dead(failure: Failure | None) -> bool:
    return failure is not None and failure.kind == "kernel"


def inject(notebook: Mapping, parameters: Mapping[str, Any]) -> dict:
    """A copy of the notebook whose parameters are set by a new cell after the tagged one."""
    copy = deepcopy(dict(notebook))
    copy["cells"] = [cell for cell in copy["cells"] if INJECTED not in _tags(cell)]
    index = parameters_cell(copy)
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": INJECTED,
        "metadata": {"tags": [INJECTED]},
        "source": parameter_source(parameters),
        "outputs": [],
        "execution_count": None,
    }
    copy["cells"].insert(0 if index is None else index + 1, cell)
    return copy


def _tags(cell: Mapping) -> list[str]:
    return cell["metadata"].get("tags", [])


def _run(
    prepared: dict, room: Path, manager: type, timeout: float, on_cell: OnCell
) -> tuple[dict, Failure | None]:
    """One attempt: the notebook as far as it came, and what stopped it."""
    source = room / "source.ipynb"
    source.write_text(json.dumps(prepared), encoding="utf-8")
    cells, count = dict(enumerate(prepared["cells"])), len(prepared["cells"])
    started: list[int] = []

    def cell_starts(cell: dict, cell_index: int) -> None:
        cells[cell_index] = cell  # papermill's own, which its outputs are put into
        started.append(cell_index)
        on_cell(cell_index, count)

    failure = None
    try:
        _papermill(source, timeout, cell_starts, manager)
    except Exception as error:
        failure = _failure(error, started, room / "kernel.log")
    return {**prepared, "cells": [cells[index] for index in range(count)]}, failure


def _papermill(source: Path, timeout: float, on_start: Callable, manager: type) -> None:
    """Hand the notebook to papermill; whatever went wrong is raised."""
    papermill = import_papermill()
    from kpilib.report.kernels.manager import KERNEL_NAME

    papermill.execute_notebook(
        source,
        None,
        kernel_name=KERNEL_NAME,
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        execution_timeout=timeout,
        iopub_timeout=60,
        shutdown_kernel="immediate",
        store_widget_state=False,
        on_cell_execute=on_start,
        kernel_manager_class=manager,
    )


def import_papermill():
    """papermill without the grammar that a JSON-schema format checker would build for a second."""
    blocked = "rfc3987_syntax"
    if blocked in sys.modules:
        import papermill

        return papermill
    sys.modules[blocked] = None  # type: ignore[assignment]
    try:
        import papermill
    finally:
        del sys.modules[blocked]
    return papermill


@contextmanager
def quiet() -> Iterator[None]:
    """papermill's and traitlets' logs, silent for a while."""
    loggers = [logging.getLogger(name) for name in ("papermill", "traitlets")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _failure(error: Exception, started: list[int], log: Path) -> Failure:
    """An exception of papermill or the kernel's client, as what it means to the reader."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    cell = started[-1] if started else None
    if isinstance(error, PapermillExecutionError):
        details = "\n".join(error.traceback)
        return Failure("cell", error.cell_index, error.ename, error.evalue, details)
    if isinstance(error, CellTimeoutError):
        return Failure("timeout", cell, "TimeoutError", "the cell took too long")
    if isinstance(error, DeadKernelError | RuntimeError):
        return Failure("kernel", cell, type(error).__name__, str(error), _last_words(log))
    return Failure("cell", cell, type(error).__name__, str(error))


def _last_words(log: Path, lines: int = 20) -> str:
    """The end of the kernel's log, where there is one."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _tidy(notebook: dict) -> dict:
    """The executed notebook without clocks, addresses and papermill's marks: the same each run."""
    tidy = json.loads(json.dumps(notebook))
    for cell in tidy["cells"]:
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
        if not cell["metadata"].get("tags", True):
            del cell["metadata"]["tags"]
        if "outputs" in cell:
            cell["outputs"] = json.loads(_ADDRESS.sub("at 0x…", json.dumps(cell["outputs"])))
    return tidy
