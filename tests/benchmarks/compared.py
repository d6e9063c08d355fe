"""One table: kpilib beside what else answers the same, from the same Parquet file of purchases.

    python tests/benchmarks/compared.py [1M|10M|100M …] [--only task,…] [--limit 600] [--markdown]

Every answer is a process of its own, from the file to the small result; CPU seconds and peak
memory are the operating system's account of it, imports included, and kpilib's checks of every row
are in them. Answers must agree, or the run stops. Who is not installed (clvkit, pymc-marketing) or
takes longer than the limit is said to. The tasks:

`summary`    frequency, recency and T of every customer
`ledger`     opening, new, reactivated, lost and closing customers of twelve months
`cohorts`    monthly cohorts: customers and revenue by month since the first purchase
`fit`        the summary and BG/NBD's four parameters
`clv`        the same and twelve months' value of every customer
`scorecard`  every KPI that purchases alone can answer, one month beside the one before
`history`    the same with the months before, which a signal is judged by
`whole`      in one process the scorecard, the cohorts, RFM and every customer's value; beside it
             the three queries of summary, ledger and cohorts. Wanted: less than five times theirs
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import ledger

Answer = dict[str, float]
TASKS: dict[str, dict[str, Callable[[str], Answer]]] = {}
END = "2025-12-31"
"""The day before which everything is counted."""


def answers(task: str, by: str) -> Callable[[Any], Any]:
    """Declare who answers a task."""

    def declare(function: Callable[[str], Answer]) -> Callable[[str], Answer]:
        TASKS.setdefault(task, {})[by] = function
        return function

    return declare


def opened(path: str) -> Any:
    """The business of the file."""
    import kpilib

    return kpilib.open(orders=path, lapse_window=90, as_of=END)


@answers("summary", "kpilib")
def _(path: str) -> Answer:
    from kpilib.clv.expected.summary import purchase_summary

    return summed(purchase_summary(opened(path)))


@answers("summary", "raw SQL")
def _(path: str) -> Answer:
    import duckdb

    table = duckdb.sql(
        f"""WITH days AS (SELECT customer_id, ordered_at::DATE AS day, sum(amount) AS amount
                          FROM '{path}' WHERE ordered_at < DATE '{END}' GROUP BY ALL),
        firsts AS (SELECT *, min(day) OVER (PARTITION BY customer_id) AS first FROM days)
        SELECT customer_id, count(*) - 1 AS frequency, max(day) - any_value(first) AS recency,
               DATE '{END}' - 1 - any_value(first) AS T,
               coalesce(avg(amount) FILTER (day > first), 0) AS monetary_value
        FROM firsts GROUP BY customer_id"""
    ).df()
    return summed(table)


@answers("summary", "pandas")
def _(path: str) -> Answer:
    return summed(pandas_summary(path))


@answers("summary", "lifetimes")
def _(path: str) -> Answer:
    return summed(lifetimes_summary(path))


@answers("summary", "clvkit")
def _(path: str) -> Answer:
    return summed(clvkit_base(path).to_pandas())


for who, run in ledger.CONTENDERS.items():
    answers("ledger", who)(
        lambda path, run=run: {
            str(place): float(sum(column))
            for place, column in enumerate(zip(*run(Path(path)), strict=True))
        }
    )


@answers("cohorts", "kpilib")
def _(path: str) -> Answer:
    return cohort_sums(opened(path))


def cohort_sums(base: Any) -> Answer:
    """Customers and revenue of all cells."""
    from kpilib.analyses.cohorts import AVERAGE, cohorts

    table = cohorts(base)
    cells = table[table["cohort"] != AVERAGE]
    return {"customers": float(cells["customers"].sum()), "revenue": float(cells["revenue"].sum())}


@answers("cohorts", "raw SQL")
def _(path: str) -> Answer:
    import duckdb

    cells = duckdb.sql(
        f"""WITH orders AS (SELECT customer_id, date_trunc('month', ordered_at) AS month, amount
                            FROM '{path}' WHERE ordered_at < DATE '{END}'),
        born AS (SELECT customer_id, min(month) AS cohort FROM orders GROUP BY 1)
        SELECT cohort, month, count(DISTINCT customer_id) AS customers, sum(amount) AS revenue
        FROM orders JOIN born USING (customer_id) GROUP BY ALL"""
    ).df()
    return {"customers": float(cells["customers"].sum()), "revenue": float(cells["revenue"].sum())}


@answers("cohorts", "pandas")
def _(path: str) -> Answer:
    import pandas as pd

    orders = pd.read_parquet(path)
    orders = orders[orders["ordered_at"] < END]
    month = orders["ordered_at"].to_numpy().astype("datetime64[M]").astype("int64")
    monthly = orders.assign(month=month).groupby(["customer_id", "month"], as_index=False)
    monthly = monthly["amount"].sum()
    cohort = monthly.groupby("customer_id")["month"].transform("min")
    cells = monthly.groupby([cohort.rename("cohort"), "month"])["amount"].agg(["size", "sum"])
    return {"customers": float(cells["size"].sum()), "revenue": float(cells["sum"].sum())}


@answers("cohorts", "clvkit")
def _(path: str) -> Answer:
    import pandas as pd
    from clvkit.cohort.matrix import CohortMatrix

    orders = pd.read_parquet(path)
    orders = orders[orders["ordered_at"] < END]
    found = {}
    for metric, name in (("retention", "customers"), ("revenue", "revenue")):
        matrix = CohortMatrix.from_transactions(
            orders, period="M", metric=metric, datetime_col="ordered_at"
        )
        found[name] = float(matrix.to_pandas().sum().sum())
    return found


@answers("fit", "kpilib")
def _(path: str) -> Answer:
    from kpilib.clv import BGNBD
    from kpilib.clv.expected.summary import purchase_counts

    return dict(BGNBD.fit_counts(purchase_counts(opened(path), None)).parameters)


@answers("fit", "lifetimes")
def _(path: str) -> Answer:
    table, _ = lifetimes_fit(path)
    return table


@answers("fit", "clvkit")
def _(path: str) -> Answer:
    import clvkit

    model = clvkit.BGNBD().fit(clvkit_base(path))
    named = dict(model.params_)
    return {name: float(named[name]) for name in ("r", "alpha", "a", "b")}


@answers("fit", "pymc-marketing")
def _(path: str) -> Answer:
    from pymc_marketing.clv import BetaGeoModel

    table = lifetimes_summary(path).reset_index()
    model = BetaGeoModel(data=table[["customer_id", "frequency", "recency", "T"]])
    model.fit(method="map", progressbar=False)
    found = model.fit_result
    return {name: float(found[name].mean()) for name in ("r", "alpha", "a", "b")}


@answers("clv", "kpilib")
def _(path: str) -> Answer:
    from kpilib.clv.value.value import customer_lifetime_value

    value = customer_lifetime_value(opened(path), "12 months", 0.1, model="BGNBD", draws=0)
    return {"value": float(value.total["value"].iloc[0])}


@answers("clv", "kpilib, limits too")
def _(path: str) -> Answer:
    from kpilib.clv.value.value import customer_lifetime_value

    value = customer_lifetime_value(opened(path), "12 months", 0.1, model="BGNBD", draws=1000)
    return {"value": float(value.total["value"].iloc[0])}


@answers("clv", "lifetimes")
def _(path: str) -> Answer:
    from kpilib.clv.with_lifetimes import lifetimes_at_work

    _, (fitter, table) = lifetimes_fit(path)
    again = table[(table["frequency"] > 0) & (table["monetary_value"] > 0)]
    with lifetimes_at_work() as lifetimes:
        money = lifetimes.GammaGammaFitter()
        money.fit(again["frequency"], again["monetary_value"])
        columns = [table[name] for name in ("frequency", "recency", "T", "monetary_value")]
        value = money.customer_lifetime_value(
            fitter, *columns, time=12, discount_rate=1.1 ** (1 / 12) - 1, freq="D"
        )
    return {"value": float(value.sum())}


@answers("scorecard", "kpilib")
def _(path: str) -> Answer:
    from kpilib.questions.compare import compared
    from kpilib.registry import definitions

    base = opened(path)
    values = compared(base, definitions.family("all"), base.period(), None, history=1)
    return {"kpis": float(len({value.id for value in values}))}


@answers("history", "kpilib")
def _(path: str) -> Answer:
    return {"kpis": float(len({value.id for value in opened(path).scorecard("all")}))}


@answers("whole", "kpilib")
def _(path: str) -> Answer:
    from kpilib.analyses.rfm import rfm_segments
    from kpilib.clv.value.value import customer_lifetime_value
    from kpilib.questions.compare import compared
    from kpilib.registry import definitions

    base = opened(path)
    told_step("open")
    compared(base, definitions.family("all"), base.period(), None, history=1)
    told_step("scorecard")
    found = cohort_sums(base)
    told_step("cohorts")
    rfm_segments(base)
    told_step("rfm")
    customer_lifetime_value(base, "12 months", 0.1, model="BGNBD", draws=0)
    told_step("clv")
    return found


@answers("whole", "three raw queries")
def _(path: str) -> Answer:
    for task in ("summary", "ledger"):
        TASKS[task]["raw SQL"](path)
        told_step(task)
    return TASKS["cohorts"]["raw SQL"](path)


def told_step(name: str) -> None:
    """Say on standard error what was spent so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    print(f"{name}: {spent:.1f} CPU-s, {used.ru_maxrss / 1e6:.2f} GB so far", file=sys.stderr)


