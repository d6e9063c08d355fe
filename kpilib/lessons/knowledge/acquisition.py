"""What to know about the KPIs of winning customers."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "new_customers": Knowledge(
        asks=_("How many people became customers?"),
        decides=_(
            "Marketing decides by it how much to spend next month; it is the denominator of the "
            "acquisition cost."
        ),
        mistakes=(
            _("Counting registrations, or first orders that were refunded: neither is a customer."),
        ),
        relatives={
            "acquisition_rate": _("puts them over the customers there are at the close"),
            "returning_customer_rate": _("looks at those who are not new among the buyers"),
        },
        texts=(
            2,
            3,
        ),
        literature=("Farris, Bendle, Pfeifer & Reibstein, Marketing Metrics (2020), chapter 5",),
    ),
    "acquisition_rate": Knowledge(
        asks=_("What part of our customers is new?"),
        decides=_(
            "Management sees by it whether growth comes from winning or from keeping customers."
        ),
        mistakes=(
            _(
                "Praising a rise that comes from old customers leaving: fewer closing customers "
                "lift the share as well."
            ),
        ),
        relatives={
            "new_customers": _("the count itself"),
            "churn_rate": _("tells whether the share rose because others left"),
        },
        texts=(2,),
        disagreements=("C06",),
    ),
    "cac": Knowledge(
        asks=_("What does it cost to win one customer?"),
        decides=_(
            "Marketing sets budgets by it, and management holds it against what a customer brings."
        ),
        mistakes=(
            _(
                "Leaving salaries and tools out, or dividing by orders: both make customers look "
                "cheap."
            ),
        ),
        relatives={
            "cac_by_channel": _("the same for each channel, by a rule of attribution"),
            "ltv_cac": _("what the same customers brought, over this cost"),
            "cac_payback": _("how long until the cost is earned back"),
        },
        texts=(
            2,
            3,
        ),
        literature=("Farris, Bendle, Pfeifer & Reibstein, Marketing Metrics (2020), chapter 5",),
        disagreements=("C19",),
    ),
    "cac_by_channel": Knowledge(
        asks=_("Which channel wins customers at what cost?"),
        decides=_("Whoever buys media moves money between channels by it."),
        mistakes=(
            _(
                "Reading the last touch as the cause: the channel closest to the order takes what "
                "others began."
            ),
        ),
        relatives={
            "cac": _("all channels together, without a rule of attribution"),
            "promotion_effect": _(
                "compares with customers held back, and so tells effect from coincidence"
            ),
        },
        texts=(
            2,
            3,
        ),
    ),
    "ad_roi": Knowledge(
        asks=_("How much revenue comes in for each unit of advertising spend?"),
        decides=_("Marketing decides by it whether advertising goes on, and where."),
        mistakes=(
            _(
                "Turning it upside down: 投入产出比 is written both ways, and 2 can be good or a "
                "loss."
            ),
        ),
        relatives={
            "sales_efficiency": _("all new customers over all spend to win them"),
            "ltv_cac": _("margin over a longer time instead of the first period's revenue"),
        },
        texts=(2,),
        disagreements=("C20",),
    ),
    "sales_efficiency": Knowledge(
        asks=_("How much do new customers pay at once for each unit spent on winning them?"),
        decides=_("The head of sales sees by it whether spending more still sells more."),
        mistakes=(
            _("Comparing months of sale and months of campaign: spend comes before its customers."),
        ),
        relatives={
            "ad_roi": _("advertising and its channels alone"),
            "cac": _("the same spend per customer instead of per unit of revenue"),
        },
        texts=(3,),
    ),
    "ltv_cac": Knowledge(
        asks=_("Did the customers we won bring more than they cost?"),
        decides=_("Management and investors decide by it whether growth may be bought."),
        mistakes=(
            _("Putting revenue on top: 1,000 of revenue at 40% on a cost of 500 is 0.8, not 2."),
        ),
        relatives={
            "cac_payback": _("the time until this reaches 1"),
            "clv_predicted": _("looks ahead, where this looks at what has happened"),
        },
        literature=("Gupta & Lehmann, Managing Customers as Investments (2005)",),
        disagreements=("C05",),
    ),
    "cac_payback": Knowledge(
        asks=_("After how many months has a customer paid for being won?"),
        decides=_("Finance plans cash by it: growth costs money until then."),
        mistakes=(
            _(
                "Dividing the cost by mean monthly revenue: it takes customers as immortal and "
                "revenue as profit."
            ),
        ),
        relatives={
            "ltv_cac": _("the same money at the end of the horizon"),
            "cac": _("the cost that is to be paid back"),
        },
    ),
    "promotion_effect": Knowledge(
        asks=_("Did the campaign make anyone buy who would not have bought anyway?"),
        decides=_("Marketing decides by it which campaigns to run again."),
        mistakes=(
            _(
                "Comparing those reached with everybody else: campaigns reach people who were "
                "likely to buy."
            ),
        ),
        relatives={
            "cac_by_channel": _("bookkeeping of spend, not effect"),
            "win_back_rate": _("the same comparison for customers who had lapsed"),
        },
        texts=(
            2,
            3,
        ),
        literature=("Newcombe, Statistics in Medicine 17 (1998)",),
        formula=(
            r"\frac{\text{buyers among those reached}}{\text{customers reached}}"
            r" - \frac{\text{buyers among those held back}}{\text{customers held back}}"
        ),
        worked=r"\frac{[bought]}{[reached]} - \frac{[bought_control]}{[control]}",
        gives="effect",
    ),
    "cac_by_attribution": Knowledge(
        asks=_("Does a channel look dear or cheap only because of the rule that credits it?"),
        decides=_("Whoever buys media trusts a difference that every rule shows."),
        mistakes=(_("Choosing the rule under which one's own channel shines."),),
        relatives={
            "cac_by_channel": _("one rule, that of the settings"),
        },
        texts=(3,),
        formula=r"\frac{\text{spend on the channel}}{\text{new customers put down to the channel}}",
        worked=r"\frac{[spend]}{[customers]}",
        gives="cac",
    ),
}
