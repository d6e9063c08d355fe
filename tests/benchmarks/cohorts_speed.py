"""Triangle, ledger of eleven months and RFM, from a Parquet log to the small table, five ways.

`python tests/benchmarks/cohorts_speed.py [1M|10M|100M] [way …]` runs each way in a process of its
own and prints CPU seconds per step, their total, wall seconds and the peak memory. The ways:
`kpilib` (opened from the file, its checks and account of rows included), `sql` (raw DuckDB),
`pandas` (well written: group-bys and vectors), `numpy` (sorted arrays, the tricks kpilib itself
uses), `clvkit` (its CohortMatrix, customers and revenue; the triangle only; `pip install clvkit`).
At 100M rows only `kpilib`, `kpilib_4gb` and `sql` fit into a small machine.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

WAYS = ("kpilib", "sql", "pandas", "numpy", "clvkit")
LAPSE = 90
MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]
MONTHS_UNTIL = "2025-12-31"


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Steps:
    """CPU seconds of each step since the one before."""

    def __init__(self) -> None:
        self.at, self.found = cpu(), {"import": cpu()}

    def done(self, name: str) -> None:
        now = cpu()
        self.found[name], self.at = now - self.at, now


def run_kpilib(path: str) -> tuple[Steps, dict]:
    import kpilib
    from kpilib.analyses.cohorts import AVERAGE, cohorts
    from kpilib.analyses.movements import movements
    from kpilib.analyses.rfm import rfm_segments

    steps = Steps()
    base = kpilib.open(orders=path, time_zone="UTC", lapse_window=LAPSE, as_of=MONTHS_UNTIL)
    steps.done("load")
    base.engine.collect(base.purchases.head(1))
    steps.done("purchases")
    table = cohorts(base)
    steps.done("triangle")
    ledger = movements(base, MONTHS[:-1])
    steps.done("ledger")
    segments = rfm_segments(base, MONTHS[-2])
    steps.done("rfm")
    cells = table[table["cohort"] != AVERAGE]
    return steps, {
        "cells": int(cells["customers"].sum()),
        "revenue": round(float(cells["revenue"].sum())),
        "closing": ledger["closing"].tolist(),
        "customers": int(segments["customers"].sum()),
    }


def run_kpilib_4gb(path: str) -> tuple[Steps, dict]:
    """The same, DuckDB held to 4 GiB."""
    from kpilib.engines import connection

    connection._memory = lambda: 8 * 2**30  # half of it is DuckDB's
    return run_kpilib(path)


def run_sql(path: str) -> tuple[Steps, dict]:
    import duckdb

    steps = Steps()
    sql = duckdb.connect().execute
    steps.done("load")
    sql(
        f"""CREATE TABLE purchases AS
        SELECT customer_id, CAST(ordered_at AS DATE) AS day, sum(amount) AS amount,
               count(*) AS orders
        FROM read_parquet('{path}') WHERE ordered_at < DATE '{MONTHS_UNTIL}' GROUP BY ALL"""
    )
    steps.done("purchases")
    cells = sql(
        """WITH born AS (SELECT customer_id, date_trunc('month', min(day)) AS cohort
                         FROM purchases GROUP BY 1)
        SELECT cohort, date_trunc('month', day) AS month, count(DISTINCT customer_id) AS customers,
               sum(orders) AS orders, sum(amount) AS revenue
        FROM purchases JOIN born USING (customer_id) GROUP BY ALL"""
    ).df()
    steps.done("triangle")
    sql(
        f"""CREATE TABLE spells AS
        WITH gaps AS (SELECT customer_id, day, lag(day) OVER w AS before, max(day) OVER c AS final
                      FROM purchases
                      WINDOW w AS (PARTITION BY customer_id ORDER BY day),
                             c AS (PARTITION BY customer_id)),
        opens AS (SELECT * FROM gaps WHERE before IS NULL OR day - before > {LAPSE})
        SELECT customer_id, day AS start, before IS NULL AS first,
               coalesce(lead(before) OVER (PARTITION BY customer_id ORDER BY day), final)
               + {LAPSE} AS stop
        FROM opens"""
    )
    months = ", ".join(f"(DATE '{month}-01')" for month in MONTHS[:-1])
    ledger = sql(
        f"""WITH months AS (SELECT opens, CAST(opens + INTERVAL 1 MONTH AS DATE) AS closes
                            FROM (VALUES {months}) AS t(opens)),
        states AS (
            SELECT opens, customer_id, max(start < opens) AS opening,
                   max(stop >= closes) AS closing,
                   max(first AND start >= opens) AS fresh
            FROM spells JOIN months ON start < closes AND stop >= opens GROUP BY ALL)
        SELECT opens, count(*) FILTER (opening) AS opening, count(*) FILTER (fresh) AS new,
               count(*) FILTER (NOT opening AND NOT fresh) AS reactivated,
               count(*) FILTER (NOT closing) AS lost, count(*) FILTER (closing) AS closing
        FROM states GROUP BY 1 ORDER BY 1"""
    ).df()
    steps.done("ledger")
    close, opens = "DATE '2025-12-01'", "DATE '2024-12-01'"
    segments = sql(
        f"""CREATE TABLE rfm AS SELECT customer_id, {close} - max(day) - 1 AS recency,
                count(*) AS frequency, round(sum(amount), 2) AS money
        FROM purchases WHERE day >= {opens} AND day < {close} GROUP BY 1;
        WITH cuts AS (SELECT quantile_disc(recency, [.2, .4, .6, .8]) AS r,
                             quantile_disc(frequency, [.2, .4, .6, .8]) AS f,
                             quantile_disc(money, [.2, .4, .6, .8]) AS m FROM rfm),
        scored AS (SELECT rfm.*,
            5 - len(list_filter(cuts.r, lambda c: recency > c)) AS rs,
            1 + len(list_filter(cuts.f, lambda c: frequency > c)) AS fs,
            1 + len(list_filter(cuts.m, lambda c: money > c)) AS ms FROM rfm, cuts)
        SELECT CASE WHEN rs >= 4 AND fs >= 4 AND ms >= 4 THEN 'champions'
                    WHEN rs >= 3 AND fs >= 4 THEN 'loyal'
                    WHEN rs >= 4 AND (fs >= 2 OR ms >= 4) THEN 'promising'
                    WHEN rs >= 4 THEN 'recent' WHEN rs = 3 THEN 'fading'
                    WHEN fs >= 4 OR ms >= 4 THEN 'at_risk' ELSE 'asleep' END AS segment,
               count(*) AS customers, sum(money) AS money, avg(recency) AS recency,
               avg(frequency) AS frequency
        FROM scored GROUP BY 1"""
    ).df()
    steps.done("rfm")
    return steps, {
        "cells": int(cells["customers"].sum()),
        "revenue": round(float(cells["revenue"].sum())),
        "closing": ledger["closing"].tolist(),
        "customers": int(segments["customers"].sum()),
    }


def run_pandas(path: str) -> tuple[Steps, dict]:
    import pandas as pd

    steps = Steps()
    orders = pd.read_parquet(path)
    steps.done("load")
    orders = orders[orders["ordered_at"] < MONTHS_UNTIL]
    orders = orders.assign(day=orders["ordered_at"].dt.floor("D"))
    purchases = orders.groupby(["customer_id", "day"], as_index=False).agg(
        amount=("amount", "sum"), orders=("amount", "size")
    )
    del orders
    steps.done("purchases")
    month = purchases["day"].dt.to_period("M")
    cohort = month.groupby(purchases["customer_id"]).transform("min")
    cells = purchases.groupby([cohort.rename("cohort"), month.rename("month")]).agg(
        customers=("customer_id", "nunique"), orders=("orders", "sum"), revenue=("amount", "sum")
    )
    steps.done("triangle")
    gap = purchases.groupby("customer_id")["day"].diff()
    opens = gap.isna() | (gap > pd.Timedelta(days=LAPSE))
    spells = purchases.groupby(opens.cumsum()).agg(
        customer_id=("customer_id", "first"), start=("day", "first"), stop=("day", "last")
    )
    spells["stop"] += pd.Timedelta(days=LAPSE)
    spells["first"] = ~spells["customer_id"].duplicated()
    closing = []
    for name in MONTHS[:-1]:
        opened, closed = pd.Timestamp(name), pd.Timestamp(name) + pd.offsets.MonthBegin(1)
        inside = spells[(spells["start"] < closed) & (spells["stop"] >= opened)]
        states = inside.assign(
            opening=inside["start"] < opened,
            closing=inside["stop"] >= closed,
            new=inside["first"] & (inside["start"] >= opened),
        )
        states = states.groupby("customer_id")[["opening", "closing", "new"]].any()
        closing.append(int(states["closing"].sum()))
    steps.done("ledger")
    close, begin = pd.Timestamp("2025-12-01"), pd.Timestamp("2024-12-01")
    window = purchases[(purchases["day"] >= begin) & (purchases["day"] < close)]
    table = window.groupby("customer_id").agg(
        last=("day", "max"), frequency=("day", "size"), money=("amount", "sum")
    )
    table["recency"] = (close - table["last"]).dt.days - 1
    table["money"] = table["money"].round(2)
    for name, column in (("r", "recency"), ("f", "frequency"), ("m", "money")):
        cuts = table[column].quantile([0.2, 0.4, 0.6, 0.8], interpolation="lower").to_numpy()
        table[name] = 1 + cuts.searchsorted(table[column], side="left")
    r, f, m = 6 - table["r"], table["f"], table["m"]
    rules = {
        "champions": (r >= 4) & (f >= 4) & (m >= 4),
        "loyal": (r >= 3) & (f >= 4),
        "promising": (r >= 4) & ((f >= 2) | (m >= 4)),
        "recent": r >= 4,
        "fading": r == 3,
        "at_risk": (f >= 4) | (m >= 4),
    }
    segment = pd.Series("asleep", index=table.index)
    for name, rule in reversed(rules.items()):
        segment = segment.mask(rule, name)
    segments = table.groupby(segment)["money"].agg(["size", "sum"])
    steps.done("rfm")
    return steps, {
        "cells": int(cells["customers"].sum()),
        "revenue": round(float(cells["revenue"].sum())),
        "closing": closing,
        "customers": int(segments["size"].sum()),
    }


def run_numpy(path: str) -> tuple[Steps, dict]:
    import numpy as np
    import pandas as pd

    steps = Steps()
    orders = pd.read_parquet(path)
    steps.done("load")
    orders = orders[orders["ordered_at"] < MONTHS_UNTIL]
    orders["day"] = orders["ordered_at"].to_numpy().astype("datetime64[D]").astype("int32")
    purchases = (
        orders.groupby(["customer_id", "day"], sort=True)["amount"]
        .agg(["sum", "size"])
        .reset_index()
    )
    del orders
    steps.done("purchases")
    customer, day = purchases["customer_id"].to_numpy(), purchases["day"].to_numpy()
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype("int32")
    fresh = np.append(True, customer[1:] != customer[:-1])
    cohort = np.repeat(month[fresh], np.diff(np.append(np.flatnonzero(fresh), len(day))))
    new_cell = fresh | np.append(True, month[1:] != month[:-1])
    frame = pd.DataFrame({"cohort": cohort, "month": month, "customers": new_cell})
    frame["orders"], frame["revenue"] = purchases["size"], purchases["sum"]
    cells = frame.groupby(["cohort", "month"]).sum()
    steps.done("triangle")
    opens_spell = fresh | (np.append(0, np.diff(day)) > LAPSE)
    at = np.flatnonzero(opens_spell)
    last = np.append(at[1:], len(day)) - 1
    start, stop, first = day[at], day[last] + LAPSE, fresh[at]
    who = customer[at]
    closing = []
    for name in MONTHS[:-1]:
        opens = np.datetime64(name, "D").astype("int32")
        closes = (np.datetime64(name, "M") + 1).astype("datetime64[D]").astype("int32")
        touch = (start < closes) & (stop >= opens)
        states = pd.DataFrame(
            {
                "who": who[touch],
                "opening": start[touch] < opens,
                "closing": stop[touch] >= closes,
                "new": first[touch] & (start[touch] >= opens),
            }
        )
        states = states.groupby("who")[["opening", "closing", "new"]].max()
        closing.append(int(states["closing"].sum()))
    steps.done("ledger")
    close, begin = (int(np.datetime64(d).astype("int32")) for d in ("2025-12-01", "2024-12-01"))
    window = purchases[(purchases["day"] >= begin) & (purchases["day"] < close)]
    table = window.groupby("customer_id").agg(
        last=("day", "max"), frequency=("day", "size"), money=("sum", "sum")
    )
    scores = {}
    for name, values in (
        ("r", close - 1 - table["last"]),
        ("f", table["frequency"]),
        ("m", table["money"].round(2)),
    ):
        cuts = np.quantile(values, [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
        scores[name] = np.searchsorted(cuts, values, side="left")
    r, f, m = 5 - scores["r"], 1 + scores["f"], 1 + scores["m"]
    segment = np.select(
        [
            (r >= 4) & (f >= 4) & (m >= 4),
            (r >= 3) & (f >= 4),
            (r >= 4) & ((f >= 2) | (m >= 4)),
            r >= 4,
            r == 3,
            (f >= 4) | (m >= 4),
        ],
        range(6),
        6,
    )
    segments = table.groupby(segment)["money"].agg(["size", "sum"])
    steps.done("rfm")
    return steps, {
        "cells": int(cells["customers"].sum()),
        "revenue": round(float(cells["revenue"].sum())),
        "closing": closing,
        "customers": int(segments["size"].sum()),
    }


def run_clvkit(path: str) -> tuple[Steps, dict]:
    import pandas as pd
    from clvkit.cohort.matrix import CohortMatrix

    steps = Steps()
    orders = pd.read_parquet(path)
    orders = orders[orders["ordered_at"] < MONTHS_UNTIL]
    steps.done("load")
    found = {}
    for metric in ("retention", "revenue"):
        matrix = CohortMatrix.from_transactions(
            orders, period="M", metric=metric, datetime_col="ordered_at"
        )
        found[metric] = float(matrix.to_pandas().sum().sum())
        steps.done(f"triangle {metric}")
    return steps, {"cells": int(found["retention"]), "revenue": round(found["revenue"])}


def main() -> None:
    from generated import purchases

    size = sys.argv[1] if len(sys.argv) > 1 else "1M"
    path = str(purchases(size))
    totals: dict[str, float] = {}
    triangles: dict[str, float] = {}
    for way in sys.argv[2:] or WAYS:
        command = [sys.executable, __file__, "--run", way, path]
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        wall = time.perf_counter() - begun
        if done.returncode:
            print(f"{way:8} failed: {done.stderr.strip().splitlines()[-1:]}")
            continue
        result = json.loads(done.stdout)
        totals[way] = sum(result["steps"].values())
        triangles[way] = totals[way] - sum(result["steps"].get(n, 0) for n in ("ledger", "rfm"))
        told = "  ".join(f"{name} {seconds:6.2f}" for name, seconds in result["steps"].items())
        used = f"{totals[way]:.2f} CPU-s, {wall:.1f} s, peak {result['peak']:.2f} GB"
        print(f"{way:8} {told}  total {used}")
        print(f"         {result['answers']}")
    for way in sorted(set(totals) - {"kpilib"}) if "kpilib" in totals else ():
        if way != "clvkit":
            print(f"{way} / kpilib, all three: {totals[way] / totals['kpilib']:.2f}")
        print(f"{way} / kpilib, triangle: {triangles[way] / triangles['kpilib']:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        steps, answers = globals()[f"run_{sys.argv[2]}"](sys.argv[3])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(json.dumps({"steps": steps.found, "peak": peak, "answers": answers}))
    else:
        main()
