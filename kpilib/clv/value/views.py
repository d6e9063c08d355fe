"""Tables to look at a model by: what it thinks of histories, of one customer, of how people differ.

Each is a tidy frame that the plot of the same name takes.
"""

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.expected.choose import (
    PURCHASE_MODELS,
    ModelChoice,
    chosen_purchases,
    fitted_purchases,
)
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.summary import Until, as_until, purchase_counts, purchase_summary
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.models.geometric import GeometricDropout
from kpilib.clv.value.worth import spend_terms, units
from kpilib.errors import InputError
from kpilib.periods import day_date
from kpilib.show.reason import answering
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

YEAR = 365.25
GRID = 60
ENOUGH = 3
_AT_ANY_TIME = _(
    "{what} is of purchases at any time, of which {model} knows nothing; give a model such as "
    "customer_lifetime_value(base, model='BGNBD').model"
)
_NO_PURCHASE = _("customer {customer} has no purchase before {day}")


@answering
def frequency_recency(
    model: Any, T: float, *, days: float = 365.0, most: int | None = None
) -> pd.DataFrame:
    """P(alive) and expected purchases for every history of customers of age `T` days.

    `frequency` (0 to `most`), `recency` (days, from 0 to T in 60 steps), `probability_alive`,
    `expected_purchases` in the next `days`. Histories that cannot be (a frequency without a
    recency, or the other way round) are NaN.

    >>> from kpilib.clv import BGNBD
    >>> table = frequency_recency(BGNBD(0.243, 30.9, 0.793, 2.426), T=270, most=3)
    >>> len(table), float(table["probability_alive"].max())
    (240, 1.0)
    """
    _follows_purchases(model, "the matrix of frequency and recency")
    x, t_x = _grid(T, most if most is not None else 20)
    model = model.in_unit("days")
    impossible = (x == 0) != (t_x == 0)
    history = np.where(impossible, 0.0, x), np.where(impossible, 0.0, t_x), T
    alive = model.probability_alive(*history)
    expected = model.expected_purchases(days, *history)
    table = pd.DataFrame({"frequency": x.astype(int), "recency": t_x})
    table["probability_alive"] = np.where(impossible, np.nan, alive)
    table["expected_purchases"] = np.where(impossible, np.nan, expected)
    table.attrs.update(T=T, days=days, model=model.kind)
    return table


@answering
def iso_value(
    model: Any, spend: GammaGamma, T: float, schedule: Schedule, *, most: int | None = None
) -> pd.DataFrame:
    """The value of every history of customers of age `T` days who spend the average.

    `frequency`, `recency`, `value`: lines of equal value on it are the iso-value curves of Fader,
    Hardie & Lee (JMR 42(4), 2005). With many early purchases a customer can be worth less than
    with few: so much silence after so much buying means that they have gone.
    """
    _follows_purchases(model, "an iso-value curve")
    x, t_x = _grid(T, most if most is not None else 20)
    base, each = spend_terms(spend, x)
    impossible = (x == 0) != (t_x == 0)
    history = np.where(impossible, 0.0, x), np.where(impossible, 0.0, t_x), np.full(len(x), T)
    found = units(model.in_unit("days"), schedule, *history).within
    value = np.where(impossible, np.nan, found * (base + each * x * spend.mean_spend))
    table = pd.DataFrame({"frequency": x.astype(int), "recency": t_x, "value": value})
    table.attrs.update(T=T, days=schedule.days, model=model.kind)
    return table


def _follows_purchases(model: Any, what: str) -> None:
    if model.kind not in PURCHASE_MODELS:
        raise InputError(_AT_ANY_TIME.format(what=what, model=model.kind))


def _grid(T: float, most: int) -> tuple[np.ndarray, np.ndarray]:
    if not T > 0:
        raise InputError(f"T is {T}; give an age in days above 0")
    frequency = np.arange(most + 1.0)
    recency = np.linspace(0.0, T, GRID)
    x, t_x = np.meshgrid(frequency, recency, indexing="ij")
    return x.ravel(), t_x.ravel()


@answering
def customer_life(
    base: "Business",
    customer_id: Any = None,
    *,
    model: ModelChoice = None,
    until: Until = None,
) -> pd.DataFrame:
    """P(alive) of one customer on every day since the first purchase, as it looked on that day.

    `date`, `probability_alive`, `purchase` (whether one was made that day), `amount`. The model is
    fitted to the whole base; without `customer_id` it is the customer of three repeat purchases or
    more who came back after the longest silence (or of fewer, where nobody has so many).
    Raises InputError where there is no such customer.
    """
    closes = as_until(base, until)
    fitted = fitted_purchases(_chosen(base, model), purchase_counts(base, closes))
    if customer_id is None:
        customer_id = _returned(base, closes)
    if isinstance(customer_id, np.generic):  # before version 2, DuckDB compares with none of these
        customer_id = customer_id.item()
    mine = base.purchases.filter((nw.col("customer_id") == customer_id) & (nw.col("day") < closes))
    bought = base.engine.collect(mine.select("day", "amount")).sort_values("day")
    if not len(bought):
        raise InputError(_NO_PURCHASE.format(customer=repr(customer_id), day=day_date(closes)))
    days = bought["day"].to_numpy(int)
    every = np.arange(days[0], closes)
    count = np.searchsorted(days, every, side="right")
    last = days[count - 1]
    alive = fitted.probability_alive(count - 1, last - days[0], every - days[0])
    table = pd.DataFrame(
        {
            "date": [day_date(day) for day in every],
            "probability_alive": alive,
            "purchase": np.isin(every, days),
        }
    )
    table["amount"] = bought.set_index("day")["amount"].reindex(every).fillna(0.0).to_numpy()
    table.attrs.update(customer_id=customer_id, model=fitted.kind)
    return table


