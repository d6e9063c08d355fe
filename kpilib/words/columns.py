"""The words of tables: column names and the values of a few columns, in three languages."""

from kpilib.words.text import _, pgettext

YES = _("yes")
NO = _("no")
MORE = _("{count} rows")

LIMITS = ("low", "high", "predicted_low", "predicted_high", "low_each", "high_each")
"""Columns that hold the limits of the column before them."""

IDENTIFIERS = ("year", "segment")
"""Columns whose numbers are names; so are all that end in `_id`."""

SHARES = (
    "share", "value_share", "money_share", "probability_alive", "bias", "absolute_bias",
    "top_tenth", "coverage", "totals_within", "churn", "retention",
)  # fmt: skip
"""Columns that hold shares."""

COUNTS = ("active", "expected_purchases")
"""Columns that hold expected numbers of people or purchases."""

COLUMNS = {
    "method": pgettext("column", "method"),
    "value": pgettext("column", "value"),
    "low": pgettext("column", "low"),
    "high": pgettext("column", "high"),
    "predicted_low": pgettext("column", "low, with chance"),
    "predicted_high": pgettext("column", "high, with chance"),
    "customers": pgettext("column", "customers"),
    "takes": pgettext("column", "takes customers as"),
    "customer_id": pgettext("column", "customer"),
    "frequency": pgettext("column", "frequency"),
    "recency": pgettext("column", "recency"),
    "monetary_value": pgettext("column", "mean repeat purchase"),
    "group": pgettext("column", "group"),
    "cohort": pgettext("column", "month of the first purchase"),
    "active": pgettext("column", "active"),
    "expected_purchases": pgettext("column", "expected purchases"),
    "residual": pgettext("column", "beyond the horizon"),
    "share": pgettext("column", "share"),
    "probability_alive": pgettext("column", "P(still a customer)"),
    "total": pgettext("column", "total"),
    "severity": pgettext("column", "severity"),
    "finding": pgettext("column", "what was found"),
    "remedy": pgettext("column", "what to do"),
    "measure": pgettext("column", "of"),
    "rule": pgettext("column", "forecast by"),
    "bias": pgettext("column", "totals off by"),
    "absolute_bias": pgettext("column", "totals off by, sign aside"),
    "mae": pgettext("column", "mean absolute error"),
    "rmse": pgettext("column", "root mean square error"),
    "top_tenth": pgettext("column", "brought by the tenth ranked first"),
    "coverage": pgettext("column", "customers within their limits"),
    "totals_within": pgettext("column", "totals within their limits"),
    "origin": pgettext("column", "asked on"),
    "tier": pgettext("column", "tier"),
    "value_each": pgettext("column", "value a customer"),
    "low_each": pgettext("column", "low"),
    "high_each": pgettext("column", "high"),
    "value_share": pgettext("column", "share of the value"),
    "parameter": pgettext("column", "parameter"),
    "standard_error": pgettext("column", "standard error"),
    "mean": pgettext("column", "mean"),
    "sd": pgettext("column", "deviation"),
    "window": pgettext("column", "lapse window"),
    "days": pgettext("column", "days"),
    "opening": pgettext("column", "opening"),
    "new": pgettext("column", "new"),
    "reactivated": pgettext("column", "reactivated"),
    "retained": pgettext("column", "retained"),
    "lost": pgettext("column", "lost"),
    "closing": pgettext("column", "closing"),
    "lost_from_opening": pgettext("column", "lost of the opening"),
    "churn": pgettext("column", "churn"),
    "counted": pgettext("column", "counted"),
    "first_day": pgettext("column", "first day"),
    "period": pgettext("column", "period"),
    "segment": pgettext("column", "segment"),
    "rows": pgettext("column", "rows"),
    "table": pgettext("column", "table"),
    "outcome": pgettext("column", "outcome"),
    "money": pgettext("column", "money"),
    "money_share": pgettext("column", "share of the money"),
    "money_each": pgettext("column", "money a customer"),
    "least": pgettext("column", "from"),
}

VALUES = {
    "note": _("note"),
    "warning": _("warning"),
    "serious": _("serious"),
    "purchases": _("purchases"),
    "revenue": _("revenue"),
    "model": _("model"),
    "same again": _("same again"),
    "mean rate": _("mean rate"),
    "observed": _("observed"),
    "simple product": _("simple product"),
    "survival": _("survival"),
    "all": _("all"),
    "half": _("half"),
    "chosen": _("chosen"),
    "double": _("double"),
    "kept": _("kept"),
    "retain and grow": _("retain and grow"),
    "acquire more like the better ones": _("acquire more like the better ones"),
    "those already seen for a year": _("those already seen for a year"),
    "all alike, for as long as a customer lasts": _("all alike, for as long as a customer lasts"),
    "all alike, leaving as the survival curve says": _(
        "all alike, leaving as the survival curve says"
    ),
    "each with their own rate, leaving and spend": _("each with their own rate, leaving and spend"),
}
