"""What customers add to a statistic in two periods, summed by segment with squares and products."""

from collections.abc import Callable

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.decomposition.terms import Term, Terms
from kpilib.engines import Engine
from kpilib.engines.expressions import sum_where
from kpilib.statistics.kinds import CUSTOMER

MEMBERS = ("both", "joined", "left", "unknown")
"""In both periods, only in the later, only in the earlier one; rows of nobody known."""
VARIABLES = ("x0", "y0", "x1", "y1")
"""Above and under the line, in the period before (0) and in this one (1)."""

Attach = Callable[[nw.LazyFrame], nw.LazyFrame]
"""Adds a column `segment`."""


def contributions(terms: Terms, attach: Attach | None = None) -> nw.LazyFrame:
    """One row per customer (and segment, where `attach` gives the rows one): sums of both periods.

    `who`, `customer_id`, `x0`, `y0`, `x1`, `y1`; for rows that nobody known stands behind, which
    make one row together, also the sums of their squares and products, `x0x0` and so on, and how
    many rows there were, `rows0` and `rows1`. The statistic is of exactly two periods, 0 and 1.
    """
    frames = [_selected(one, terms.cluster, attach) for one in terms.terms]
    rows = frames[0] if len(frames) == 1 else nw.concat(frames, how="vertical")
    keys = ["who", *(("segment",) if attach else ())]
    x, y, square = nw.col("x"), nw.col("y"), nw.col("varies")
    sums: dict[str, nw.Expr] = {}
    for when in (0, 1):
        here = nw.col("period") == when
        sums |= {f"x{when}": sum_where(x, here), f"y{when}": sum_where(y, here)}
        sums |= {
            f"x{when}x{when}": sum_where(x * x * square, here),
            f"x{when}y{when}": sum_where(x * y * square, here),
            f"y{when}y{when}": sum_where(y * y * square, here),
            f"rows{when}": sum_where(nw.lit(1.0), here & ((x != 0) | (y != 0))),
        }
    return rows.group_by(*keys).agg(nw.col(CUSTOMER).max(), **sums)


def moments(engine: Engine, customers: nw.LazyFrame) -> pd.DataFrame:
    """Sums and sums of products by `segment` and `member`, from `contributions` with segments.

    Columns: `segment`, `member`, `customers`, `rows0`, `rows1`, `VARIABLES`, and the ten products
    of two of them (`x0y1`).
    """
    nobody = nw.col("who").is_null()
    was, now = (nw.col(f"rows{when}") > 0 for when in (0, 1))
    member = nw.when(nobody).then(nw.lit("unknown")).otherwise(
        nw.when(was & now).then(nw.lit("both")).otherwise(
            nw.when(now).then(nw.lit("joined")).otherwise(nw.lit("left"))
        )
    )  # fmt: skip
    products = {}
    for place, one in enumerate(VARIABLES):
        for other in VARIABLES[place:]:
            apart = nw.col(f"{one}{other}") if one[1] == other[1] else nw.lit(0.0)
            product = nw.when(nobody).then(apart).otherwise(nw.col(one) * nw.col(other))
            products[f"{one}{other}"] = product
    counted = nw.when(nobody).then(nw.col("rows0") + nw.col("rows1")).otherwise(nw.lit(1.0))
    found = customers.filter(was | now).select(
        "segment", *VARIABLES, "rows0", "rows1", member=member, customers=counted,
        **{f"p_{name}": product for name, product in products.items()},
    )  # fmt: skip
    sums = ["customers", "rows0", "rows1", *VARIABLES, *(f"p_{name}" for name in products)]
    table = engine.collect(found.group_by("segment", "member").agg(nw.col(*sums).sum()))
    table = table.rename(columns={f"p_{name}": name for name in products})
    return table.sort_values(["segment", "member"], ignore_index=True)


def _selected(term: Term, cluster: str, attach: Attach | None) -> nw.LazyFrame:
    rows = term.rows.with_columns(
        x=term.x.cast(nw.Float64), y=term.y.cast(nw.Float64), varies=nw.lit(float(not term.exact))
    )
    names = rows.collect_schema().names()
    own = next((name for name in (cluster, CUSTOMER) if name in names), None)
    # What is known and not estimated belongs to no customer who might have been another.
    who = nw.lit(None, nw.String) if own is None or term.exact else nw.col(own).cast(nw.String)
    customer = nw.col(CUSTOMER).cast(nw.String) if CUSTOMER in names else nw.lit(None, nw.String)
    if attach:
        rows = attach(rows)
    segment = ("segment",) if attach else ()
    return rows.select("period", "x", "y", "varies", *segment, who=who, customer_id=customer)
