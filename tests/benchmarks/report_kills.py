"""A report killed at random moments: `python tests/benchmarks/report_kills.py [50] [all]`.

Two small notebooks over CDNOW's sample are reported again and again, each time with another mark in
them, and the process of the run is killed (SIGKILL) at a random moment. After each kill the month
must be whole, old or new: every file of it there, and one mark in all. After one more run that is
let be, nothing may be left of those that were killed: no folder, no lock, no process. With `all`
the month is made in three languages, each of which must be whole and of the same mark.
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
order = Order("cdnow-sample", out=out, folder=folder, force=True, also=tuple(sys.argv[3:]))
outcome = make_report(order, Plain())
sys.exit(0 if outcome.good else 1)
"""
ALSO = ("vi", "zh") if "all" in sys.argv[1:] else ()


def notebooks(folder: Path, mark: int) -> None:
    """The two notebooks, which show a KPI and the mark."""
    ask = code("import kpilib\nbase = kpilib.open(data)\nbase.kpi('churn_rate', period)")
    for name in ("01-one", "02-two"):
        write(folder, {name: notebook(f"# Mark {mark}", ask, code(f"print('mark {mark}')"))})


def start(place: Path) -> subprocess.Popen:
    """A run, in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(place / "tmp")}
    line = [sys.executable, "-c", RUN, str(place / "reports"), str(place / "source"), *ALSO]
    return subprocess.Popen(line, env=env, stderr=subprocess.DEVNULL, start_new_session=True)


def files_of(month: Path) -> list[str]:
    """Every file of a month, as a path within it."""
    return sorted(str(path.relative_to(month)) for path in month.rglob("*") if path.is_file())


def mark_of(month: Path, files: list[str]) -> int:
    """The mark of a month; an AssertionError where it is not whole or has two."""
    assert files_of(month) == files, {*files_of(month)} ^ {*files}
    run = json.loads((month / "run.json").read_text(encoding="utf-8"))
    pages = [page for some in (run["notebooks"], *run["editions"].values()) for page in some]
    marks = {int(page["title"].removeprefix("Mark ")) for page in pages}
    for folder in (month, *(month / lang for lang in ALSO)):
        for name in ("01-one", "02-two"):
            text = (folder / f"{name}.html").read_text(encoding="utf-8")
            marks |= {int(text.split("mark ")[1].split("<")[0].split("\n")[0].split("'")[0])}
            assert text.rstrip().endswith("</html>")
        values = json.loads((folder / "kpis.json").read_text(encoding="utf-8"))
        assert "churn_rate" in {one["id"] for one in values}
    assert run["status"] == "good" and len(pages) == 2 + 2 * len(ALSO) and len(marks) == 1, marks
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
        files = files_of(month)
        old = new = over = 0
        random.seed(7)
        for mark in range(1, kills + 1):
            before = mark_of(month, files)
            notebooks(place / "source", mark)
            run = start(place)
            try:
                run.wait(random.uniform(0.0, took * 1.1))
                over += 1
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.wait()
            now = mark_of(month, files)
            assert now in (before, mark), (before, mark, now)
            old, new = old + (now == before), new + (now == mark)
        assert start(place).wait() == 0 and mark_of(month, files) == kills
        time.sleep(2)
        beside = sorted(path.name for path in (place / "reports").iterdir())
        print(f"{kills} runs of {took:.1f} s, {over} ended before they were killed")
        print(f"month whole after each: {old} times the old one, {new} times the new one")
        print(
            f"left beside: {beside}, {sorted((place / 'tmp').iterdir())}, {left_processes(place)}"
        )


if __name__ == "__main__":
    main(next((int(word) for word in sys.argv[1:] if word.isdigit()), 50))
