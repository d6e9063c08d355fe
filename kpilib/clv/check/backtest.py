"""The backtest: what the model would have said, from several moments on, against what came.

At each origin the model is fitted anew to what lies before it. Its forecast is held against two
rules that cost nothing: that each customer does again what they did in the last period of the same
length (a first purchase included), and that each keeps their mean rate so far (0 after a single
purchase). Both measures of the error per customer are given, for they favour different forecasts:
the mean absolute error is least for a median, which is 0 where most buy nothing, and so flatters
rules that say too little; the root of the mean square is least for an expected value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.check.limits import purchase_limits, total_limits
from kpilib.clv.expected.choose import ModelChoice, chosen_purchases
from kpilib.clv.expected.discount import Schedule, horizon_start
from kpilib.clv.expected.rates import Rates
from kpilib.clv.expected.summary import Until, as_until, purchase_summary
from kpilib.clv.value.value import value_of_summary
from kpilib.contract.prepared import file_of, once
from kpilib.errors import InputError
from kpilib.periods import day_date, day_number
from kpilib.show.marked import mark
from kpilib.show.reason import answering
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

MEASURES = ("purchases", "revenue")
MODEL, SAME, RATE = "model", "same again", "mean rate"
ERRORS = {"mae": "mean absolute error", "rmse": "root mean square error"}
TENTHS = 10
_TOO_SHORT = _(
    "the data run from {first} to {last}, too short for a history of {horizon} and a forecast of "
    "{horizon}; choose a shorter horizon"
)


class Verdict(NamedTuple):
    """The model beside the better of two plain rules, by one score of one measure."""

    measure: str
    """`purchases` or `revenue`."""
    score: str
    """`absolute_bias` (a share), `mae` or `rmse` (per customer, in the measure's unit)."""
    rule: str
    """The rule that did best."""
    model: float
    """The model's score."""
    plain: float
    """The rule's."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a backtest found.

    `scores`: one row per origin, rule and measure (`purchases`, `revenue`): `customers`,
    `predicted` and `actual` totals, `bias` (predicted over actual less 1), `mae` and `rmse` (mean
    absolute error and root of the mean square error per customer), `top_tenth` (share of what came
    that came from the tenth of the customers ranked first), and for the model `low`, `high` (95%
    limits of the total), `within` (whether the total fell between them) and `coverage` (share of
    customers whose purchases fell within their own 95% limits; of whole numbers these hold more
    than 95%). `deciles`: per rule, measure and tenth (1 the best), means of `predicted` and
    `actual` per customer over all origins, and `lift` over the overall mean.
    """

    scores: pd.DataFrame
    deciles: pd.DataFrame
    horizon: str
    model: str
    lang: str = "en"

    def __post_init__(self) -> None:
        for table in (self.scores, self.deciles):
            mark(table, self.lang)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from kpilib.show.lifetime_value import backtest_html

        return {"text/plain": str(self), "text/html": backtest_html(self, self.lang)}

    def summary(self) -> pd.DataFrame:
        """One row per measure and rule: scores averaged over the origins."""
        scores = self.scores.assign(size=self.scores["bias"].abs())
        grouped = scores.groupby(["measure", "rule"], sort=False)
        return grouped.agg(
            bias=("bias", "mean"),
            absolute_bias=("size", "mean"),
            mae=("mae", "mean"),
            rmse=("rmse", "mean"),
            top_tenth=("top_tenth", "mean"),
            coverage=("coverage", "mean"),
            totals_within=("within", lambda column: column.astype(float).mean()),
        ).reset_index()

    def _rows(self) -> dict[Any, dict]:
        """The rows of `summary` by measure and rule."""
        return self.summary().set_index(["measure", "rule"]).to_dict("index")

    def verdicts(self) -> "tuple[Verdict, ...]":
        """For each measure and score, the model beside the plain rule that did best by it."""
        rows = self._rows()
        found = []
        for measure in MEASURES:
            for score in ("absolute_bias", *ERRORS):
                model, *plain = (float(rows[measure, rule][score]) for rule in (MODEL, SAME, RATE))
                best = int(plain[1] < plain[0])
                found.append(Verdict(measure, score, (SAME, RATE)[best], model, plain[best]))
        return tuple(found)

    def __str__(self) -> str:
        lines = [f"{self.model} from {self.scores['origin'].nunique()} past moments, "
                 f"{self.horizon} ahead:"]  # fmt: skip
        rows = self._rows()
        against = {(one.measure, one.score): one for one in self.verdicts()}
        for measure in MEASURES:
            model, totals = rows[measure, MODEL], against[measure, "absolute_bias"]
            lines.append(
                f"  {measure}: totals off by {totals.model:.1%} in the mean "
                f"({model['bias']:+.1%} with their signs); by the best plain rule, "
                f"{totals.rule!r}, {totals.plain:.1%} ({rows[measure, totals.rule]['bias']:+.1%})"
            )
            for error, words in ERRORS.items():
                one = against[measure, error]
                verdict = "less than" if one.model < one.plain else "no less than"
                lines.append(
                    f"    {words} per customer {one.model:.3g}, {verdict} by the best plain rule, "
                    f"{one.rule!r}: {one.plain:.3g}"
                )
            lines.append(
                f"    the tenth it ranked first brought {model['top_tenth']:.0%} of what came; "
                f"{model['totals_within']:.0%} of totals fell within their 95% limits"
            )
        share = rows["purchases", MODEL]["coverage"]
        lines.append(f"  {share:.0%} of customers bought within their own 95% limits")
        return "\n".join(lines)


@answering
def backtest(
    base: "Business",
    horizon: str | int = "3 months",
    origins: int = 3,
    *,
    model: ModelChoice = None,
    draws: int = 400,
    seed: int | None = 0,
    until: Until = None,
) -> Backtest:
    """Forecast the last `origins` stretches of length `horizon`, each from what came before it.

    The last of them ends at `until`, the end of the data where not given; nothing later counts.

    Origins lie one horizon apart and need at least as long a history before them; those that lack
    it are left out. Of a fitted `model` only the kind counts: its parameters may know the future.
    Raises InputError where no origin is left, or the model is one of contracts.

    >>> import kpilib
    >>> found = backtest(kpilib.open("cdnow-sample"), "3 months", origins=1, draws=100)
    >>> row = found.scores.query("rule == 'model' and measure == 'purchases'").iloc[0]
    >>> print(row["origin"], row["customers"], row["actual"])
    1998-04-01 2357 495.0
    """
    asked = chosen_purchases(base, model, "a backtest")
    name = asked if isinstance(asked, str) else asked.kind
    if draws < 2:
        raise InputError(f"draws is {draws}; a backtest scores limits and needs at least 2")
    stretches = _stretches(base, horizon, origins, as_until(base, until))

    def tested() -> list[list[dict[str, Any]]]:
        seen = [_Stretch.of(base, *days, name, draws, seed) for days in stretches]
        scores = [row for one in seen for row in one.scores()]
        return [scores, [*_deciles(pd.concat([one.table for one in seen]))]]

    shared = base.answered
    place = shared and shared / file_of("backtest", name, draws, seed, stretches)
    scores, deciles = once(place, tested)
    for row in scores:
        row["origin"] = date.fromisoformat(row["origin"])
    return Backtest(
        scores=pd.DataFrame(scores),
        deciles=pd.DataFrame(deciles),
        horizon=_spoken(horizon),
        model=name,
        lang=base.lang,
    )


def _spoken(horizon: str | int) -> str:
    return f"{horizon} months" if isinstance(horizon, int) else str(horizon)


def _stretches(
    base: "Business", horizon: str | int, origins: int, last: int
) -> list[tuple[date, date]]:
    if origins < 1:
        raise InputError(f"origins is {origins}; a backtest needs at least 1")
    end, found = day_date(last), []
    for _back in range(origins):
        start = horizon_start(horizon, end)
        if day_number(horizon_start(horizon, start)) < base.first_day:
            break
        found.append((start, end))
        end = start
    if not found:
        days = {"first": day_date(base.first_day), "last": day_date(last - 1)}
        raise InputError(_TOO_SHORT.format(**days, horizon=_spoken(horizon)))
    return found[::-1]


@dataclass(frozen=True, eq=False)
class _Stretch:
    """One origin: per customer, what each rule predicted and what came; and the totals' limits."""

    origin: date
    table: pd.DataFrame
    limits: dict[str, tuple[float, float]]
    coverage: float

    @classmethod
    def of(
        cls, base: Any, start: date, end: date, model: Any, draws: int, seed: int | None
    ) -> "_Stretch":
        origin, days = day_number(start), (end - start).days
        summary = purchase_summary(base, origin)
        schedule = Schedule.until(end, start=start, discount_rate=0.0)
        options: dict[str, Any] = {"acquisition_cost": None, "level": 0.95}
        value = value_of_summary(
            summary, origin, Rates(schedule), 1.0, model, None, None, draws, seed, options
        )
        x, age = summary["frequency"].to_numpy(float), summary["T"].to_numpy(float)
        rate = x / np.maximum(age, 1) * days
        before = _bought(base, origin - days, origin, summary)
        after = _bought(base, origin, origin + days, summary)
        table = pd.DataFrame(
            {
                f"{MODEL} purchases": value.customers["expected_purchases"],
                f"{MODEL} revenue": value.customers["value"],
                f"{SAME} purchases": before["purchases"],
                f"{SAME} revenue": before["revenue"],
                f"{RATE} purchases": rate,
                f"{RATE} revenue": rate * summary["monetary_value"],
                "purchases": after["purchases"],
                "revenue": after["revenue"],
            }
        )
        low, high, chance = purchase_limits(value, days, seed)
        counted = after["purchases"].to_numpy()
        total = value.total.iloc[0]
        limits = {
            "purchases": total_limits(value, days, chance, seed),
            "revenue": (total["predicted_low"], total["predicted_high"]),
        }
        covered = float(((counted >= low) & (counted <= high)).mean())
        return cls(start, table, limits, covered)

    def scores(self) -> Iterator[dict[str, Any]]:
        """One row per measure and rule."""
        for measure in MEASURES:
            actual = self.table[measure].to_numpy()
            for rule in (MODEL, SAME, RATE):
                predicted = self.table[f"{rule} {measure}"].to_numpy()
                total, came = predicted.sum(), actual.sum()
                ranked = _in_order(predicted, actual)
                top = max(1, round(len(actual) / TENTHS))
                low, high = self.limits[measure] if rule == MODEL else (np.nan, np.nan)
                yield {
                    "origin": self.origin.isoformat(),
                    "measure": measure,
                    "rule": rule,
                    "customers": len(actual),
                    "predicted": total,
                    "actual": came,
                    "bias": total / came - 1 if came else np.nan,
                    "mae": np.abs(predicted - actual).mean(),
                    "rmse": np.sqrt(((predicted - actual) ** 2).mean()),
                    "top_tenth": ranked[:top].sum() / came if came else np.nan,
                    "low": low,
                    "high": high,
                    "within": bool(low <= came <= high) if rule == MODEL else None,
                    "coverage": self.coverage
                    if rule == MODEL and measure == "purchases"
                    else np.nan,
                }


def _bought(base: Any, start: int, end: int, summary: pd.DataFrame) -> pd.DataFrame:
    """Each customer's purchases and revenue on the days [start, end), zeros included."""
    day = nw.col("day")
    frame = base.purchases.filter((day >= start) & (day < end)).group_by("customer_id")
    summed = frame.agg(nw.len().alias("purchases"), nw.col("amount").sum().alias("revenue"))
    found = base.engine.collect(summed).set_index("customer_id")
    return found.reindex(summary["customer_id"]).fillna(0.0).astype(float).reset_index(drop=True)


def _in_order(predicted: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """What came, in the order of the prediction; customers ranked alike share theirs evenly."""
    _values, place = np.unique(-predicted, return_inverse=True)
    shared = np.bincount(place, actual) / np.bincount(place)
    return shared[np.sort(place)]


def _deciles(people: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for measure in MEASURES:
        actual = people[measure].to_numpy()
        for rule in (MODEL, SAME, RATE):
            predicted = people[f"{rule} {measure}"].to_numpy()
            ranked = np.sort(predicted)[::-1]
            came = _in_order(predicted, actual)
            for tenth, part in enumerate(np.array_split(np.arange(len(actual)), TENTHS), 1):
                mean = came[part].mean() if len(part) else np.nan
                yield {
                    "measure": measure,
                    "rule": rule,
                    "tenth": tenth,
                    "customers": len(part),
                    "predicted": ranked[part].mean() if len(part) else np.nan,
                    "actual": mean,
                    "lift": mean / actual.mean() if actual.any() else np.nan,
                }
