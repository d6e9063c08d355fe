"""What only the purchases themselves can tell: regular buying, and seasons."""

import numpy as np
import pandas as pd

from kpilib.clv.fitting.arguments import as_column, as_table, one_number, refuse
from kpilib.clv.fitting.edges import LONGEST
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.models.transactions import TransactionModel
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.words import _
from kpilib.words.units import Number

ENOUGH = 30
REGULAR, CLUMPY = 1.5, 0.85
SEASON_SHARE, SEASON_Z = 0.2, 4.0
PAIRS, ALIKE = 6, 0.3


def regularity(purchases: pd.DataFrame) -> tuple[float, float, float, int]:
    """The Erlang shape of the gaps between purchases, its 95% limits, and the customers used.

    1 is the random (Poisson) buying that the models assume, 2 and more is regular, well below 1
    comes in bursts. From the share that the first of a customer's first two gaps has in both,
    whose variance is 1 / (4 (2 k + 1)): Wheat & Morrison, Journal of Marketing Research 27, 1990.
    """
    table = _log(purchases)
    days = table["day"].to_numpy(dtype=float)
    first = table["customer_id"].to_numpy()
    same = first[2:] == first[:-2]
    start = np.r_[True, first[1:] != first[:-1]][:-2]
    take = np.flatnonzero(same & start)
    if len(take) < ENOUGH:
        return np.nan, np.nan, np.nan, len(take)
    # A gap of whole days stands for one up to a day shorter; else daily buyers look regular.
    hours = np.random.default_rng(0).random((2, len(take)))
    gap = days[take + 1] - days[take] - hours[0]
    squares = (gap / (gap + days[take + 2] - days[take + 1] - hours[1]) - 0.5) ** 2
    mean, error = squares.mean(), squares.std(ddof=1) / np.sqrt(len(take))
    values = np.clip([mean, mean + 1.96 * error, mean - 1.96 * error], 1e-6, 0.2499)
    shape, low, high = (1 - 4 * values) / (8 * values)
    return float(shape), float(low), float(high), len(take)


def regularity_findings(purchases: pd.DataFrame) -> list[Finding]:
    """Is buying more regular, or more in bursts, than the models assume?"""
    shape, low, high, n = regularity(purchases)
    numbers = _(
        "regularity {value}, 95% limits {low} to {high}, {n} customers; random buying has 1",
        value=Number(shape, 1),
        low=Number(low, 1),
        high=Number(high, 1),
        n=n,
    )
    if low > REGULAR:
        sentence = _("Customers buy at regular intervals ({numbers}).", numbers=numbers)
        remedy = _(
            "A late regular buyer has left sooner than the model thinks; "
            "watch each customer's own rhythm."
        )
        return [Finding("regular_purchases", "warning", sentence, remedy)]
    if high < CLUMPY:
        sentence = _("Purchases come in bursts ({numbers}).", numbers=numbers)
        remedy = _("Merge purchases of one occasion (split orders, returns and exchanges) first.")
        return [Finding("purchases_in_bursts", "warning", sentence, remedy)]
    return []


