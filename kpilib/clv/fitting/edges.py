"""The words for a fit that ends at the edge of its parameter space, or rests on too little."""

import numpy as np

from kpilib.clv.fitting.arguments import DAYS_IN, PERIODS
from kpilib.clv.fitting.finding import Finding
from kpilib.words import Text, _, pgettext
from kpilib.words.units import TIME_UNITS

FEW = 50
LONGEST = 200 * 365.25
WIDER = _("Fit a longer history or more customers; until then read the intervals, not the value.")
PRIOR = _("The data leave this open; a cautious guess fills the gap.")

EDGES = {
    "same_rate": (
        _("The customers' purchase rates do not visibly differ."),
        _(
            "One rate for everybody describes these data; "
            "check that customers of different kinds are in the sample."
        ),
    ),
    "rates_too_unlike": (
        _("Almost all purchases come from a handful of customers."),
        _("Look for test, staff or reseller accounts, and fit them apart."),
    ),
    "rate_unknown": (
        _("There is too little repeat buying to tell a purchase rate."),
        WIDER,
    ),
    "no_dropout": (
        _("No sign that customers stop buying: the histories fit buying at a constant rate."),
        _(
            "Observe for longer before reading P(alive); forecasts of the near future remain "
            "usable."
        ),
    ),
    "all_dropout": (
        _("Nearly every customer seems to leave at the first chance."),
        _("Check that repeat purchases are linked to the same customer id."),
    ),
    "same_dropout": (
        _("The chance of leaving does not visibly differ between customers."),
        _("Read one average chance of leaving; do not rank customers by theirs."),
    ),
    "dropout_unlike": (
        _("Customers seem either to leave at once or never."),
        _("Look for two kinds of customers (trial and subscription, say) and fit them apart."),
    ),
    "dropout_unknown": (_("The data do not tell how fast customers leave."), WIDER),
    "effect_unclear": (
        _("The effect of a covariate is not pinned down by these data."),
        _("Join rare categories, or leave the covariate out."),
    ),
    "spend_unclear": (_("The spread of spend is not pinned down by these data."), WIDER),
    "buying_unclear": (_("The share of opportunities taken is not pinned down."), WIDER),
}


def edge_findings(
    edges: dict[tuple[int, int], str], flat: tuple[tuple[int, int], ...]
) -> tuple[Finding, ...]:
    """A finding for every open coordinate, each named once, in the model's own words."""
    names = dict.fromkeys(edges[key] for key in flat)
    if "no_dropout" in names:  # how customers differ in leaving is then an empty question
        names.pop("same_dropout", None)
        names.pop("dropout_unlike", None)
    return tuple(
        Finding(name, "warning", _both(EDGES[name][0], PRIOR), EDGES[name][1]) for name in names
    )


def _both(first: Text, second: Text) -> Text:
    return pgettext("one sentence after the other", "{first} {second}").format(
        first=first, second=second
    )


def size_findings(counts) -> tuple[Finding, ...]:
    """Findings about how much the data hold: customers, repeat buyers, customers left out."""
    out = []
    repeat, customers = counts.repeat_buyers, counts.customers
    if repeat == 0:
        sentence = _("None of the {n} customers bought again.", n=round(customers))
        out.append(Finding("no_repeat_buyers", "serious", sentence, WIDER))
    elif repeat < FEW:
        sentence = _(
            "Only {repeat} of {n} customers bought again.", repeat=round(repeat), n=round(customers)
        )
        out.append(Finding("few_repeat_buyers", "warning", sentence, WIDER))
    if customers == 1:
        sentence = _("The data hold one customer; a model of differences needs many.")
        remedy = _("Fit all customers together.")
        out.append(Finding("one_customer", "serious", sentence, remedy))
    oldest = float(np.max(getattr(counts, "T", 0.0), initial=0.0))
    unit = getattr(counts, "time_unit", PERIODS)
    if oldest * DAYS_IN.get(unit, 0.0) > LONGEST:
        named = TIME_UNITS.get(unit, unit)
        sentence = _(
            "The longest T is {n} {unit}, more than two centuries.", n=round(oldest), unit=named
        )
        remedy = _("Check the unit: turn recency and T into {unit}, and fit again.", unit=named)
        out.append(Finding("unit_doubtful", "serious", sentence, remedy))
    left_out = getattr(counts, "left_out", 0.0)
    if left_out:
        sentence = _(
            "{n} customers with T = 0 were left out: nothing is known of them.", n=round(left_out)
        )
        remedy = _("They return by themselves at the next fit; value them as new customers.")
        out.append(Finding("left_out", "note", sentence, remedy))
    return tuple(out)
