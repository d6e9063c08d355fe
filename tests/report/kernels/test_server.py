"""The server of kernels: what it forks is isolated, told of, and gone with whoever asked for it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kpilib.report.kernels.manager import Kernels
from kpilib.report.kernels.server import ServerGoneError, can_fork
from kpilib.report.running.execute import execute
from tests.report.conftest import code, notebook, write

ROOT = Path(__file__).resolve().parents[3]
GIVEN = {"data": "cdnow", "period": "1998-06", "lang": "en"}


def gone(pid, seconds=10.0):
    """Whether a process ends within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it may end while it is being read
            return True
        if state.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def shown(execution, cell=3):
    return "".join(execution.notebook["cells"][cell]["outputs"][0]["text"]).strip()


def test_kernels_are_forked_where_the_system_allows(kernels):
    assert can_fork() == (sys.platform == "linux") == (kernels.server is not None)


def test_a_kernel_changes_nothing_for_the_next(kernels, tmp_path):
    cells = [
        code("import sys, os, pandas\nprint(getattr(pandas, 'mark', None), 'X' in os.environ)"),
        code("pandas.mark = 1; os.environ['X'] = '1'; sys.modules['json'] = None"),
    ]
    write(tmp_path, {"09-mine": notebook("# T", *cells)})
    both = [execute(tmp_path / "09-mine.ipynb", GIVEN, kernels) for _ in range(2)]
    assert [shown(one) for one in both] == ["None False"] * 2


def test_what_a_notebook_started_goes_with_its_kernel(kernels, tmp_path):
    cells = [code("import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)")]
    write(tmp_path, {"09-mine": notebook("# T", *cells)})
    done = execute(tmp_path / "09-mine.ipynb", GIVEN, kernels)
    assert done.status == "good" and gone(int(shown(done)))


SCRIPT = f"""
import os, sys
from pathlib import Path
from kpilib.report.kernels.manager import Kernels
from kpilib.report.running.execute import execute

os.environ["PYTHONPATH"] += os.pathsep
for fork in (False, True):
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    kernels = Kernels(folder, fork=fork)
    kernels.start()
    done = execute(Path("09-mine.ipynb"), {GIVEN!r}, kernels)
    print(done.status, done.failure, flush=True)
pid = kernels.server.launch(["-f", "kernel.json"], folder / "log", dict(os.environ))
print(pid, kernels.server._process.pid, flush=True)
sys.stdin.read()
"""


def test_nothing_is_imported_from_the_folder_of_the_run_and_what_a_killed_run_leaves_goes(tmp_path):
    for name in ("kpilib", "matplotlib_inline", "IPython", "sitecustomize", "json"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not mine')")
    (tmp_path / "ipython_kernel_config.py").write_text("raise RuntimeError('not mine')")
    write(tmp_path, {"09-mine": notebook("# T", code("import kpilib, matplotlib_inline, json"))})
    room = Path(f"{tmp_path}-room")
    with subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, str(room)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        lines = [run.stdout.readline().strip() for _ in range(3)]
        run.send_signal(signal.SIGKILL)
    assert lines[:2] == ["good None"] * 2
    kernel, server = map(int, lines[2].split())
    assert gone(kernel) and gone(server) and not room.exists()


def test_a_server_that_has_ended_is_replaced_by_kernels_of_their_own(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    write(tmp_path, {"09-mine": notebook("# T", code("print(1)"))})
    with Kernels(folder) as kernels:
        kernels.start()
        kernels.server._process.kill()
        done = execute(tmp_path / "09-mine.ipynb", GIVEN, kernels)
        assert (done.status, done.attempts) == ("good", 1)
        with pytest.raises(ServerGoneError, match="has ended"):
            kernels.server.launch([], tmp_path / "log", {})
    with pytest.raises(RuntimeError, match="stopped"):
        kernels.server.launch([], tmp_path / "log", {})
    with pytest.raises(RuntimeError, match="stopped"):
        kernels.manager(folder)
