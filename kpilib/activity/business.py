"""The tables that several KPIs share, each computed once for the periods asked and kept."""

from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.latest import (
    latest,
    opening_standing,
    spent_by_then,
    standing_of_others,
    visits_by_then,
)
from kpilib.activity.ledger import active_time, ledger
from kpilib.activity.paid import active_as_bought, with_money_back, with_time
from kpilib.activity.records import Records
from kpilib.activity.service.tickets import Handled, handled
from kpilib.contract.tables import schema
from kpilib.engines.expressions import count_where, distinct, smaller
from kpilib.periods import Period, Periods, day_date, day_number, months_before

LONG_TERM_MONTHS = 12


class Business(Records):
    """The records of one business, and the tables of its periods that all KPIs share.

    `period` in them is the place of a period among those asked for. A KPI or an analysis
    is a function of it; the `CustomerBase` that users hold is one, with questions to ask.
    """

    answered: Path | None = None
    """Where the processes of a run share what they were answered of these very records."""

    def ledger(self, periods: Periods, lapse_window: int | None = None) -> nw.LazyFrame:
        """One row per period and customer active in it; see `kpilib.activity.ledger.ledger`."""
        asked = self.asked(periods)
        days = lapse_window or self.lapse_window.days
        if self._lapse_is_long(asked, days):
            return self.remember(  # a filter of the spells: quicker asked anew than held as a table
                ("ledger", asked, days),
                lambda: ledger(self.spells(days), self.windows(asked), long_lapse=True),
            )
        return self._keep(
            ("ledger", asked, lapse_window),
            lambda: ledger(self.spells(lapse_window), self.windows(asked)),
        )

    def _lapse_is_long(self, periods: tuple[Period, ...], days: int) -> bool:
        """Whether activity is purchases, and no period is longer than the lapse window."""
        return self.activity_rule == "purchases" and days >= max(one.days for one in periods)

    def windows(self, periods: Periods) -> nw.LazyFrame:
        """The periods as a frame: `period` (index), `opens` and `closes`, as day numbers.

        `closes` is never later than the moment the data are complete to.
        """
        asked = self.asked(periods)
        return self._bring(
            ("windows", asked),
            lambda: pd.DataFrame(
                {
                    "period": range(len(asked)),
                    "opens": [period.start_day for period in asked],
                    "closes": [self.closes(period) for period in asked],
                }
            ),
        )

    def tenured(self, periods: Periods, months: int = LONG_TERM_MONTHS) -> nw.LazyFrame:
        """`period` and `tenured`, the day by which a customer must have begun to be long-standing.

        That is `months` calendar months before the period closes.
        """
        asked = self.asked(periods)
        return self._bring(
            ("tenured", asked, months),
            lambda: pd.DataFrame(
                {
                    "period": range(len(asked)),
                    "tenured": [_months_before(self.closes(one), months) for one in asked],
                }
            ),
        )

    def within(self, frame: nw.LazyFrame, periods: Periods) -> nw.LazyFrame:
        """The rows whose `day` falls in a period, once per period they fall in, with `windows`.

        Each day looks its periods up in a calendar: with 25 of them that takes a twentieth of the
        time of comparing every row with every period.
        """
        dated = frame.with_columns(day=nw.col("day").cast(nw.Int64))
        return dated.join(self._calendar(self.asked(periods)), on="day", how="inner")

    def _calendar(self, asked: tuple[Period, ...]) -> nw.LazyFrame:
        """The days of the periods, with `windows`; a day of several periods once for each."""

        def build() -> pd.DataFrame:
            bounds = [(one.start_day, self.closes(one)) for one in asked]
            days = [np.arange(opens, closes, dtype=np.int64) for opens, closes in bounds]
            windows = pd.DataFrame(bounds, columns=["opens", "closes"], dtype="int64")
            windows.insert(0, "period", np.arange(len(asked)))
            table = windows.loc[windows.index.repeat([len(some) for some in days])]
            return table.assign(day=np.concatenate(days)).reset_index(drop=True)

        return self._bring(("calendar", asked), build)

    def lately(self, frame: nw.LazyFrame, periods: Periods, days: int) -> nw.LazyFrame:
        """Who has a row on the so many days up to a period's close: `period, customer_id`, once.

        Of the rows between two closes the last one tells, so that what is held against the periods
        is one row per customer and close.
        """
        asked = self.asked(periods)
        steps = self._bring(("steps", asked, days), lambda: self._steps(asked, days))
        reach = self._bring(("reach", asked, days), lambda: self._reach(asked, days))
        dated = frame.join(steps, on="day", how="inner")
        last = dated.group_by("customer_id", "step").agg(nw.col("day").max())
        near = last.join(reach, on="step", how="inner").filter(nw.col("day") >= nw.col("since"))
        return distinct(near.select("period", "customer_id"))

    def _steps(self, asked: tuple[Period, ...], days: int) -> pd.DataFrame:
        """`day` and `step`, how many of the closes are not after it."""
        closes = np.unique([self.closes(period) for period in asked])
        every = np.arange(closes[0] - days, closes[-1])
        return pd.DataFrame({"day": every, "step": np.searchsorted(closes, every, side="right")})

    def _reach(self, asked: tuple[Period, ...], days: int) -> pd.DataFrame:
        """The steps that each period's days begin in or lie behind, and the first of the days."""
        closes = np.unique([self.closes(period) for period in asked])
        rows = []
        for place, period in enumerate(asked):
            at = int(np.searchsorted(closes, self.closes(period)))
            since = self.closes(period) - days
            first = int(np.searchsorted(closes, since, side="right"))
            rows += [(step, place, since) for step in range(first, at + 1)]
        return pd.DataFrame(rows, columns=["step", "period", "since"], dtype=np.int64)

    def events(self, table: str, periods: Periods, on: str | None = None) -> nw.LazyFrame:
        """The rows of any source table, in each period that their event falls in.

        All columns of the table's schema, `day` (of its event, or of the column `on`, like
        `"term_end_at"`), and the `period`, `opens` and `closes` of `windows`. Questions about the
        same events share one frame, and so one query.
        """
        asked = self.asked(periods)
        column = schema(table).day_of(on)
        return self.remember(
            ("events", table, asked, on),
            lambda: self.within(self.table(table).with_columns(day=nw.col(column)), asked),
        )

    def buyers(self, periods: Periods) -> nw.LazyFrame:
        """One row per period and customer who bought in it.

        `period, customer_id, purchases` (days with a purchase), `amount, first_day, opens, closes`.
        """
        asked = self.asked(periods)
        names = ("period", "customer_id", "purchases", "amount", "first_day", "opens", "closes")
        return self.remember(
            ("buyers", asked),
            lambda: (
                self._bought_in(asked)
                .join(self.windows(asked), on="period", how="inner")
                .select(*names)
            ),
        )

    def _bought_in(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        """The buyers with the first `day` they bought on, and the `previous_day` before it.

        This is one of the period itself where they had not bought before it.
        """
        return self._keep(
            ("bought in", periods),
            lambda: (
                self.within(self.purchases, periods)
                .group_by("period", "customer_id")
                .agg(
                    nw.len().alias("purchases"),
                    nw.col("amount").sum(),
                    nw.col("first_day", "day", "previous_day").min(),
                )
            ),
        )

    def activity(self, periods: Periods) -> nw.LazyFrame:
        """One row per period and customer active or buying in it.

        `period, customer_id, active_days, purchases, amount` (net of refunds).
        """
        asked = self.asked(periods)
        return self._keep(("activity", asked), lambda: self._activity(asked))

    def _activity(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        bought, windows = self._bought_in(periods), self.windows(periods)
        if self._lapse_is_long(periods, self.lapse_window.days):
            found = active_as_bought(bought, self.visits, windows, self.lapse_window.days)
        else:
            found = with_time(bought, active_time(self.spells(), windows))
        if (refunds := self._bought.refunds) is None:
            return found
        return with_money_back(found, self.within(refunds, periods))

    def frequent(self, periods: Periods, purchases: int | None = None) -> nw.LazyFrame:
        """One row per period and customer who bought in the loyalty rule's window up to its close.

        `period, customer_id, bought` (purchases so far) and `loyal`: whether they meet the rule, or
        that with another number of `purchases`.
        """
        asked = self.asked(periods)
        back = purchases or self.settings.loyalty.purchases
        return self.remember(("frequent", asked, back), lambda: self._frequent(asked, back))

    def _frequent(self, periods: tuple[Period, ...], purchases: int) -> nw.LazyFrame:
        earliest = nw.col("closes") - self.settings.loyalty.days
        rows = latest(self._visits(purchases), self.windows(periods))
        loyal = (nw.col("since") >= earliest).fill_null(False)
        return rows.filter(nw.col("day") >= earliest).select(
            "period", "customer_id", "bought", loyal=loyal
        )

    def _visits(self, back: int) -> nw.LazyFrame:
        return self._keep(("visits", back), lambda: visits_by_then(self.visits, back))

    def standing(self, periods: Periods) -> nw.LazyFrame:
        """The ledger with what each customer had been when the period opened.

        Adds `bought` (purchases before the opening; before the close for who came and was lost in
        the period, null for who came and stayed) and `loyal` (opening, and by the loyalty rule at
        the opening).
        """
        asked = self.asked(periods)
        if self._lapse_is_long(asked, self.lapse_window.days):
            return self.remember(("standing", asked), lambda: self._standing_as_bought(asked))
        return self._keep(("standing", asked), lambda: self._standing(asked))

    def _standing_as_bought(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        rule, lapse, ledger = self.settings.loyalty, self.lapse_window.days, self.ledger(periods)
        visits = self._visits(rule.purchases)
        opening = opening_standing(visits, self.windows(periods), lapse, rule.days)
        others = standing_of_others(ledger)
        names = [*ledger.collect_schema().names(), "bought", "loyal"]
        return nw.concat([opening.select(*names), others.select(*names)], how="vertical")

    def _standing(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        keys, rule = ["period", "customer_id"], self.settings.loyalty
        opening = self.ledger(periods).select(*keys, "opening")
        bought = self.visits.select("customer_id", "day").join(self.windows(periods), how="cross")
        day, opens = nw.col("day"), nw.col("opens")
        until = nw.when(nw.col("opening")).then(opens).otherwise(nw.col("closes"))
        counts = (
            bought.join(opening, on=keys, how="inner")
            .filter(day < until)
            .group_by(*keys)
            .agg(
                nw.len().alias("bought"),
                count_where((day >= opens - rule.days) & (day < opens)).alias("recent"),
            )
        )
        joined = self.ledger(periods).join(counts, on=keys, how="left")
        loyal = nw.col("recent").fill_null(0) >= rule.purchases
        asked = nw.col("opening") | nw.col("lost")
        return joined.with_columns(
            bought=nw.when(asked).then(nw.col("bought").fill_null(0)),
            loyal=nw.col("opening") & loyal,
        ).drop("recent")

    def lifetimes(self, periods: Periods) -> nw.LazyFrame:
        """One row per period and customer who began before its close: how long they have lasted.

        `period, customer_id, lasted` (days from first activity to lapse, or to the last day before
        the close where still active), `active` (the same without the gaps between spells: the days
        on which the customer was active) and `ended` (whether they had lapsed by then).
        """
        asked = self.asked(periods)
        return self._keep(("lifetimes", asked), lambda: self._lifetimes(asked))

    def _lifetimes(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        begun = self.spells().join(self.windows(periods), how="cross")
        # Whoever is still there at the close has outlived the day before it, and no more is known:
        # an end on the day of the close would not have been seen.
        seen = smaller(nw.col("stop"), nw.col("closes") - 1)
        last = (
            begun.filter(nw.col("start") < nw.col("closes"))
            .with_columns(seen=seen, active=seen - nw.col("start"))
            .group_by("period", "customer_id")
            .agg(
                nw.col("stop", "seen", "closes").max(),
                nw.col("first_day").min(),
                nw.col("active").sum(),
            )
        )
        return last.select(
            "period",
            "customer_id",
            "active",
            lasted=nw.col("seen") - nw.col("first_day"),
            ended=nw.col("stop") < nw.col("closes"),
        )

    def handled(self) -> Handled:
        """Every ticket so far and how it was handled; see `kpilib.activity.service.tickets`."""
        return self.remember(("handled",), lambda: handled(self))

    def spent_so_far(self, periods: Periods) -> nw.LazyFrame:
        """One row per period and customer who bought before its close: `amount` so far.

        Whoever only ever got money back is no customer, and has no row.
        """
        asked = self.asked(periods)
        return self.remember(("spent", asked), lambda: self._spent_so_far(asked))

    def _spent_so_far(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        keys, windows = ["period", "customer_id"], self.windows(periods)
        history = self._keep(("spent by then",), lambda: spent_by_then(self.purchases))
        spent = latest(history, windows).select(*keys, nw.col("amount").cast(nw.Float64))
        if (refunds := self._bought.refunds) is None:
            return spent
        known = refunds.join(windows, how="cross").filter(nw.col("day") < nw.col("closes"))
        back = known.group_by(*keys).agg(nw.col("amount").cast(nw.Float64).sum().alias("back"))
        net = nw.col("amount") + nw.col("back").fill_null(0.0)
        return spent.join(back, on=keys, how="left").select(*keys, amount=net)


def _months_before(day: int, months: int) -> int:
    return day_number(months_before(day_date(day), months))
