"""Is the warning better than a simple rule? Trained up to a close, judged on the days after it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from kpilib.clv.warning.features import Floats, Snapshot, snapshot
from kpilib.clv.warning.known import bought_before
from kpilib.clv.warning.training import Slice, columns_of, outcomes_of, silent, slices
from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.show.reason import answering
from kpilib.statistics.models.additive import AdditiveLogistic
from kpilib.statistics.models.ranking import area_under_curve, calibration, deciles, lift
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

SIMPLE = ("recency", "frequency")
_ONE_STRETCH = _(
    "gradient boosting needs two stretches of days before the close, one to learn from and one to "
    "calibrate on; ask for a later period or fewer days"
)
_TOO_EARLY = _(
    "early warning of {period} over {days} days cannot be judged before {due}; the data are "
    "complete up to {last}"
)


@dataclass(frozen=True, eq=False)
class Judged:
    """What a rule may learn from, the customers it then judges, and what became of them."""

    learned: list[Slice]
    now: Snapshot
    silent: NDArray[np.bool_]


@answering
def evaluate_early_warning(
    base: "Business",
    period: str | Period | None = None,
    *,
    days: int = 90,
    boosting: bool = False,
) -> pd.DataFrame:
    """The early warning of a period beside simpler rules, judged on the `days` after its close.

    A row per rule: the early warning; *days since last purchase*, the rule of thumb; a logistic
    regression on recency and frequency; the lifetime model's own chance; and with `boosting`
    gradient boosting, calibrated on the latest slice of time, which it was not trained on. Columns:
    `rule, customers, base_rate` (who bought nothing: what warning of everyone gets right), `auc`
    with DeLong's `auc_low` and `auc_high`, `lift` (top tenth), and for rules that give a chance
    `slope` with `slope_low` and `slope_high`, `intercept` (1 and 0 where chances come true) and
    `brier` (mean squared error).

    `period` defaults to the latest whose following `days` are over. Raises InputError where they
    are not, and where there is too little to train on. `boosting` needs scikit-learn.
    """
    judged = _judged(base, period, days)
    rules = RULES | ({"gradient boosting": boosted} if boosting else {})
    rows = []
    for name, rule in rules.items():
        score, outcome = rule(judged), judged.silent
        area = area_under_curve(score, outcome)
        row = {
            "rule": name,
            "customers": len(outcome),
            "base_rate": float(outcome.mean()),
            "auc": area.value,
            "auc_low": area.low,
            "auc_high": area.high,
            "lift": lift(score, outcome),
        }
        rows.append(row | (_chance(score, outcome) if rule is not _days_since else {}))
    return pd.DataFrame(rows)


@answering
def early_warning_deciles(
    base: "Business", period: str | Period | None = None, *, days: int = 90
) -> pd.DataFrame:
    """Chances by tenths, the highest first, beside what came.

    `decile, customers, predicted, observed` with Wilson's `low` and `high`, `lift`. As in
    `evaluate_early_warning`: trained before the period's close, judged on the days after it.
    """
    judged = _judged(base, period, days)
    return deciles(_warned(judged), judged.silent)


def boosted(judged: Judged) -> Floats:
    """Gradient boosting's chances, brought on to the scale of the latest slice's outcomes.

    Trained on all slices but the latest; on that one its log odds are calibrated by a logistic
    regression (Platt), so that they come true later. Raises InputError without scikit-learn, or
    with one slice only.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
    except ImportError:
        raise InputError(
            'gradient boosting needs scikit-learn; run: pip install "kpilib[warning]"'
        ) from None
    if len(judged.learned) < 2:
        raise InputError(_ONE_STRETCH)
    latest, rest = judged.learned[0], judged.learned[1:]
    trees = HistGradientBoostingClassifier(
        max_depth=3, learning_rate=0.1, max_iter=100, min_samples_leaf=50, random_state=0
    )
    fitted = trees.fit(_matrix(columns_of(rest)), outcomes_of(rest))

    def odds(known: dict[str, Floats]) -> dict[str, Floats]:
        return {"odds": np.asarray(fitted.decision_function(_matrix(known)), float)}

    scale = AdditiveLogistic.fit(odds(latest.known.columns), latest.silent, straight=True)
    return scale.probability(odds(judged.now.columns))


def _warned(judged: Judged) -> Floats:
    model = AdditiveLogistic.fit(columns_of(judged.learned), outcomes_of(judged.learned))
    return model.probability(judged.now.columns)


def _days_since(judged: Judged) -> Floats:
    return judged.now.table["recency"].to_numpy(float)


def _simple(judged: Judged) -> Floats:
    columns = columns_of(judged.learned)
    few = {name: columns[name] for name in SIMPLE}
    model = AdditiveLogistic.fit(few, outcomes_of(judged.learned), straight=True)
    return model.probability(judged.now.columns)


def _lifetime(judged: Judged) -> Floats:
    return expit(judged.now.columns["expected"])


RULES: dict[str, Callable[[Judged], Floats]] = {
    "early warning": _warned,
    "days since last purchase": _days_since,
    "recency and frequency": _simple,
    "lifetime model": _lifetime,
}
"""The rules that are compared; each gives a score, the higher the more at risk."""


def _judged(base: "Business", period: str | Period | None, days: int) -> Judged:
    asked = _latest(base, days) if period is None else base.period(period)
    closes = asked.end_day
    if closes + days > base.as_of:
        ends = {"due": day_date(closes + days), "last": day_date(base.as_of - 1)}
        raise InputError(_TOO_EARLY.format(period=asked.label, days=days, **ends))
    learned = slices(base, closes, days)
    now = snapshot(base, closes, days)
    came = bought_before(base, closes + days).purchases.select("customer_id", "day")
    return Judged(learned, now, silent(base, now, came, days))


def _latest(base: "Business", days: int) -> Period:
    """The latest period whose following days are over."""
    asked = base.period()
    while asked.end_day + days > base.as_of and asked.start_day > base.first_day:
        asked = asked.previous()
    return asked


def _matrix(columns: dict[str, Floats]) -> Floats:
    return np.column_stack([columns[name] for name in sorted(columns)])


def _chance(score: Floats, outcome: NDArray[np.bool_]) -> dict[str, float]:
    held = calibration(score, outcome)
    return {
        "slope": held.slope,
        "slope_low": held.low,
        "slope_high": held.high,
        "intercept": held.intercept,
        "brier": float(np.mean((score - outcome) ** 2)),
    }
