"""One reporting currency: which one it is, and other money turned into it at the day's rate."""

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.signs import NO_CENTS, THOUSANDTHS, meant
from kpilib.loading.reading.values import BLANKS, OURS
from kpilib.loading.rules import Rule
from kpilib.loading.table import Draft
from kpilib.periods import day_date


def currencies(engine: Engine, draft: Draft, wanted: str | None) -> list[str]:
    """The currencies of the rows that count, as upper-case codes, the most frequent first.

    Without a column of them they are what the signs beside the amounts say.
    """
    if not draft.has("currency"):
        return _by_sign(draft, wanted)
    draft.set("currency", draft.value("currency").str.to_uppercase())
    quick = _written(engine, draft)
    if quick is not None and len(quick) < 2:
        return quick
    code = draft.value("currency").alias("code")
    rows = draft.good().select(code).group_by("code").agg(nw.len().alias("rows"))
    seen = engine.collect(rows).dropna(subset=["code"])
    seen = seen.sort_values(["rows", "code"], ascending=[False, True])
    return [str(code) for code in seen["code"]]


def _by_sign(draft: Draft, wanted: str | None) -> list[str]:
    """The currency that the signs beside a table's amounts stand for, where they say one."""
    readings = [draft.plan.readings.get(name) for name in draft.plan.schema.money]
    signs = sorted({sign for one in readings if one is not None for sign in one.number.signs})
    if not signs:
        return []
    label, codes = draft.plan.source.label, meant(signs)
    if not codes:
        raise InputError(
            f"{label}: amounts are written in {' and in '.join(signs)}, and no column says in "
            "which currency a row is; map one to currency, or leave the others out with leave_out"
        )
    if wanted is not None and wanted not in codes:
        raise InputError(
            f"{label}: amounts are written in {signs[0]}, which is not currency = {wanted!r}; "
            f"write currency = {codes[0]!r}, or map a column of codes to currency"
        )
    return [wanted] if wanted is not None else list(codes) if len(codes) == 1 else []


def in_whole_units(draft: Draft, currency: str | None) -> None:
    """Amounts that are written in cents, in whole units of their currency.

    What a cent is goes by the row's currency, as payment providers count: the yen and the dong
    have none, the dinar has a thousand.
    """
    if draft.plan.options.unit != "cents":
        return
    parts = nw.lit(float(_parts(currency)))
    if draft.has("currency"):
        code = draft.value("currency").str.to_uppercase()
        parts = (
            nw.when(code.is_null())
            .then(parts)
            .when(code.is_in(NO_CENTS))
            .then(1.0)
            .when(code.is_in(THOUSANDTHS))
            .then(1000.0)
            .otherwise(100.0)
        )
    for name in draft.plan.schema.money:
        if draft.has(name):
            draft.set(name, draft.value(name) / parts)
    draft.notes.append("amounts were read as cents, or as the smallest unit of their currency")


def _parts(currency: str | None) -> int:
    """How many of the smallest unit of a currency make one."""
    return 1 if currency in NO_CENTS else 1000 if currency in THOUSANDTHS else 100


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
    lacking_rate = ~home & nw.col(rate).is_null()
    draft.notes += _unrated(engine, draft.good().filter(lacking_rate), draft, day, currency)
    draft.add_rule(Rule("no exchange rate on or before its day", lacking_rate))
    for name in schema.money:
        if draft.has(name):
            value = draft.value(name)
            draft.set(name, nw.when(home).then(value).otherwise(value * nw.col(rate)))
    draft.measures["exchanged"] = (
        ~home,
        f"{{rows}} in another currency, turned into {currency} at the rate of the day",
    )
    draft.costly = True


def _unrated(
    engine: Engine, rows: nw.LazyFrame, draft: Draft, day: str, currency: str
) -> list[str]:
    """Sentences that name the days on which a currency has no rate."""
    groups = rows.select(code=draft.value("currency"), day=draft.value(day)).group_by("code")
    found = groups.agg(
        nw.len().alias("rows"), nw.col("day").min().alias("low"), nw.col("day").max().alias("high")
    )
    return [
        f"no rate from {one['code']} to {currency} for {_rows(one['rows'])} from "
        f"{day_date(int(one['low']))} to {day_date(int(one['high']))}: exchange_rates begin later"
        for one in engine.collect(found.sort("code")).to_dict("records")
    ]


def _rows(count: float) -> str:
    return f"{int(count):,} {'row' if count == 1 else 'rows'}"


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
