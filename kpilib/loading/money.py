"""One reporting currency: which one it is, and other money turned into it at the day's rate."""

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.values import BLANKS, OURS
from kpilib.loading.rules import Rule
from kpilib.loading.table import Draft


def currencies(engine: Engine, draft: Draft) -> list[str]:
    """The currencies of the rows that count, as upper-case codes, the most frequent first."""
    if not draft.has("currency"):
        return []
    draft.set("currency", draft.value("currency").str.to_uppercase())
    quick = _written(engine, draft)
    if quick is not None and len(quick) < 2:
        return quick
    code = draft.value("currency").alias("code")
    rows = draft.good().select(code).group_by("code").agg(nw.len().alias("rows"))
    seen = engine.collect(rows).dropna(subset=["code"])
    seen = seen.sort_values(["rows", "code"], ascending=[False, True])
    return [str(code) for code in seen["code"]]


def _written(engine: Engine, draft: Draft) -> list[str] | None:
    """The currencies of all rows, as they are written; None where there are too many to be codes.

    It asks nothing of the rows, and so is quick where there is one currency, as there mostly is.
    """
    written = nw.col(draft.plan.mapped.columns["currency"]).alias("code")
    texts = draft.plan.frame.select(written).group_by("code").agg(nw.len().alias("rows"))
    found = engine.collect(texts.head(_CODES + 1))["code"].dropna()
    if len(found) > _CODES:
        return None
    return sorted({str(code).strip(BLANKS).upper() for code in found} - {""})


_CODES = 1000


def reporting_currency(
    found: dict[str, list[str]], wanted: str | None, have_rates: bool
) -> str | None:
    """The currency to report in: the one asked for, or the only one there is."""
    if wanted is not None:
        return wanted
    distinct = list(dict.fromkeys(code for codes in found.values() for code in codes))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    table = next((t for t, codes in found.items() if len(codes) > 1), next(iter(found)))
    more = "" if have_rates else " and give an exchange_rates table"
    raise InputError(
        f"{table}: money in {' and '.join(distinct[:5])}; set currency to the one to report in"
        f'{more}, like currency = "{distinct[0]}", or leave the others out with leave_out'
    )


def convert(
    engine: Engine, draft: Draft, codes: list[str], currency: str | None, rates: pd.DataFrame | None
) -> None:
    """The table's money in the reporting currency, at the last rate on or before each row's day.

    The rate stays with the row as `exchange_rate`, and what contracts bring in their own currency
    as `own_mrr`.
    """
    foreign = [code for code in codes if code != currency]
    if not foreign or currency is None:
        return
    label = draft.plan.source.label
    daily = _daily(rates, foreign, currency) if rates is not None else {}
    lacking = [code for code in foreign if code not in daily]
    if lacking:
        raise InputError(
            f"{label}: money in {' and '.join([currency, *lacking])}, and no rate from "
            f"{lacking[0]} to {currency}; give an exchange_rates table (date, from_currency, "
            "to_currency, rate) with it, or leave those rows out with leave_out"
        )
    schema = draft.plan.schema
    day = schema.column(schema.event).outputs[0]
    table = _spread(engine, draft, daily, day)
    rate, code = f"{OURS}rate", draft.value("currency")
    draft.frame = draft.frame.join(
        table,
        left_on=[draft.normal.outputs["currency"], draft.normal.outputs[day]],
        right_on=[f"{OURS}code", f"{OURS}day"],
        how="left",
    )
    home = code.is_null() | (code == currency)
    draft.set("exchange_rate", nw.when(home).then(nw.lit(1.0)).otherwise(nw.col(rate)))
    if schema.name == "subscriptions" and draft.has("mrr"):
        # Recurring revenue is compared between two instants, at one rate for both.
        draft.set("own_mrr", draft.value("mrr"))
    draft.add_rule(Rule("no exchange rate on or before its day", ~home & nw.col(rate).is_null()))
    for name in schema.money:
        if draft.has(name):
            value = draft.value(name)
            draft.set(name, nw.when(home).then(value).otherwise(value * nw.col(rate)))
    draft.measures["exchanged"] = (
        ~home,
        f"{{rows}} in another currency, turned into {currency} at the rate of the day",
    )
    draft.costly = True


def _daily(rates: pd.DataFrame, foreign: list[str], currency: str) -> dict[str, pd.Series]:
    """Per foreign currency, its rate by the day from which it holds."""
    daily = {}
    upper = rates.assign(
        source=rates["from_currency"].str.upper(), target=rates["to_currency"].str.upper()
    )
    for code in foreign:
        there = upper[(upper["source"] == code) & (upper["target"] == currency)]
        back = upper[(upper["source"] == currency) & (upper["target"] == code)]
        if len(there):
            daily[code] = there.set_index("day")["rate"].sort_index()
        elif len(back):
            daily[code] = 1 / back.set_index("day")["rate"].sort_index()
    return daily


def _spread(engine: Engine, draft: Draft, daily: dict[str, pd.Series], day: str) -> nw.LazyFrame:
    """One row per foreign currency and day of the table's span, the last rate carried forward."""
    days = draft.good().select(
        draft.value(day).min().alias("low"), draft.value(day).max().alias("high")
    )
    span = engine.collect(days).iloc[0]
    every = pd.RangeIndex(int(span["low"]), int(span["high"]) + 1)
    parts = []
    for code, series in daily.items():
        held = series.reindex(series.index.union(every)).ffill().reindex(every).dropna()
        parts.append(
            pd.DataFrame(
                {f"{OURS}code": code, f"{OURS}day": held.index, f"{OURS}rate": held.to_numpy()}
            )
        )
    return engine.frame(pd.concat(parts, ignore_index=True))
