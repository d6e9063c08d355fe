"""The future of customers with known histories, purchase by purchase, drawn from a model.

Given that a customer is still there, the rate and the chance of leaving have gamma and beta
posteriors of their own: rate ~ gamma(r + x, alpha + T) and p ~ beta(a, b + chances so far) in the
BG/NBD family, mu ~ gamma(s, beta + T) in Pareto/NBD. What comes next follows from them.
"""

from typing import Any

import numpy as np

from kpilib.clv.discount import Schedule
from kpilib.clv.gamma_gamma import GammaGamma
from kpilib.clv.geometric import GeometricDropout
from kpilib.clv.pareto_nbd import ParetoNBD
from kpilib.errors import InputError

WORK = 2_000_000
MOST = 2_000


def replicates(customers: int) -> int:
    """How often each customer's future is drawn: some million futures in all."""
    return int(np.clip(WORK // max(customers, 1), 2, MOST))


def simulate_purchases(
    model: Any, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, days: float, seed: int | None = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Every purchase of the next `days`: the customer's place, and how many days from now.

    The model counts in days. Raises InputError for a model that has no such posterior.
    """
    rng = np.random.default_rng(seed)
    there: Any = np.flatnonzero(rng.random(len(x)) < model.probability_alive(x, t_x, age))
    if not isinstance(model, GeometricDropout | ParetoNBD):
        raise InputError(f"{model.kind} cannot draw futures; use BGNBD, MBGNBD or ParetoNBD")
    rate: Any = rng.gamma(model.r + x[there], 1 / (model.alpha + age[there]))
    life: Any = np.full(len(there), float(days))
    leaves: Any = np.zeros(len(there))
    if isinstance(model, GeometricDropout):
        leaves = rng.beta(model.a, model.b + x[there] + model.first_chance)
    else:
        gone = rng.gamma(model.s, 1 / (model.beta + age[there]))
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
    seed: int | None = 0,
) -> np.ndarray:
    """One drawn discounted value per customer, before the margin.

    `total` is what each customer spent on repeat purchases.
    """
    x, t_x, age = histories
    who, when = simulate_purchases(model, x, t_x, age, schedule.days, seed)
    rng = np.random.default_rng(None if seed is None else seed + 1)
    nu = rng.gamma(spend.q + spend.p * x, 1 / (spend.v + total))
    factor = schedule.factors[np.searchsorted(schedule.ends, when).clip(max=len(schedule.ends) - 1)]
    money = rng.gamma(spend.p, 1 / nu[who]) * factor
    return np.bincount(who, money, minlength=len(x))


def value_variance(
    model: Any,
    spend: GammaGamma,
    schedule: Schedule,
    histories: tuple[np.ndarray, np.ndarray, np.ndarray],
    total: np.ndarray,
    expected: np.ndarray,
    seed: int | None = 0,
) -> np.ndarray:
    """Each customer's squared distance from the expected value, averaged over drawn futures.

    Added up over many customers it is the variance of their total, customers being independent.
    """
    out = np.zeros(len(expected))
    times = replicates(len(expected))
    chunk = max(1, min(times, WORK // 4 // max(len(expected), 1)))
    done = 0
    while done < times:
        n = min(chunk, times - done)
        x, t_x, age = (np.tile(column, n) for column in histories)
        at = None if seed is None else seed + 2 * done
        drawn = simulate_value(model, spend, schedule, (x, t_x, age), np.tile(total, n), at)
        out += ((drawn.reshape(n, -1) - expected) ** 2).sum(axis=0)
        done += n
    return out / times
