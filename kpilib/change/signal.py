"""Whether a value lies where its own history leads one to expect it: up, down, or no clear change.

A value differs from the last by chance, and periods differ by more than that: seasons, weather,
campaigns, the mood of the month. So a value is held against its own earlier periods.

- Sampling noise and the spread between periods together, by the idea of Laney's p′ chart (*Quality
  Engineering* 14, 2002): a period's distance from the mean of its predecessors is measured in
  sampling errors, and how much such distances spread in the KPI's own history takes the place of
  the 1 that sampling alone would give, and is never taken for less. Where nothing is sampled the
  distances stand for themselves, the chart of individuals.
- The limit is that of a prediction: Student's t on the degrees of freedom that the history has,
  with the error of its mean (weighted least squares, weights 1 / sampling error²).
- A history that trends or wanders (von Neumann's ratio, *Annals of Mathematical Statistics* 12,
  1941, at 5%) is judged on its steps from period to period. One with seasons (an F test of two
  full years at 1%) is judged on its distances from the same period a year before.
- Short histories borrow: over a scorecard, the spreads of its KPIs are drawn to a common line, as
  far as they are alike (moderated t: Smyth, *Statistical Applications in Genetics and Molecular
  Biology* 3, 2004; the line on the relative sampling error as in Law and others, *Genome Biology*
  15, R29, 2014).
- Many are looked at, so few may be wrong: Benjamini & Hochberg (*J. Royal Statistical Society B*
  57, 1995) at `RATE` over all KPIs that the records can answer, asked or not; and never stricter
  than what lets `WRONG` false verdicts be expected in a report of all KPIs of which nothing
  changed, be they as dependent as they may (Gordon and others, *Annals of Applied Statistics* 1,
  2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

LEAST = 6
"""So many comparable periods a history must have."""
RATE = 0.10
"""Of the verdicts that something changed, the part that may be wrong."""
WRONG = 0.15
"""So many false verdicts may be expected in a report of all KPIs where nothing changed."""
TRENDS, SEASONS = 0.05, 0.01
"""The levels of the tests for a trend and for seasons."""
BORROWS = 10
"""So many KPIs a scorecard must have for their spreads to be drawn together."""


class Signal(StrEnum):
    """What a value says beside its own history."""

    UP = "up"
    DOWN = "down"
    NO_CLEAR_CHANGE = "no clear change"
    TOO_EARLY = "too early"
    NOT_COMPARABLE = "not comparable"


class View(StrEnum):
    """What of the history a value is held against."""

    LEVEL = "level"
    STEP = "step"
    SEASON = "season"


@dataclass(frozen=True)
class Series:
    """A KPI's values, oldest first, the one to be judged last; NaN for what does not compare.

    `errors` are the sampling errors of the values (standard deviations), NaN where nothing is
    sampled. `sizes` are what the squares of the errors fall with, like the customers in a share;
    without them a pooled error holds for all periods alike.
    """

    values: Floats
    errors: Floats
    sizes: Floats | None = None
    season: int | None = None
    """After how many periods a year has passed, where it can be seen."""


@dataclass(frozen=True)
class Judgement:
    """A verdict, and what it rests on."""

    signal: Signal
    periods: int
    """How many comparable periods there are before."""
    view: View | None = None
    usual: float | None = None
    """What the history leads one to expect."""
    visible: float | None = None
    """How far from it a value would have to lie to be up or down."""
    p: float | None = None
    """How likely chance alone would bring a value so far off."""


@dataclass(frozen=True)
class _Held:
    """A value held against its history: how far off it is, and by what it is measured."""

    place: int
    view: View
    periods: int
    off: float
    usual: float
    reach: float
    """The error of the prediction where distances spread as sampling errors do."""
    spread: float
    """By how much more the squares of the distances spread in the history."""
    degrees: float
    relative: float | None
    """The sampling error over the size of the values; None where nothing is sampled."""


def judge(series: Sequence[Series], possible: int = 1) -> list[Judgement]:
    """A verdict for the last value of each series, looked at together.

    `possible` is how many KPIs could have been asked: those not asked count as looked at.

    >>> history = np.array([5.2, 4.9, 5.1, 5.0, 4.8, 5.1, 5.0, 4.9, 9.0])
    >>> (found,) = judge([Series(history, np.full(9, 0.1))])
    >>> found.signal, found.periods, round(found.usual, 2)
    (<Signal.UP: 'up'>, 8, 5.0)
    """
    held = [one for place, mine in enumerate(series) if (one := _hold(place, mine)) is not None]
    spread, degrees = _borrowed(held)
    sampled = np.array([one.relative is not None for one in held], bool)
    spread = np.where(sampled, np.maximum(spread, 1.0), spread)
    error = np.array([one.reach for one in held]) * np.sqrt(spread)
    p = _tails(np.array([one.off for one in held]), error, degrees)
    level = alpha(p, max(possible, len(held)))
    far = -special.stdtrit(degrees, level / 2) * error
    found = [Judgement(Signal.TOO_EARLY, _known(one)) for one in series]
    for one, chance, visible in zip(held, p, far, strict=True):
        moved = Signal.UP if one.off > 0 else Signal.DOWN
        found[one.place] = Judgement(
            moved if chance <= level else Signal.NO_CLEAR_CHANGE,
            one.periods,
            one.view,
            one.usual,
            float(visible),
            float(chance),
        )
    return found


def alpha(p: Floats, possible: int) -> float:
    """How unlikely chance must be for a verdict: the step of Benjamini and Hochberg, or `WRONG`'s.

    >>> round(alpha(np.array([0.001, 0.002, 0.003, 0.5]), 50), 3), alpha(np.array([0.5]), 50)
    (0.006, 0.003)
    """
    ranks = np.arange(1, len(p) + 1)
    reached = np.flatnonzero(np.sort(p) <= RATE * ranks / possible)
    steps = int(reached[-1]) + 1 if reached.size else 0
    return max(RATE * steps, WRONG) / possible


def _known(series: Series) -> int:
    return int(np.isfinite(series.values[:-1]).sum())


def _hold(place: int, series: Series) -> _Held | None:
    """The value against its history in the view that suits it; None where that is too short."""
    values, periods = series.values, _known(series)
    if periods < LEAST or not np.isfinite(values[-1]):
        return None
    errors = _pooled(series)
    sampled = errors is not None
    errors = np.ones(len(values)) if errors is None else errors
    view, lag = _view(values, errors, series.season)
    x, error = _lagged(values, errors, lag)
    before = np.isfinite(x[:-1])
    weights = 1 / error[:-1][before] ** 2
    mean = float(np.average(x[:-1][before], weights=weights))
    degrees = before.sum() - 1
    spread = float(weights @ (x[:-1][before] - mean) ** 2) / degrees
    reach = float(np.sqrt(error[-1] ** 2 + 1 / weights.sum()))
    size = max(float(np.nanmean(np.abs(values[:-1]))), 1e-300)
    relative = float(errors[-1]) / size if sampled and view is View.LEVEL else None
    off = float(x[-1]) - mean
    return _Held(
        place, view, periods, off, float(values[-1]) - off, reach, spread, degrees, relative
    )


def _pooled(series: Series) -> Floats | None:
    """The error of each value as the history as a whole has it; None where nothing is sampled.

    As a chart of shares takes the mean share for the error of each: a period's own error depends on
    its own value, and a low one would look surer than it is.
    """
    past, there = series.errors[:-1], np.isfinite(series.values[:-1])
    if not np.all(np.isfinite(past[there])) or not np.all(past[there] > 0):
        return None
    sizes = np.ones(len(series.values)) if series.sizes is None else series.sizes
    used = np.append(there, True)
    if not np.all(np.isfinite(sizes[used])) or not np.all(sizes[used] > 0):
        sizes = np.ones(len(series.values))
    return np.sqrt(np.mean(past[there] ** 2 * sizes[:-1][there]) / sizes)


def _view(values: Floats, errors: Floats, season: int | None) -> tuple[View, int]:
    """What to hold the value against, and how far back that lies."""
    scores = values[:-1] / errors[:-1]
    view, lag = View.LEVEL, 0
    if np.isfinite(values[-2]) and _wanders(values[:-1], errors[:-1]):
        view, lag = View.STEP, 1
    if season is None or len(scores) < 2 * season or not np.isfinite(values[-1 - season]):
        return view, lag
    x, _ = _lagged(values, errors, lag)
    if _has_seasons(x[:-1], season):
        return View.SEASON, season
    return view, lag


def _wanders(values: Floats, errors: Floats) -> bool:
    """Whether neighbours are more alike than chance makes them: von Neumann's ratio is low."""
    known = np.isfinite(values)
    weights = 1 / errors[known] ** 2
    scores = (values - np.average(values[known], weights=weights)) / errors
    steps = np.diff(scores)
    steps = steps[np.isfinite(steps)]
    n, whole = int(known.sum()), float(np.nansum(scores**2))
    if whole <= 0 or len(steps) < LEAST - 1:
        return False
    ratio = (steps @ steps) / len(steps) / (whole / n)
    deviation = np.sqrt(4 * (n - 2) / (n**2 - 1))
    return bool(ratio < 2 - special.ndtri(1 - TRENDS) * deviation)


