"""The choices printed beside a number: the lapse window, the loyalty rule, the length of a term."""

from typing import TYPE_CHECKING

from kpilib.periods import day_date
from kpilib.words import MODEL_TITLES, Text, _, ngettext

if TYPE_CHECKING:
    from kpilib.activity.business import Business
    from kpilib.periods import Period

_WINDOW_METHODS = {
    "given": _("as set"),
    "gaps": _("the 90th percentile of the gaps between purchases"),
    "returns": _("the 90th percentile of the gaps of customers who return, as too few do"),
    "default": _("a year, as nobody has bought twice"),
}


def activity_note(base: "Business") -> Text:
    """What makes a customer active: a contract, or a purchase within the lapse window."""
    if base.activity_rule == "subscriptions":
        return _("active: a contract is running")
    days, how = base.lapse_window.days, _WINDOW_METHODS[base.lapse_window.method]
    return _("active: a purchase within {days} days ({how})", days=days, how=how)


def history_note(base: "Business", period: "Period") -> Text | None:
    """What a period so early in the records cannot know, or None where it is late enough.

    Customers from before the records are not seen, and within one lapse window of their beginning
    no customer can have lapsed.
    """
    if base.activity_rule == "subscriptions":
        return None
    begins = base.first_day + base.lapse_window.days
    if period.start_day > begins:
        return None
    first, then = day_date(base.first_day), day_date(begins)
    return _(
        "the records begin on {first}: earlier customers are not seen, and none can lapse before "
        "{then}",
        first=first,
        then=then,
    )


def loyalty_note(base: "Business") -> Text:
    """The loyalty rule in words."""
    rule = base.settings.loyalty
    return _(
        "loyal: purchases on at least {n} days within {days} days", n=rule.purchases, days=rule.days
    )


PURCHASE_NOTE = _("a purchase is a day on which the customer bought, however many orders it had")

FIRST_INCLUDED_NOTE = _(
    "the first purchase counts; time counts from it on, while the customer is active"
)


def horizon_note(days: int) -> Text:
    """How far a restricted mean reaches; means over other horizons do not compare with it."""
    return _(
        "within the first {days} days, the longest time observed; it grows with the records",
        days=days,
    )


def days_note(days: int) -> Text:
    """How long first-time buyers are given to come back."""
    return _(
        "lost: no second purchase within {days} days; buyers watched for less are left out",
        days=days,
    )


def tenure_note(months: int) -> Text:
    """How long a customer must have been one to count as long-standing."""
    return _(
        "long-term: first active at least {months} months before the period closes", months=months
    )


def revenue_notes(base: "Business") -> tuple[Text, ...]:
    """What recurring revenue does not know, and how it was turned into one currency."""
    notes = []
    if lacking := base.contracts_without_revenue:
        notes.append(
            ngettext(
                "{n} contract has no mrr, and counts as 0",
                "{n} contracts have no mrr, and count as 0",
                lacking,
            )
        )
    if "own_mrr" in base.contracts.collect_schema().names():
        notes.append(_("both ends of the period at the exchange rate of its last day"))
    return tuple(notes)


def value_note(base: "Business", model: str) -> Text:
    """By which model, how far ahead, of what and at which rate the value to come is reckoned."""
    rule, name = base.settings.value, MODEL_TITLES[model]
    name += "" if model == "SBG" else f" + {MODEL_TITLES['GammaGamma']}"
    return _(
        "{name}, {months} months ahead, {kept}, discounted at {rate}% a year; limits of the "
        "parameters",
        name=name,
        months=rule.months,
        kept=_kept(base),
        rate=100 * rule.discount_rate,
    )


def profit_note(base: "Business") -> Text:
    """How the profit of a lifetime is reckoned."""
    rule = base.settings.value
    return _(
        "{months} months from the first purchase, {kept} less the costs of customers, discounted "
        "at {rate}% a year, money coming evenly",
        months=rule.months,
        kept=_kept(base),
        rate=100 * rule.discount_rate,
    )


def _kept(base: "Business") -> Text:
    share = 100 * base.settings.value.margin
    if share == 100:
        return _("revenue")
    return _("{share}% of revenue", share=share)


def profit_margin_note(base: "Business") -> Text:
    """Of what the profit is reckoned."""
    return _("{kept} less the costs of customers", kept=_kept(base))
