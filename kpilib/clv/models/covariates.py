"""Covariates that do not change (channel, segment) in BG/NBD, MBG/NBD and Pareto/NBD.

A covariate multiplies a customer's mean purchase rate by exp(coefficient), and the odds of
leaving after a purchase (Pareto/NBD: the rate of leaving) by exp(another). After Fader & Hardie,
Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models, note 019, 2007; for
BG/NBD with one coefficient for the odds a / b, with a + b common, instead of two for a and b.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from kpilib.clv.fitting.arguments import as_column, one_number
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.distinct import compress
from kpilib.clv.fitting.edges import edge_findings, size_findings
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.fitting.optimise import Problem, solve
from kpilib.clv.fitting.space import Space
from kpilib.clv.models.design import Design
from kpilib.clv.models.geometric import GeometricDropout
from kpilib.clv.models.geometric_likelihood import geometric_rows
from kpilib.clv.models.pareto_integral import pareto_rows
from kpilib.clv.models.pareto_nbd import ParetoNBD
from kpilib.clv.models.transactions import TransactionModel, histories
from kpilib.errors import InputError, near_miss

EFFECTS = ("buying", "leaving")
PRIOR_SD = 2.5


class LikelihoodRatio(NamedTuple):
    """Twice the gain in log-likelihood, its degrees of freedom, and the chance of it by luck."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, eq=False)
class CovariateFit:
    """A model whose rates of buying and leaving depend on covariates.

    `model` describes customers with all covariates at their base (0, or the first category),
    `without` is the same kind of model fitted without covariates. `coefficients` has one row per
    effect and covariate: coefficient, standard_error, low, high (95%), multiplier, p_value.
    `test` compares the two models; a small `p_value` says the covariates matter.
    """

    model: TransactionModel
    without: TransactionModel
    coefficients: pd.DataFrame
    covariance: np.ndarray
    log_likelihood: float
    n: float
    test: LikelihoodRatio
    diagnosis: tuple[Finding, ...]
    design: Design

    @property
    def aic(self) -> float:
        """Akaike's criterion; lower is better."""
        return 2 * (len(self.model.symbols) + len(self.coefficients)) - 2 * self.log_likelihood

    def model_for(self, **covariates: Any) -> TransactionModel:
        """The model of customers with these covariates, one keyword for each."""
        for name in covariates.keys() - {known for known, _ in self.design.columns}:
            offer = near_miss(name, [known for known, _ in self.design.columns])
            raise InputError(f"covariate {name!r} was not in the fit; {offer}")
        frame = pd.DataFrame({name: [value] for name, value in covariates.items()})
        return self._at(self.design.matrix(frame)[0])

    def probability_alive(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, covariates: pd.DataFrame
    ) -> np.ndarray:
        """As for the plain model, with one row of covariates per customer."""
        return self._each(covariates, lambda m, *h: m.probability_alive(*h), frequency, recency, T)

    def expected_purchases(
        self,
        t: float,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        covariates: pd.DataFrame,
    ) -> np.ndarray:
        """As for the plain model, for one horizon, with one row of covariates per customer."""

        t = one_number(t, "t")

        def ask(model: TransactionModel, *history: np.ndarray) -> np.ndarray:
            return model.expected_purchases(t, *history)

        return self._each(covariates, ask, frequency, recency, T)

    def _at(self, z: np.ndarray) -> TransactionModel:
        space = self.model.space
        u = space.to_free(list(self.model.parameters.values()))
        for effect, coordinate in zip(EFFECTS, (0, 2), strict=True):
            rows = self.coefficients.index.get_level_values("effect") == effect
            if rows.any():
                u[coordinate] += z @ self.coefficients["coefficient"].to_numpy()[rows]
        theta = space.to_natural(u)
        return type(self.model)(*map(float, theta), time_unit=self.model.time_unit)

    def _each(self, covariates: pd.DataFrame, ask: Callable, *columns: ArrayLike) -> np.ndarray:
        history = [np.atleast_1d(column) for column in histories(*columns)]
        z = self.design.matrix(covariates)
        if len(z) != len(history[0]):
            raise InputError(
                f"{len(history[0])} customers but {len(z)} rows of covariates; give one each"
            )
        kinds, place = np.unique(z, axis=0, return_inverse=True)
        out = np.empty(len(z))
        for i, row in enumerate(kinds):
            mine = place.ravel() == i
            out[mine] = ask(self._at(row), *(column[mine] for column in history))
        return out