def _has_seasons(x: Floats, season: int) -> bool:
    """Whether the same period of two years is more alike than different periods are: an F test."""
    one, other = x[-2 * season : -season], x[-season:]
    both = np.isfinite(one) & np.isfinite(other)
    n = int(both.sum())
    if n < LEAST:
        return False
    between = 2 * np.var((one[both] + other[both]) / 2, ddof=1)
    within = np.var(one[both] - other[both], ddof=1) / 2
    if between <= 0:
        return False
    return bool(within <= 0 or special.fdtrc(n - 1, n - 1, between / within) < SEASONS)


def _lagged(values: Floats, errors: Floats, lag: int) -> tuple[Floats, Floats]:
    """The values less those `lag` periods before, with their errors; the values where it is 0."""
    if not lag:
        return values, errors
    gone = np.full(lag, np.nan)
    x = np.append(gone, values[lag:] - values[:-lag])
    return x, np.append(gone, np.hypot(errors[lag:], errors[:-lag]))


def _tails(off: Floats, error: Floats, degrees: Floats) -> Floats:
    """Both tails of Student's t; where nothing ever spread, any distance is certain."""
    still = error <= 1e-12 * np.maximum(np.abs(off), 1e-300)
    score = np.abs(off) / np.where(still, 1.0, error)
    chance = 2 * special.stdtr(degrees, -score)
    return np.where(still, np.where(off == 0, 1.0, 0.0), chance)


