"""Purchase histories drawn from the models, for tests and for what-if questions."""

import numpy as np


def geometric_histories(
    theta: tuple[float, float, float, float],
    first_chance: int,
    age: np.ndarray,
    ahead: float,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """BG/NBD (`first_chance` 0) or MBG/NBD (1) histories of customers aged `age`."""
    r, alpha, a, b = theta
    rate = rng.gamma(r, 1 / alpha, len(age))
    leave = rng.beta(a, b, len(age))
    with np.errstate(divide="ignore", over="ignore"):
        # Purchases until the last one, from a geometric law; infinitely many of who never leaves.
        chances = np.floor(np.log(rng.random(len(age))) / np.log1p(-leave)) + 1
    return _walk(rate, age, ahead, rng, most=chances - first_chance)


def exponential_histories(
    theta: tuple[float, float, float, float],
    age: np.ndarray,
    ahead: float,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Pareto/NBD histories of customers aged `age`."""
    r, alpha, s, beta = theta
    rate = rng.gamma(r, 1 / alpha, len(age))
    with np.errstate(divide="ignore", over="ignore"):
        life = rng.standard_exponential(len(age)) / rng.gamma(s, 1 / beta, len(age))
    return _walk(rate, age, ahead, rng, life=life)


def _walk(
    rate: np.ndarray,
    age: np.ndarray,
    ahead: float,
    rng: np.random.Generator,
    most: np.ndarray | None = None,
    life: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Purchase after purchase for all customers at once, until age + ahead, `most` or `life`."""
    size = len(age)
    x, future = np.zeros(size), np.zeros(size)
    t_x, left_at = np.zeros(size), np.full(size, np.inf)
    if most is not None:
        left_at[most <= 0] = 0.0
    if life is not None:
        left_at = life
    who = np.flatnonzero(rate > 0)
    now = np.zeros(len(who))
    end = np.minimum(age + ahead, left_at)
    while len(who):
        now = now + rng.standard_exponential(len(who)) / rate[who]
        stay = now <= end[who]
        who, now = who[stay], now[stay]
        early = now <= age[who]
        x[who[early]] += 1
        t_x[who[early]] = now[early]
        future[who[~early]] += 1
        if most is not None:
            last = x[who] + future[who] >= most[who]
            left_at[who[last]] = now[last]
            who, now = who[~last], now[~last]
    return {"frequency": x, "recency": t_x, "T": age, "future": future, "alive": left_at > age}
