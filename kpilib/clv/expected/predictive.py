"""The future of customers with known histories, purchase by purchase, drawn from a model.

Given that a customer is still there, the rate and the chance of leaving have gamma and beta
posteriors of their own: rate ~ gamma(r + x, alpha + T) and p ~ beta(a, b + chances so far) in the
BG/NBD family, mu ~ gamma(s, beta + T) in Pareto/NBD. What comes next follows from them.
"""

from typing import Any

import numpy as np

from kpilib.clv.expected.discount import Schedule
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.models.geometric import GeometricDropout
from kpilib.clv.models.pareto_nbd import ParetoNBD
from kpilib.errors import InputError

Seed = int | None | np.random.Generator

WORK = 1_000_000
MOST = 2_000
BLOCK = 500_000


def replicates(customers: int) -> int:
    """How often each customer's future is drawn: a million futures in all, or each once."""
    return int(np.clip(WORK // max(customers, 1), 1, MOST))


def simulate_purchases(
    model: Any,
    x: np.ndarray,
    t_x: np.ndarray,
    age: np.ndarray,
    days: float,
    seed: Seed = 0,
    *,
    times: int = 1,
    alive: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Every purchase of the next `days`: the customer's place, and how many days from now.

    Each future is drawn so many `times`; the places of the second time follow those of the first.
    The model counts in days; `alive` is its probability of being there, where known. Raises
    InputError for a model that has no such posterior.
    """
    if not isinstance(model, GeometricDropout | ParetoNBD):
        raise InputError(f"{model.kind} cannot draw futures; use BGNBD, MBGNBD or ParetoNBD")
    rng = np.random.default_rng(seed)
    if alive is None:
        alive = model.probability_alive(x, t_x, age)
    there: Any = np.flatnonzero(rng.random((times, len(x))) < alive)
    bought, seen = x[there % len(x)], age[there % len(x)]
    rate: Any = rng.gamma(model.r + bought, 1 / (model.alpha + seen))
    life: Any = np.full(len(there), float(days))
    leaves: Any = np.zeros(len(there))
    if isinstance(model, GeometricDropout):
        leaves = rng.beta(model.a, model.b + bought + model.first_chance)
    else:
        gone = rng.gamma(model.s, 1 / (model.beta + seen))
        with np.errstate(divide="ignore", over="ignore"):
            life = np.minimum(life, rng.standard_exponential(len(there)) / gone)
    now: Any = np.zeros(len(there))
    who, when = [], []
    while len(there):
        with np.errstate(divide="ignore", over="ignore"):
            now = now + rng.standard_exponential(len(there)) / rate
        buys = now <= life
        there, now, rate, life, leaves = (c[buys] for c in (there, now, rate, life, leaves))
        who.append(there)
        when.append(now)
        stays = rng.random(len(there)) >= leaves
        there, now, rate, life, leaves = (c[stays] for c in (there, now, rate, life, leaves))
    if not who:
        return np.zeros(0, dtype=int), np.zeros(0)
    return np.concatenate(who), np.concatenate(when)


def simulate_value(
    model: Any,
    spend: GammaGamma,
    schedule: Schedule,
    histories: tuple[np.ndarray, np.ndarray, np.ndarray],
    total: np.ndarray,
    seed: Seed = 0,
    *,
    times: int = 1,
    alive: np.ndarray | None = None,
) -> np.ndarray:
    """Drawn discounted values before the margin, shape (times, customers).

    `total` is what each customer spent on repeat purchases.
    """
    x = histories[0]
    rng = np.random.default_rng(seed)
    who, when = simulate_purchases(model, *histories, schedule.days, rng, times=times, alive=alive)
    purchases = np.bincount(who, minlength=times * len(x))
    buyers = np.flatnonzero(purchases)
    known = buyers % len(x)
    scale = np.zeros(len(purchases))
    scale[buyers] = (spend.v + total[known]) / rng.standard_gamma(spend.q + spend.p * x[known])
    step = np.searchsorted(schedule.ends, when)
    money = rng.standard_gamma(spend.p, len(who)) * scale[who] * schedule.factors[step]
    return np.bincount(who, money, minlength=len(purchases)).reshape(times, -1)


def value_variance(
    model: Any,
    spend: GammaGamma,
    schedule: Schedule,
    histories: tuple[np.ndarray, np.ndarray, np.ndarray],
    total: np.ndarray,
    expected: np.ndarray,
    alive: np.ndarray,
    seed: int | None = 0,
) -> np.ndarray:
    """Each customer's squared distance from the expected value, averaged over drawn futures.

    Added up over many customers it is the variance of their total, customers being independent.
    `alive` is each customer's probability of being there.
    """
    rng = np.random.default_rng(seed)
    out = np.empty(len(expected))
    times = replicates(len(expected))
    size = BLOCK // times
    for start in range(0, len(expected), size):
        part = slice(start, start + size)
        x, t_x, age = (column[part] for column in histories)
        drawn = simulate_value(
            model, spend, schedule, (x, t_x, age), total[part], rng, times=times, alive=alive[part]
        )
        out[part] = ((drawn - expected[part]) ** 2).mean(axis=0)
    return out
