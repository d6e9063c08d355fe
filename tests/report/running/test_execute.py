"""Execution: parameters go in, the exception that was raised decides, a dead kernel is retried."""

import sys
import time
from pathlib import Path

import pytest

from kpilib.report.parameters import parameters_cell
from kpilib.report.running.execute import execute, import_papermill, inject
from tests.report.conftest import code, notebook, write

GIVEN = {"data": "cdnow", "period": "1998-06", "lang": "vi"}


@pytest.fixture
def run(kernels, tmp_path):
    """Execute a notebook of these cells."""

    def run(*cells, timeout=60.0):
        write(tmp_path, {"09-mine": notebook("# T", *cells)})
        return execute(tmp_path / "09-mine.ipynb", GIVEN, kernels, timeout=timeout)

    return run


def test_the_parameters_are_set_after_the_tagged_cell_and_only_once():
    source = notebook("# T", code("print(data)"))
    once = inject(source, GIVEN)
    twice = inject(once, GIVEN | {"period": "1998-05"})
    assert [cell["source"] for cell in once["cells"]][2] == (
        "data = 'cdnow'\nperiod = '1998-06'\nlang = 'vi'"
    )
    assert len(twice["cells"]) == len(once["cells"]) == len(source["cells"]) + 1
    assert parameters_cell(twice) == 1 and "1998-05" in twice["cells"][2]["source"]


def test_a_cell_that_fails_is_named_and_what_came_before_is_kept(run, tmp_path):
    done = run(code("print(data, period, lang)"), code("1 / 0"), code("print('after')"))
    assert (done.status, done.attempts) == ("failed", 1)
    assert (done.failure.kind, done.failure.cell) == ("cell", 4)
    assert done.failure.name == "ZeroDivisionError" and "division" in done.failure.message
    assert "1 / 0" not in done.failure.message and "ZeroDivisionError" in done.failure.details
    cells = done.notebook["cells"]
    assert "".join(cells[3]["outputs"][0]["text"]) == "cdnow 1998-06 vi\n"
    assert cells[5]["outputs"] == []
    assert len(cells) == 6 and "papermill" not in str(done.notebook)


def test_a_kernel_that_dies_is_tried_once_more_and_then_failed(run, tmp_path):
    counter = tmp_path / "runs"
    done = run(
        code(f"open({str(counter)!r}, 'a').write('x')"),
        code("import os, sys; os.write(2, b'out of memory\\n'); os._exit(137)"),
    )
    assert counter.read_text() == "xx"
    assert (done.status, done.attempts, done.failure.kind) == ("failed", 2, "kernel")
    assert done.failure.cell == 4 and "out of memory" in done.failure.details


def test_a_kernel_that_dies_once_is_good_at_the_second_attempt(run, tmp_path):
    marker = tmp_path / "died"
    done = run(
        code(
            f"import os\nfrom pathlib import Path\nmarker = Path({str(marker)!r})\n"
            "again = marker.exists()\nmarker.touch()\nif not again: os._exit(1)"
        ),
    )
    assert (done.status, done.attempts, done.failure) == ("good", 2, None)


def test_a_cell_that_takes_too_long_is_stopped_and_not_tried_again(run, tmp_path):
    done = run(code("import time; time.sleep(60)"), timeout=1)
    assert (done.status, done.attempts, done.failure.kind) == ("failed", 1, "timeout")
    assert done.failure.cell == 3 and done.seconds < 30


def test_a_cell_that_will_not_be_interrupted_is_stopped_all_the_same(run):
    ignore = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)"
    done = run(code(ignore), timeout=1)
    assert (done.status, done.attempts, done.failure.kind) == ("failed", 1, "timeout")
    assert done.seconds < 60


def test_a_kernel_killed_in_the_middle_of_a_cell_is_named(run):
    done = run(code("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert (done.status, done.attempts, done.failure.kind) == ("failed", 2, "kernel")
    assert done.failure.cell == 3


def test_children_that_a_cell_forks_go_with_the_kernel(run, tmp_path):
    ids = tmp_path / "ids"
    fork = "import os, time\nif not (child := os.fork()): time.sleep(600)\n"
    fork += f"open({str(ids)!r}, 'w').write(str(child))"
    assert run(code(fork)).status == "good"
    for _ in range(100):
        if not Path(f"/proc/{ids.read_text()}").exists():
            return
        time.sleep(0.1)
    raise AssertionError("the child lives on")


def test_papermill_comes_without_the_grammar_it_does_not_need():
    if "rfc3987_syntax" in sys.modules:
        pytest.skip("another package has loaded the grammar already")
    import_papermill()
    assert "rfc3987_syntax" not in sys.modules