def _borrowed(held: Sequence[_Held]) -> tuple[Floats, Floats]:
    """The spreads and their degrees of freedom, drawn to a line where many are looked at.

    With s² on d degrees of freedom about its own σ² and 1/σ² on d₀ about the line, log s² varies by
    ψ′(d/2) + ψ′(d₀/2) (Smyth, section 6.2).
    """
    spread = np.array([one.spread for one in held], float)
    degrees = np.array([one.degrees for one in held], float)
    lends = np.array([one.relative is not None and one.spread > 0 for one in held], bool)
    if lends.sum() < BORROWS:
        return spread, degrees
    half = degrees[lends] / 2
    logs = np.log(spread[lends]) - special.digamma(half) + np.log(half)
    size = np.log([one.relative for one in held if one.relative is not None and one.spread > 0])
    away = size - size.mean()
    slope = (away @ logs) / (away @ away) if away @ away > 1e-9 else 0.0
    line = logs.mean() + slope * away
    excess = ((logs - line) ** 2).sum() / (len(logs) - 2) - special.polygamma(1, half).mean()
    prior = 2 * _inverse_trigamma(excess)
    centre = np.exp(line + (special.digamma(prior / 2) - np.log(prior / 2)))
    own = degrees[lends]
    spread[lends] = (prior * centre + own * spread[lends]) / (prior + own)
    degrees[lends] = own + prior
    return spread, degrees


def _inverse_trigamma(value: float) -> float:
    """The x with ψ′(x) = value, by Newton's method (Smyth, appendix); large for no spread."""
    if value <= 1e-6:
        return 1e6
    x = 0.5 + 1 / value
    for _step in range(50):
        tri = float(special.polygamma(1, x))
        move = tri * (1 - tri / value) / float(special.polygamma(2, x))
        x += move
        if abs(move) < 1e-9 * x:
            break
    return x
