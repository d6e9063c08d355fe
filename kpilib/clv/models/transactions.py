"""What BG/NBD, MBG/NBD and Pareto/NBD share: fitting histories and asking about customers."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kpilib.clv.fitting.arguments import at_least, generator, of_kind, one_number, refuse
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.distinct import distinct_rows, dot
from kpilib.clv.fitting.optimise import Problem, solve_shared
from kpilib.clv.fitting.posterior import draw_posterior
from kpilib.clv.models.model import OWN, Model, other_engine
from kpilib.errors import InputError

SAMPLE = 24_000
TOGETHER = 65_536
"""Customers times horizons that are looked at together."""


@dataclass(frozen=True)
class TransactionModel(Model):
    """A model of when a customer buys and when a customer silently leaves."""

    @classmethod
    def fit(
        cls,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        time_unit: str = "days",
        engine: str = "kpilib",
    ) -> Self:
        """The model that makes these purchase histories most likely.

        `frequency` counts repeat purchase days, `recency` is the age at the last of them, `T` the
        age at the end of observation, in `time_unit`; `weights` is how many customers share a
        row. Customers with T = 0 are left out and counted. `engine="lifetimes"` fits and predicts
        through that package instead, with the same names and shapes.

        Where the data leave a parameter open, a weak prior closes it and `diagnosis` says so.
        Raises an InputError on impossible histories (see `Counts.from_arrays`).
        """
        if engine != OWN:
            other_engine(engine)
        counts = Counts.from_arrays(frequency, recency, T, weights, time_unit=time_unit)
        return cls.fit_counts(counts, engine=engine)

    @classmethod
    def fit_counts(cls, counts: Counts, *, engine: str = "kpilib") -> Self:
        """The same from compressed counts, which may be sums of partitions or months."""
        of_kind(counts, Counts, "Counts.from_arrays(frequency, recency, T)")
        if len(counts) == 0 and not counts.left_out:
            raise InputError("weights are all 0; give how many customers share each row")
        if len(counts) == 0:
            raise InputError(
                f"no customer was observed for any time ({counts.left_out:,.0f} have T = 0); "
                "move the end of observation or add older customers"
            )
        if engine != OWN:
            return other_engine(engine).fit_purchases(cls, counts)
        found = solve_shared(cls.__qualname__, counts, lambda: cls.problem(counts))
        return cls._from_solution(found, counts, counts.time_unit)

    @classmethod
    @abstractmethod
    def likelihood(cls, counts: Counts) -> Any:
        """The log-likelihood of `counts` and its gradient, as a function of the parameters."""

    @classmethod
    def problem(cls, counts: Counts) -> Problem:
        """The likelihood of compressed histories, with a start and a weak prior from the data."""
        exposure = dot(counts.weights, counts.T)
        rate = max(counts.purchases, 0.5) / exposure
        start = cls._start(rate, exposure / counts.customers)
        rates = (rate, counts.customers / exposure)
        mean, sd = cls.space.prior(rates)
        sample = None
        if len(counts) > 3 * SAMPLE:
            sample = cls.problem(_sampled(counts))
        return Problem(cls.likelihood(counts), cls.space, start, mean, sd, counts.customers, sample)

    @classmethod
    def _start(cls, rate: float, age: float) -> np.ndarray:
        return cls.space.to_free([0.6, 0.4 / rate, 0.7, 1.8])

    def probability_alive(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> np.ndarray:
        """Probability that customers with these histories have not left by T; shape as given."""
        x, t_x, age = histories(frequency, recency, T)
        return self._alive(x.ravel(), t_x.ravel(), age.ravel()).reshape(x.shape)[()]

    def expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> np.ndarray:
        """Expected purchases in the next `t`, given the history; in purchases per customer.

        `t` is one horizon, one per customer, or a column of horizons of shape (h, 1), which gives
        an array of shape (h, customers).
        """
        x, t_x, age = histories(frequency, recency, T)
        t = horizon(t)
        alive = self._alive(x.ravel(), t_x.ravel(), age.ravel()).reshape(x.shape)
        if t.ndim == 0 or t.shape[-1] == 1:
            (x1, age1), inverse = distinct_rows(x.ravel(), age.ravel())
            grid = self._futures(x1, age1, t.ravel())[:, inverse]
            return (grid.reshape(t.shape[:-1] + x.shape) * alive)[()]
        x, age, t, alive = _together(x, age, t, alive)
        (x1, age1, t1), inverse = distinct_rows(x.ravel(), age.ravel(), t.ravel())
        return self._future(x1, age1, t1)[inverse].reshape(x.shape) * alive

    def _futures(self, x: np.ndarray, age: np.ndarray, times: np.ndarray) -> np.ndarray:
        """`_future` at several horizons, shape (horizons, customers), as many at once as fit."""
        out = np.empty((len(times), len(x)))
        size = max(1, TOGETHER // max(len(x), 1))
        for first in range(0, len(times), size):
            some = times[first : first + size]
            flat = np.repeat(some, len(x))
            found = self._future(np.tile(x, len(some)), np.tile(age, len(some)), flat)
            out[first : first + size] = found.reshape(len(some), len(x))
        return out

    def expected_purchases_new(self, t: ArrayLike) -> np.ndarray:
        """Expected repeat purchases of a new customer in the first `t` after the first purchase."""
        t = horizon(t)
        return self._new(t.ravel()).reshape(t.shape)[()]

    def probability_of_n_purchases(self, n: ArrayLike, t: ArrayLike) -> np.ndarray:
        """Probability that a new customer makes exactly n repeat purchases in the first `t`."""
        n, t = _together(at_least(n, "n", whole=True), horizon(t))
        return self._pmf(n.ravel(), t.ravel()).reshape(n.shape)[()]

    def posterior(
        self, draws: int = 4000, seed: int | None = 0, *, counts: Counts | None = None
    ) -> Any:
        """Draws of the parameters given the data, for intervals on anything; see `Posterior`.

        A model read from JSON needs its `counts` again, or draws from the normal approximation.
        """
        return draw_posterior(self, draws, seed, counts)

    def simulate(
        self, T: ArrayLike, *, ahead: float = 0.0, seed: int | None = None
    ) -> pd.DataFrame:
        """One customer per element of `T`: columns frequency, recency, T, future, alive.

        `future` counts purchases in the time `ahead` after T; `alive` says whether the customer had
        not left by T. Times are continuous, in the model's unit.
        """
        age = np.atleast_1d(at_least(T, "T")).ravel()
        return pd.DataFrame(self._simulate(age, one_number(ahead, "ahead"), generator(seed)))

    @abstractmethod
    def _alive(self, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Probability of not having left, per history."""

    @abstractmethod
    def _future(self, x: np.ndarray, age: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Expected purchases in the next t of customers who are still there."""

    @abstractmethod
    def _new(self, t: np.ndarray) -> np.ndarray:
        """Expected repeat purchases of a new customer until t."""

    @abstractmethod
    def _pmf(self, n: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Probability of n repeat purchases of a new customer until t."""

    @abstractmethod
    def _simulate(
        self, age: np.ndarray, ahead: float, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Columns of `simulate`."""


def _sampled(counts: Counts) -> Counts:
    """Every k-th history: enough to find the neighbourhood of the maximum."""
    keep = slice(None, None, max(1, len(counts) // SAMPLE))
    columns = (counts.frequency, counts.recency, counts.T, counts.weights)
    x, t_x, age, n = (np.ascontiguousarray(column[keep]) for column in columns)
    return Counts(x, t_x, age, n, counts.time_unit)


def histories(frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> list[np.ndarray]:
    """The three as arrays of one shape, or an InputError where they are no histories."""
    x, t_x, age = _together(
        at_least(frequency, "frequency", whole=True), at_least(recency, "recency"), at_least(T, "T")
    )
    named = {"frequency": x.ravel(), "recency": t_x.ravel()}
    refuse((t_x > age).ravel(), "recency", named["recency"], 0, "is after T")
    for wrong, name, why in (
        ((x == 0) & (t_x > 0), "recency", "must be 0 where frequency is 0"),
        ((x > 0) & (t_x == 0), "frequency", "must be 0 where recency is 0"),
    ):
        refuse(wrong.ravel(), name, named[name], 0, why)
    return [x, t_x, age]


def horizon(t: ArrayLike) -> np.ndarray:
    """`t` as an array of finite times of 0 or more, or an InputError."""
    return at_least(t, "t")


def _together(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """The arrays broadcast to one shape."""
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise InputError(
            f"frequency, recency, T and t do not match in shape: {shapes}; give one of each per "
            "customer, or t as a column of horizons"
        ) from None
