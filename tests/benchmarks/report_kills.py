"""A report killed at random moments: `python tests/benchmarks/report_kills.py [50]`.

Two small notebooks over CDNOW's sample are reported again and again, each time with another mark in
them, and the process of the run is killed (SIGKILL) at a random moment. After each kill the month
must be whole, old or new: every file of it there, and one mark in all. After one more run that is
let be, nothing may be left of those that were killed: no folder, no lock, no process.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.report.conftest import code, notebook, write

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import sys
from pathlib import Path
from kpilib.cli._progress import Plain
from kpilib.report.order import Order
from kpilib.report.run import make_report

out, folder = map(Path, sys.argv[1:3])
outcome = make_report(Order("cdnow-sample", out=out, folder=folder, force=True), Plain())
sys.exit(0 if outcome.good else 1)
"""
FILES = {"index.html", "kpis.json", "month.json", "run.json", "notebooks"}
FILES |= {"01-one.html", "02-two.html"}


def notebooks(folder: Path, mark: int) -> None:
    """The two notebooks, which show a KPI and the mark."""
    ask = code("import kpilib\nbase = kpilib.open(data)\nbase.kpi('churn_rate', period)")
    for name in ("01-one", "02-two"):
        write(folder, {name: notebook(f"# Mark {mark}", ask, code(f"print('mark {mark}')"))})


def start(place: Path) -> subprocess.Popen:
    """A run, in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(place / "tmp")}
    line = [sys.executable, "-c", RUN, str(place / "reports"), str(place / "source")]
    return subprocess.Popen(line, env=env, stderr=subprocess.DEVNULL, start_new_session=True)


def mark_of(month: Path) -> int:
    """The mark of a month; an AssertionError where it is not whole or has two."""
    assert {path.name for path in month.iterdir()} == FILES, sorted(month.iterdir())
    run = json.loads((month / "run.json").read_text(encoding="utf-8"))
    marks = {int(page["title"].removeprefix("Mark ")) for page in run["notebooks"]}
    for name in ("01-one", "02-two"):
        text = (month / f"{name}.html").read_text(encoding="utf-8")
        marks |= {int(text.split("mark ")[1].split("<")[0].split("\n")[0].split("'")[0])}
        assert text.rstrip().endswith("</html>")
    assert run["status"] == "good" and len(marks) == 1, marks
    assert "churn_rate" in {one["id"] for one in json.loads((month / "kpis.json").read_text())}
    return marks.pop()


def left_processes(place: Path) -> list[str]:
    """The processes whose command line or environment names this place."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(place).encode() in text and int(folder.name) != os.getpid():
            found.append(folder.name)
    return found


def main(kills: int) -> None:
    """Kill so many runs and print what was found."""
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        place = Path(folder)
        (place / "tmp").mkdir()
        notebooks(place / "source", 0)
        begun = time.monotonic()
        assert start(place).wait() == 0
        took = time.monotonic() - begun
        month = place / "reports" / "1998-06"
        old = new = over = 0
        random.seed(7)
        for mark in range(1, kills + 1):
            before = mark_of(month)
            notebooks(place / "source", mark)
            run = start(place)
            try:
                run.wait(random.uniform(0.0, took * 1.1))
                over += 1
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.wait()
            now = mark_of(month)
            assert now in (before, mark), (before, mark, now)
            old, new = old + (now == before), new + (now == mark)
        assert start(place).wait() == 0 and mark_of(month) == kills
        time.sleep(2)
        beside = sorted(path.name for path in (place / "reports").iterdir())
        print(f"{kills} runs of {took:.1f} s, {over} ended before they were killed")
        print(f"month whole after each: {old} times the old one, {new} times the new one")
        print(
            f"left beside: {beside}, {sorted((place / 'tmp').iterdir())}, {left_processes(place)}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
