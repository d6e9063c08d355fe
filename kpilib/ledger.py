"""The customer ledger: who was there when a period opened, who came, who left, who stayed."""

import narwhals.stable.v2 as nw

from kpilib.portable import any_of, larger, smaller

STATES = ("opening", "new", "reactivated", "lost", "closing")


def ledger(spells: nw.LazyFrame, windows: nw.LazyFrame) -> nw.LazyFrame:
    """One row per customer and period in which the customer was active at all.

    `spells` comes from `kpilib.spells`; `windows` has `period` (an index), `opens` and `closes`
    (the instants, as day numbers). What comes back has `period`, `customer_id`, `first_day` and
    the booleans

    - `opening`: active at the instant the period opens; `closing`: at the instant it closes;
    - `new`: the first spell starts in the period; `reactivated`: a later one does, and the
      customer was not active when it opened;
    - `retained`: opening and closing; `lost`: opening, new or reactivated, and not closing.

    For every row `opening + new + reactivated - lost = closing`.
    """
    start, opens = nw.col("start"), nw.col("opens")
    states = (
        touching(spells, windows)
        .group_by("period", "customer_id")
        .agg(
            nw.col("first_day").min(),
            any_of(start < opens).alias("opening"),
            any_of((nw.col("first") == 1) & (start >= opens)).alias("new"),
            any_of(nw.col("stop") >= nw.col("closes")).alias("closing"),
        )
    )
    opening, new, closing = (nw.col(name) == 1 for name in ("opening", "new", "closing"))
    return states.with_columns(
        opening=opening,
        new=new,
        closing=closing,
        reactivated=~opening & ~new,
        retained=opening & closing,
        lost=~closing,
    )


def touching(spells: nw.LazyFrame, windows: nw.LazyFrame) -> nw.LazyFrame:
    """The spells that have a day or an instant in common with a period, once for each."""
    overlap = (nw.col("start") < nw.col("closes")) & (nw.col("stop") >= nw.col("opens"))
    return spells.join(windows, how="cross").filter(overlap)


def active_days() -> nw.Expr:
    """The days of the period that a touching spell covers."""
    stop, closes = nw.col("stop"), nw.col("closes")
    return smaller(stop, closes) - larger(nw.col("start"), nw.col("opens"))
