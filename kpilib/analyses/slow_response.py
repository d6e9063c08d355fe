"""What a slow answer does: who is lost, and who still refers others, by how long they waited."""

from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.service.calendars import needs_a_calendar
from kpilib.engines.expressions import distinct, known
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics.intervals import wilson
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

BANDS = (1.0, 4.0, 8.0, 24.0)
"""The hours at which one band of waiting ends and the next begins."""


def _columns(base: "Business") -> tuple[str, ...]:
    return ("tickets.customer_id", "ticket_events.actor_type", *needs_a_calendar(base))


def _until(base: "Business", period: Period) -> int:
    return period.shift(1).end_day


@analysis(
    name=_("Effect of slow response"),
    family="service",
    tables=("orders", "tickets", "ticket_events"),
    columns=_columns,
    until=_until,
    contracts=True,
)
def slow_response_effect(
    base: "Business",
    period: str | Period | None = None,
    *,
    bands: tuple[float, ...] = BANDS,
    after: int = 1,
) -> pd.DataFrame:
    """Customers by their slowest first response in the period, and what they did in the next.

    Of the customers active at the period's close who had a ticket in it, a row per band of hours
    (from < h ≤ to; an answer at once is in the first), fast to slow, with a last row, from and to
    missing, for those with a ticket unanswered. Tickets that an agent made are left out.

    `after` is how many like periods are looked at afterwards. People often write just after they
    bought, and nobody who did is lost before a lapse window has passed: let the periods together be
    longer than it.

    Columns: `from_hours, to_hours, customers`; `lost` by the close of the like periods after,
    `churn` with Wilson's `low` and `high`; `referred` (of them, who sent an invitation in that
    later time; missing without `referrals`); `adjusted`, the difference in churn to the fastest
    band that anyone is in, within tickets of one type and priority (Mantel and Haenszel's risk
    difference; Greenland & Robins, *Biometrics* 41, 1985). While the later time is not over, what
    it would tell is missing. Severe troubles are slow to answer and cost customers by themselves,
    so even the adjusted difference is no proof.

    Raises InputError where the bands do not rise from above 0.

    >>> from kpilib.demo import tiny_shop
    >>> table = slow_response_effect(tiny_shop(), "2026-03")
    >>> table.loc[table["customers"] > 0, ["from_hours", "to_hours", "customers", "lost", "churn"]]
       from_hours  to_hours  customers  lost  churn
    0         0.0       1.0          1   1.0    1.0
    1         1.0       4.0          1   0.0    0.0
    """
    given = np.ravel(np.asarray(bands, dtype=object))
    hours = [float(one) if isinstance(one, Real) else np.nan for one in given]
    if not hours or not all(a < b for a, b in pairwise((0.0, *hours))):
        raise InputError(f"bands = {bands} must rise from above 0; write hours like (1, 4, 8, 24)")
    if after < 1:
        raise InputError(f"after = {after!r} must be a whole number of periods of 1 or more")
    asked = base.period(period)
    later = Period(asked.shift(1).start, asked.shift(after).end)
    seen = later.end_day <= base.as_of
    rows = _slowest(base.engine.collect(_tickets(base, asked, later)))
    edges = np.array([0.0, *hours, np.inf])
    band = np.maximum(np.searchsorted(edges, rows["hours"], side="left") - 1, 0)
    rows["band"] = np.where(rows["answered"], band, len(hours) + 1)
    table = pd.DataFrame(
        {"from_hours": [*edges[:-1], np.nan], "to_hours": [*edges[1:], np.nan]}
    ).assign(customers=np.bincount(rows["band"], minlength=len(hours) + 2))
    table = table.assign(**_outcomes(rows, table["customers"].to_numpy(), seen))
    return table if "referrals" in base.tables else table.assign(referred=np.nan)


def _tickets(base: "Business", asked: Period, later: Period) -> nw.LazyFrame:
    """The period's tickets of customers active at its close, with what these did later."""
    handled = base.within(base.handled().rows, (asked,))
    tickets = handled.filter(~nw.col("by_agent") & known(nw.col("customer_id"))).select(
        "customer_id", "answered", "type", "priority", hours=nw.col("response_hours")
    )
    closing = base.ledger((asked,)).filter(nw.col("closing")).select("customer_id")
    after = base.ledger((later,)).filter(nw.col("opening")).select("customer_id", "lost")
    tickets = tickets.join(closing, on="customer_id", how="inner")
    return tickets.join(after, on="customer_id", how="left").join(
        _referrers(base, later), on="customer_id", how="left"
    )


def _referrers(base: "Business", later: Period) -> nw.LazyFrame:
    """`customer_id, referred`: who sent an invitation in the period; `referred` is 1."""
    if "referrals" not in base.tables:
        return base.ledger((later,)).select("customer_id", referred=nw.lit(None, nw.Int64))
    sent = base.events("referrals", (later,), on="invited_at")
    named = distinct(sent.select(customer_id=nw.col("referrer_customer_id")))
    return named.with_columns(referred=nw.lit(1, nw.Int64))


def _slowest(tickets: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: the ticket unanswered, or else answered last."""
    order = ["customer_id", "answered", "hours", "type", "priority"]
    ordered = tickets.sort_values(order, ascending=[True, True, False, True, True])
    rows = ordered.drop_duplicates("customer_id").reset_index(drop=True)
    return rows.assign(answered=rows["answered"].astype(bool), lost=rows["lost"].astype(float))


def _outcomes(rows: pd.DataFrame, customers: np.ndarray, seen: bool) -> dict[str, np.ndarray]:
    none = np.full(len(customers), np.nan)
    if not seen:
        return dict.fromkeys(("lost", "churn", "low", "high", "referred", "adjusted"), none)
    place = rows["band"].to_numpy()
    lost = np.bincount(place, rows["lost"].fillna(0), minlength=len(customers))
    low, high = wilson(lost, customers)
    referred = np.bincount(place, rows["referred"].fillna(0), minlength=len(customers))
    anyone = customers > 0
    adjusted = none.copy()
    if anyone.any():
        fastest = int(np.argmax(anyone))
        for band in np.flatnonzero(anyone):
            adjusted[band] = _risk_difference(rows, int(band), fastest)
    return {
        "lost": lost,
        "churn": np.where(anyone, lost / np.maximum(customers, 1), np.nan),
        "low": low,
        "high": high,
        "referred": referred,
        "adjusted": adjusted,
    }


def _risk_difference(rows: pd.DataFrame, band: int, fastest: int) -> float:
    """The difference in churn between two bands, within one type and priority; NaN where none."""
    if band == fastest:
        return 0.0
    strata = rows.fillna({"type": "", "priority": ""}).groupby(["type", "priority"])
    over, weight = 0.0, 0.0
    for _key, stratum in strata:
        slow, fast = (stratum.loc[stratum["band"] == one, "lost"] for one in (band, fastest))
        if len(slow) and len(fast):
            share = len(slow) * len(fast) / (len(slow) + len(fast))
            over += share * (slow.mean() - fast.mean())
            weight += share
    return over / weight if weight else float("nan")
