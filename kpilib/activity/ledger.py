"""The customer ledger: who was there when a period opened, who came, who left, who stayed."""

import narwhals.stable.v2 as nw

from kpilib.engines.expressions import any_of, larger, smaller

STATES = ("opening", "new", "reactivated", "lost", "closing")


def ledger(spells: nw.LazyFrame, windows: nw.LazyFrame, long_lapse: bool = False) -> nw.LazyFrame:
    """One row per customer and period in which the customer was active at all.

    `spells` comes from `activity.spells`; `windows` has `period` (an index), `opens` and `closes`
    (the instants, as day numbers). What comes back has `period`, `customer_id`, `first_day` and
    the booleans

    - `opening`: active at the instant the period opens; `closing`: at the instant it closes;
    - `new`: the first spell starts in the period; `reactivated`: a later one does, and the
      customer was not active when it opened;
    - `retained`: opening and closing; `lost`: opening, new or reactivated, and not closing.

    For every row `opening + new + reactivated - lost = closing`.

    `long_lapse` says that the spells are of purchases and the lapse window is at least as long as
    every period. Then a spell that starts in a period covers its close, so at most two spells of a
    customer touch a period, and the second knows all: no row needs to be put together from several,
    which at ten million purchases saves half the time.
    """
    find = _from_last_spell if long_lapse else _from_all_spells
    states = find(touching(spells, windows))
    opening, new, closing = nw.col("opening"), nw.col("new"), nw.col("closing")
    return states.with_columns(
        reactivated=~opening & ~new, retained=opening & closing, lost=~closing
    )


def _from_all_spells(touching: nw.LazyFrame) -> nw.LazyFrame:
    start, opens = nw.col("start"), nw.col("opens")
    states = touching.group_by("period", "customer_id").agg(
        nw.col("first_day").min(),
        any_of(start < opens).alias("opening"),
        any_of((nw.col("first") == 1) & (start >= opens)).alias("new"),
        any_of(nw.col("stop") >= nw.col("closes")).alias("closing"),
    )
    return states.with_columns(nw.col("opening", "new", "closing") == 1)


def _from_last_spell(touching: nw.LazyFrame) -> nw.LazyFrame:
    start, opens, closes = nw.col("start"), nw.col("opens"), nw.col("closes")
    after = nw.col("start_after")
    last = touching.filter(after.is_null() | (after >= closes))
    covered_before = (nw.col("first") == 0) & (nw.col("stop_before") >= opens)
    return last.select(
        "period",
        "customer_id",
        "first_day",
        opening=(start < opens) | covered_before,
        new=(nw.col("first") == 1) & (start >= opens),
        closing=nw.col("stop") >= closes,
    )


def touching(spells: nw.LazyFrame, windows: nw.LazyFrame) -> nw.LazyFrame:
    """The spells that have a day or an instant in common with a period, once for each."""
    overlap = (nw.col("start") < nw.col("closes")) & (nw.col("stop") >= nw.col("opens"))
    return spells.join(windows, how="cross").filter(overlap)


def active_time(spells: nw.LazyFrame, windows: nw.LazyFrame) -> nw.LazyFrame:
    """One row per customer and period touched: `period, customer_id, active_days`."""
    start, opens, closes = (nw.col(name) for name in ("start", "opens", "closes"))
    covered = smaller(nw.col("stop"), closes) - larger(start, opens)
    each = touching(spells, windows).with_columns(active_days=covered)
    return each.group_by("period", "customer_id").agg(nw.col("active_days").sum())
