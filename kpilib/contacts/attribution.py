"""Which channel a customer is put down to: the recorded one, or a rule over the touches before."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.acquisition import spend, won
from kpilib.contract.rules import ATTRIBUTIONS
from kpilib.engines.expressions import as_written, distinct, word
from kpilib.periods import Period

KEYS = ("period", "customer_id")
RULES = ATTRIBUTIONS
"""Every rule, in the order in which they are named."""


def channels(base: Business, periods: tuple[Period, ...], rule: str) -> nw.LazyFrame:
    """The new customers of each period shared out over channels: `channel` and `weight`.

    One row per period, customer and channel; a customer's weights add up to 1. By the rule it is
    the channel recorded with the customer, or touches: interactions with a channel not later than
    the first order and within the settings' `touch_days` before its day. Of them the earliest, the
    latest, all alike, each halved in weight per `half_life_days` before; every channel among them
    alike (`shapley`), or every channel by how much it is missed (`markov`). Who has none has the
    channel null.
    """
    new = won(base, periods)
    if rule == "recorded":
        recorded = base.table("customers").select(
            "customer_id", channel=nw.col("acquisition_channel")
        )
        return new.join(recorded, on="customer_id", how="left").with_columns(weight=nw.lit(1.0))
    touches = _touches(base, new)
    if rule == "markov":
        shares = _by_removal(base, periods, touches)
    elif rule == "shapley":
        shares = _by_coalition(touches)
    else:
        shares = _by_touch(base, touches, rule)
    joined = new.join(shares, on=list(KEYS), how="left")
    return joined.with_columns(weight=nw.col("weight").fill_null(1.0))


def _by_touch(base: Business, touches: nw.LazyFrame, rule: str) -> nw.LazyFrame:
    """Each touch's part of its customer, by when it was."""
    second = nw.col("event_second")
    if rule in ("first", "last"):
        edge = second.min() if rule == "first" else second.max()
        touches = touches.with_columns(edge=edge.over(*KEYS)).filter(second == nw.col("edge"))
    half_life = base.settings.acquisition.half_life_days
    before = nw.col("begun_day") - nw.col("event_day")
    raw = nw.lit(2.0) ** (-1.0 * before / half_life) if rule == "time_decay" else nw.lit(1.0)
    raws = touches.with_columns(raw=raw)
    whole = raws.with_columns(whole=nw.col("raw").sum().over(*KEYS))
    return whole.group_by(*KEYS, "channel").agg(weight=(nw.col("raw") / nw.col("whole")).sum())


def _by_coalition(touches: nw.LazyFrame) -> nw.LazyFrame:
    """The Shapley value of each channel, in a game that channels win together.

    A set of channels is worth the customers all of whose touches lie in it. Each customer is then
    shared alike by the channels that touched them, however often: theorem 1 of Zhao, Mahboobi &
    Bagheri, "Shapley value methods for attribution modeling in online advertising" (2018).
    """
    named = touches.with_columns(word=word("channel"))
    met = named.group_by(*KEYS, "word").agg(nw.col("channel").min()).with_columns(one=nw.lit(1.0))
    return met.select(*KEYS, "channel", weight=nw.col("one") / nw.col("one").sum().over(*KEYS))


def _by_removal(base: Business, periods: tuple[Period, ...], touches: nw.LazyFrame) -> nw.LazyFrame:
    """Every channel with the part of a touched customer that its removal effect earns it.

    Touches follow each other as a Markov chain of first order, which ends with a first order or
    without; the paths of those who had not bought by the close are in it. The effect is the part of
    the first orders that would not come if the chain broke off at the channel (Anderl, Becker,
    von Wangenheim & Schumann, "Mapping the customer journey", IJRM 33, 2016, section 3.3). It is
    one weight for all of a period, so a customer counts for channels that never touched them too.
    """
    shares = base.remember(
        ("removal", periods), lambda: base.engine.frame(_removal(base, periods, touches))
    )
    met = distinct(touches.select(*KEYS))
    return met.join(shares, on="period", how="inner")


def _removal(base: Business, periods: tuple[Period, ...], touches: nw.LazyFrame) -> pd.DataFrame:
    """`period, channel, weight`: the removal effects of a period, made to add up to 1."""
    columns = ("period", "customer_id", "channel", "event_second")
    found = touches.select(*columns, bought=nw.lit(1))
    others = _unmoved(base, periods).select(*columns, bought=nw.lit(0))
    order = {"order_by": ["event_second", "word"]}
    named = nw.concat([found, others], how="vertical").with_columns(word=word("channel"))
    placed = named.with_columns(
        before=nw.col("word").shift(1).over(*KEYS, **order),
        after=nw.col("word").shift(-1).over(*KEYS, **order),
    )
    ends = nw.when(nw.col("after").is_null()).then(nw.col("bought")).otherwise(nw.lit(-1))
    steps = placed.with_columns(ends=ends).group_by("period", "before", "word", "ends")
    table = base.engine.collect(steps.agg(n=nw.len(), channel=nw.col("channel").min()))
    words, at = np.unique(table["word"].to_numpy(str), return_inverse=True)
    effects = removal_effects(table, at, words, len(periods))
    names = table.groupby("word")["channel"].min().reindex(words).to_numpy()
    period, place = np.nonzero(effects > 0)
    return pd.DataFrame(
        {
            "period": period,
            "channel": pd.array(names[place], dtype="str"),
            "weight": effects[period, place] / effects.sum(axis=1)[period],
        }
    )


