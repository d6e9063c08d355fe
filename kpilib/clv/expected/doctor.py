"""The doctor: reads the data and the fit, and says in words what should not be believed.

`diagnose` needs only the histories; with mean spends it also checks that spend and frequency are
unrelated, and with the purchases themselves that buying is neither regular nor seasonal.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtri, ndtri

from kpilib.clv.expected.doctor_log import regularity_findings, season_findings
from kpilib.clv.fitting.arguments import PERIODS, as_column
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.edges import FEW
from kpilib.clv.fitting.finding import SEVERITIES, Finding
from kpilib.clv.fitting.optimise import climb, pinned
from kpilib.clv.models.bgnbd import BGNBD
from kpilib.clv.models.geometric import GeometricDropout
from kpilib.clv.models.transactions import TransactionModel
from kpilib.errors import InputError
from kpilib.words import Amount, Unit, _, ngettext
from kpilib.words.units import TIME_UNITS, Number

RELATED = 0.1
SIGNIFICANCE = 0.05
SPREAD = 0.1


class Correlation(NamedTuple):
    """A rank correlation with its 95% limits and the number of customers behind it."""

    value: float
    low: float
    high: float
    n: int


def diagnose(
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    monetary_value: ArrayLike | None = None,
    purchases: pd.DataFrame | None = None,
    end: int | None = None,
    model: TransactionModel | None = None,
    time_unit: str = "days",
) -> tuple[Finding, ...]:
    """Everything found wrong, or worth knowing, the most serious first.

    Histories are as for `BGNBD.fit`, `monetary_value` as for `GammaGamma.fit`. `purchases` is a
    table with columns customer_id and day (one row per customer and purchase day, integers), and
    `end` the day on which observation ended, by default the day after the last purchase. Without
    a fitted `model` a BG/NBD is fitted. An empty result means: nothing found.

    >>> seen = BGNBD(0.243, 30.9, 0.793, 2.426).simulate([270.0] * 3000, seed=1)
    >>> weekly = (seen["recency"] // 7 + (seen["frequency"] > 0)) * 7
    >>> for finding in diagnose(seen["frequency"], weekly, 273 * (seen["T"] > 0)):
    ...     print(finding.severity, finding.name)
    warning time_rounded
    note one_time_buyers
    """
    counts = Counts.from_arrays(frequency, recency, T, weights, time_unit=time_unit)
    if not (model is None or isinstance(model, TransactionModel)):
        raise InputError(f"model is {model!r}; give a BGNBD, MBGNBD or ParetoNBD, or none")
    if model is None or model.fitted is None:
        model = (BGNBD if model is None else type(model)).fit_counts(counts)
    structure = structure_findings(model, counts)
    said = tuple(f for f in model.diagnosis if f.name not in _settled(structure))
    found = [*said, *structure, *time_findings(counts)]
    if monetary_value is not None:
        found += spend_findings(frequency, monetary_value)
    if purchases is not None:
        found += regularity_findings(purchases)
        if time_unit != PERIODS:
            found += season_findings(purchases, model, end)
    found += one_time_findings(model, counts)
    unique: dict[str, Finding] = {}
    for finding in found:
        unique.setdefault(finding.name, finding)
    return tuple(sorted(unique.values(), key=lambda f: -SEVERITIES.index(f.severity)))


def _settled(structure: list[Finding]) -> set[str]:
    """What the fit says of those who leave, an empty question where nobody seems to."""
    if "no_dropout" not in [finding.name for finding in structure]:
        return set()
    return {"no_dropout", "same_dropout", "dropout_unlike"}


def structure_findings(model: TransactionModel, counts: Counts) -> list[Finding]:
    """Does the model need dropout, and customers who differ? Likelihood-ratio tests at 5%.

    Where there are many customers the test finds differences in rate that matter to nobody; below
    a tenth of the rate itself they count as none.
    """
    if model.fitted is None or counts.repeat_buyers < FEW:
        return []
    problem = type(model).problem(counts)
    u = problem.space.to_free(list(model.parameters.values()))
    if model.fitted.prior_used:
        u = climb(problem, 0.0)[0]
    top = problem(u)[0]
    threshold = chdtri(1, 2 * SIGNIFICANCE)  # the simpler model lies on the edge
    limits = problem.space.bounds(problem.prior_mean)

    def needless(index: int, side: int) -> bool:
        return 2 * (top - pinned(problem, u, index, limits[index][side])) < threshold

    out = []
    if needless(2, 0):
        sentence = _("Buying at a constant rate, without anybody leaving, fits the data as well.")
        if isinstance(model, GeometricDropout):
            sentence = _(
                "Buying at a constant rate, without anybody leaving, fits the data as well "
                "(as fitted, {share} leave after a purchase).",
                share=Amount(model.a / (model.a + model.b), Unit.SHARE),
            )
        remedy = _("Observe for longer before reading P(alive); do not rank customers by it.")
        out.append(Finding("no_dropout", "warning", sentence, remedy))
    shape = float(np.exp(u[1]))
    if needless(1, 1) or shape > 1 / SPREAD**2:
        sentence = _(
            "One purchase rate for all customers fits the data as well "
            "(as fitted, rates spread by {share} around their mean).",
            share=Amount(shape**-0.5, Unit.SHARE),
        )
        remedy = _("Differences between customers' forecasts are noise; use the average.")
        out.append(Finding("same_rate", "warning", sentence, remedy))
    return out


def time_findings(counts: Counts) -> list[Finding]:
    """Has time been rounded to something coarser than a day?"""
    if counts.time_unit == PERIODS:
        return []
    times = np.concatenate([counts.T, counts.recency])
    if (times != np.floor(times)).any():
        return []
    step = int(np.gcd.reduce(times.astype(np.int64)))
    unit = counts.time_unit
    if unit == "days" and step < 2:
        return []
    if len(np.unique(counts.T)) < 3 and len(np.unique(counts.recency)) < 3:
        return []
    whole = _("whole {unit}", unit=TIME_UNITS.get(unit, unit))
    size = ngettext("{n} day", "{n} days", step) if unit == "days" else whole
    sentence = _("All times are rounded to {size}, which biases the fit.", size=size)
    remedy = _(
        "Count exact days from the first purchase; turn the fitted model into weeks to report."
    )
    return [Finding("time_rounded", "warning", sentence, remedy)]


def spend_correlation(frequency: ArrayLike, monetary_value: ArrayLike) -> Correlation:
    """Spearman's correlation of purchases and mean spend over repeat buyers, with 95% limits.

    Limits after Bonett & Wright, Psychometrika 65, 2000. Raises an InputError with fewer than ten
    repeat buyers or where all have the same frequency or spend.

    >>> rng = np.random.default_rng(1)
    >>> result = spend_correlation(rng.integers(1, 9, 500), rng.gamma(4, 10, 500))
    >>> print(f"{result.value:.2f} ({result.low:.2f} to {result.high:.2f})")
    -0.05 (-0.14 to 0.04)
    """
    x = as_column(frequency, "frequency").astype(float)
    m = as_column(monetary_value, "monetary_value").astype(float)
    _same_length(x, m)
    some = (x > 0) & np.isfinite(m)
    x, m = x[some], m[some]
    if len(x) < 10 or np.ptp(x) == 0 or np.ptp(m) == 0:
        raise InputError(
            _("{n} repeat buyers are too few, or too alike, for a correlation", n=len(x))
        )
    value = float(np.corrcoef(pd.Series(x).rank(), pd.Series(m).rank())[0, 1])
    half = -ndtri(0.025) * np.sqrt((1 + value**2 / 2) / (len(x) - 3))
    low, high = np.tanh(np.arctanh(np.clip(value, -0.999999, 0.999999)) + np.array([-half, half]))
    return Correlation(value, float(low), float(high), len(x))


def _same_length(x: np.ndarray, m: np.ndarray) -> None:
    if len(x) != len(m):
        raise InputError(
            f"frequency and monetary_value differ in length: {len(x)}, {len(m)}; "
            "give one of each per customer"
        )


def spend_findings(frequency: ArrayLike, monetary_value: ArrayLike) -> list[Finding]:
    """Does spend per purchase depend on how often customers buy? Gamma-Gamma says it must not."""
    _same_length(as_column(frequency, "frequency"), as_column(monetary_value, "monetary_value"))
    try:
        value, low, high, n = spend_correlation(frequency, monetary_value)
    except InputError:
        return []
    numbers = _(
        "rank correlation {value}, 95% limits {low} to {high}, {n} customers",
        value=Number(value, 2),
        low=Number(low, 2),
        high=Number(high, 2),
        n=n,
    )
    if low > RELATED or high < -RELATED:
        more = _("Frequent buyers spend more per purchase ({numbers}).")
        less = _("Frequent buyers spend less per purchase ({numbers}).")
        sentence = (more if value > 0 else less).format(numbers=numbers)
        remedy = _(
            "Fit spend per group of frequency; one model for all misstates the best customers."
        )
        return [Finding("spend_related", "warning", sentence, remedy)]
    sentence = _("Spend per purchase and frequency are near unrelated ({numbers}).")
    remedy = _("Gamma-Gamma may be used.")
    return [Finding("spend_unrelated", "note", sentence.format(numbers=numbers), remedy)]


def one_time_findings(model: TransactionModel, counts: Counts) -> list[Finding]:
    """BG/NBD calls every one-time buyer alive; say so."""
    once = counts.customers - counts.repeat_buyers
    if not isinstance(model, BGNBD) or once == 0:
        return []
    sentence = _("BG/NBD gives P(alive) = 1 to all {n} customers who bought once.", n=round(once))
    remedy = _("Read their P(alive) from MBG/NBD, where the first purchase can be the last.")
    return [Finding("one_time_buyers", "note", sentence, remedy)]
