"""What may go wrong with a run, made to go wrong: `python tests/benchmarks/reliability.py [NAME…]`.

Each line is one misfortune, how the command ended, what the operator was told and whether last
month's report is whole. `report_kills.py` kills runs at random moments; this is the rest.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.report.conftest import code, notebook, write

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import os, resource, sys
from pathlib import Path
from kpilib.cli._progress import Plain
from kpilib.report.order import Order
from kpilib.report.run import make_report
from kpilib.errors import KpilibError

out, folder, data, limit, timeout = sys.argv[1:6]
if os.environ.get("AS_USER"):
    os.setgroups([])
    os.setgid(int(os.environ["AS_USER"]))
    os.setuid(int(os.environ["AS_USER"]))
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    order = Order(data, out=Path(out), folder=Path(folder), force=True, timeout=float(timeout))
    outcome = make_report(order, Plain())
except KpilibError as error:
    print(f"kpilib: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
for page in outcome.run["notebooks"]:
    if page.get("failure"):
        print("failure:", page["failure"]["kind"], page["failure"]["message"], file=sys.stderr)
sys.exit(0 if outcome.good else 1)
"""
ASK = code("import kpilib\nbase = kpilib.open(data)\nbase.kpi('churn_rate', period)")


class Place:
    """A folder with a source, a notebook, and a month that was published well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("tmp", "shop"):
            (folder / name).mkdir()
        rows = [
            f"{place},c{place % 60},2026-{1 + place % 6:02}-{1 + place % 28:02},{5 + place % 9}"
            for place in range(900)
        ]
        self.orders = folder / "shop" / "orders.csv"
        self.orders.write_text("order_id,customer_id,ordered_at,amount\n" + "\n".join(rows))
        (folder / "shop" / "kpilib.toml").write_text("lapse_window = 60\n")
        self.cells(code("print('fine')"))
        self.run().wait()
        self.before = self.state()

    def cells(self, *cells: dict) -> None:
        """Put these cells behind the question."""
        write(self.folder / "source", {"01-one": notebook("# One", ASK, *cells)})

    def run(self, limit: int = 0, timeout: float = 60.0, **env: str) -> subprocess.Popen:
        """A run, in a process of its own."""
        folders = [str(self.folder / name) for name in ("reports", "source", "shop")]
        line = [sys.executable, "-c", RUN, *folders, str(limit), str(timeout)]
        own = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.folder / "tmp"), **env}
        return subprocess.Popen(
            line, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def state(self) -> str:
        """The published month's seal, or what is wrong with it."""
        found = list((self.folder / "reports").glob("2*[0-9]"))
        if not found:
            return "none"
        run = json.loads((found[0] / "run.json").read_text())
        page = (found[0] / "01-one.html").read_text()
        return run["started"] if page.rstrip().endswith("</html>") else "torn"


def told(run: subprocess.Popen, wait: float = 120.0) -> tuple[str, str]:
    """How it ended and its last line that says something."""
    try:
        out, _ = run.communicate(timeout=wait)
    except subprocess.TimeoutExpired:
        run.kill()
        return "HANGS", ""
    lines = [line for line in out.splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if line.startswith(("kpilib:", "failure:"))), "")
    return str(run.returncode), said or (lines[-1] if lines else "")


def source_changed(place: Place) -> subprocess.Popen:
    """Another version of the orders comes while notebooks run."""
    place.cells(code("import time; time.sleep(4)"), code("len(kpilib.open(data).rows('buyers'))"))
    run = place.run()
    time.sleep(5)
    place.orders.write_text(place.orders.read_text() + "\n9999,c1,2026-06-20,1000000")
    return run


def source_deleted(place: Place) -> subprocess.Popen:
    """The orders are deleted while notebooks run."""
    place.cells(code("import time; time.sleep(4)"), code("len(kpilib.open(data).rows('buyers'))"))
    run = place.run()
    time.sleep(5)
    place.orders.unlink()
    return run


def disk_full(limit: int) -> Callable[[Place], subprocess.Popen]:
    """No file may grow beyond `limit` bytes, as on a full disk."""

    def fill(place: Place) -> subprocess.Popen:
        return place.run(limit=limit)

    fill.__doc__ = f"no file may grow beyond {limit:,} bytes"
    return fill


def small_tmpfs(place: Place) -> subprocess.Popen:
    """The output folder is a file system of 300 kB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place.folder / "reports")]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"cannot be tried here: {done.stderr.strip()}")
    return place.run()


def clock_back(place: Place) -> subprocess.Popen:
    """The month and all beside it were written in 2030."""
    for path in (place.folder / "reports").rglob("*"):
        os.utime(path, (1_900_000_000, 1_900_000_000))
    return place.run()


def raises(place: Place) -> subprocess.Popen:
    """A notebook raises."""
    place.cells(code("1 / 0"))
    return place.run()


def hangs(place: Place) -> subprocess.Popen:
    """A notebook hangs; cells may take five seconds."""
    place.cells(code("import time; time.sleep(10_000)"))
    return place.run(timeout=5.0)


def hangs_hard(place: Place) -> subprocess.Popen:
    """A notebook hangs and ignores being interrupted."""
    place.cells(
        code("import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(9_999)")
    )
    return place.run(timeout=5.0)


def prints(place: Place) -> subprocess.Popen:
    """A notebook prints 100 MB."""
    place.cells(code("for _ in range(100): print('x' * 1_000_000)"))
    return place.run()


def writes_to_descriptors(place: Place) -> subprocess.Popen:
    """A notebook writes 100 MB past Python, to the kernel's own standard output."""
    place.cells(code("import os\nfor _ in range(1600): os.write(1, b'x' * 65_536)"))
    return place.run()