@dataclass(frozen=True)
class _Shifted:
    """The model's own free coordinates, followed by coefficients on standardised covariates."""

    base: Space
    extra: int

    def to_natural(self, u: np.ndarray) -> np.ndarray:
        return u

    def jacobian(self, u: np.ndarray) -> np.ndarray:
        return np.eye(len(u))

    def bounds(self, centre: np.ndarray) -> list[tuple[float, float]]:
        return self.base.bounds(centre[: len(self.base)]) + [(-12.0, 12.0)] * self.extra


def fit_with_covariates(
    kind: type[TransactionModel],
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    covariates: pd.DataFrame,
    *,
    weights: ArrayLike | None = None,
    effects: tuple[str, ...] = EFFECTS,
    time_unit: str = "days",
) -> CovariateFit:
    """Fit BGNBD, MBGNBD or ParetoNBD with covariates by maximum likelihood.

    `covariates` has one row per customer: numbers are taken as they are, texts, categories and
    booleans become contrasts with their first category. `effects` says whether they act on
    `buying`, on `leaving`, or on both. Raises an InputError on impossible histories, missing
    values and covariates that do not vary.

    >>> from kpilib.clv import BGNBD
    >>> shop = BGNBD(0.5, 10.0, 0.8, 2.4).simulate([40.0] * 1500, seed=1)
    >>> web = BGNBD(0.5, 5.0, 0.8, 2.4).simulate([40.0] * 1500, seed=2)
    >>> seen = pd.concat([shop, web])
    >>> channel = pd.DataFrame({"channel": ["shop"] * 1500 + ["web"] * 1500})
    >>> fit = fit_with_covariates(
    ...     BGNBD, seen["frequency"], seen["recency"], seen["T"], channel, effects=("buying",)
    ... )
    >>> fit.coefficients["multiplier"].round(1).to_dict(), fit.test.df, fit.test.p_value < 1e-6
    ({('buying', 'channel=web'): 2.2}, 1, True)
    """
    _check_request(kind, effects)
    counts = Counts.from_arrays(frequency, recency, T, weights, time_unit=time_unit)
    without = kind.fit_counts(counts)
    design = Design.of(covariates)
    z = design.matrix(covariates)
    rows, n = _distinct(frequency, recency, T, weights, z)
    mean = np.average(rows[3:], axis=1, weights=n)
    sd = np.sqrt(np.average((rows[3:] - mean[:, None]) ** 2, axis=1, weights=n))
    _check_independent(design, (rows[3:] - mean[:, None]) * np.sqrt(n), sd)
    problem = _problem(kind, rows, n, effects, (mean, sd), without)
    found = solve(problem)
    back = _unscaled(effects, mean, sd)
    free, covariance = back @ found.u, back @ found.covariance @ back.T
    model = kind(*map(float, kind.space.to_natural(free[:4])), time_unit=time_unit)
    gain = max(0.0, 2 * (found.log_likelihood - float(without.log_likelihood or 0.0)))
    df = len(free) - 4
    edges = kind.edges | {(i, s): "effect_unclear" for i in range(4, len(free)) for s in (-1, 1)}
    return CovariateFit(
        model, without, _table(design, effects, free[4:], covariance[4:, 4:]), covariance,
        found.log_likelihood, float(n.sum()),
        LikelihoodRatio(gain, df, float(chdtrc(df, gain))),
        edge_findings(edges, found.flat) + size_findings(counts), design,
    )  # fmt: skip


def _check_independent(design: Design, centred: np.ndarray, sd: np.ndarray) -> None:
    """Refuse covariates that do not vary over those observed, or that say the same twice."""
    for name, spread in zip(design.names, sd, strict=True):
        if spread == 0:
            raise InputError(f"covariate {name!r} does not vary where T is above 0; leave it out")
    for last in range(2, len(sd) + 1):
        if np.linalg.matrix_rank(centred[:last] / sd[:last, None]) < last:
            raise InputError(
                f"covariate {design.names[last - 1]!r} follows from the others; leave it out"
            )


