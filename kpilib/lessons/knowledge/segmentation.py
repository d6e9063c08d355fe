"""What to know about the KPIs of groups of customers."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "value_tiers": Knowledge(
        asks=_("How few customers bring how much of the revenue?"),
        decides=_("Sales decide by it who gets a personal contact."),
        mistakes=(
            _(
                "Comparing customers of one month with those of three years: value needs equal "
                "time."
            ),
        ),
        relatives={
            "rfm_segments": _("also how lately and how often"),
            "clv_allocation": _("value to come instead of value so far"),
        },
        texts=(3,),
        literature=("Lorenz, Publications of the American Statistical Association 9 (1905)",),
        formula=r"\frac{\text{money from the tier}}{\text{customers of the tier}}",
        worked=r"\frac{[money]}{[customers]}",
        gives="money_each",
    ),
    "rfm_segments": Knowledge(
        asks=_("Who bought lately, often and much, and who used to?"),
        decides=_("Marketing writes different letters to the segments."),
        mistakes=(
            _(
                "Cutting into fifths anew each month: a customer moves without having done "
                "anything."
            ),
        ),
        relatives={
            "value_tiers": _("by money alone"),
            "churn_early_warning": _("a probability instead of scores"),
        },
        texts=(3,),
        literature=(
            "Hughes, Strategic Database Marketing (1994)",
            "Fader, Hardie & Lee, Journal of Marketing Research 42 (2005)",
        ),
        formula=r"\frac{\text{money from the segment}}{\text{customers of the segment}}",
        worked=r"\frac{[money]}{[customers]}",
        gives="money_each",
    ),
}
