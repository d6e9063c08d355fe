"""The value of contracts: what running subscriptions will still pay, by the sBG model.

What is valued is a life, however many rows of subscriptions it was cut into. It is paid monthly and
ends or is renewed on the day of the month on which it began. Of a life renewed n times so far, the
k-th further renewal comes with probability S(n + k) / S(n), on a known day, and is discounted for
the calendar months until then.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib.activity.recurring import contract_lives
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.rates import Rates
from kpilib.clv.expected.summary import Until, as_until
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.models.sbg import SBG
from kpilib.clv.value.renewals import Renewals, contract_counts, day_before, filled, lives
from kpilib.clv.value.valuation import TOTALS, LifetimeValue, in_order, with_noise
from kpilib.errors import InputError
from kpilib.periods import day_date
from kpilib.words import MISSING, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business


def contract_table(base: "Business", until: Until = None) -> pd.DataFrame:
    """One row per life begun before `until`: a stretch of contracts that continue one another.

    `customer_id`, `started_day`, `renewals` (whole months lived by then), `elapsed` (the part of
    the current month that is over), `running`, `periods` (months begun, for one that ended), `mrr`
    (of all contracts that run, those without one at the mean of the others; NaN where none has
    one) and `unknown` (how many of them have none). Raises InputError where there are no
    subscriptions, or none has an mrr.
    """
    if "subscriptions" not in base.tables:
        raise InputError(
            _("valuing contracts needs records that were not given: contracts (subscriptions)")
        )
    if "mrr" not in base.tables["subscriptions"].collect_schema().names():
        raise InputError(_("the table subscriptions has no mrr; value needs the monthly revenue"))
    closes = as_until(base, until)
    table = base.engine.collect(contract_lives(base, day_before(closes)))
    table = table.sort_values(["customer_id", "started_day"], ignore_index=True)
    if not len(table):
        raise InputError(_("no subscription began before {day}", day=day_date(closes)))
    lived = lives(table["started_day"].to_numpy(int), table["ended"].to_numpy(float), closes)
    known = table["known"].sum()
    mean = table["monthly"].sum() / known if known else np.nan
    return table[["customer_id", "started_day"]].assign(
        **lived, mrr=filled(table["monthly"], table["unknown"], mean), unknown=table["unknown"]
    )


def value_of_contracts(
    base: "Business",
    model: Any,
    rates: Rates,
    closes: int,
    margin: float,
    by: str | None,
    draws: int,
    seed: int | None,
    options: dict[str, Any],
) -> LifetimeValue:
    """The value of the running contracts; see `customer_lifetime_value`."""
    contracts = contract_table(base, closes)
    if contracts["mrr"].isna().any():
        raise InputError(_("no running contract has an mrr; value needs the monthly revenue"))
    fitted = SBG.fit_counts(contract_counts(contracts)) if isinstance(model, str) else model
    live = contracts[contracts["running"]].reset_index(drop=True)
    keys = live["customer_id"] if by is None else _named(base, by, live["customer_id"])
    parts = rates.parts(keys, by or "customer")
    terms = [(where, _renewals(live.iloc[where], schedule)) for schedule, where in parts]

    def each(what: str, model: Any) -> np.ndarray:
        found = np.empty(len(live))
        for where, part in terms:
            found[where] = getattr(part, what)(model)
        return found

    money = margin * live["mrr"].to_numpy(float)
    rows = pd.DataFrame(
        {
            "customer_id": live["customer_id"],
            "probability_alive": 1.0,
            "expected_spend": live["mrr"],
            "expected_purchases": each("expected", fitted),
            "value": money * each("within", fitted),
            "residual": money * each("beyond", fitted),
        }
    )
    posterior = None
    variance = np.zeros(len(live))
    if draws and fitted.fitted is not None:
        posterior = fitted.posterior(draws, seed)
        tails = [(1 - options["level"]) / 2, (1 + options["level"]) / 2]
        drawn = money * np.stack([each("within", one) for one in posterior.models()])
        rows["low"], rows["high"] = np.quantile(drawn, tails, axis=0)
        variance = money**2 * each("variance", fitted)
    customers = _customers(base, contracts, rows, by)
    who = pd.Index(customers["customer_id"]).get_indexer(live["customer_id"])
    tables: dict[str, Any] = {}
    for name, column in (("total", "group"), ("segments", by), ("cohorts", "cohort")):
        if column is None:
            tables[name] = None
            continue
        table = _group(customers, column)
        if posterior is not None:
            place = pd.Index(table[column]).get_indexer(
                customers[column].to_numpy()[who] if column != "group" else ["all"] * len(who)
            )
            totals = np.stack([np.bincount(place, row, minlength=len(table)) for row in drawn])
            spread = np.bincount(place, variance, minlength=len(table))
            with_noise(table, totals, spread, options["level"], seed)
        tables[name] = in_order(table)
    return LifetimeValue(
        customers=customers,
        **tables,
        purchases_by_step=np.sum([part.by_step(fitted) for _where, part in terms], axis=0),
        model=fitted,
        spend=None,
        schedule=rates.schedule,
        rates=rates.range,
        start=day_date(closes),
        margin=margin,
        posterior=posterior,
        findings=fitted.diagnosis + _mrr_findings(contracts) + rates.findings(keys),
        **options,
    )


def _renewals(live: pd.DataFrame, schedule: Schedule) -> Renewals:
    return Renewals(live["renewals"].to_numpy(int), live["elapsed"].to_numpy(float), schedule)


def _named(base: "Business", by: str, customers: Any) -> pd.Series:
    """The attribute of each of some customers, as text."""
    found = base.engine.collect(base.attribute(by)).set_index("customer_id")[by]
    return found.reindex(customers).astype("object").fillna(MISSING).astype(str)


def _customers(
    base: "Business", contracts: pd.DataFrame, rows: pd.DataFrame, by: str | None
) -> pd.DataFrame:
    """One row per customer, those without a running contract at a value of 0."""
    grouped = contracts.groupby("customer_id")
    table = grouped.agg(
        started_day=("started_day", "min"), contracts=("running", "sum"),
        renewals=("renewals", "max"),
    )  # fmt: skip
    sums = rows.groupby("customer_id").sum().reindex(table.index)
    never = sums.pop("residual") if rows["residual"].isna().any() else None
    sums = sums.fillna(0.0) if never is None else sums.fillna(0.0).assign(residual=np.nan)
    sums["probability_alive"] = (sums["probability_alive"] > 0).astype(float)
    if not {"low", "high"} <= set(sums):
        sums["low"] = sums["high"] = np.nan
    month = pd.to_datetime(table.pop("started_day"), unit="D")
    table.insert(0, "cohort", np.asarray(month, "datetime64[M]").astype("str"))
    if by is not None:
        table.insert(0, by, _named(base, by, table.index).to_numpy())
    order = ["probability_alive", "expected_purchases", "expected_spend", "value", "low", "high",
             "residual"]  # fmt: skip
    return pd.concat([table, sums[order]], axis=1).reset_index()


def _group(customers: pd.DataFrame, column: str) -> pd.DataFrame:
    keyed = customers.assign(group="all")
    grouped = keyed.groupby(column, sort=True)
    table = grouped.size().rename("customers").to_frame()
    for name, of in TOTALS.items():
        table[name] = grouped[of].sum(min_count=1)
    table["share"] = table["value"] / max(customers["value"].sum(), 1e-300)
    return table.reset_index()


def _mrr_findings(contracts: pd.DataFrame) -> tuple[Finding, ...]:
    lacking = int(contracts.loc[contracts["running"], "unknown"].sum())
    if not lacking:
        return ()
    sentence = _(
        "{n} running contracts have no mrr and were taken at the mean of the others.", n=lacking
    )
    return (Finding("mrr_missing", "warning", sentence, _("Complete mrr in subscriptions.")),)