def _check_request(kind: Any, effects: tuple[str, ...]) -> None:
    known = (GeometricDropout, ParetoNBD)
    if not (isinstance(kind, type) and issubclass(kind, known)):
        raise InputError(f"kind is {kind!r}; covariates act in BGNBD, MBGNBD and ParetoNBD")
    for effect in effects:
        if effect not in EFFECTS:
            raise InputError(f"effect {effect!r} is not known; {near_miss(effect, EFFECTS)}")
    if not effects or len(set(effects)) < len(effects):
        raise InputError(f"effects is {effects!r}; name 'buying', 'leaving' or both, once each")


def _distinct(frequency, recency, T, weights, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of (x, t_x, T, covariates) observed for some time, and their weights."""
    x, t_x, age = (
        as_column(column, name).astype(float)
        for column, name in ((frequency, "frequency"), (recency, "recency"), (T, "T"))
    )
    if len(z) != len(x):
        raise InputError(f"{len(x)} customers but {len(z)} rows of covariates; give one each")
    n = np.ones(len(x)) if weights is None else as_column(weights, "weights").astype(float)
    seen = (age > 0) & (n > 0)
    columns, total = compress((x[seen], t_x[seen], age[seen], *z[seen].T), n[seen])
    return np.array(columns), total


def _problem(kind, rows, n, effects, scale, without: TransactionModel) -> Problem:
    x, t_x, age = rows[:3]
    z = (rows[3:] - scale[0][:, None]) / scale[1][:, None]
    k, base = len(z), kind.space
    slots = [(effect, 4 + i * k) for i, effect in enumerate(effects)]

    def log_likelihood(u: np.ndarray) -> tuple[float, np.ndarray]:
        free = np.repeat(u[:4, None], len(x), axis=1)
        for effect, at in slots:
            free[2 * EFFECTS.index(effect)] += u[at : at + k] @ z
        theta = base.to_natural(free.T).T
        if issubclass(kind, GeometricDropout):
            value, slope = geometric_rows(theta, x, t_x, age, kind.first_chance)
        else:
            value, slope = pareto_rows(theta, x, t_x, age)
        by_free = _by_free(theta, slope, pareto=issubclass(kind, ParetoNBD)) * n
        pull = [z @ by_free[2 * EFFECTS.index(effect)] for effect, _ in slots]
        return float(value @ n), np.concatenate([by_free.sum(axis=1), *pull])

    extra = k * len(effects)
    start = np.concatenate([base.to_free(list(without.parameters.values())), np.zeros(extra)])
    exposure = float(n @ age)
    mean, sd = base.prior((max(float(n @ x), 0.5) / exposure, float(n.sum()) / exposure))
    mean, sd = np.append(mean, np.zeros(extra)), np.append(sd, np.full(extra, PRIOR_SD))
    space: Any = _Shifted(base, extra)
    return Problem(log_likelihood, space, start, mean, sd, float(n.sum()))


def _by_free(theta: np.ndarray, slope: np.ndarray, *, pareto: bool) -> np.ndarray:
    """Derivatives by the model's free coordinates, row by row; see `Space.jacobian`."""
    first, second, third, fourth = theta * slope
    if pareto:
        return np.array([-second, first + second, -fourth, third + fourth])
    share = theta[2] / (theta[2] + theta[3])
    return np.array([-second, first + second, (1 - share) * third - share * fourth, third + fourth])


def _unscaled(effects: tuple[str, ...], mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """The linear map from standardised covariates back to the user's own."""
    k = len(mean)
    out = np.eye(4 + k * len(effects))
    for i, effect in enumerate(effects):
        at = slice(4 + i * k, 4 + (i + 1) * k)
        out[at, at] = np.diag(1 / sd)
        out[2 * EFFECTS.index(effect), at] = -mean / sd
    return out


def _table(design: Design, effects, coefficients, covariance) -> pd.DataFrame:
    error = np.sqrt(np.diag(covariance))
    half = -ndtri(0.025) * error
    names = [(effect, name) for effect in effects for name in design.names]
    with np.errstate(over="ignore"):  # of a unit that is beyond all that was seen
        multiplier = np.exp(coefficients)
    columns = {
        "coefficient": coefficients,
        "standard_error": error,
        "low": coefficients - half,
        "high": coefficients + half,
        "multiplier": multiplier,
        "p_value": 2 * ndtr(-np.abs(coefficients) / error),
    }
    index = pd.MultiIndex.from_tuples(names, names=["effect", "covariate"])
    return pd.DataFrame(columns, index=index)
