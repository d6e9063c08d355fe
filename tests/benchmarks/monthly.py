"""A month added to a big shop: computed in full, and beside what the run before has kept.

    python tests/benchmarks/monthly.py [10M]

Purchases in a Parquet file a month. What is measured is what a monthly run asks of its records: to
read and check every row, the scorecard of the last month with its history, and every KPI of twelve
months before once more, to find what is restated. Each line is a process of its own: CPU seconds
and peak memory. The values of both ways must be the same: the scorecard's to the last digit, those
looked back at within 1e-10 (a model fitted to sums of ten million rows keeps eleven digits).
"""

import itertools
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import duckdb
from generated import purchases

MONTHS = 12


def make(folder: Path, size: str) -> str:
    """A file per month, in `all` and, but for the last month, in `before`; that month's name."""
    source = f"'{purchases(size)}'"
    months = duckdb.sql(
        f"SELECT DISTINCT strftime(ordered_at, '%Y-%m') AS month FROM {source} ORDER BY month"
    ).fetchall()
    for shop in ("all", "before"):
        (folder / shop / "orders").mkdir(parents=True)
        (folder / shop / "kpilib.toml").write_text('currency = "EUR"\nlapse_window = 90\n')
    for (month,) in months:
        path = folder / "all" / "orders" / f"{month}.parquet"
        duckdb.sql(
            f"COPY (SELECT * FROM {source} WHERE strftime(ordered_at, '%Y-%m') = '{month}') "
            f"TO '{path}'"
        )
        if month != months[-1][0]:
            (folder / "before" / "orders" / path.name).hardlink_to(path)
    return str(months[-1][0])


def ask(folder: Path, shop: str, month: str, kept: Path | None, keep: Path) -> None:
    """What a run asks, with what was `kept`; the values and what it keeps go into `keep`."""
    from kpilib.periods import Period
    from kpilib.questions.base import prepare_base
    from kpilib.questions.compare import scorecard
    from kpilib.questions.shared import answers, earlier
    from kpilib.report.history.restated import asked_again

    period, spent = Period.month(month), [time.process_time()]
    base = prepare_base(str(folder / shop), keep)
    spent.append(time.process_time())
    ground = earlier.ground(base, "")
    assert ground is not None
    taken = 0
    if kept is not None:
        before = json.loads((kept / "kept.json").read_text())
        marks = {
            table: {int(day): mark for day, mark in days.items()}
            for table, days in before["ground"]["marks"].items()
        }
        old = earlier.Ground(before["ground"]["parts"], before["ground"]["as_of"], marks)
        until = ground.same_until(old)
        assert until is not None
        taken = earlier.lay_earlier(base, before["values"], until)
    spent.append(time.process_time())
    known: dict = {}
    card = scorecard(base, "all", period, known)
    spent.append(time.process_time())
    back = period.previous().trailing(MONTHS)
    looked = answers.values(base, asked_again(), back, exactly=False)
    spent.append(time.process_time())
    saved = {"ground": asdict(ground), "values": earlier.noted(base)}
    (keep / "kept.json").write_text(json.dumps(saved))
    numbers = [
        [(one.id, one.segment, str(one.period), one.value, one.low, one.high) for one in some]
        for some in (card, looked)
    ]
    (keep / "numbers.json").write_text(json.dumps(numbers))
    steps = [after - before for before, after in itertools.pairwise(spent)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    cells = "".join(f"{seconds:10.1f}" for seconds in (*steps, sum(steps)))
    print(f"{cells}{peak:8.1f} GB{taken:8,} values taken over")


def main(size: str) -> None:
    """Print the table, and hold the values of both ways against each other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        month = make(folder, size)
        year, number = map(int, month.split("-"))
        earlier = f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}"
        head = "".join(f"{one:>10}" for one in ("read", "marks", "scorecard", "back", "in all"))
        print(f"{size:28}{head}{'peak':>11}")
        for label, shop, of, kept, keep in (
            ("the month before, in full", "before", earlier, "-", "one"),
            ("the month, in full", "all", month, "-", "full"),
            ("the month, added", "all", month, "one", "added"),
        ):
            command = [sys.executable, __file__, str(folder), shop, of, kept, keep]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(f"{label:28}{done.stdout}", end="", flush=True)
        full, added = (json.loads((folder / way / "numbers.json").read_text())
                       for way in ("full", "added"))  # fmt: skip
        assert full[0] == added[0], "the scorecards differ"
        for one, other in zip(full[1], added[1], strict=True):
            assert one[:3] == other[:3]
            for number, again in zip(one[3:], other[3:], strict=True):
                assert number == again or math.isclose(number, again, rel_tol=1e-10), (one, other)
        print("the scorecards are the same, the values looked back at within 1e-10")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        folder, shop, month, kept, keep = sys.argv[1:]
        where = Path(folder)
        ask(where, shop, month, None if kept == "-" else where / kept, where / keep)
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else "10M")
