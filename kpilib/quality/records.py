"""Customer records as data quality sees them: cells that are missing, vague or out of date."""

from functools import partial

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contract.tables import schema
from kpilib.contract.vocabulary.flags import YES
from kpilib.engines.expressions import count_where, distinct, larger, word
from kpilib.errors import InputError, near_miss
from kpilib.periods import Period
from kpilib.quality.rules import broken, required, rules_of

BLANK = ("", "n/a", "na", "none", "null", "unknown", "tbd", "-", "--", "?")
"""Words that stand for nothing; so do zeros alone."""

VAGUE = ("other", "others", "misc", "various", "general", "default")
"""Words that say next to nothing."""

KEYS = ("period", "customer_id")


def records(base: Business, periods: tuple[Period, ...], **looked_at: nw.Expr) -> nw.LazyFrame:
    """The customer records made before each period's close, or at a time unknown.

    What is `looked_at` in a record, whatever the period, is so once and not again in each.
    """
    windows = base.windows(periods).select("period", "closes")
    rows, made = base.table("customers"), nw.col("created_day")
    rows = rows.with_columns(**looked_at) if looked_at else rows
    return rows.join(windows, how="cross").filter(made.is_null() | (made < nw.col("closes")))


def columns_to_fill(base: Business) -> dict[str, str]:
    """The columns that should not be missing, by name, each with its column once loaded.

    Those that the rules call required, else those of the settings; only what the table has.
    InputError where the settings name what is neither kpilib's column nor the table's.
    """
    there = base.tables["customers"].collect_schema().names()
    outputs = {column.name: column.outputs[0] for column in schema("customers").columns}
    named = base.settings.data_quality.columns
    for name in named:
        if name not in outputs and name not in there:
            known = dict.fromkeys((*outputs, *there))
            raise InputError(
                f"data_quality.columns: customers has no column {name!r}; {near_miss(name, known)}"
            )
    wanted = required(base, "customers") or named
    loaded = {name: outputs.get(name, name) for name in wanted}
    return {name: column for name, column in loaded.items() if column in there}


def _missing(base: Business, column: str) -> nw.Expr:
    kind = base.tables["customers"].collect_schema()[column]
    if kind != nw.String:
        return nw.col(column).is_null()
    text = word(column)
    nothing = text.is_in(list(BLANK)) | (text.str.replace_all("0", "") == "")
    return nw.col(column).is_null() | nothing


def filled(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The records with `cells` that should be filled and how many are: `good`."""
    return base.remember(("filled", periods), lambda: _filled(base, periods))


def _filled(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    good = [_flag(~_missing(base, column)) for column in columns_to_fill(base).values()]
    return records(base, periods, good=sum(good, nw.lit(0)), cells=nw.lit(len(good)))


def specific(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The records with the text `cells` that are not missing, and those not vague: `good`."""
    return base.remember(("specific", periods), lambda: _specific(base, periods))


def _specific(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    kinds = base.tables["customers"].collect_schema()
    texts = [column for column in columns_to_fill(base).values() if kinds[column] == nw.String]
    there = [_flag(~_missing(base, column)) for column in texts]
    vague = [_flag(~_missing(base, column) & word(column).is_in(list(VAGUE))) for column in texts]
    cells = sum(there, nw.lit(0))
    return records(base, periods, good=sum((-1 * one for one in vague), cells), cells=cells)


def fresh(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The records, each one of `cells`, `good` where changed or made recently enough."""
    made, changed = nw.col("created_day"), nw.col("updated_day")
    last = nw.when(made.is_null() | changed.is_null()).then(nw.coalesce(made, changed))
    latest = last.otherwise(larger(made, changed))
    rows = records(base, periods, latest=latest)
    oldest = nw.col("closes") - base.settings.data_quality.max_age_days
    return rows.with_columns(good=_flag(nw.col("latest") >= oldest), cells=nw.lit(1)).drop("latest")


def consenting(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The records of people who may be contacted, `good` where they consent at the close."""
    rows = records(base, periods)
    kinds = base.tables["customers"].collect_schema()
    if "contactable" in kinds.names():
        # A column of the business's own, read as it stands: as a flag, a number or a word.
        said = nw.col("contactable")
        is_word = kinds["contactable"] == nw.String
        rows = rows.filter(word("contactable").is_in(YES) if is_word else said.cast(nw.Boolean))
    given = base.table("consents").filter(
        word("purpose").is_in(list(base.settings.privacy.purposes))
    )
    windows = base.windows(periods).select("period", "closes")
    stands = nw.col("withdrawn_day").is_null() | (nw.col("withdrawn_day") >= nw.col("closes"))
    valid = given.join(windows, how="cross").filter(
        (nw.col("given_day") < nw.col("closes")) & stands
    )
    agreed = distinct(valid.select(*KEYS)).with_columns(agreed=nw.lit(1))
    joined = rows.join(agreed, on=list(KEYS), how="left")
    return joined.with_columns(good=_flag(~nw.col("agreed").is_null()), cells=nw.lit(1))


def _flag(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def audited(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The audited values whose truth is known, in every period: `right` where both say the same."""
    sample = base.table("audit_sample").filter(~nw.col("verified").is_null())
    same = word("recorded") == word("verified")
    rows = sample.with_columns(right=_flag(same) == 1)
    return rows.join(base.windows(periods).select("period"), how="cross")


def clean_rows(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Rows of customers and orders read, and those of them without an error, for every period.

    `period, table, cells` (rows read, those left out on purpose aside) and `good`. An error: left
    out for a fault, an order whose customer is not among the customers, a referrer who is not or
    is oneself, a broken line of `rules`.
    """
    rows = []
    for table in ("customers", "orders"):
        if table in base.tables:
            account = base.accounts[table]
            wrong = base.remember(("wrong rows", table), partial(_wrong, base, table))
            faults = sum(account.left_out[reason] for reason in account.wrong)
            rows.append((table, account.kept + faults, account.kept - wrong))
    whole = pd.DataFrame(rows, columns=["table", "cells", "good"])
    every = pd.DataFrame({"period": range(len(periods))}).merge(whole, how="cross")
    return base.engine.frame(every)


def _wrong(base: Business, table: str) -> int:
    """How many of the rows kept have an error."""
    frame = base.tables[table]
    names = frame.collect_schema().names()
    outputs = {column.name: column.outputs[0] for column in schema(table).columns}
    loaded = {name: name for name in names} | {
        name: output for name, output in outputs.items() if output in names
    }
    errors = [broken(column, rule, loaded) for column, rule in rules_of(base, table)]
    if "customers" in base.tables:
        link = "customer_id" if table == "orders" else "referred_by_customer_id"
        if link in names:
            known = distinct(base.tables["customers"].select(nw.col("customer_id").alias(link)))
            frame = frame.join(known.with_columns(linked=nw.lit(1)), on=link, how="left")
            lost = ~nw.col(link).is_null() & nw.col("linked").is_null()
            errors.append(
                lost if table == "orders" else lost | (nw.col(link) == nw.col("customer_id"))
            )
    if not errors:
        return 0
    marked = frame.with_columns(
        wrong=sum((_flag(error.fill_null(False)) for error in errors), nw.lit(0))
    )
    found = base.engine.collect(marked.select(wrong=count_where(nw.col("wrong") > 0)))
    return int(found["wrong"].iloc[0])
