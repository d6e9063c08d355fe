"""What a backtest scores: 95% limits of what customers buy, each and all together."""

from typing import Any

import numpy as np
import pandas as pd

from kpilib.clv.expected.predictive import simulate_purchases

WORK = 2_000_000
"""About how many futures are drawn, over all different histories."""


def purchase_limits(
    value: Any, days: int, seed: int | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """95% limits of every customer's purchases, and the variance of all purchases together."""
    columns = value.customers[["frequency", "recency", "T"]]
    distinct = columns.drop_duplicates()
    times = int(np.clip(WORK // len(distinct), 40, 400))
    x, t_x, age = (distinct[c].to_numpy(float) for c in columns)
    who, _days = simulate_purchases(value.model, x, t_x, age, days, seed, times=times)
    counts = np.bincount(who, minlength=times * len(x)).reshape(times, -1)
    low, high = np.quantile(counts, [0.025, 0.975], axis=0, method="inverted_cdf")
    place = pd.MultiIndex.from_frame(distinct).get_indexer(pd.MultiIndex.from_frame(columns))
    return low[place], high[place], float(counts.var(axis=0)[place].sum())


def total_limits(value: Any, days: int, variance: float, seed: int | None) -> tuple[float, float]:
    """95% limits of all customers' purchases: of the parameters, and of chance given them."""
    history = value.customers.groupby(["frequency", "recency", "T"]).size()
    x, t_x, age = (history.index.get_level_values(i).to_numpy(float) for i in range(3))
    size = history.to_numpy()
    drawn = value.posterior.quick_values(
        lambda model: model.expected_purchases(float(days), x, t_x, age) @ size
    )
    noise = np.random.default_rng(seed).standard_normal(len(drawn)) * np.sqrt(variance)
    low, high = np.quantile(np.maximum(drawn + noise, 0), [0.025, 0.975])
    return float(low), float(high)
