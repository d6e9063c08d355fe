"""How long contracts will last: what has been seen, and what the shifted beta-geometric expects."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.fitting.contracts import Contracts
from kpilib.clv.models.sbg import SBG
from kpilib.clv.value.renewals import months_between
from kpilib.engines.expressions import smaller
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.show.reason import answering
from kpilib.statistics.survival import KaplanMeier
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

_CONTRACTS_ALONE = _(
    "projecting contracts needs the table subscriptions as the rule of activity; for purchases use "
    "the models of kpilib.clv"
)


@answering
def contract_projection(
    base: "Business",
    horizon: int = 36,
    *,
    period: str | Period | None = None,
    draws: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """The share of customers under contract who renew each month, seen and expected.

    A customer is followed through the first unbroken stretch of contracts, in months from the day
    it began. Columns, a row per number of renewals from 0 to `horizon`: `renewals`; `seen` (the
    Kaplan–Meier share that renewed so often, NaN beyond what was observed) with `low` and `high`;
    `expected` by the shifted beta-geometric model (Fader & Hardie, *J. Interactive Marketing* 21,
    2007) with `expected_low` and `expected_high` from its posterior. Where `expected` leaves the
    limits of `seen`, customers do not leave as the model has it; do not read it beyond.

    `period` tells it as it was at that period's close. Raises InputError without subscriptions, or
    where nobody has come to a first renewal.

    >>> import kpilib
    >>> contracts = pd.DataFrame({
    ...     "customer_id": range(8),
    ...     "started_at": ["2026-01-01"] * 8,
    ...     "ended_at": ["2026-02-01"] * 2 + ["2026-03-01"] + [None] * 5,
    ...     "mrr": 10.0,
    ... })
    >>> orders = contracts.rename(columns={"started_at": "ordered_at", "mrr": "amount"})
    >>> orders = orders[["customer_id", "ordered_at", "amount"]]
    >>> base = kpilib.open(orders=orders, subscriptions=contracts, as_of="2026-03-02")
    >>> contract_projection(base, 3)[["renewals", "seen", "expected"]].round(2)
       renewals  seen  expected
    0         0  1.00      1.00
    1         1  0.75      0.75
    2         2  0.62      0.62
    3         3   NaN      0.54
    """
    if base.activity_rule != "subscriptions":
        raise InputError(_CONTRACTS_ALONE)
    if horizon < 1:
        raise InputError(f"horizon of {horizon} months; write how many to project, 1 or more")
    seen = _contracts(base, period)
    fit = KaplanMeier.from_counts(seen.periods, seen.ended, seen.running, level=level)
    model = SBG.fit_counts(seen, time_unit="months")
    renewals = np.arange(horizon + 1)
    expected = model.posterior(draws).interval(lambda one: one.survival(renewals), level)
    shares = [fit.at(month) if month else (1.0, 1.0, 1.0) for month in renewals.tolist()]
    table = pd.DataFrame(shares, columns=["seen", "low", "high"], dtype=float)
    table.insert(0, "renewals", renewals)
    names = ("expected", "expected_low", "expected_high")
    return table.assign(**dict(zip(names, expected, strict=True)))


def _contracts(base: "Business", period: str | Period | None) -> Contracts:
    as_of = base.as_of if period is None else base.closes(base.period(period))
    stop = nw.col("stop")
    first = base.spells().filter((nw.col("first") == 1) & (nw.col("start") < as_of))
    # Whether one that ends on the day of the as-of is renewed that day is not known by then.
    dated = first.select(
        "start",
        stop=smaller(stop, nw.lit(as_of - 1)),
        over=nw.when(stop < as_of).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    table = base.engine.collect(dated.group_by("start", "stop", "over").agg(n=nw.len()))
    whole, part = months_between(table["start"].to_numpy(int), table["stop"].to_numpy(int))
    over = table["over"].to_numpy() == 1
    months = np.where(over, np.maximum(whole + (part > 0), 1), whole)
    known = months >= 1
    if not known.any():
        raise InputError(_("no contract has come to a first renewal yet; wait for a month"))
    return Contracts.from_durations(months[known], over[known], table["n"].to_numpy()[known])