def _chosen(base: "Business", model: ModelChoice) -> Any:
    return chosen_purchases(base, model, "this picture")


def _returned(base: "Business", closes: int) -> Any:
    """The customer who came back after the longest silence, among those with a history to show."""
    bought = base.purchases.filter(nw.col("day") < closes)
    gaps = bought.group_by("customer_id").agg(
        nw.len().alias("n"), (nw.col("day") - nw.col("previous_day")).max().alias("gap")
    )
    enough = nw.when(nw.col("n") > ENOUGH).then(nw.lit(1)).otherwise(nw.lit(0))
    gaps = gaps.select("customer_id", enough=enough, gap=nw.col("gap").fill_null(0))
    best = base.engine.collect(
        gaps.sort("enough", "gap", "customer_id", descending=[True, True, False]).head(1)
    )
    return best["customer_id"].iloc[0]


@answering
def heterogeneity(model: Any, spend: GammaGamma | None = None) -> pd.DataFrame:
    """How customers differ, by the model: a density for each trait.

    `trait`, `x`, `density`, `cumulative`: `rate` (purchases a year while a customer), `leaving`
    (the chance that a purchase is the last; for Pareto/NBD `dropout`, the yearly rate of leaving)
    and `spend` (mean per purchase); of contracts `ending` (the chance that one is not renewed).
    The grid runs from the 0.5th to the 99th percentile.
    """
    from scipy import stats  # takes longer to import than the rest of a first question

    traits: dict[str, Any]
    if model.kind == "SBG":
        traits = {"ending": stats.beta(model.alpha, model.beta)}
    else:
        _follows_purchases(model, "how customers differ")
        model = model.in_unit("days")
        traits = {"rate": stats.gamma(model.r, scale=YEAR / model.alpha)}
        if isinstance(model, GeometricDropout):
            traits["leaving"] = stats.beta(model.a, model.b)
        else:
            traits["dropout"] = stats.gamma(model.s, scale=YEAR / model.beta)
    if spend is not None:
        traits["spend"] = stats.invgamma(spend.q, scale=spend.p * spend.v)
    parts = []
    for trait, law in traits.items():
        low, high = law.ppf([0.005, 0.99])
        x = np.linspace(low, high, 200)
        part = pd.DataFrame({"trait": trait, "x": x, "density": law.pdf(x)})
        parts.append(part.assign(cumulative=law.cdf(x)))
    table = pd.concat(parts, ignore_index=True)
    table.attrs["model"] = model.kind
    return table


@answering
def holdout_by_frequency(
    base: "Business",
    split: Until,
    *,
    model: ModelChoice = None,
    most: int = 7,
    until: Until = None,
) -> pd.DataFrame:
    """Purchases after `split`, predicted and actual, by how often customers had bought before.

    `frequency` (the last row holds `most` and more), `customers`, `predicted` and `actual` mean
    purchases from the split to `until`, the end of the data where not given.
    """
    closes, last, day = as_until(base, split), as_until(base, until), nw.col("day")
    days = last - closes
    if days <= 0:
        raise InputError(
            _("split lies at the end of the data; choose an earlier day to hold out from")
        )
    summary = purchase_summary(base, closes)
    fitted = fitted_purchases(_chosen(base, model), purchase_counts(base, closes))
    history = [summary[c].to_numpy(float) for c in ("frequency", "recency", "T")]
    later = base.visits.filter((day >= closes) & (day < last)).group_by("customer_id")
    came = base.engine.collect(later.agg(nw.len().alias("n"))).set_index("customer_id")["n"]
    table = pd.DataFrame(
        {
            "frequency": np.minimum(history[0], most).astype(int),
            "predicted": fitted.expected_purchases(float(days), *history),
            "actual": came.reindex(summary["customer_id"]).fillna(0).to_numpy(float),
        }
    )
    grouped = table.groupby("frequency")
    means = grouped[["predicted", "actual"]].mean()
    out = pd.concat([grouped.size().rename("customers"), means], axis=1).reset_index()
    out.attrs.update(most=most, days=days, model=fitted.kind)
    return out


@answering
def concentration(value: pd.Series) -> pd.DataFrame:
    """How much of the value the best customers hold: from the most valuable down.

    `customers` and `value`, both as shares so far, at a hundred and one points.

    >>> table = concentration(pd.Series([70.0, 20.0, 10.0, 0.0]))
    >>> table.loc[[0, 25, 50, 100], "value"].round(6).tolist()
    [0.0, 0.7, 0.9, 1.0]
    """
    ranked = np.sort(value.to_numpy(float))[::-1]
    sums = np.concatenate([[0.0], np.cumsum(ranked)])
    share = np.linspace(0, 1, 101)
    at = np.interp(share * len(ranked), np.arange(len(ranked) + 1), sums)
    total = sums[-1] if sums[-1] > 0 else np.nan
    return pd.DataFrame({"customers": share, "value": at / total})
