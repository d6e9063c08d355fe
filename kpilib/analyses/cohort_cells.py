"""The cells of cohorts, summed in the engine: who belongs to which cohort, and what they did when.

No cell needs distinct customers: a purchase is a customer's first of its cell where the customer's
purchase before it lies before the cell opens. So a triangle is one pass of plain sums.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.activity.units_of_time import STEP_DAYS, calendar, opening, place_of, places
from kpilib.engines.expressions import count_where, smaller
from kpilib.errors import InputError
from kpilib.words import MISSING, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WHO = ("customer_id", "first_day")
_NO_CUSTOMER = _("{source}: there is no customer to make a cohort of")


@dataclass(frozen=True)
class Plan:
    """A checked question about cohorts."""

    base: "Business"
    by: str
    dated: bool
    """Cohorts are units of time, not values of an attribute."""
    ages: bool
    """Cells are days since a customer's own first, not calendar units."""
    step: str
    active: bool
    as_of: int
    """The instant up to which anything is counted."""
    margin: float | None = None
    last: int | None = None
    week_starts: str = "monday"

    @property
    def contracts(self) -> bool:
        """Customers begin with their first contract: where they are counted while it runs.

        Buyers begin with their first purchase, contract or not.
        """
        return self.active and self.base.activity_rule == "subscriptions"

    @property
    def days(self) -> int:
        """How long a cell is on the age axis."""
        return STEP_DAYS[self.step]

    @cached_property
    def origins(self) -> nw.LazyFrame:
        """`customer_id, first_day`: a row per customer."""
        if self.contracts:
            return self.base.spells().filter(nw.col("first") == 1).select(*_WHO)
        return self.base.visits.filter(nw.col("previous_day").is_null()).select(*_WHO)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and the last day on which any customer began."""
        day = nw.col("first_day")
        begun = self.origins.filter(day < self.as_of)
        ends = self.base.engine.collect(begun.select(a=day.min(), z=day.max()))
        if ends["a"].isna().any():
            raise InputError(_NO_CUSTOMER.format(source=self.base.source))
        return int(ends["a"].iloc[0]), int(ends["z"].iloc[0])

    @cached_property
    def since(self) -> int:
        """The day from which cohorts are wanted."""
        if not (self.dated and self.last):
            return self.span[0]
        latest = place_of(self.by, self.span[1], self.week_starts)
        opens = opening(self.by, np.array([latest - self.last + 1]), self.week_starts)
        return max(int(opens[0]), self.span[0])

    @cached_property
    def calendar(self) -> nw.LazyFrame:
        """What unit each day lies in: `cell` by the step, `cohort` by the cohorts' unit."""
        units = {"cell": self.step, "cohort": self.by if self.dated else self.step}
        return self.base.engine.frame(calendar(units, self.span[0], self.as_of, self.week_starts))

    def first_of(self, day: Ints) -> Ints:
        """The key of a customer's beginning: the day, or on the calendar axis its unit's place."""
        return day if self.ages else places(self.step, day, self.week_starts)

    def lived(self, first: Ints) -> Ints:
        """The last age lived to its end, by the key of the beginning; −1 where none."""
        if self.ages:
            return (self.as_of - first) // self.days - 1
        return place_of(self.step, self.as_of, self.week_starts) - 1 - first

    def begun(self, first: Ints) -> Ints:
        """The last age begun, by the key of the beginning."""
        if self.ages:
            return (self.as_of - 1 - first) // self.days
        return place_of(self.step, self.as_of - 1, self.week_starts) - first

    def with_cohort(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """Adds `cohort` and `first`, the key of the beginning; needs customer_id and first_day."""
        day = nw.col("first_day")
        frame = frame.filter((day >= self.since) & (day < self.as_of))
        if self.dated or not self.ages:
            known = self.calendar.select(first_day="on", cohort="cohort", first="cell")
            frame = frame.join(known, on="first_day", how="inner")
        if self.ages:
            frame = frame.with_columns(first=nw.col("first_day"))
        if self.dated:
            return frame
        named = self.base.attribute(self.by).select(
            "customer_id", value=nw.col(self.by).cast(nw.String)
        )
        frame = frame.join(named, on="customer_id", how="left")
        return frame.with_columns(cohort=nw.col("value").fill_null(MISSING))

    def with_cell(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """Adds `age` and `opens` of the cell that `day` is in, and `lived`: 1 where it is over.

        What lies before the customer's beginning, or after the data, is left out.
        """
        day, first_day, as_of = nw.col("day"), nw.col("first_day"), self.as_of
        frame = frame.filter((day >= first_day) & (day < as_of))
        if self.ages:
            frame = frame.with_columns(age=(day - first_day) // self.days)
            opens = first_day + nw.col("age") * self.days
            frame = frame.with_columns(opens=opens, closes=opens + self.days)
        else:
            names = {"day": "on", "cell": "cell", "opens": "cell_opens", "closes": "cell_closes"}
            frame = frame.join(self.calendar.select(**names), on="day", how="inner")
            frame = frame.with_columns(age=nw.col("cell") - nw.col("first"))
        over = nw.col("closes") <= as_of
        return frame.with_columns(lived=nw.when(over).then(nw.lit(1)).otherwise(nw.lit(0)))


class Grid:
    """Cohorts × ages: who has lived which age, and where the rows of a query belong."""

    def __init__(self, plan: Plan, members: pd.DataFrame, names: list) -> None:
        self.names = names
        self._row = {name: row for row, name in enumerate(names)}
        members = self.known(members)
        row, first, n = self.rows(members), members["first"].to_numpy(), members["n"].to_numpy()
        self.size = np.bincount(row, n, minlength=len(names))
        earliest = np.full(len(names), np.iinfo(np.int64).max)
        np.minimum.at(earliest, row, first)
        empty = self.size == 0
        if empty.any():
            earliest[empty] = plan.first_of(opening(plan.by, np.array(names), plan.week_starts))[
                empty
            ]
        begun = plan.begun(earliest)
        self.ages = int(begun.max()) + 1
        age = np.arange(self.ages)
        self.there = age <= begun[:, None]
        self.eligible = self.upto(row, plan.lived(first), n)
        over = empty[:, None] & (age <= plan.lived(earliest)[:, None])
        self.running = self.there & (self.eligible == 0) & ~over

    def known(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows whose cohort is in the grid."""
        return table[table["cohort"].isin(self._row)]

    def rows(self, table: pd.DataFrame) -> Ints:
        """The grid's row of each row of a table that has a `cohort`."""
        return table["cohort"].map(self._row).to_numpy(dtype=np.int64)

    def at(self, row: Ints, age: Ints, n: Floats) -> Floats:
        """n summed at each (row, age)."""
        cells = len(self.names) * self.ages
        flat = np.bincount(row * self.ages + age, n, minlength=cells)
        return flat.reshape(len(self.names), self.ages).astype(float)

    def upto(self, row: Ints, age: Ints, n: Floats) -> Floats:
        """n summed at every age from 0 to the one given (−1: at none)."""
        age = np.minimum(age, self.ages - 1)
        inside = age >= 0
        ends = self.at(row[inside], age[inside], n[inside])
        return ends[:, ::-1].cumsum(axis=1)[:, ::-1]

    def place(self, table: pd.DataFrame, column: str) -> Floats:
        """Sums by cohort, age and lived: those of the eligible; in running cells what is there."""
        table = self.known(table)
        row, age = self.rows(table), table["age"].to_numpy(np.int64)
        value, lived = table[column].to_numpy(float), table["lived"].to_numpy() == 1
        over = self.at(row[lived], age[lived], value[lived])
        so_far = self.at(row[~lived], age[~lived], value[~lived])
        return np.where(self.running, so_far, over)


def members(plan: Plan) -> pd.DataFrame:
    """How many customers of each cohort began when: `cohort, first, n`."""
    counts = plan.with_cohort(plan.origins).group_by("cohort", "first").agg(n=nw.len())
    return plan.base.engine.collect(counts)


def bought(plan: Plan, grid: Grid) -> dict[str, Floats]:
    """`customers` who bought, `rolling`, `orders` and `revenue`, a grid each."""
    columns = ["customer_id", "day", "amount", "orders", "previous_day", "next_day"]
    purchases = plan.base.purchases.select(*columns, *([] if plan.contracts else ["first_day"]))
    if plan.contracts:
        purchases = purchases.join(plan.origins, on="customer_id", how="inner")
    frame = plan.with_cell(plan.with_cohort(purchases))
    # Under contracts a first purchase may lie before the beginning; it opens no cell.
    previous = nw.col("previous_day")
    sums = frame.group_by("cohort", "age", "lived").agg(
        customers=count_where(previous.is_null() | (previous < nw.col("opens"))),
        orders=nw.col("orders").sum(),
        revenue=nw.col("amount").sum(),
    )
    table = plan.base.engine.collect(sums)
    cells = {name: grid.place(table, name) for name in ("customers", "orders", "revenue")}
    if "refunds" in plan.base.tables:
        cells["revenue"] += money(plan, grid, plan.base.money.filter(nw.col("purchase") == 0))
    following = nw.col("next_day")
    last = frame.filter(following.is_null() | (following >= plan.as_of))
    table = plan.base.engine.collect(last.group_by("cohort", "first", "age").agg(n=nw.len()))
    table = grid.known(table)
    seen = np.minimum(table["age"].to_numpy(), plan.lived(table["first"].to_numpy()))
    rolling = grid.upto(grid.rows(table), seen, table["n"].to_numpy())
    return cells | {"rolling": np.where(grid.running, cells["customers"], rolling)}


def covered(plan: Plan, grid: Grid) -> Floats:
    """How many have a spell that covers the end of the cell; in running cells, the as-of."""
    as_of, start, stop = plan.as_of, nw.col("start"), nw.col("stop")
    spells = plan.base.spells().filter(start < as_of).select(*_WHO, "start", "stop")
    spells = plan.with_cohort(spells).with_columns(
        stop=smaller(stop, nw.lit(as_of)),
        going=nw.when(stop < as_of).then(nw.lit(0)).otherwise(nw.lit(1)),
    )
    if plan.ages:
        day = nw.col("first_day")
        spells = spells.with_columns(
            begin=(start - day) // plan.days, end=(stop - day) // plan.days
        )
    else:
        for edge, name in (("start", "begin"), ("stop", "end")):
            known = plan.calendar.select(**{edge: nw.col("on"), f"{edge}_cell": nw.col("cell")})
            spells = spells.join(known, on=edge, how="inner")
            spells = spells.with_columns(**{name: nw.col(f"{edge}_cell") - nw.col("first")})
    keys = ("cohort", "first", "begin", "end", "going")
    table = grid.known(plan.base.engine.collect(spells.group_by(*keys).agg(n=nw.len())))
    row, n, going = grid.rows(table), table["n"].to_numpy(), table["going"].to_numpy() == 1
    lived, begun = plan.lived(table["first"].to_numpy()), plan.begun(table["first"].to_numpy())
    # A spell that stops within a cell covers the ends of the cells before it.
    end = np.where(going, lived, np.minimum(table["end"].to_numpy() - 1, lived))
    before = np.minimum(table["begin"].to_numpy() - 1, end)
    over = grid.upto(row, end, n) - grid.upto(row, before, n)
    still = going & (begun > lived)
    return np.where(grid.running, grid.at(row[still], begun[still], n[still]), over)


def money(plan: Plan, grid: Grid, payments: nw.LazyFrame) -> Floats:
    """Payments (`customer_id, day, amount`) summed into the cells."""
    owned = payments.select("customer_id", "day", "amount").join(
        plan.origins, on="customer_id", how="inner"
    )
    frame = plan.with_cell(plan.with_cohort(owned))
    sums = frame.group_by("cohort", "age", "lived").agg(amount=nw.col("amount").sum())
    return grid.place(plan.base.engine.collect(sums), "amount")