def removal_effects(
    steps: pd.DataFrame, at: np.ndarray, words: np.ndarray, periods: int
) -> np.ndarray:
    """The removal effect of each channel in each period, an array of periods × channels.

    `steps` counts touches by `period`, the channel `before` (missing for a first touch) and what
    follows: `ends` is 1 for a first order, 0 for nothing, -1 for another touch. `at` is the place
    of each one's own channel in `words`. With N = (I - Q)⁻¹, a chain that starts with s and
    converts with r visits j with the chance (sN)_j / N_jj and converts from there with (Nr)_j.
    """
    many, n = len(words), steps["n"].to_numpy(float)
    period, ends = steps["period"].to_numpy(int), steps["ends"].to_numpy(int)
    first = steps["before"].isna().to_numpy()
    start, bought, whole = (np.zeros((periods, many)) for _ in range(3))
    moves = np.zeros((periods, many, many))
    np.add.at(start, (period[first], at[first]), n[first])
    np.add.at(bought, (period[ends == 1], at[ends == 1]), n[ends == 1])
    np.add.at(whole, (period, at), n)
    source = np.searchsorted(words, steps["before"][~first].to_numpy(str))
    np.add.at(moves, (period[~first], source, at[~first]), n[~first])
    whole = np.maximum(whole, 1)
    visits = np.linalg.inv(np.eye(many) - moves / whole[:, :, None])
    converts = np.einsum("pij,pj->pi", visits, bought / whole)
    reached = np.einsum("pi,pij->pj", start / np.maximum(start.sum(1), 1)[:, None], visits)
    effect = reached / np.einsum("pii->pi", visits) * converts
    every = (start * converts).sum(1) / np.maximum(start.sum(1), 1)
    return np.divide(effect, every[:, None], out=np.zeros_like(effect), where=every[:, None] > 0)


def _touches(base: Business, new: nw.LazyFrame) -> nw.LazyFrame:
    """The interactions with a channel that may have won a new customer."""
    begun = new.join(_beginnings(base), on="customer_id", how="inner")
    touches = begun.join(_met(base), on="customer_id", how="inner")
    days = base.settings.acquisition.touch_days
    in_time = nw.col("event_second") <= nw.col("begun_second")
    return touches.filter(in_time & (nw.col("event_day") >= nw.col("begun_day") - days))


def _unmoved(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The touches of people who have not bought by a period's close, in its last `touch_days`."""
    days = base.settings.acquisition.touch_days
    begun = _beginnings(base).select("customer_id", "begun_day")
    met = _met(base).join(begun, on="customer_id", how="left")
    met = met.join(base.windows(periods), how="cross")
    late = (nw.col("event_day") < nw.col("closes")) & (
        nw.col("event_day") >= nw.col("closes") - days
    )
    yet = nw.col("begun_day").is_null() | (nw.col("begun_day") >= nw.col("closes"))
    return met.filter(late & yet)


def _met(base: Business) -> nw.LazyFrame:
    """The interactions that name a channel."""
    table = base.table("interactions").filter(~nw.col("channel").is_null())
    return table.select("customer_id", "channel", "event_day", "event_second")


def _beginnings(base: Business) -> nw.LazyFrame:
    """When each customer's first order, or contract, was made: `begun_day`, `begun_second`."""
    contracts = base.activity_rule == "subscriptions"
    table, day, second = (
        ("subscriptions", "started_day", "started_second")
        if contracts
        else ("orders", "ordered_day", "ordered_second")
    )
    rows = base.table(table)
    if not contracts:
        firsts = base.visits.group_by("customer_id").agg(first=nw.col("first_day").min())
        rows = rows.join(firsts, on="customer_id", how="inner").filter(
            nw.col(day) == nw.col("first")
        )
    return rows.group_by("customer_id").agg(
        begun_day=nw.col(day).min(), begun_second=nw.col(second).min()
    )


def spent_and_won(
    base: Business, periods: tuple[Period, ...], rule: str
) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Spend to win customers, and the customers won by a rule, each channel spelled in one way."""
    spent = spend(base, periods, base.settings.acquisition.cost_types)
    return _one_spelling(spent, channels(base, periods, rule))


def _one_spelling(spent: nw.LazyFrame, came: nw.LazyFrame) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Both frames with each channel spelled in one way: words are compared without case."""
    texts = [one.select(channel=nw.col("channel").cast(nw.String)) for one in (spent, came)]
    both = as_written(nw.concat(texts, how="vertical"), "channel")
    spellings = (
        both.with_columns(word=word("channel"))
        .group_by("word")
        .agg(spelled=nw.col("channel").min())
    )
    found = []
    for frame in (spent, came):
        keyed = frame.with_columns(word=word("channel")).join(spellings, on="word", how="left")
        found.append(keyed.with_columns(channel=nw.col("spelled")).drop("word", "spelled"))
    return found[0], found[1]
