"""What to know about the KPIs of recommendation."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "referral_rate": Knowledge(
        asks=_("How many new customers did other customers bring?"),
        decides=_("Marketing decides by it how much a referral programme may cost."),
        mistakes=(_("Dividing by all customers: that is another KPI, of those who recommend."),),
        relatives={
            "referrer_share": _("of the customers, those who recommend"),
            "word_of_mouth": _("how far one recommendation leads"),
        },
        texts=(3,),
        literature=("Schmitt, Skiera & Van den Bulte, Journal of Marketing 75 (2011)",),
        disagreements=("C13",),
    ),
    "referrer_share": Knowledge(
        asks=_("How many of our customers recommend us to others?"),
        decides=_("Whoever runs the programme sees by it whether customers know and like it."),
        mistakes=(
            _("Counting invitations: one eager customer with fifty of them is one customer."),
        ),
        relatives={
            "referral_rate": _("of the new customers, those who were brought"),
            "recommendation_intention": _("who says that they would"),
        },
        texts=(
            1,
            2,
            3,
        ),
        disagreements=("C13",),
    ),
    "earned_growth": Knowledge(
        asks=_("How much would we have grown without buying customers?"),
        decides=_(
            "Management and investors tell by it growth that lasts from growth that was paid for."
        ),
        mistakes=(_("Leaving out how customers came: whoever was not asked counts as bought."),),
        relatives={
            "net_revenue_retention": _("old customers alone, by contract"),
        },
        literature=("Reichheld, Darnell & Burns, Harvard Business Review 99 (2021)",),
    ),
    "referral_programme_effect": Knowledge(
        asks=_("Are referred customers better than others, and what do they cost?"),
        decides=_("Marketing sets the reward by it."),
        mistakes=(
            _(
                "Putting the difference down to the programme: friends of good customers are good "
                "customers."
            ),
        ),
        relatives={
            "referral_rate": _("how many they are"),
        },
        texts=(3,),
        literature=("Schmitt, Skiera & Van den Bulte, Journal of Marketing 75 (2011)",),
        formula=(
            r"\frac{\text{customers of the group who bought again}}"
            r"{\text{customers of the group watched}}"
        ),
        worked=r"\frac{[again]}{[watched]}",
        gives="rate",
    ),
    "word_of_mouth": Knowledge(
        asks=_("How many further customers does one customer bring?"),
        decides=_(
            "Marketing sees by it whether word of mouth carries growth by itself: it does from 1 "
            "on."
        ),
        mistakes=(
            _("Counting invitations of yesterday as failed: they need time to be taken up."),
        ),
        relatives={
            "referral_rate": _("one month's share instead of the whole tree"),
        },
        texts=(2,),
        formula=(
            r"\frac{\text{invitations}}"
            r"{\text{customers}} \times \frac{\text{converted}}{\text{invitations}}"
        ),
        worked=r"\frac{[invitations]}{[customers]} \times \frac{[converted]}{[invitations]}",
        gives="k",
    ),
}
