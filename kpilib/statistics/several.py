"""Statistics of more than one number: durations, mixes, flows, and the values of customers."""

from dataclasses import dataclass
from typing import Any, ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import known, one_where
from kpilib.statistics import intervals
from kpilib.statistics.kinds import Ratio
from kpilib.statistics.statistic import COLUMNS, OfRows, Slopes, Source, divide, each_row
from kpilib.statistics.survival import Estimate, KaplanMeier

DAYS_PER_YEAR = 365.25
DURATION_DETAILS = (
    "customer_days",
    "losses",
    "horizon",
    "standard_error",
    "median",
    "median_low",
    "median_high",
    "p90",
    "naive_mean",
    "constant_hazard_mean",
)


@dataclass(frozen=True, eq=False)
class Duration(OfRows):
    """How long something lasts when some of it has not ended: Kaplan–Meier.

    `lasted` is in whole days, `ended` says whether the end was seen. The value is the restricted
    mean, the mean of the time lived within the longest time observed (`horizon` in the details).
    Median and 90th percentile come with log-log limits; None where the curve has not fallen so
    far, and where the median only repeats `least`, which everybody lasts by definition.
    `naive_mean` and `constant_hazard_mean` stand beside it to compare.
    """

    lasted: nw.Expr
    ended: nw.Expr
    least: float | None = None
    kind: ClassVar[str] = "duration"
    widens: ClassVar[bool] = True

    def sources(self) -> tuple[Source, ...]:
        """Ended and unfinished rows per length, gathered into one list per group."""
        rows = self.rows.with_columns(lasted=self.lasted).filter(known(nw.col("lasted")))
        terms = {"ended": one_where(self.ended), "unfinished": one_where(~self.ended)}
        return (Source(rows, terms, per="lasted"),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The curve's numbers; `lasted`, `ended` and `unfinished` hold one array per group."""
        (lists,) = tables
        rows = [
            self._curve(*row)
            for row in zip(lists["lasted"], lists["ended"], lists["unfinished"], strict=True)
        ]
        return pd.DataFrame(rows, index=lists.index, columns=[*COLUMNS, *DURATION_DETAILS])

    def _curve(
        self, lasted: np.ndarray, ended: np.ndarray, unfinished: np.ndarray
    ) -> dict[str, float | None]:
        total, losses = float(ended.sum() + unfinished.sum()), float(ended.sum())
        horizon = float(lasted.max(initial=0))
        if total == 0 or horizon <= 0:
            return dict.fromkeys((*COLUMNS, *DURATION_DETAILS)) | {"n": total}
        fit = KaplanMeier.from_counts(lasted, ended, unfinished)
        mean = fit.restricted_mean(horizon)
        median, p90 = fit.quantile(0.5), fit.quantile(0.9)
        if median.value == self.least:
            median = Estimate(None, None, None)
        lived = float((lasted * (ended + unfinished)).sum())
        return {
            "value": mean.value,
            "low": mean.low,
            "high": mean.high,
            "numerator": None,
            "denominator": None,
            "n": total,
            "customer_days": lived,
            "losses": losses,
            "horizon": horizon,
            "standard_error": mean.standard_error,
            "median": median.value,
            "median_low": median.low,
            "median_high": median.high,
            "p90": p90.value,
            "naive_mean": lived / total,
            "constant_hazard_mean": lived / losses if losses else None,
        }


@dataclass(frozen=True, eq=False)
class Mix(OfRows):
    """The shares of the rows that fall into each of several parts; Goodman's simultaneous limits.

    `part` is an expression that gives each row one of `parts`; the shares add up to 1.
    """

    part: nw.Expr
    parts: tuple[str, ...]
    kind: ClassVar[str] = "mix"
    has_parts: ClassVar[bool] = True

    def sources(self) -> tuple[Source, ...]:
        """One count per part."""
        return (Source(self.rows, {part: one_where(self.part == part) for part in self.parts}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """One row per group and part."""
        (sums,) = tables
        counts = sums[list(self.parts)].to_numpy(float)
        total = counts.sum(axis=1, keepdims=True)
        value = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
        low, high = intervals.goodman(counts)
        base = np.broadcast_to(total, counts.shape)
        return _long(sums, self.parts, value, low, high, counts, base, base)

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """(1 − share)/n for a row of the part, −share/n for another."""
        counts = sums[0][list(self.parts)]
        total = counts.sum(axis=1)
        own = divide(1.0, total)
        return {
            part: (
                {
                    other: own * (other == part) - divide(counts[part], total**2)
                    for other in self.parts
                },
            )
            for part in self.parts
        }

    def arms(self, values: pd.DataFrame) -> tuple[Any, Any]:
        """Wilson's limits of each share by itself: its change is looked at alone."""
        return intervals.wilson(values["numerator"], values["denominator"])


@dataclass(frozen=True, eq=False)
class Flow(OfRows):
    """How many rows carry each of several flags: a census of movements, with no interval."""

    flags: tuple[str, ...]
    kind: ClassVar[str] = "flow"
    has_parts: ClassVar[bool] = True

    def sources(self) -> tuple[Source, ...]:
        """One count per flag."""
        return (Source(self.rows, {flag: one_where(nw.col(flag)) for flag in self.flags}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """One row per group and flag."""
        (sums,) = tables
        counts = sums[list(self.flags)].to_numpy(float)
        none = np.full(counts.shape, np.nan)
        return _long(sums, self.flags, counts, none, none, counts, none, counts)

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """None: every movement was booked."""
        return {flag: ({},) for flag in self.flags}


def _long(sums: pd.DataFrame, parts: tuple[str, ...], *numbers: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame({name: grid.ravel() for name, grid in zip(COLUMNS, numbers, strict=True)})
    table["part"] = list(parts) * len(sums)
    table.index = sums.index.repeat(len(parts))
    return table


@dataclass(frozen=True, eq=False)
class SimpleValue(OfRows):
    """Average purchase value × purchases per year × lifetime in years.

    `amount`, `purchases` and `exposure` (active days) are expressions over `rows`; `timed` are the
    purchases that stand over the exposure, `lifetime` is the time active: it must be of the
    exposure's kind, so that a gap between two spells is in neither. The purchases cancel between
    the first two factors, so their product is linearised as one ratio of money to active time, by
    customer; the lifetime is taken as independent of it.
    """

    amount: nw.Expr
    purchases: nw.Expr
    timed: nw.Expr
    exposure: nw.Expr
    lifetime: Duration
    kind: ClassVar[str] = "product"
    widens: ClassVar[bool] = True

    def sources(self) -> tuple[Source, ...]:
        """Money and active time by customer, the purchases, and the lifetimes."""
        money_over_time = Ratio(self.rows, self.amount, self.exposure, single=True)
        counted = {"all": self.purchases, "timed": self.timed}
        return (
            *money_over_time.sources(),
            Source(self.rows, counted),
            *self.lifetime.sources(),
        )

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The product, with each factor among the details."""
        sums, counted, lists = tables
        value = sums["x"] / counted["all"].where(counted["all"] > 0)
        per_year = DAYS_PER_YEAR * counted["timed"] / sums["y"].where(sums["y"] > 0)
        lifetime = self.lifetime.estimate(lists).reindex(sums.index)
        years = lifetime["value"].astype(float) / DAYS_PER_YEAR
        low, high = intervals.ratio_delta(
            sums["x"], sums["y"], sums["xx"], sums["xy"], sums["yy"], sums["clusters"]
        )
        rate = (sums["x"] / sums["y"].where(sums["y"] > 0)).abs()
        product = value * per_year * years
        # A spread relative to the product is a spread on the log scale.
        relative = np.hypot(
            (high - low) / 2 / rate,
            intervals.normal_quantile(0.95)
            * lifetime["standard_error"].astype(float).fillna(0.0)
            / lifetime["value"].astype(float),
        )
        return pd.DataFrame(
            {
                "value": product,
                "low": np.where(product > 0, product * np.exp(-relative), np.nan),
                "high": np.where(product > 0, product * np.exp(relative), np.nan),
                "numerator": np.nan,
                "denominator": np.nan,
                "n": lifetime["n"],
                "average_purchase_value": value,
                "purchases_per_year": per_year,
                "lifetime_years": years,
                "horizon": lifetime["horizon"],
            },
            index=sums.index,
        )


@dataclass(frozen=True, eq=False)
class Predicted(OfRows):
    """The mean of a predicted `of` over rows, one per customer; limits of the prediction's models.

    `slopes` name columns that say how much each row moves when a parameter of the models does, by
    one standard deviation, along independent directions: what a total moves is their sum. Limits
    are taken on the log scale. They are of the expectation; neither chance nor a change of the
    times is in them.
    """

    of: nw.Expr
    slopes: tuple[str, ...]
    kind: ClassVar[str] = "prediction"
    forecast: ClassVar[bool] = True

    def listing(self) -> nw.LazyFrame:
        """The rows without their slopes."""
        return self.rows.drop(*self.slopes)

    def sources(self) -> tuple[Source, ...]:
        """Rows, their total, and the total of each slope."""
        terms = {"n": each_row(), "x": self.of}
        return (Source(self.rows, terms | {name: nw.col(name) for name in self.slopes}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The total over the rows; undefined where there are none."""
        (sums,) = tables
        n, total = (sums[name].to_numpy(float) for name in ("n", "x"))
        value = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
        spread = np.sqrt(sum(sums[name].to_numpy(float) ** 2 for name in self.slopes))
        relative = np.divide(spread, total, out=np.full(n.shape, np.nan), where=total > 0)
        reach = np.exp(intervals.normal_quantile(0.95) * relative)
        columns = {"low": value / reach, "high": value * reach, "numerator": total}
        return pd.DataFrame({"value": value, **columns, "denominator": n, "n": n}, sums.index)


@dataclass(frozen=True, eq=False)
class DiscountedProfit(OfRows):
    """Profit per active year x the years lived within a horizon, each day discounted.

    `profit` and `exposure` (active days) are expressions over `rows`; `lifetime` is the duration. A
    life of t days is worth (1 - e^(-rt)) / r of them, r the daily rate (t where it is 0), so the
    discounted years are the restricted Kaplan-Meier mean of lives measured so. A horizon beyond the
    longest life seen ends there; the details say so.
    """

    profit: nw.Expr
    exposure: nw.Expr
    lifetime: Duration
    discount_rate: float
    horizon_days: float
    kind: ClassVar[str] = "discounted profit"

    def sources(self) -> tuple[Source, ...]:
        """Profit and active time by customer, and the lifetimes."""
        return (
            *Ratio(self.rows, self.profit, self.exposure, single=True).sources(),
            *self.lifetime.sources(),
        )

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The product, with both factors among the details; limits by the delta method."""
        sums, lists = tables
        lived = pd.DataFrame(
            [self._years(*row) for row in zip(*(lists[c] for c in _LISTS), strict=True)],
            index=lists.index,
            columns=["n", "years", "error", "horizon"],
        ).reindex(sums.index)
        low, high = intervals.ratio_delta(
            sums["x"], sums["y"], sums["xx"], sums["xy"], sums["yy"], sums["clusters"]
        )
        per_year = DAYS_PER_YEAR * sums["x"] / sums["y"].where(sums["y"] > 0)
        value = per_year * lived["years"]
        reach = np.hypot(
            DAYS_PER_YEAR * (high - low) / 2 * lived["years"],
            intervals.normal_quantile(0.95) * lived["error"] * per_year,
        )
        return pd.DataFrame(
            {
                "value": value,
                "low": value - reach,
                "high": value + reach,
                "numerator": np.nan,
                "denominator": np.nan,
                "n": lived["n"],
                "profit_per_year": per_year,
                "discounted_years": lived["years"],
                "horizon": lived["horizon"],
            },
            index=sums.index,
        )

    def _years(
        self, lasted: np.ndarray, ended: np.ndarray, unfinished: np.ndarray
    ) -> tuple[float, float, float, float]:
        total = float(ended.sum() + unfinished.sum())
        horizon = min(float(lasted.max(initial=0)), self.horizon_days)
        if total == 0 or horizon <= 0:
            return total, np.nan, np.nan, np.nan
        rate = np.log1p(self.discount_rate) / DAYS_PER_YEAR
        days = np.append(lasted, horizon)
        worth = -np.expm1(-rate * days) / rate if rate else days
        fit = KaplanMeier.from_counts(worth[:-1], ended, unfinished)
        mean = fit.restricted_mean(float(worth[-1]))
        error = 0.0 if np.isnan(mean.standard_error) else mean.standard_error
        return (total, mean.value / DAYS_PER_YEAR, error / DAYS_PER_YEAR, horizon)


_LISTS = ("lasted", "ended", "unfinished")
