"""Several notebooks executed side by side, the longest first, and when they will be done."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kpilib.report.running.execute import (
    Execution,
    Kernels,
    execute,
    import_papermill,
    labelled,
    quiet,
)
from kpilib.report.running.watch import Watch

_TICK = 1.0
"""Seconds after which the time left is told anew where nothing happens."""

PER_CELL = 0.3
"""Seconds that a cell takes, as far as is known of a notebook that was never executed."""


@dataclass(frozen=True)
class Task:
    """A notebook to be executed: where it is, what it is given, how long it may take in all."""

    path: Path
    parameters: Mapping[str, Any]
    cells: int
    seconds: float | None = None
    """What it took last time."""
    edition: str = ""

    @property
    def name(self) -> str:
        """The notebook's name, with its edition."""
        return labelled(self.path.stem, self.edition)

    @property
    def expected(self) -> float:
        """What it took last time, or a guess."""
        return self.cells * PER_CELL if self.seconds is None else self.seconds


def execute_all(
    tasks: Sequence[Task],
    kernels: Kernels,
    watch: Watch,
    *,
    jobs: int,
    timeout: float,
    finish: Callable[[Execution], Execution],
    aside: Callable[[], object] = int,
) -> list[Execution]:
    """Execute the notebooks, `jobs` at a time; `finish` looks each over when it has ended.

    `aside` is called in a thread of its own once a notebook less runs than could.

    The watch is told from this thread. Whatever is raised here, an interruption too, ends the
    kernels; a notebook that fails raises nothing.
    """
    if tasks:
        kernels.start()
        import_papermill()
    events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    done: list[Execution] = []
    clock = Clock(tasks, jobs)

    def work(task: Task) -> None:
        events.put(("starts", task.name))
        try:
            with _own_loop():
                executed = execute(
                    task.path,
                    task.parameters,
                    kernels,
                    timeout=timeout,
                    on_cell=lambda index, count: events.put(("cell", (task.name, index, count))),
                )
            events.put(("ends", finish(replace(executed, edition=task.edition))))
        except BaseException as error:
            events.put(("error", error))

    with quiet(), ThreadPoolExecutor(jobs, thread_name_prefix="notebook") as pool:
        try:
            for task in sorted(tasks, key=lambda task: -task.expected):
                pool.submit(work, task)
            pool.submit(aside)
            while len(done) < len(tasks):
                _tell(_next(events), watch, clock, done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.close()
            raise
    return done


@contextmanager
def _own_loop() -> Iterator[None]:
    """A loop of events for this thread, which the kernels' client looks for, ended afterwards."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        yield
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()


def _next(events: "queue.SimpleQueue[tuple[str, Any]]") -> tuple[str, Any]:
    try:
        return events.get(timeout=_TICK)
    except queue.Empty:
        return "tick", None


def _tell(event: tuple[str, Any], watch: Watch, clock: "Clock", done: list[Execution]) -> None:
    kind, what = event
    match kind:
        case "starts":
            clock.starts(what)
            watch.starts(what)
        case "cell":
            watch.cell(*what)
        case "ends":
            done.append(what)
            clock.ends(what.label)
            watch.ends(what)
        case "error":
            raise what
    watch.left(clock.left())


class Once:
    """What a function gives, computed when first asked for, by whichever thread asks."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._found: list[Any] = []

    def __call__(self) -> Any:
        """The value; an error is raised anew for each who asks."""
        with self._lock:
            if not self._found:
                self._found.append(self._compute())
            return self._found[0]


class Clock:
    """What is left of a run, from what its notebooks took last time."""

    def __init__(self, tasks: Sequence[Task], jobs: int) -> None:
        self.jobs = jobs
        self.known = all(task.seconds is not None for task in tasks)
        self.waiting = {task.name: task.expected for task in tasks}
        self.running: dict[str, tuple[float, float]] = {}

    def starts(self, name: str) -> None:
        """A notebook starts."""
        self.running[name] = time.monotonic(), self.waiting.pop(name)

    def ends(self, name: str) -> None:
        """A notebook has ended."""
        self.running.pop(name, None)

    def left(self) -> float | None:
        """Seconds until the last notebook ends, or None where one has never been executed."""
        now = time.monotonic()
        running = [max(0.0, begun + expected - now) for begun, expected in self.running.values()]
        return seconds_left(running, [*self.waiting.values()], self.jobs) if self.known else None


def seconds_left(running: Sequence[float], waiting: Sequence[float], jobs: int) -> float:
    """When all will be done that runs, for so long yet, and that waits, the longest first.

    >>> seconds_left([2.0], [10.0, 3.0, 1.0], jobs=2)
    10.0
    """
    ends = [*running, *([0.0] * (jobs - len(running)))]
    for seconds in sorted(waiting, reverse=True):
        ends.sort()
        ends[0] += seconds
    return max(ends)