def seasons(
    purchases: pd.DataFrame, model: TransactionModel, end: int | None = None
) -> pd.DataFrame:
    """Repeat purchases per calendar month against what the model expects of those there.

    One row per month that lies wholly before `end`: month, actual, expected, ratio (with the
    overall drift taken out) and z, its distance from 1 in standard errors.
    """
    table = _log(purchases)
    model = model.in_unit("days")
    day = table["day"].to_numpy()
    new = np.r_[True, table["customer_id"].to_numpy()[1:] != table["customer_id"].to_numpy()[:-1]]
    origin = int(day.min())
    end = int(day.max()) + 1 if end is None else int(one_number(end, "end", whole=True))
    if end <= origin:
        raise InputError(f"end is day {end}, but purchases begin on day {origin}; give a later one")
    days = end - origin
    repeats = np.bincount(day[~new] - origin, minlength=days)[:days]
    grown = model.expected_purchases_new(np.arange(days + 1.0))
    expected = np.convolve(np.bincount(day[new] - origin), np.diff(grown))[:days]
    dates = pd.to_datetime(np.arange(origin, end), unit="D").to_period("M")
    out = pd.DataFrame({"month": dates, "actual": repeats, "expected": expected})
    out = out.groupby("month", as_index=False).agg(
        actual=("actual", "sum"), expected=("expected", "sum"), days=("actual", "size")
    )
    whole = out["days"] == out["month"].dt.days_in_month
    out = out[whole & (out["expected"] >= ENOUGH)].drop(columns="days").reset_index(drop=True)
    if len(out) < 6:
        return out.assign(ratio=np.nan, z=np.nan)
    ratio = np.log((out["actual"] + 0.5) / (out["expected"] + 0.5))
    at = np.arange(len(out))
    trend = np.polyval(np.polyfit(at, ratio, 1, w=np.sqrt(out["expected"])), at)
    out["ratio"] = np.exp(ratio - trend)
    out["z"] = (ratio - trend) * np.sqrt(out["expected"])
    return out


def season_findings(
    purchases: pd.DataFrame, model: TransactionModel, end: int | None = None
) -> list[Finding]:
    """Do some months sell clearly more or less than the model expects, every year alike?"""
    table = seasons(purchases, model, end)
    if not _every_year(table):
        return []
    strong = table[(table["z"].abs() > SEASON_Z) & ((table["ratio"] - 1).abs() > SEASON_SHARE)]
    if strong.empty:
        return []
    months = [Period.parse(str(month)) for month in table["month"]]
    ratios = table["ratio"].to_numpy()
    peak, low = int(ratios.argmax()), int(ratios.argmin())
    sentence = _(
        "Buying is seasonal: {best} sold {high} times what the model expects, {worst} {low} times.",
        best=months[peak],
        high=Number(ratios[peak], 2),
        worst=months[low],
        low=Number(ratios[low], 2),
    )
    remedy = _("Forecast whole years, or multiply a month's forecast by its ratio of last year.")
    return [Finding("seasonality", "warning", sentence, remedy)]


def _every_year(table: pd.DataFrame) -> bool:
    """Do the months that are there twice, a year apart, lean the same way? Yes where too few are.

    A wave that does not come back, such as that of many new customers at once, is no season.
    """
    ratio = pd.Series(np.log(table["ratio"].to_numpy()), index=table["month"])
    later = pd.Series(ratio.to_numpy(), index=table["month"] - 12)
    pairs = pd.concat([ratio, later], axis=1, join="inner").dropna().to_numpy()
    return len(pairs) < PAIRS or float(np.corrcoef(pairs.T)[0, 1]) > ALIKE


def _log(purchases: pd.DataFrame) -> pd.DataFrame:
    purchases = as_table(purchases, "purchases")
    missing = {"customer_id", "day"} - set(purchases.columns)
    if missing:
        raise InputError(f"purchases lack {', '.join(sorted(missing))}; give customer_id and day")
    if not len(purchases):
        raise InputError("purchases is empty; give one row per customer and purchase day")
    who, _known = pd.factorize(purchases["customer_id"])
    refuse(who < 0, "customer_id", purchases["customer_id"].to_numpy(), 0, "must not be missing")
    day = as_column(purchases["day"], "day").astype(float)
    refuse(~np.isfinite(day) | (day != np.floor(day)), "day", day, 0, "must be a whole day number")
    if np.ptp(day) > LONGEST:
        raise InputError(
            f"purchases span {np.ptp(day):,.0f} days, more than two centuries; "
            "day must be a day number, such as periods.day_number gives"
        )
    table = pd.DataFrame({"customer_id": who, "day": day.astype(np.int64)}).drop_duplicates()
    return table.sort_values(["customer_id", "day"], kind="stable")
