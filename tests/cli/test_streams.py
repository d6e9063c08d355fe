"""Standard streams that are closed or full: the work is done, and what was lost is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kpilib.cli._progress import Plain
from kpilib.cli._streams import drop, open_streams
from tests.cli.test_report_command import DIED

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")

# The report is a stand-in: what is tried here is how it is told.
SCRIPT = """
import sys
from pathlib import Path
from types import SimpleNamespace as Some
from kpilib.report import run
from kpilib.report.running.execute import Execution
from kpilib.report.running.watch import Plan

def make(order, watch):
    watch.begins(Some(data="cdnow", period=Some(label="1998-06")), Plan(1, (), 1, None))
    watch.ends(Execution("01-overview", {}, {}, 2.0, 1))
    Path(sys.argv[1]).write_text("published")
    record = {"status": "good", "notebooks": []}
    return run.Outcome(Path("1998-06"), record, [])

run.make_report = make
from kpilib.cli import main
sys.exit(main(["report", "--data", "cdnow"]))
"""


def report(tmp_path, redirected):
    """The exit code, what reached stdout and stderr, and whether the report was made."""
    made = tmp_path / "made"
    (tmp_path / "script.py").write_text(SCRIPT)
    line = f'exec "{sys.executable}" "{tmp_path / "script.py"}" "{made}" {redirected}'
    done = subprocess.run(
        ["sh", "-c", line],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    text = made.read_text() if made.exists() else None
    return done.returncode, done.stdout, done.stderr, text


@pytest.mark.parametrize("redirected", ["2>&-", "2>/dev/full", "1>&-"])
def test_a_report_is_made_though_nobody_hears_of_it(tmp_path, redirected):
    code, out, err, made = report(tmp_path, redirected)
    assert (code, made) == (0, "published")
    if redirected.startswith("2"):
        assert out == f"Report: {Path('1998-06') / 'index.html'}\n"
    else:
        assert err.splitlines()[-1] == "01-overview: good, 2.0 s"


def test_a_full_stdout_is_said_in_one_line(tmp_path):
    code, _, err, made = report(tmp_path, ">/dev/full")
    assert (code, made) == (1, "published")
    last = err.splitlines()[-1]
    assert last == "kpilib: standard output cannot be written (No space left on device)"


def test_a_stream_that_was_closed_is_replaced(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    open_streams()
    with sys.stderr as stream:
        print("lost", file=stream)
    monkeypatch.undo()
    before = sys.stdout
    open_streams()
    assert sys.stdout is before


def test_telling_goes_on_where_the_disk_is_full(monkeypatch):
    with FULL.open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        Plain().ends(DIED)
        Plain().ends(DIED)
        drop(stream)
    drop(None)