def forks(place: Place) -> subprocess.Popen:
    """A notebook forks children that live for an hour."""
    place.cells(
        code("import os, time\nfor _ in range(3):\n    if not os.fork():\n        time.sleep(3600)")
    )
    return place.run(timeout=20.0)


def kernel_killed(place: Place) -> subprocess.Popen:
    """A kernel is killed in the middle of a cell, at each attempt."""
    place.cells(code("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    return place.run()


def no_kernelspec(place: Place) -> subprocess.Popen:
    """No kernelspec is installed anywhere."""
    empty = str(place.folder / "empty")
    return place.run(
        JUPYTER_PATH=empty, JUPYTER_DATA_DIR=empty, JUPYTER_CONFIG_DIR=empty, HOME=empty
    )


def two_at_once(place: Place) -> subprocess.Popen:
    """A second run of the same month begins meanwhile."""
    place.cells(code("import time; time.sleep(6)"))
    first = place.run()
    time.sleep(5)
    second = place.run()
    threading.Thread(target=first.communicate, daemon=True).start()
    return second


def as_nobody(place: Place) -> subprocess.Popen:
    """Another user, who may read and not write, runs the same project."""
    for path in (place.folder, *place.folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (place.folder / "tmp").chmod(0o1777)
    if any(not one.stat().st_mode & 1 for one in Path(sys.base_prefix).parents):
        raise RuntimeError("cannot be tried here: another user may not read this Python")
    return place.run(AS_USER="65534")


CASES: dict[str, Callable[[Place], subprocess.Popen]] = {
    "source changed": source_changed,
    "source deleted": source_deleted,
    "file limit 2 kB": disk_full(2_000),
    "file limit 100 kB": disk_full(100_000),
    "file limit 1 MB": disk_full(1_000_000),
    "small tmpfs": small_tmpfs,
    "clock back": clock_back,
    "raises": raises,
    "hangs": hangs,
    "hangs hard": hangs_hard,
    "prints 100 MB": prints,
    "writes 100 MB": writes_to_descriptors,
    "forks": forks,
    "kernel killed": kernel_killed,
    "no kernelspec": no_kernelspec,
    "two at once": two_at_once,
    "another user": as_nobody,
}


def misfortune(name: str) -> None:
    """One case and its line."""
    with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
        os.chmod(folder, 0o755)
        place = Place(Path(folder))
        begun = time.monotonic()
        try:
            end, said = told(CASES[name](place))
        except RuntimeError as error:
            print(f"{name:18} {error}", flush=True)
            return
        took = time.monotonic() - begun
        mounted = os.path.ismount(place.folder / "reports")
        left = sorted(path.name for path in (place.folder / "reports").glob(".*"))
        left += sorted(path.name for path in (place.folder / "tmp").iterdir())
        now = "another disk" if mounted else place.state()
        month = "as before" if now == place.before else "new" if now[:2] == "20" else now
        print(f"{name:18} exit {end:5} {took:5.1f} s  month {month}; left {left}\n    {said[:160]}")
        sys.stdout.flush()
        if mounted:
            subprocess.run(["umount", str(place.folder / "reports")], check=False)


def growth(questions: int = 1000) -> None:
    """So many questions in one process: memory, threads and open files before and after."""
    import kpilib
    from kpilib.registry import definitions

    base = kpilib.open("demo")
    months = [f"{2024 + place // 12}-{1 + place % 12:02}" for place in range(30)]
    ids = list(definitions.registry())

    def held() -> tuple[float, int, int]:
        status = Path("/proc/self/status").read_text()
        resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
        return resident, threading.active_count(), len(os.listdir("/proc/self/fd"))

    begun = time.process_time()
    for place in range(questions):
        base.kpi(ids[place % len(ids)], months[place * 7 % len(months)])
        if place in (questions // 4 - 1, questions // 2 - 1, questions - 1):
            memory, threads, files = held()
            print(f"{place + 1:5} questions: {memory:6.0f} MB, {threads} threads, {files} files")
    print(f"{time.process_time() - begun:.0f} CPU-s; most {peak():.0f} MB")


def peak() -> float:
    """The most memory this process held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(names: list[str]) -> None:
    """Print what is seen in each case."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for name in names or [*CASES, "growth"]:
        growth() if name == "growth" else misfortune(name)


if __name__ == "__main__":
    main(sys.argv[1:])
