"""What every lifetime model has in common: a frozen value with the paper's symbols."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.special import ndtri

from kpilib.clv.fitting.arguments import as_level, check_time_unit, ratio
from kpilib.clv.fitting.edges import edge_findings, size_findings
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.fitting.optimise import Problem, Solution
from kpilib.clv.fitting.space import Space
from kpilib.errors import InputError, near_miss

FORMAT = "kpilib-clv-model/1"
KINDS: dict[str, type["Model"]] = {}
"""Every kind of model by its name, filled as the classes are defined."""

OWN = "kpilib"
ENGINES: dict[str, "OtherEngine"] = {}
"""What else can fit and answer in a model's place, by name; each registers itself."""


class OtherEngine(NamedTuple):
    """Another package behind the same names and shapes."""

    fit_purchases: Callable[[Any, Any], Any]
    """From a kind of model and compressed counts to a fitted model."""
    fit_spend: Callable[[Any, Any], Any]
    """The same for spends."""
    reopen: Callable[[Any], Any]
    """From a model read from a file to one that is asked through the package."""


def other_engine(name: str) -> OtherEngine:
    """The engine of that name, or an InputError that offers the nearest."""
    if name not in ENGINES:
        raise InputError(f"engine {name!r} is not known; {near_miss(name, [OWN, *ENGINES])}")
    return ENGINES[name]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What fitting adds to the parameters.

    `covariance` is of the natural parameters, in the order of the model's `symbols`; `n` counts
    customers (weights added up) and `purchases` their repeat purchases; `prior_used` says that
    the data left a parameter open and a weak prior closed it. `counts` are the compressed data,
    kept in memory for `posterior` and never saved.
    """

    log_likelihood: float
    covariance: np.ndarray
    n: float
    purchases: float
    diagnosis: tuple[Finding, ...] = ()
    engine: str = OWN
    prior_used: bool = False
    counts: Any = None


@dataclass(frozen=True)
class Model(ABC):
    """A fitted or hand-written model. Equal parameters make equal models.

    `time_unit` names the unit that every time given to the model, and every parameter that is a
    time, is measured in. A hand-written model has no `log_likelihood`, `covariance`, `aic`,
    `bic` or `n` (None) and an empty `diagnosis`.
    """

    symbols: ClassVar[tuple[str, ...]] = ()
    space: ClassVar[Space] = Space(())
    time_powers: ClassVar[dict[str, int]] = {}
    edges: ClassVar[dict[tuple[int, int], str]] = {}

    time_unit: str = field(default="days", kw_only=True)
    fitted: Fitted | None = field(default=None, kw_only=True, repr=False, compare=False)

    def __init_subclass__(cls, saved: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        if saved:
            KINDS[cls.__name__] = cls

    def __post_init__(self) -> None:
        check_time_unit(self.time_unit)
        for symbol, given in self.parameters.items():
            try:
                value = float(given)
            except (TypeError, ValueError):
                value = np.nan
            if not (np.isfinite(value) and value > 0):
                raise InputError(
                    f"{type(self).__name__}: {symbol} is {given}; it must be a number above 0"
                )
            object.__setattr__(self, symbol, value)

    @classmethod
    def kind_name(cls) -> str:
        """The name of the kind of model, whichever engine answers."""
        return next(base.__name__ for base in cls.__mro__ if KINDS.get(base.__name__) is base)

    @property
    def kind(self) -> str:
        """The name of the kind of model, as in `to_json`."""
        return self.kind_name()

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by the paper's symbols."""
        return {symbol: getattr(self, symbol) for symbol in self.symbols}

    @property
    def time_scale(self) -> float:
        """The shortest time, in its unit, in which what the model expects of a new customer bends.

        The smallest of the parameters that are times; infinite where none is.
        """
        times = [getattr(self, symbol) for symbol, power in self.time_powers.items() if power]
        return min(times, default=float("inf"))

    @property
    def log_likelihood(self) -> float | None:
        """Log-likelihood of the data at these parameters, in this unit of time."""
        return self.fitted.log_likelihood if self.fitted else None

    @property
    def covariance(self) -> np.ndarray | None:
        """Covariance of the parameters, k × k, in the order of `symbols`."""
        return self.fitted.covariance if self.fitted else None

    @property
    def n(self) -> float | None:
        """Customers the model was fitted to."""
        return self.fitted.n if self.fitted else None

    @property
    def aic(self) -> float | None:
        """Akaike's criterion, 2 k - 2 log L."""
        return 2 * len(self.symbols) - 2 * self.fitted.log_likelihood if self.fitted else None

    @property
    def bic(self) -> float | None:
        """Schwarz's criterion, k log n - 2 log L."""
        if self.fitted is None:
            return None
        return len(self.symbols) * float(np.log(self.fitted.n)) - 2 * self.fitted.log_likelihood

    @property
    def diagnosis(self) -> tuple[Finding, ...]:
        """What the fit found wrong, as named findings with remedies; empty where all is well."""
        return self.fitted.diagnosis if self.fitted else ()

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """One row per parameter: value, standard error and limits (from the free coordinates).

        Limits are symmetric on the scale the model is fitted in, so they stay above 0.
        """
        tail = (1 - as_level(level)) / 2
        table = pd.DataFrame({"value": self.parameters})
        if self.fitted is not None:
            error = np.sqrt(np.diag(self.fitted.covariance))
            spread = np.exp(-ndtri(tail) * error / table["value"].to_numpy())
            table["standard_error"] = error
            table["low"], table["high"] = table["value"] / spread, table["value"] * spread
        return table.rename_axis("parameter")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from kpilib.show.lifetime_value import model_html

        return {"text/plain": repr(self), "text/html": model_html(self)}

    def in_unit(self, time_unit: str) -> Self:
        """The same model with time measured in another unit.

        The log-likelihood moves too: it is a density of purchase times. Raises an InputError for
        a model that counts whole periods: another period is another model.
        """
        if not self.time_powers and time_unit != self.time_unit:
            raise InputError(
                f"a {self.kind} counts {self.time_unit} and cannot be turned into {time_unit}; "
                f"count the data in {time_unit} and fit again"
            )
        k = ratio(self.time_unit, time_unit)
        scale = np.array([k ** self.time_powers.get(symbol, 0) for symbol in self.symbols])
        changed = {s: v * c for (s, v), c in zip(self.parameters.items(), scale, strict=True)}
        fitted = self.fitted and replace(
            self.fitted,
            log_likelihood=self.fitted.log_likelihood - self.fitted.purchases * float(np.log(k)),
            covariance=self.fitted.covariance * np.outer(scale, scale),
            counts=self.fitted.counts and self.fitted.counts.in_unit(time_unit),
        )
        return replace(self, **changed, time_unit=time_unit, fitted=fitted)

    def to_json(self, path: str | Path | None = None) -> str:
        """The model as a few KB of JSON, without customer data; written to `path` where given.

        >>> from kpilib.clv import BGNBD
        >>> saved = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, time_unit="weeks").to_json()
        >>> BGNBD.from_json(saved)
        BGNBD(time_unit='weeks', r=0.243, alpha=4.414, a=0.793, b=2.426)
        """
        out: dict[str, Any] = {
            "format": FORMAT,
            "model": self.kind,
            "time_unit": self.time_unit,
            "parameters": self.parameters,
        }
        if self.fitted is not None:
            out["fit"] = {
                "log_likelihood": self.fitted.log_likelihood,
                "aic": self.aic,
                "bic": self.bic,
                "n": self.fitted.n,
                "purchases": self.fitted.purchases,
                "engine": self.fitted.engine,
                "prior_used": self.fitted.prior_used,
                "covariance": self.fitted.covariance.tolist(),
                "diagnosis": [finding.to_dict() for finding in self.fitted.diagnosis],
            }
        text = json.dumps(out, indent=1)
        if path is not None:
            try:
                Path(path).write_text(text, encoding="utf-8")
            except OSError as error:
                raise InputError(f"the model cannot be written to {path}: {error}") from None
        return text

    @classmethod
    def from_json(cls, text: str | Path) -> Self:
        """A model from the text of `to_json`, or from a file (a `Path`) that holds it.

        Raises an InputError where the text is not such a model, or one of another kind.
        """
        try:
            saved = json.loads(text.read_text("utf-8") if isinstance(text, Path) else text)
            name, values, unit = saved["model"], saved["parameters"], saved["time_unit"]
            fit = saved.get("fit")
            fitted = fit and _fitted_from(fit)
            values = {str(symbol): float(value) for symbol, value in values.items()}
        except (ValueError, KeyError, TypeError, OSError, AttributeError) as error:
            raise InputError(f"this is not a saved lifetime model ({error}); use to_json") from None
        if saved.get("format", FORMAT) != FORMAT:
            raise InputError(
                f"the model is saved as {saved['format']}; this release reads {FORMAT}"
            )
        if not isinstance(name, str) or name not in KINDS:
            raise InputError(f"model {name!r} is not known; {near_miss(name, KINDS)}")
        kind = KINDS[name]
        if not issubclass(kind, cls):
            raise InputError(f"the text holds a {name}, not a {cls.__name__}; use {name}.from_json")
        if set(values) != set(kind.symbols):
            raise InputError(f"{name} needs {', '.join(kind.symbols)}, got {', '.join(values)}")
        model = kind(**values, time_unit=unit, fitted=fitted)
        if fitted and fitted.engine != OWN:
            return other_engine(fitted.engine).reopen(model)
        return model

    @classmethod
    @abstractmethod
    def problem(cls, counts: Any) -> Problem:
        """The likelihood of compressed data, ready to be maximised."""

    @classmethod
    def _from_solution(
        cls, found: Solution, counts: Any, time_unit: str, extra: tuple[Finding, ...] = ()
    ) -> Self:
        jacobian = cls.space.jacobian(found.u)
        fitted = Fitted(
            log_likelihood=found.log_likelihood,
            covariance=jacobian @ found.covariance @ jacobian.T,
            n=counts.customers,
            purchases=counts.purchases,
            diagnosis=edge_findings(cls.edges, found.flat) + size_findings(counts) + extra,
            prior_used=found.prior_used,
            counts=counts,
        )
        theta = cls.space.to_natural(found.u)
        return cls(*map(float, theta), time_unit=time_unit, fitted=fitted)


def _fitted_from(fit: dict[str, Any]) -> Fitted:
    plain = {f.name: fit[f.name] for f in fields(Fitted) if f.name in fit}
    plain["covariance"] = np.array(fit["covariance"], dtype=float)
    plain["diagnosis"] = tuple(Finding(**finding) for finding in fit["diagnosis"])
    return Fitted(**plain)
