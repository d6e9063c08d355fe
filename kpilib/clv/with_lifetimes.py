"""The same models fitted and asked through the lifetimes package: `engine="lifetimes"`.

Names, arguments and shapes are ours; the numbers are that package's, its gaps included (NaN and
inf where its formulas fail). Importing it changes a pandas option and the warning filters; both
are put back, and nothing is imported before it is needed.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kpilib.clv.fitting.edges import size_findings
from kpilib.clv.models.bgbb import BGBB
from kpilib.clv.models.bgnbd import BGNBD, MBGNBD
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.models.model import ENGINES, Fitted, Model, OtherEngine
from kpilib.clv.models.pareto_nbd import ParetoNBD
from kpilib.clv.models.transactions import TransactionModel, histories, horizon
from kpilib.errors import KpilibError

FITTERS = {
    "BGNBD": "BetaGeoFitter",
    "MBGNBD": "ModifiedBetaGeoFitter",
    "ParetoNBD": "ParetoNBDFitter",
    "BGBB": "BetaGeoBetaBinomFitter",
    "GammaGamma": "GammaGammaFitter",
}


@contextlib.contextmanager
def lifetimes_at_work() -> Iterator[Any]:
    """The lifetimes package, with pandas, warnings, numpy's errors and stdout as they were after.

    >>> with lifetimes_at_work() as lifetimes:
    ...     fitter = lifetimes.BetaGeoFitter()
    """
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        option = pd.get_option("mode.chained_assignment")
        try:
            import lifetimes

            yield lifetimes
        finally:
            pd.set_option("mode.chained_assignment", option)


class _ThroughLifetimes:
    """Answers questions with a lifetimes fitter that holds these parameters."""

    base: ClassVar[type[Model]]
    parameters: dict[str, float]

    @contextlib.contextmanager
    def _fitter(self) -> Iterator[Any]:
        with lifetimes_at_work() as lifetimes:
            fitter = getattr(lifetimes, FITTERS[self.base.__name__])()
            fitter.params_ = pd.Series(self.parameters)
            yield fitter

    def probability_alive(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> np.ndarray:
        """As in the base model, computed by lifetimes."""
        x, t_x, age = histories(frequency, recency, T)
        ahead = (1,) if self.base is BGBB else ()
        with self._fitter() as fitter:
            value = fitter.conditional_probability_alive(
                *ahead, x.ravel(), t_x.ravel(), age.ravel()
            )
        return np.asarray(value).reshape(x.shape)[()]

    def expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> np.ndarray:
        """As in the base model, computed by lifetimes."""
        t, x, t_x, age = np.broadcast_arrays(horizon(t), *histories(frequency, recency, T))
        with self._fitter() as fitter:
            value = fitter.conditional_expected_number_of_purchases_up_to_time(
                t.ravel(), x.ravel(), t_x.ravel(), age.ravel()
            )
        return np.asarray(value).reshape(t.shape)[()]


class _ForNewCustomers:
    """Questions about new customers that lifetimes can answer for continuous time."""

    def expected_purchases_new(self, t: ArrayLike) -> np.ndarray:
        """As in the base model, computed by lifetimes."""
        with self._fitter() as fitter:  # type: ignore[attr-defined]
            return np.asarray(fitter.expected_number_of_purchases_up_to_time(horizon(t)))[()]

    def probability_of_n_purchases(self, n: ArrayLike, t: ArrayLike) -> np.ndarray:
        """As in the base model, computed by lifetimes."""
        n, t = np.broadcast_arrays(np.asarray(n), horizon(t))
        with self._fitter() as fitter:  # type: ignore[attr-defined]
            if isinstance(self, ParetoNBD):
                ask = fitter.conditional_probability_of_n_purchases_up_to_time
                value = [
                    ask(int(i), float(s), 0, 0, 0) for i, s in zip(n.flat, t.flat, strict=True)
                ]
            else:
                ask = fitter.probability_of_n_purchases_up_to_time
                value = [ask(float(s), int(i)) for i, s in zip(n.flat, t.flat, strict=True)]
        return np.asarray(value, dtype=float).reshape(n.shape)[()]


@dataclass(frozen=True)
class LifetimesBGNBD(_ForNewCustomers, _ThroughLifetimes, BGNBD):
    """BG/NBD through lifetimes."""

    base: ClassVar[type[Model]] = BGNBD


@dataclass(frozen=True)
class LifetimesMBGNBD(_ForNewCustomers, _ThroughLifetimes, MBGNBD):
    """MBG/NBD through lifetimes."""

    base: ClassVar[type[Model]] = MBGNBD


@dataclass(frozen=True)
class LifetimesParetoNBD(_ForNewCustomers, _ThroughLifetimes, ParetoNBD):
    """Pareto/NBD through lifetimes."""

    base: ClassVar[type[Model]] = ParetoNBD


@dataclass(frozen=True)
class LifetimesBGBB(_ThroughLifetimes, BGBB):
    """BG/BB through lifetimes; questions about new customers, which it lacks, are ours."""

    base: ClassVar[type[Model]] = BGBB


@dataclass(frozen=True)
class LifetimesGammaGamma(_ThroughLifetimes, GammaGamma):
    """Gamma-Gamma through lifetimes."""

    base: ClassVar[type[Model]] = GammaGamma

    def expected_spend(self, frequency: ArrayLike, monetary_value: ArrayLike) -> np.ndarray:
        """As in the base model, computed by lifetimes."""
        x = np.asarray(frequency, dtype=float)
        m = np.where(x > 0, np.asarray(monetary_value, dtype=float), 0.0)
        with self._fitter() as fitter:
            value = fitter.conditional_expected_average_profit(pd.Series(x.ravel()), m.ravel())
        return np.asarray(value).reshape(x.shape)[()]


THROUGH: dict[str, Any] = {
    "BGNBD": LifetimesBGNBD,
    "MBGNBD": LifetimesMBGNBD,
    "ParetoNBD": LifetimesParetoNBD,
    "BGBB": LifetimesBGBB,
    "GammaGamma": LifetimesGammaGamma,
}


def through_lifetimes(model: Model) -> Any:
    """The same parameters, asked through lifetimes; a fitted model keeps its fit.

    >>> model = through_lifetimes(BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426))
    >>> print(model.expected_purchases(39, 2, 30.43, 38.86).round(3))
    1.226
    """
    kind = THROUGH[model.kind]
    return kind(**model.parameters, time_unit=model.time_unit, fitted=model.fitted)


def fit_with_lifetimes(kind: type[TransactionModel], counts: Any) -> Any:
    """A transaction model fitted by lifetimes to compressed counts."""
    options: dict[str, Any] = {"weights": counts.weights}
    if issubclass(kind, ParetoNBD):
        options |= {"tol": 1e-9, "maxiter": 8000, "initial_params": np.ones(4)}
    return _fit(kind, counts, (counts.frequency, counts.recency, counts.T), options)


def fit_spend_with_lifetimes(kind: type[GammaGamma], spend: Any) -> Any:
    """A Gamma-Gamma model fitted by lifetimes."""
    return _fit(kind, spend, (spend.frequency, spend.mean), {"weights": spend.weights})


def _fit(kind: Any, counts: Any, columns: tuple, options: dict[str, Any]) -> Any:
    """Fit, then measure the likelihood and its curvature ourselves.

    lifetimes' own are on a rescaled axis of time, and wrong off the diagonal.
    """
    name = kind.kind_name()
    with lifetimes_at_work() as lifetimes:
        fitter = getattr(lifetimes, FITTERS[name])()
        try:
            fitter.fit(*columns, **options)
        except Exception as error:
            raise KpilibError(
                f"lifetimes could not fit {name} ({type(error).__name__}); use engine='kpilib', "
                "which fits or says what is wrong with the data"
            ) from None
        theta = np.array([fitter.params_[symbol] for symbol in kind.symbols], dtype=float)
    problem = kind.problem(counts)
    u = kind.space.to_free(theta)
    jacobian = kind.space.jacobian(u)
    fitted = Fitted(
        log_likelihood=problem(u)[0],
        covariance=jacobian @ np.linalg.pinv(problem.curvature(u)) @ jacobian.T,
        n=counts.customers,
        purchases=counts.purchases,
        diagnosis=size_findings(counts),
        engine="lifetimes",
        counts=counts,
    )
    unit = getattr(counts, "time_unit", "periods")
    return THROUGH[name](*theta, time_unit=unit, fitted=fitted)


ENGINES["lifetimes"] = OtherEngine(fit_with_lifetimes, fit_spend_with_lifetimes, through_lifetimes)
