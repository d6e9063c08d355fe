"""The tables that several KPIs share, each computed once for the periods asked and kept."""

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.ledger import active_days, ledger, touching
from kpilib.activity.records import Records
from kpilib.activity.service.tickets import Handled, handled
from kpilib.contract.tables import schema
from kpilib.engines.expressions import count_where, smaller
from kpilib.periods import Period, Periods, day_date, day_number, months_before

LONG_TERM_MONTHS = 12


class Business(Records):
    """The records of one business, and the tables of its periods that all KPIs share.

    `period` in them is the place of a period among those asked for. A KPI or an analysis
    is a function of it; the `CustomerBase` that users hold is one, with questions to ask.
    """

    def ledger(self, periods: Periods, lapse_window: int | None = None) -> nw.LazyFrame:
        """One row per period and customer active in it; see `kpilib.activity.ledger.ledger`."""
        asked = self.asked(periods)
        days = lapse_window or self.lapse_window.days
        purchases = self.activity_rule == "purchases"
        if purchases and days >= max(period.days for period in asked):
            return self.remember(  # a filter of the spells: quicker asked anew than held as a table
                ("ledger", asked, days),
                lambda: ledger(self.spells(days), self.windows(asked), long_lapse=True),
            )
        return self._keep(
            ("ledger", asked, lapse_window),
            lambda: ledger(self.spells(lapse_window), self.windows(asked)),
        )

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
        """The rows whose `day` falls in a period, once per period they fall in, with `windows`."""
        inside = (nw.col("day") >= nw.col("opens")) & (nw.col("day") < nw.col("closes"))
        return frame.join(self.windows(periods), how="cross").filter(inside)

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
        return self._keep(
            ("buyers", asked),
            lambda: (
                self.within(self.purchases, asked)
                .group_by("period", "customer_id")
                .agg(
                    nw.len().alias("purchases"),
                    nw.col("amount").sum(),
                    nw.col("first_day").min(),
                    nw.col("opens").min(),
                    nw.col("closes").min(),
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
        keys = ("period", "customer_id")
        whole, none = nw.Int64, nw.lit(0)
        days = touching(self.spells(), self.windows(periods)).select(
            *keys,
            active_days=active_days().cast(whole),
            purchases=none.cast(whole),
            amount=none.cast(nw.Float64),
        )
        bought = self.within(self.money, periods).select(
            *keys,
            active_days=none.cast(whole),
            purchases=nw.col("purchase").cast(whole),
            amount=nw.col("amount").cast(nw.Float64),
        )
        both = nw.concat([days, bought], how="vertical")
        return both.group_by(*keys).agg(
            nw.col("active_days").sum(), nw.col("purchases").sum(), nw.col("amount").sum()
        )

    def frequent(self, periods: Periods) -> nw.LazyFrame:
        """One row per period and customer who bought in the loyalty rule's window up to its close.

        `period, customer_id, recent`: purchases within that window.
        """
        asked = self.asked(periods)
        return self._keep(("frequent", asked), lambda: self._frequent(asked))

    def _frequent(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        day, closes = nw.col("day"), nw.col("closes")
        bought = self.purchases.select("customer_id", "day")
        return (
            bought.join(self.windows(periods), how="cross")
            .filter((day >= closes - self.settings.loyalty.days) & (day < closes))
            .group_by("period", "customer_id")
            .agg(nw.len().alias("recent"))
        )

    def standing(self, periods: Periods) -> nw.LazyFrame:
        """The ledger with what each customer had been when the period opened.

        Adds `bought` (purchases before the opening, or before the close for customers who were
        not active then) and `loyal` (opening, and by the loyalty rule at the opening).
        """
        asked = self.asked(periods)
        return self._keep(("standing", asked), lambda: self._standing(asked))

    def _standing(self, periods: tuple[Period, ...]) -> nw.LazyFrame:
        keys, rule = ["period", "customer_id"], self.settings.loyalty
        opening = self.ledger(periods).select(*keys, "opening")
        bought = self.purchases.select("customer_id", "day").join(
            self.windows(periods), how="cross"
        )
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
        return joined.with_columns(
            bought=nw.col("bought").fill_null(0), loyal=nw.col("opening") & loyal
        )

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
        return self._keep(
            ("spent", asked),
            lambda: (
                self.money.join(self.windows(asked), how="cross")
                .filter(nw.col("day") < nw.col("closes"))
                .group_by("period", "customer_id")
                .agg(nw.col("amount").sum(), nw.col("purchase").max())
                .filter(nw.col("purchase") == 1)
                .drop("purchase")
            ),
        )


def _months_before(day: int, months: int) -> int:
    return day_number(months_before(day_date(day), months))
