"""The columns of tables: what each is called, and what kind of values it holds.

A column is known here and nowhere else: its head in every language, and how its cells are written.
"""

from dataclasses import dataclass

from kpilib.words.text import Text, pgettext

LIMIT = "limit"
"""A limit of the column before it, and written like that one."""
NAME = "name"
"""A number that is a name: no separators. So is every column whose name ends in `_id`."""
SHARE = "share"
"""A share, written in per cent."""
COUNT = "count"
"""An expected number of people or purchases: whole where it is large."""
PERIOD = "period"
"""The label of a period, or a word in its place."""
WORDS = "words"
"""Words that the library put there (`kpilib.words.values`)."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, and the kind of its values where it is a special one."""

    head: Text
    kind: str = ""


COLUMNS = {
    "method": Column(pgettext("column", "method"), WORDS),
    "value": Column(pgettext("column", "value")),
    "low": Column(pgettext("column", "low"), LIMIT),
    "high": Column(pgettext("column", "high"), LIMIT),
    "predicted_low": Column(pgettext("column", "low, with chance"), LIMIT),
    "predicted_high": Column(pgettext("column", "high, with chance"), LIMIT),
    "customers": Column(pgettext("column", "customers")),
    "takes": Column(pgettext("column", "takes customers as"), WORDS),
    "customer_id": Column(pgettext("column", "customer"), NAME),
    "frequency": Column(pgettext("column", "frequency")),
    "recency": Column(pgettext("column", "recency")),
    "monetary_value": Column(pgettext("column", "mean repeat purchase")),
    "T": Column(pgettext("column", "time since the first purchase")),
    "group": Column(pgettext("column", "group"), WORDS),
    "cohort": Column(pgettext("column", "month of the first purchase"), PERIOD),
    "active": Column(pgettext("column", "active"), COUNT),
    "active_days": Column(pgettext("column", "active days")),
    "expected_purchases": Column(pgettext("column", "expected purchases"), COUNT),
    "expected_spend": Column(pgettext("column", "expected spend a purchase")),
    "residual": Column(pgettext("column", "beyond the horizon")),
    "share": Column(pgettext("column", "share"), SHARE),
    "probability_alive": Column(pgettext("column", "P(still a customer)"), SHARE),
    "total": Column(pgettext("column", "total")),
    "severity": Column(pgettext("column", "severity"), WORDS),
    "finding": Column(pgettext("column", "what was found")),
    "remedy": Column(pgettext("column", "what to do")),
    "measure": Column(pgettext("column", "of"), WORDS),
    "rule": Column(pgettext("column", "forecast by"), WORDS),
    "bias": Column(pgettext("column", "totals off by"), SHARE),
    "absolute_bias": Column(pgettext("column", "totals off by, sign aside"), SHARE),
    "mae": Column(pgettext("column", "mean absolute error")),
    "rmse": Column(pgettext("column", "root mean square error")),
    "top_tenth": Column(pgettext("column", "brought by the tenth ranked first"), SHARE),
    "coverage": Column(pgettext("column", "customers within their limits"), SHARE),
    "totals_within": Column(pgettext("column", "totals within their limits"), SHARE),
    "within": Column(pgettext("column", "total within its limits")),
    "origin": Column(pgettext("column", "asked on")),
    "tenth": Column(pgettext("column", "tenth")),
    "lift": Column(pgettext("column", "times the average")),
    "predicted": Column(pgettext("column", "predicted")),
    "actual": Column(pgettext("column", "actual")),
    "expected": Column(pgettext("column", "expected")),
    "actual_so_far": Column(pgettext("column", "actual so far")),
    "expected_so_far": Column(pgettext("column", "expected so far")),
    "low_so_far": Column(pgettext("column", "low so far")),
    "high_so_far": Column(pgettext("column", "high so far")),
    "holdout": Column(pgettext("column", "held out")),
    "tier": Column(pgettext("column", "tier")),
    "value_each": Column(pgettext("column", "value a customer")),
    "low_each": Column(pgettext("column", "low"), LIMIT),
    "high_each": Column(pgettext("column", "high"), LIMIT),
    "value_share": Column(pgettext("column", "share of the value"), SHARE),
    "overlaps": Column(pgettext("column", "overlaps the next")),
    "break_even": Column(pgettext("column", "uplift that pays for the cost"), SHARE),
    "gain_each": Column(pgettext("column", "gain a customer")),
    "gain": Column(pgettext("column", "gain")),
    "return": Column(pgettext("column", "gain per unit of cost")),
    "spend": Column(pgettext("column", "to spend")),
    "parameter": Column(pgettext("column", "parameter")),
    "standard_error": Column(pgettext("column", "standard error")),
    "mean": Column(pgettext("column", "mean")),
    "mean_low": Column(pgettext("column", "mean, low")),
    "mean_high": Column(pgettext("column", "mean, high")),
    "sd": Column(pgettext("column", "deviation")),
    "median": Column(pgettext("column", "median")),
    "median_low": Column(pgettext("column", "median, low")),
    "median_high": Column(pgettext("column", "median, high")),
    "naive_mean": Column(pgettext("column", "plain mean of all")),
    "naive_ended": Column(pgettext("column", "plain mean of the ended")),
    "naive_rate": Column(pgettext("column", "total time over losses")),
    "p_value": Column(pgettext("column", "p-value")),
    "tau": Column(pgettext("column", "time observed")),
    "survival": Column(pgettext("column", "still there"), SHARE),
    "at_risk": Column(pgettext("column", "under observation")),
    "events": Column(pgettext("column", "ended on the day")),
    "censored": Column(pgettext("column", "unfinished")),
    "ended": Column(pgettext("column", "ended")),
    "window": Column(pgettext("column", "lapse window"), WORDS),
    "days": Column(pgettext("column", "days")),
    "months": Column(pgettext("column", "months")),
    "date": Column(pgettext("column", "date")),
    "start": Column(pgettext("column", "start")),
    "end": Column(pgettext("column", "end")),
    "opening": Column(pgettext("column", "opening")),
    "new": Column(pgettext("column", "new")),
    "reactivated": Column(pgettext("column", "reactivated")),
    "retained": Column(pgettext("column", "retained")),
    "lost": Column(pgettext("column", "lost")),
    "closing": Column(pgettext("column", "closing")),
    "lost_from_opening": Column(pgettext("column", "lost of the opening")),
    "opened": Column(pgettext("column", "at the opening"), WORDS),
    "closed": Column(pgettext("column", "at the close"), WORDS),
    "before": Column(pgettext("column", "before"), WORDS),
    "after": Column(pgettext("column", "after"), WORDS),
    "money_before": Column(pgettext("column", "money before")),
    "money_after": Column(pgettext("column", "money after")),
    "churn": Column(pgettext("column", "churn"), SHARE),
    "retention": Column(pgettext("column", "retention"), SHARE),
    "rolling": Column(pgettext("column", "seen then or later"), SHARE),
    "kept": Column(pgettext("column", "kept from the age before"), SHARE),
    "age": Column(pgettext("column", "age")),
    "size": Column(pgettext("column", "customers of the cohort")),
    "eligible": Column(pgettext("column", "of them, seen for that long")),
    "cohorts": Column(pgettext("column", "cohorts")),
    "orders": Column(pgettext("column", "orders")),
    "revenue": Column(pgettext("column", "revenue")),
    "margin": Column(pgettext("column", "margin")),
    "cumulative_value": Column(pgettext("column", "cumulative revenue per customer")),
    "cumulative_margin": Column(pgettext("column", "cumulative margin per customer")),
    "counted": Column(pgettext("column", "counted")),
    "first_day": Column(pgettext("column", "first day")),
    "bought": Column(pgettext("column", "purchases before")),
    "recent": Column(pgettext("column", "purchases in the loyalty window")),
    "loyal": Column(pgettext("column", "loyal")),
    "amount": Column(pgettext("column", "amount")),
    "purchase": Column(pgettext("column", "purchase")),
    "purchases": Column(pgettext("column", "purchases")),
    "period": Column(pgettext("column", "period"), PERIOD),
    "segment": Column(pgettext("column", "segment"), WORDS),
    "id": Column(pgettext("column", "KPI"), NAME),
    "numerator": Column(pgettext("column", "numerator")),
    "denominator": Column(pgettext("column", "denominator")),
    "n": Column(pgettext("column", "n")),
    "unit": Column(pgettext("column", "unit"), WORDS),
    "status": Column(pgettext("column", "status"), WORDS),
    "reason": Column(pgettext("column", "reason")),
    "state": Column(pgettext("column", "state"), WORDS),
    "rows": Column(pgettext("column", "rows")),
    "table": Column(pgettext("column", "table")),
    "outcome": Column(pgettext("column", "outcome"), WORDS),
    "money": Column(pgettext("column", "money")),
    "money_share": Column(pgettext("column", "share of the money"), SHARE),
    "money_each": Column(pgettext("column", "money a customer")),
    "least": Column(pgettext("column", "from")),
    "part": Column(pgettext("column", "customers up to here"), SHARE),
    "gini": Column(pgettext("column", "Gini coefficient")),
    "r": Column(pgettext("column", "recency score")),
    "f": Column(pgettext("column", "frequency score")),
    "m": Column(pgettext("column", "money score")),
    "net": Column(pgettext("column", "left after the cost")),
    "paid_back": Column(pgettext("column", "paid back")),
    "trait": Column(pgettext("column", "trait"), WORDS),
    "x": Column(pgettext("column", "value of the trait")),
    "density": Column(pgettext("column", "density")),
    "cumulative": Column(pgettext("column", "share up to here"), SHARE),
    "lifetimes": Column(pgettext("column", "in lifetimes")),
    "kpilib": Column(pgettext("column", "in kpilib")),
    "year": Column(pgettext("column", "year"), NAME),
}


def head(name: str, lang: str) -> str:
    """What a column is called.

    >>> head("expected_purchases", "en"), head("made_up_name", "vi")
    ('expected purchases', 'made up name')
    """
    found = COLUMNS.get(name)
    return found.head.of(lang) if found else name.replace("_", " ")


def kind(name: str) -> str:
    """`limit`, `name`, `share`, `count`, `words`, or nothing where a column is of no special kind.

    >>> kind("churn"), kind("order_id"), kind("amount")
    ('share', 'name', '')
    """
    found = COLUMNS.get(name)
    if found is None:
        return NAME if name.endswith("_id") else ""
    return found.kind
