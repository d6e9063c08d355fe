"""Several notebooks at a time: the longest first, told of in one thread, ended when stopped."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kpilib.report.running import schedule
from kpilib.report.running.execute import Execution, Failure
from kpilib.report.running.schedule import Clock, Once, Task, execute_all, seconds_left
from tests.report.conftest import Lent, Quiet

NAMES = ("01-a", "02-b", "03-c")


def tasks(*seconds):
    return [
        Task(Path(f"{name}.ipynb"), {}, 10, took)
        for name, took in zip(NAMES, seconds, strict=False)
    ]


@pytest.fixture
def executed(monkeypatch):
    """The names in the order in which they were started, and how many ran at a time."""
    seen = {"names": [], "now": 0, "most": 0, "stop": None}
    lock = threading.Lock()

    def execute(path, parameters, kernels, *, timeout, on_cell):
        with lock:
            seen["names"].append(path.stem)
            seen["now"] += 1
            seen["most"] = max(seen["most"], seen["now"])
        on_cell(0, 2)
        time.sleep(0.02)
        with lock:
            seen["now"] -= 1
        if path.stem == seen["stop"]:
            raise RuntimeError("a bug of ours")
        return Execution(path.stem, {}, {}, 0.02, 1)

    monkeypatch.setattr(schedule, "execute", execute)
    return seen


def run(some, jobs, watch=None, finish=lambda execution: execution, kernels=None):
    kernels = kernels or Lent(None)
    options = {"jobs": jobs, "timeout": 10.0, "finish": finish}
    return execute_all(some, kernels, watch or Quiet(), **options)


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_so_many_at_a_time_and_no_more(executed, jobs):
    done = run(tasks(1.0, 1.0, 1.0), jobs)
    assert sorted(one.name for one in done) == list(NAMES)
    assert executed["most"] <= jobs and (jobs == 1 or executed["most"] > 1)


def test_the_longest_comes_first_and_a_new_one_is_judged_by_its_cells(executed):
    run(tasks(1.0, 9.0, None), 1)
    assert executed["names"] == ["02-b", "03-c", "01-a"]


def test_each_is_looked_over_and_told_of_in_the_thread_that_asks(executed):
    watch, threads = Quiet(), set()
    watch.left = lambda seconds: threads.add(threading.current_thread())
    failure = Failure("evidence", None, "Evidence", "figures: 0 of 1")
    done = run(tasks(1.0), 2, watch, lambda one: replace(one, failure=failure))
    assert done[0].failure == failure and ("ends", "01-a", "failed") in watch.told
    assert ("cell", "01-a", 0, 2) in watch.told and threads == {threading.main_thread()}


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_run_that_is_stopped_ends_the_kernels_and_starts_none(executed, error):
    kernels, watch = Lent(None), Quiet()

    def stop(name):
        raise error

    watch.starts = stop
    with pytest.raises(error):
        run(tasks(1.0, 1.0, 1.0), 1, watch, kernels=kernels)
    assert kernels.closed and len(executed["names"]) <= 2


def test_what_is_to_be_done_aside_is_done_once_whoever_asks_first(executed):
    asked = []
    once = Once(lambda: asked.append(1) or len(asked))
    execute_all(
        tasks(1.0, 1.0), Lent(None), Quiet(), jobs=2, timeout=1.0, finish=lambda e: e, aside=once
    )
    assert asked == [1] and once() == once() == 1

    def fail():
        raise ValueError("not to be had")

    failing = Once(fail)
    options = {"jobs": 1, "timeout": 1.0, "finish": lambda e: e, "aside": failing}
    assert len(execute_all(tasks(1.0), Lent(None), Quiet(), **options)) == 1
    with pytest.raises(ValueError, match="not to be had"):
        failing()


def test_a_fault_of_ours_is_no_failure_of_a_notebook(executed):
    executed["stop"] = "02-b"
    with pytest.raises(RuntimeError, match="a bug of ours"):
        run(tasks(1.0, 1.0), 2)


def test_what_is_left_follows_from_the_last_run():
    clock = Clock(tasks(4.0, 10.0, 3.0), jobs=2)
    assert clock.left() == 10.0
    clock.starts("02-b")
    clock.starts("01-a")
    assert 9.5 < clock.left() <= 10.0
    clock.ends("02-b")
    assert 3.5 < clock.left() <= 4.0
    assert Clock(tasks(4.0, None), jobs=2).left() is None
    assert seconds_left([], [5.0, 3.0, 3.0], jobs=2) == 6.0
    assert seconds_left([], [5.0, 3.0, 3.0], jobs=1) == 11.0
