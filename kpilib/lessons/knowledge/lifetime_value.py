"""What to know about the KPIs of what customers are worth."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "average_customer_lifetime": Knowledge(
        asks=_("How long does a customer stay a customer?"),
        decides=_("Finance and marketing multiply by it what a customer brings in a year."),
        mistakes=(
            _(
                "Averaging the lifetimes so far: most are not over, and with a true mean of 20 "
                "months and 12 observed it says 9."
            ),
            _("Taking only those who left: the loyal are the ones still missing."),
        ),
        relatives={
            "churn_rate": _("one over it is a lifetime only if the rate never changes"),
            "long_term_customer_share": _("how many have lasted a year"),
        },
        texts=(
            0,
            1,
            2,
            3,
        ),
        literature=("Kaplan & Meier, Journal of the American Statistical Association 53 (1958)",),
        disagreements=("C12",),
    ),
    "average_purchase_value": Knowledge(
        asks=_("How much is one purchase?"),
        decides=_(
            "Pricing and assortment follow it; it is the first factor of the simple lifetime value."
        ),
        mistakes=(
            _(
                "Averaging customers' means: a customer of one large order weighs as much as one "
                "of fifty."
            ),
        ),
        relatives={
            "purchase_frequency": _("how often, instead of how much"),
            "revenue": _("the total of which this is the mean"),
        },
        texts=(
            1,
            3,
        ),
    ),
    "purchase_frequency": Knowledge(
        asks=_("How often does an active customer buy?"),
        decides=_(
            "Marketing times its offers by it; it is the second factor of the simple lifetime "
            "value."
        ),
        mistakes=(
            _(
                "Giving a customer of last week a whole month: each counts for the time they were "
                "there."
            ),
        ),
        relatives={
            "average_purchase_value": _("how much, instead of how often"),
            "repeat_purchase_rate": _("how many bought again at all"),
        },
        texts=(3,),
        literature=("Fader, Hardie & Lee, Marketing Science 24 (2005)",),
    ),
    "clv_simple": Knowledge(
        asks=_("What would a customer bring if all were alike?"),
        decides=_(
            "It serves for a first sketch of a budget, and for comparing with texts that reckon so."
        ),
        mistakes=(
            _("Holding it against the acquisition cost: it is revenue, not profit."),
            _(
                "Multiplying three means: many who buy little and few who buy much are not one "
                "customer in the middle."
            ),
        ),
        relatives={
            "clv_predicted": _("each customer by their own history"),
            "clv_net_profit": _("profit, and leaving by the survival curve"),
        },
        texts=(
            1,
            2,
            3,
        ),
        literature=("Fader & Hardie, Journal of Interactive Marketing 23 (2009)",),
        disagreements=(
            "C04",
            "C05",
        ),
    ),
    "clv_historical": Knowledge(
        asks=_("What have our customers brought so far?"),
        decides=_("Account managers see by it who has been important."),
        mistakes=(
            _("Ranking customers by it for next year: old customers lead because they are old."),
        ),
        relatives={
            "clv_predicted": _("what is still to come"),
        },
        texts=(1,),
        disagreements=("C04",),
    ),
    "clv_predicted": Knowledge(
        asks=_("What will the customers we have still bring?"),
        decides=_(
            "Marketing decides by it for whom money is worth spending, finance what the base is "
            "worth."
        ),
        mistakes=(
            _(
                "Believing a fit that was never tested: hold the last months back and see whether "
                "it finds them."
            ),
        ),
        relatives={
            "clv_historical": _("what was brought so far"),
            "clv_simple": _("as if all customers were one"),
        },
        texts=(
            1,
            3,
        ),
        literature=(
            "Fader, Hardie & Lee, Marketing Science 24 (2005)",
            "Fader, Hardie & Lee, Journal of Marketing Research 42 (2005)",
        ),
        disagreements=("C04",),
    ),
    "clv_net_profit": Knowledge(
        asks=_("What profit does a customer leave within the horizon, from the first day on?"),
        decides=_("Finance holds it against the acquisition cost."),
        mistakes=(
            _(
                "Mixing formulas that count the first payment with those that do not: they differ "
                "by a whole period."
            ),
        ),
        relatives={
            "clv_simple": _("revenue, undiscounted"),
            "customer_net_profit": _("of one period, not of a life"),
        },
        texts=(3,),
        literature=("Berger & Nasr, Journal of Interactive Marketing 12 (1998)",),
        disagreements=(
            "C04",
            "C05",
        ),
    ),
    "customer_net_profit": Knowledge(
        asks=_("What does a customer leave after goods and service are paid?"),
        decides=_("Management finds by it customers who cost more than they bring."),
        mistakes=(_("Dropping customers with a loss: they are the finding."),),
        relatives={
            "revenue": _("before any cost"),
            "clv_net_profit": _("over a life instead of one period"),
        },
        texts=(3,),
        disagreements=("C05",),
    ),
    "clv_allocation": Knowledge(
        asks=_("On which customers should money be spent?"),
        decides=_("Marketing divides its budget by it."),
        mistakes=(_("Spending on the most valuable: they may stay and buy without it."),),
        relatives={
            "value_tiers": _("by what they have brought, not by what they will"),
        },
        texts=(
            1,
            2,
            3,
        ),
        literature=("Ascarza, Journal of Marketing Research 55 (2018)",),
        formula=r"\frac{\text{expected value of the segment}}{\text{customers of the segment}}",
        worked=r"\frac{[value]}{[customers]}",
        gives="value_each",
    ),
    "demand_forecast": Knowledge(
        asks=_("How many purchases will the customers we have make next?"),
        decides=_("Operations order stock and plan shifts by it."),
        mistakes=(
            _(
                "Taking it for all demand: customers who are still to come are not in it, nor is "
                "the season."
            ),
        ),
        relatives={
            "clv_predicted": _("the same purchases in money"),
        },
        texts=(3,),
        literature=("Fader, Hardie & Lee, Marketing Science 24 (2005)",),
        formula=r"\sum_i E[\text{purchases}_i]",
    ),
}
