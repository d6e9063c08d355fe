"""Recurring revenue: what customers pay by contract at an instant, in one currency, and by life."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.spells import OPEN_END
from kpilib.engines.expressions import larger, smaller, sum_where
from kpilib.errors import InputError
from kpilib.periods import Period, Periods

if TYPE_CHECKING:
    from kpilib.activity.business import Business


def customer_revenue(base: "Business", periods: Periods) -> nw.LazyFrame:
    """One row per period and customer with a contract that runs, begins or ends in it.

    `period, customer_id`; recurring revenue at the `opening` and at the `closing`, in the reporting
    currency at one rate for both (that of the period's last day); `paid` (1 where the customer had
    a contract with revenue before the opening); at the close, how many contracts say what they
    bring (`known`) and how many do not (`unknown`, whose revenue counts as 0).

    A contract counts at an instant where start < instant ≤ end. Between the end of a contract and
    one that begins the day after lies an instant that neither covers: there the smaller of the two
    revenues is carried over, so that a loss counts when the old contract ends and a gain when the
    new one begins. Raises InputError without subscriptions or without mrr.
    """
    if "subscriptions" not in base.tables:
        raise InputError(
            "revenue retention needs the table subscriptions, which was not given; "
            "give one with customer_id, started_at, ended_at and mrr"
        )
    if "mrr" not in base.tables["subscriptions"].collect_schema().names():
        raise InputError("revenue retention needs the column mrr in subscriptions; map one to it")
    asked = base.asked(periods)
    return base.remember(("customer revenue", asked), lambda: _customer_revenue(base, asked))


def _customer_revenue(base: "Business", periods: tuple[Period, ...]) -> nw.LazyFrame:
    start, opens, closes = nw.col("start"), nw.col("opens"), nw.col("closes")
    rows = _at_one_rate(base, periods)
    known = nw.when(nw.col("mrr").is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
    rows = rows.with_columns(
        known=known.cast(nw.Float64),
        unknown=1.0 - known,
        gain=larger(nw.col("mrr").fill_null(0.0), nw.lit(0.0)),
        loss=larger(-nw.col("mrr").fill_null(0.0), nw.lit(0.0)),
    )
    begun = nw.when(start < closes).then(nw.lit(1)).otherwise(nw.lit(0))
    money = ("gain", "loss") if _is_ever_owed(base) else ("gain",)
    sums = {
        f"{name}_{edge}_{part}": sums
        for edge, instant in (("opening", opens), ("closing", closes))
        for name in (*money, "known", "unknown")
        if edge == "closing" or name in money
        for part, sums in _parts(nw.col(name), instant).items()
    }
    grouped = rows.group_by("period", "customer_id").agg(opens.max(), begun=begun.max(), **sums)
    first = base._keep(("first paid",), lambda: _first_paid(base))
    there = grouped.filter(nw.col("begun") == 1).join(first, on="customer_id", how="left")
    paid = (nw.col("first_paid") < opens).fill_null(False)

    def held(edge: str) -> nw.Expr:
        gained = _held(f"gain_{edge}")
        return gained - _held(f"loss_{edge}") if "loss" in money else gained

    return there.select(
        "period",
        "customer_id",
        paid=nw.when(paid).then(nw.lit(1)).otherwise(nw.lit(0)),
        opening=held("opening"),
        closing=held("closing"),
        known=_held("known_closing"),
        unknown=_held("unknown_closing"),
    )


def _is_ever_owed(base: "Business") -> bool:
    """Whether a contract brings less than nothing."""
    return bool(base.remember(("owed",), lambda: _least(base)) < 0)


def _least(base: "Business") -> float:
    written = _as_written(base).cast(nw.Float64)
    least = base.engine.collect(base.contracts.select(least=written.min()))["least"].iloc[0]
    return 0.0 if pd.isna(least) else float(least)


def _as_written(base: "Business") -> nw.Expr:
    """What a contract brings, in whatever currency: its sign is that of all of them."""
    several = "own_mrr" in base.contracts.collect_schema().names()
    return nw.col("own_mrr" if several else "mrr")


def _first_paid(base: "Business") -> nw.LazyFrame:
    """`customer_id, first_paid`: when the first contract that brings anything began."""
    paying = base.contracts.filter(_as_written(base) > 0)
    return paying.group_by("customer_id").agg(first_paid=nw.col("start").min())


def contract_lives(base: "Business", periods: Periods) -> nw.LazyFrame:
    """One row per period and life begun before its close: an unbroken stretch of contracts.

    `period, customer_id, closes, started_day`, `ended` (day number, `OPEN_END` while it runs on),
    and `monthly`, `known` and `unknown` of the customer at the close (see `customer_revenue`);
    zeros where the life is over by then.
    """
    asked = base.asked(periods)
    closes, stop = nw.col("closes"), nw.col("stop")
    windows = base.windows(asked).select("period", "closes")
    lives = base.contract_spells.join(windows, how="cross").filter(nw.col("start") < closes)
    lives = lives.select("period", "customer_id", "closes", started_day="start", ended=stop)
    held = customer_revenue(base, asked).select(
        "period", "customer_id", "known", "unknown", monthly="closing"
    )
    joined = lives.join(held, on=["period", "customer_id"], how="left")
    running = nw.col("ended") > closes
    return joined.with_columns(
        nw.when(running).then(nw.col(name).fill_null(0.0)).otherwise(nw.lit(0.0)).alias(name)
        for name in ("monthly", "known", "unknown")
    )


def _parts(value: nw.Expr, instant: nw.Expr) -> dict[str, nw.Expr]:
    """What must be summed for the revenue at an instant: see `_held`."""
    start, stop = nw.col("start"), nw.col("stop").fill_null(OPEN_END)
    return {
        "covered": sum_where(value, (start < instant) & (stop >= instant)),
        "begins": sum_where(value, start == instant),
        "ended": sum_where(value, stop == instant - 1),
        # A contract of the same day needs no carrying: it was followed within its own day.
        "ends": sum_where(value, (stop == instant) & (start < instant)),
        "began": sum_where(value, (start == instant - 1) & (stop >= instant)),
    }


def _held(name: str) -> nw.Expr:
    """Revenue at an instant: what is covered, and what is carried over to the day after an end."""
    covered, begins, ended, ends, began = (
        nw.col(f"{name}_{part}") for part in ("covered", "begins", "ended", "ends", "began")
    )
    none = nw.lit(0.0)
    return covered + smaller(larger(begins - ends, none), larger(ended - began, none))


def _at_one_rate(base: "Business", periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Contracts × periods, `mrr` in the reporting currency at the rate of the period's last day."""
    windows = base.windows(periods).select("period", "opens", "closes")
    start, stop = nw.col("start"), nw.col("stop").fill_null(OPEN_END)
    rows = base.contracts.join(windows, how="cross").filter(
        (start <= nw.col("closes")) & (stop >= nw.col("opens") - 1)
    )
    mrr = nw.col("mrr").cast(nw.Float64)
    names = base.contracts.collect_schema().names()
    if "own_mrr" not in names:
        return rows.with_columns(mrr=mrr)
    rates = base._bring(("rates", periods), lambda: _rates(base, periods))
    rows = rows.join(rates, on=["period", "currency"], how="left")
    abroad = nw.col("own_mrr").cast(nw.Float64) * nw.col("rate")
    return rows.with_columns(mrr=nw.when(nw.col("rate").is_null()).then(mrr).otherwise(abroad))


def _rates(base: "Business", periods: tuple[Period, ...]) -> pd.DataFrame:
    """`period, currency, rate`: the last rate to the reporting currency on or before the close."""
    table = base.engine.collect(base.tables["exchange_rates"])
    table = table.assign(
        source=table["from_currency"].str.upper(), target=table["to_currency"].str.upper()
    ).sort_values("day")
    found = []
    for place, period in enumerate(periods):
        last = base.closes(period) - 1
        for code, rate in _last(table[table["day"] <= last], base.currency).items():
            found.append((place, code, rate))
    frame = pd.DataFrame(found, columns=["period", "currency", "rate"])
    return frame.astype({"period": "int64", "currency": "str", "rate": float})


def _last(table: pd.DataFrame, home: str | None) -> dict[str, float]:
    """Per currency its last rate to `home`, from a rate the other way where there is no own."""
    there = table[table["target"] == home].groupby("source")["rate"].last()
    back = 1 / table[table["source"] == home].groupby("target")["rate"].last()
    return back.to_dict() | there.to_dict()