def summed(table: Any) -> Answer:
    """What summaries are compared by."""
    names = ("frequency", "recency", "T", "monetary_value")
    return {name: float(table[name].astype(float).sum()) for name in names}


def pandas_summary(path: str) -> Any:
    """The summary in vectors."""
    import pandas as pd

    orders = pd.read_parquet(path)
    orders = orders[orders["ordered_at"] < END]
    orders["day"] = orders["ordered_at"].to_numpy().astype("datetime64[D]").astype("int32")
    days = orders.groupby(["customer_id", "day"], as_index=False)["amount"].sum()
    first = ~days["customer_id"].duplicated()
    found = days.groupby("customer_id").agg(
        frequency=("day", "size"), first=("day", "min"), last=("day", "max")
    )
    found["monetary_value"] = days[~first].groupby("customer_id")["amount"].mean()
    end = int(pd.Timestamp(END).timestamp() // 86_400) - 1
    return found.assign(
        frequency=found["frequency"] - 1, recency=found["last"] - found["first"],
        T=end - found["first"], monetary_value=found["monetary_value"].fillna(0.0),
    )  # fmt: skip


def lifetimes_summary(path: str) -> Any:
    """The summary by lifetimes."""
    import pandas as pd

    from kpilib.clv.with_lifetimes import lifetimes_at_work

    orders = pd.read_parquet(path)
    orders = orders[orders["ordered_at"] < END]
    with lifetimes_at_work() as lifetimes:
        return lifetimes.utils.summary_data_from_transaction_data(
            orders, "customer_id", "ordered_at", "amount",
            observation_period_end=pd.Timestamp(END) - pd.Timedelta(days=1),
        )  # fmt: skip


def lifetimes_fit(path: str) -> tuple[Answer, tuple[Any, Any]]:
    """BG/NBD by lifetimes: the parameters, and the fitter with the summary."""
    from kpilib.clv.with_lifetimes import lifetimes_at_work

    table = lifetimes_summary(path)
    with lifetimes_at_work() as lifetimes:
        fitter = lifetimes.BetaGeoFitter()
        fitter.fit(table["frequency"], table["recency"], table["T"])
    return {name: float(value) for name, value in fitter.params_.items()}, (fitter, table)


def clvkit_base(path: str) -> Any:
    """The customers as clvkit takes them."""
    import clvkit
    import pandas as pd

    orders = pd.read_parquet(path)
    orders = orders[orders["ordered_at"] < END]
    orders["ordered_at"] = orders["ordered_at"].dt.floor("D")
    last = str((pd.Timestamp(END) - pd.Timedelta(days=1)).date())
    return clvkit.CustomerBase.from_transactions(
        orders, datetime_col="ordered_at", observation_period_end=last
    )


CLOSE = {"fit": 0.02, "clv": 0.02}
"""How far answers may lie apart, relatively: others stop their search early, and take a month for
thirty days; all else is equal to rounding."""


def measured(task: str, who: str, path: Path, limit: float) -> dict[str, Any]:
    """CPU, wall seconds, memory and the answer of one process; or why there is none."""
    command = [sys.executable, __file__, "--run", task, who, str(path)]
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            return {"lacks": f"over {limit:.0f} s"}
    wall = time.perf_counter() - began
    if process.returncode:
        last = (err.strip().splitlines() or ["no message"])[-1]
        return {"lacks": "not installed" if "No module named" in last else last[:90]}
    return {**json.loads(out.splitlines()[-1]), "wall": wall}


def compare(size: str, tasks: list[str], limit: float) -> list[dict[str, Any]]:
    """The rows of one size."""
    from generated import purchases

    path, rows = purchases(size), []
    for task in tasks:
        usual = None
        for who in TASKS[task]:
            found = measured(task, who, path, limit)
            row = {"purchases": size, "task": task, "who": who, **found}
            if "lacks" not in found:
                usual = usual or found
                for name, value in found["answer"].items():
                    ours = usual["answer"][name]
                    close = abs(value - ours) <= CLOSE.get(task, 1e-6) * max(abs(ours), 1)
                    assert close, (task, who, name, value, ours)
                row["ratio"] = found["cpu"] / usual["cpu"]
            rows.append(row)
            print(told(row), file=sys.stderr, flush=True)
    return rows


def told(row: dict[str, Any], mark: str = "  ") -> str:
    """A row of the table."""
    first = [f"{row['purchases']:5}", f"{row['task']:9}", f"{row['who']:18}"]
    if "lacks" in row:
        return mark.join([*first, row["lacks"]])
    cost = [f"{row['cpu']:8.1f} CPU-s", f"{row['wall']:7.1f} s", f"{row['peak']:6.2f} GB"]
    return mark.join([*first, *cost, f"{row['ratio']:6.2f} x"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="kpilib beside what else answers the same")
    parser.add_argument("sizes", nargs="*", default=["1M"])
    parser.add_argument("--only", default=",".join(TASKS))
    parser.add_argument("--limit", type=float, default=600)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    rows = [
        row for size in asked.sizes for row in compare(size, asked.only.split(","), asked.limit)
    ]
    if asked.markdown:
        print("| purchases | task | who | CPU | wall | memory | of kpilib's |")
        print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {told(row, ' | ')} |" if asked.markdown else told(row))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        given = TASKS[sys.argv[2]][sys.argv[3]](sys.argv[4])
        used = resource.getrusage(resource.RUSAGE_SELF)
        peak = used.ru_maxrss / 1e6
        cost = {"cpu": used.ru_utime + used.ru_stime, "peak": peak}
        print(json.dumps({**cost, "answer": given}))
        sys.stdout.flush()
        os._exit(0)  # what is torn down at the end is nobody's answer
    else:
        main()
