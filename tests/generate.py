"""Seeded businesses whose truth is known: tables as kpilib reads them, made in numpy.

Everything is a pure function of its arguments and seed. Orders have `customer_id`, `ordered_at`
(a time without zone), `amount`; subscriptions have `customer_id`, `started_at`, `ended_at`, `mrr`.
"""

from datetime import date

import numpy as np
import pandas as pd

START = date(2024, 1, 1)


def bgnbd_purchases(
    customers: int,
    days: int = 730,
    *,
    r: float = 0.243,
    alpha: float = 4.414 * 7,
    a: float = 0.793,
    b: float = 2.426,
    spend: tuple[float, float, float] = (6.25, 3.74, 15.44),
    arrivals: int | None = None,
    start: date = START,
    seed: int = 1,
) -> pd.DataFrame:
    """Orders of a BG/NBD business with gamma-gamma spend; `alpha` is in days.

    Customers come evenly over the first `arrivals` days (default: all of them), buy at their own
    rate λ ~ Gamma(r, α), and after each purchase leave with their own p ~ Beta(a, b).
    """
    rng = np.random.default_rng(seed)
    customer, when = bgnbd_times(rng, customers, days, r, alpha, a, b, arrivals or days)
    p, q, v = spend
    average = p * v / rng.gamma(q, 1.0, customers)
    amount = np.maximum(average[customer] * rng.gamma(p, 1 / p, len(customer)), 0.01).round(2)
    seconds = (when * 86_400).astype(np.int64)
    table = pd.DataFrame(
        {
            "customer_id": customer + 1,
            "ordered_at": np.datetime64(start, "s") + seconds.astype("timedelta64[s]"),
            "amount": amount,
        }
    )
    return table.sort_values(["ordered_at", "customer_id"], ignore_index=True)


def bgnbd_times(rng, customers, days, r, alpha, a, b, arrivals):
    """Customer number and time in days of every purchase, first ones included, unsorted."""
    at = rng.uniform(0, arrivals, customers)
    rate = rng.gamma(r, 1 / alpha, customers)
    leaving = rng.beta(a, b, customers)
    alive = np.arange(customers)
    who, when = [alive], [at]
    while alive.size:
        stays = rng.random(alive.size) >= leaving[alive] if len(who) > 1 else np.full(len(alive), 1)
        alive, at = alive[stays == 1], at[stays == 1]
        # A rate this close to zero buys nothing again within any horizon.
        wait = rng.exponential(1.0, alive.size) / np.maximum(rate[alive], 1e-12)
        at = at + wait
        alive, at = alive[at < days], at[at < days]
        who.append(alive)
        when.append(at)
    return np.concatenate(who), np.concatenate(when)


def contracts(
    customers: int,
    months: int = 24,
    monthly_survival: float = 0.95,
    *,
    mrr: float = 20.0,
    start: date = START,
    seed: int = 1,
) -> pd.DataFrame:
    """Subscriptions with the same chance of surviving every month, begun evenly over the months.

    Each begins on the first of a month and ends on the first of a later one; those still running
    at the end of the last month have no end.
    """
    rng = np.random.default_rng(seed)
    first = np.datetime64(start, "M")
    begun = rng.integers(0, months, customers)
    ended = begun + rng.geometric(1 - monthly_survival, customers)
    return pd.DataFrame(
        {
            "customer_id": np.arange(customers) + 1,
            "started_at": (first + begun).astype("datetime64[s]"),
            "ended_at": pd.Series((first + ended).astype("datetime64[s]")).where(ended < months),
            "mrr": np.round(mrr * rng.lognormal(0, 0.4, customers), 2),
        }
    )


def halving_contracts(months: int = 6, size: int = 64, start: date = START) -> pd.DataFrame:
    """Subscriptions with no chance in them: of every month's `size` exactly half survive a month.

    A customer's life is 1 month for the first half, 2 for the next quarter, and so on.
    """
    first = np.datetime64(start, "M")
    life = np.concatenate([np.full(size >> k, k) for k in range(1, size.bit_length())])
    life = np.append(life, months + 1)  # the last one outlives them all
    begun = np.repeat(np.arange(months), size)
    ended = begun + np.tile(life, months)
    return pd.DataFrame(
        {
            "customer_id": np.arange(len(begun)) + 1,
            "started_at": (first + begun).astype("datetime64[s]"),
            "ended_at": pd.Series((first + ended).astype("datetime64[s]")).where(ended < months),
            "mrr": 10.0,
        }
    )


def steady_buyers(
    per_month: int, months: int, *, chance: float = 0.5, start: date = START, seed: int = 1
) -> pd.DataFrame:
    """Orders of customers who come evenly and then buy in each later month with one chance.

    A month's exact share `chance` of every cohort buys, who being drawn anew: bounded retention is
    `chance` in every cell, with no noise.
    """
    rng = np.random.default_rng(seed)
    first = np.datetime64(start, "M")
    buyers = round(per_month * chance)
    who, month = [], []
    for cohort in range(months):
        ids = cohort * per_month + np.arange(per_month) + 1
        for age in range(months - cohort):
            some = ids if age == 0 else rng.choice(ids, buyers, replace=False)
            who.append(some)
            month.append(np.full(len(some), cohort + age))
    customer, months_in = np.concatenate(who), np.concatenate(month)
    day = rng.integers(0, 28, len(customer))
    when = (first + months_in).astype("datetime64[D]") + day
    return pd.DataFrame(
        {
            "customer_id": customer,
            "ordered_at": when.astype("datetime64[s]"),
            "amount": rng.gamma(4, 5, len(customer)).round(2) + 0.01,
        }
    )


def small_businesses() -> dict[str, pd.DataFrame]:
    """Orders of the little businesses that break things, by name."""
    frame = pd.DataFrame

    def orders(customer, ordered, amount, **more):
        at = pd.to_datetime(pd.Series(ordered)).astype("datetime64[s]")
        return frame({"customer_id": customer, "ordered_at": at, "amount": amount, **more})

    days = ["2024-01-05", "2024-01-05", "2024-02-10", "2024-06-01"]
    return {
        "one purchase": orders([1], ["2024-01-05"], [10.0]),
        "one customer": orders([1, 1, 1, 1], days, [10.0, 5.0, 2.5, 1.0]),
        "all on one day": orders([1, 2, 3, 4], ["2024-01-05"] * 4, [10.0] * 4),
        "ties": orders(list(range(10)) * 2, ["2024-01-05"] * 10 + ["2024-02-05"] * 10, [7.0] * 20),
        "empty months": orders([1, 2, 1, 3], days, [10.0, 5.0, 2.5, 1.0]),
        "nothing paid": orders([1, 2, 1, 3], days, [0.0] * 4),
        "missing attribute": orders(
            [1, 2, 1, 3], days, [10.0, 5.0, 2.5, 1.0], country=["VN", None, "VN", "CN"]
        ),
    }
