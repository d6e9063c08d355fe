"""The words for a fit that ends at the edge of its parameter space, or rests on too little."""

import numpy as np

from kpilib.clv.fitting.arguments import DAYS_IN, PERIODS
from kpilib.clv.fitting.finding import Finding

FEW = 50
LONGEST = 200 * 365.25
WIDER = "Fit a longer history or more customers; until then read the intervals, not the value."
PRIOR = "The data leave this open; a cautious guess fills the gap."

EDGES = {
    "same_rate": (
        f"The customers' purchase rates do not visibly differ. {PRIOR}",
        "One rate for everybody describes these data; "
        "check that customers of different kinds are in the sample.",
    ),
    "rates_too_unlike": (
        f"Almost all purchases come from a handful of customers. {PRIOR}",
        "Look for test, staff or reseller accounts, and fit them apart.",
    ),
    "rate_unknown": (
        f"There is too little repeat buying to tell a purchase rate. {PRIOR}",
        WIDER,
    ),
    "no_dropout": (
        f"No sign that customers stop buying: the histories fit buying at a constant rate. {PRIOR}",
        "Observe for longer before reading P(alive); forecasts of the near future remain usable.",
    ),
    "all_dropout": (
        f"Nearly every customer seems to leave at the first chance. {PRIOR}",
        "Check that repeat purchases are linked to the same customer id.",
    ),
    "same_dropout": (
        f"The chance of leaving does not visibly differ between customers. {PRIOR}",
        "Read one average chance of leaving; do not rank customers by theirs.",
    ),
    "dropout_unlike": (
        f"Customers seem either to leave at once or never. {PRIOR}",
        "Look for two kinds of customers (trial and subscription, say) and fit them apart.",
    ),
    "dropout_unknown": (f"The data do not tell how fast customers leave. {PRIOR}", WIDER),
    "effect_unclear": (
        f"The effect of a covariate is not pinned down by these data. {PRIOR}",
        "Join rare categories, or leave the covariate out.",
    ),
    "spend_unclear": (f"The spread of spend is not pinned down by these data. {PRIOR}", WIDER),
    "buying_unclear": (f"The share of opportunities taken is not pinned down. {PRIOR}", WIDER),
}


def edge_findings(
    edges: dict[tuple[int, int], str], flat: tuple[tuple[int, int], ...]
) -> tuple[Finding, ...]:
    """A finding for every open coordinate, each named once, in the model's own words."""
    names = dict.fromkeys(edges[key] for key in flat)
    if "no_dropout" in names:  # how customers differ in leaving is then an empty question
        names.pop("same_dropout", None)
        names.pop("dropout_unlike", None)
    return tuple(Finding(name, "warning", *EDGES[name]) for name in names)


def size_findings(counts) -> tuple[Finding, ...]:
    """Findings about how much the data hold: customers, repeat buyers, customers left out."""
    out = []
    repeat, customers = counts.repeat_buyers, counts.customers
    if repeat == 0:
        sentence = f"None of the {customers:,.0f} customers bought again."
        out.append(Finding("no_repeat_buyers", "serious", sentence, WIDER))
    elif repeat < FEW:
        sentence = f"Only {repeat:,.0f} of {customers:,.0f} customers bought again."
        out.append(Finding("few_repeat_buyers", "warning", sentence, WIDER))
    if customers == 1:
        sentence = "The data hold one customer; a model of differences needs many."
        out.append(Finding("one_customer", "serious", sentence, "Fit all customers together."))
    oldest = float(np.max(getattr(counts, "T", 0.0), initial=0.0))
    unit = getattr(counts, "time_unit", PERIODS)
    if oldest * DAYS_IN.get(unit, 0.0) > LONGEST:
        sentence = f"The longest T is {oldest:,.0f} {unit}, more than two centuries."
        remedy = f"Check the unit: turn recency and T into {unit}, and fit again."
        out.append(Finding("unit_doubtful", "serious", sentence, remedy))
    left_out = getattr(counts, "left_out", 0.0)
    if left_out:
        sentence = f"{left_out:,.0f} customers with T = 0 were left out: nothing is known of them."
        remedy = "They return by themselves at the next fit; value them as new customers."
        out.append(Finding("left_out", "note", sentence, remedy))
    return tuple(out)
