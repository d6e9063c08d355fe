"""Words that stand as data in tables and numbers, each with its wording for a reader.

Code reads the ids on the left, and and frames and JSON keep them; a reader sees the text.
"""

from typing import Any

from kpilib.words.tables import TABLES, reason_text
from kpilib.words.text import MISSING, Text, pgettext

VALUES = {
    # Findings and backtests
    "note": pgettext("value", "note"),
    "warning": pgettext("value", "warning"),
    "serious": pgettext("value", "serious"),
    "purchases": pgettext("value", "purchases"),
    "revenue": pgettext("value", "revenue"),
    "model": pgettext("value", "model"),
    "same again": pgettext("value", "same again"),
    "mean rate": pgettext("value", "mean rate"),
    # Ways to value a customer
    "observed": pgettext("value", "observed"),
    "simple product": pgettext("value", "simple product"),
    "survival": pgettext("value", "survival"),
    "retain and grow": pgettext("value", "retain and grow"),
    "acquire more like the better ones": pgettext("value", "acquire more like the better ones"),
    "those already seen for a year": pgettext("value", "those already seen for a year"),
    "all alike, for as long as a customer lasts": pgettext(
        "value", "all alike, for as long as a customer lasts"
    ),
    "all alike, leaving as the survival curve says": pgettext(
        "value", "all alike, leaving as the survival curve says"
    ),
    "each with their own rate, leaving and spend": pgettext(
        "value", "each with their own rate, leaving and spend"
    ),
    # Parts of a KPI
    "opening": pgettext("value", "opening"),
    "new": pgettext("value", "new"),
    "reactivated": pgettext("value", "reactivated"),
    "retained": pgettext("value", "retained"),
    "lost": pgettext("value", "lost"),
    "closing": pgettext("value", "closing"),
    "first-time": pgettext("value", "first-time"),
    "developing": pgettext("value", "developing"),
    "loyal": pgettext("value", "loyal"),
    # Drivers of revenue
    "customers": pgettext("value", "customers who bought"),
    "orders_each": pgettext("value", "orders each"),
    "order_size": pgettext("value", "order size"),
    "refunds": pgettext("value", "refunds of no known order"),
    "returning": pgettext("value", "returning"),
    # Components of a change
    "mix": pgettext("value", "changed weight"),
    "same": pgettext("value", "the same customers"),
    "joined": pgettext("value", "customers who came"),
    "left": pgettext("value", "customers who went"),
    "unknown": pgettext("value", "nobody known"),
    "unexplained": pgettext("value", "not explained"),
    # States of customers, and of cells
    "none": pgettext("value", "not yet customers"),
    "active": pgettext("value", "active"),
    "lapsed": pgettext("value", "lapsed"),
    "absent": pgettext("value", "absent"),
    "complete": pgettext("value", "complete"),
    "partly": pgettext("value", "partly"),
    "running": pgettext("value", "not over yet"),
    "incomplete": pgettext("value", "incomplete"),
    "provisional": pgettext("value", "provisional"),
    "undefined": pgettext("value", "not defined"),
    "unavailable": pgettext("value", "not available"),
    "kept": pgettext("value", "kept"),
    "all": pgettext("value", "all"),
    MISSING: pgettext("value", "(missing)"),
    "average": pgettext("value", "average"),
    # States of a run
    "good": pgettext("value", "good"),
    "failed": pgettext("value", "failed"),
    "partial": pgettext("value", "published in part"),
    # Lapse windows
    "half": pgettext("value", "half"),
    "chosen": pgettext("value", "chosen"),
    "double": pgettext("value", "double"),
    "contract": pgettext("value", "by contract"),
    # RFM segments
    "champions": pgettext("value", "champions"),
    "promising": pgettext("value", "promising"),
    "recent": pgettext("value", "recent, light"),
    "fading": pgettext("value", "fading"),
    "at_risk": pgettext("value", "at risk"),
    "asleep": pgettext("value", "asleep"),
    # What customers differ in
    "rate": pgettext("value", "purchases a year"),
    "leaving": pgettext("value", "chance that a purchase is the last"),
    "ending": pgettext("value", "chance that a contract is not renewed"),
    "dropout": pgettext("value", "rate of leaving a year"),
    "spend": pgettext("value", "mean spend a purchase"),
    # Units
    "share": pgettext("value", "share"),
    "count": pgettext("value", "count"),
    "money": pgettext("value", "money"),
    "days": pgettext("value", "days"),
    "hours": pgettext("value", "hours"),
    "months": pgettext("value", "months"),
    "per year": pgettext("value", "per year"),
    "per month": pgettext("value", "per month"),
    "per customer": pgettext("value", "per customer"),
    "points": pgettext("value", "points"),
    "ratio": pgettext("value", "ratio"),
    "higher": pgettext("value", "higher"),
    "lower": pgettext("value", "lower"),
    # Parts of what customers say and do
    "delivery": pgettext("value", "delivery"),
    "price": pgettext("value", "price"),
    "product": pgettext("value", "product"),
    "service": pgettext("value", "service"),
    "promoters": pgettext("value", "promoters"),
    "passives": pgettext("value", "passives"),
    "detractors": pgettext("value", "detractors"),
    "active_share": pgettext("value", "days in touch a day of activity"),
    "frequency": pgettext("value", "contacts a day in touch"),
    "depth": pgettext("value", "kinds of contact a session"),
    "referred": pgettext("value", "referred"),
    "other": pgettext("value", "other"),
    "near": pgettext("value", "each between half and double"),
    "any": pgettext("value", "any mix"),
    # Attributions
    "recorded": pgettext("value", "recorded"),
    "first": pgettext("value", "first"),
    "last": pgettext("value", "last"),
    "linear": pgettext("value", "linear"),
    "time_decay": pgettext("value", "time decay"),
    "markov": pgettext("value", "Markov removal"),
    "shapley": pgettext("value", "Shapley"),
    # Designs and targets
    "controlled": pgettext("value", "controlled"),
    "descriptive only": pgettext("value", "descriptive only"),
    "met": pgettext("value", "met"),
    "warn": pgettext("value", "close"),
    "missed": pgettext("value", "missed"),
}

MODEL_TITLES = {
    "BGNBD": "BG/NBD",
    "MBGNBD": "MBG/NBD",
    "ParetoNBD": "Pareto/NBD",
    "BGBB": "BG/BB",
    "GammaGamma": "Gamma-Gamma",
    "SBG": "sBG",
}
"""The lifetime models by their classes' names, as the papers write them in every language."""


def value_text(value: Any) -> Text:
    """The wording of a value; as it is where the library does not know it.

    >>> value_text("at_risk").en, value_text("Nam").of("zh")
    ('at risk', 'Nam')
    """
    text = str(value)
    return VALUES.get(text) or TABLES.get(text) or reason_text(text) or Text(text)
