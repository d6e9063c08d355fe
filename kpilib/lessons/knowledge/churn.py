"""What to know about the KPIs of losing customers."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "lost_customers": Knowledge(
        asks=_("How many customers did we lose?"),
        decides=_("The service team takes from it the list of people to call."),
        mistakes=(
            _(
                "Adding first-time and loyal customers and calling it all: those in between are "
                "left out."
            ),
        ),
        relatives={
            "churn_rate": _("the lost among the opening customers, as a part of them"),
            "lost_customer_mix": _("who they had been"),
            "dormant_customers": _("silent so far, whenever they were lost"),
        },
        texts=(
            0,
            2,
            3,
        ),
        disagreements=("C16",),
    ),
    "churn_rate": Knowledge(
        asks=_("Of the customers we had, how many did we lose?"),
        decides=_(
            "The head of retention decides by it when and for whom to act; finance projects "
            "revenue with it."
        ),
        mistakes=(
            _(
                "Counting customers who came and went in the period above the line and not under "
                "it: four tools give four rates."
            ),
            _(
                "Multiplying a month's rate by twelve: 10% a month leaves 28% after a year, not "
                "less than nothing."
            ),
        ),
        relatives={
            "retention_rate": _("the rest of the same customers; the two add up to 1"),
            "lost_customers": _("the count, with those who came and went within the period"),
            "first_purchase_loss_rate": _("of first-time buyers alone"),
        },
        texts=(
            2,
            3,
        ),
        literature=(
            "MASB, Common Language Marketing Dictionary: churn rate",
            "Fader & Hardie, Journal of Interactive Marketing 21 (2007)",
        ),
        disagreements=("C03",),
    ),
    "first_purchase_loss_rate": Knowledge(
        asks=_("How many first-time buyers never come back?"),
        decides=_(
            "Product and onboarding judge by it whether the promise of the advertising was kept."
        ),
        mistakes=(
            _("Counting buyers of last week as lost: they have not had time to come back."),
            _("Reading a low rate as bad news, as one of the texts does: lower is better."),
        ),
        relatives={
            "churn_rate": _("all opening customers"),
            "cohort_retention": _("the other side, by calendar month"),
        },
        texts=(0,),
        disagreements=("C11",),
    ),
    "loyal_customer_loss_rate": Knowledge(
        asks=_("Are we losing those who used to buy most faithfully?"),
        decides=_("Management takes it as an alarm: a loyal customer who leaves has a reason."),
        mistakes=(
            _("Dividing by the loyal customers of today: those just lost are not among them."),
        ),
        relatives={
            "churn_rate": _("all opening customers, loyal or not"),
            "lost_customer_mix": _("the loyal among the lost, instead of the lost among the loyal"),
        },
        texts=(0,),
        disagreements=("C17",),
    ),
    "lost_customer_mix": Knowledge(
        asks=_("What had the customers been whom we lost?"),
        decides=_(
            "Marketing decides by it whether to mend the first purchase or the long relationship."
        ),
        mistakes=(
            _(
                "Concluding that a group is in danger because it is large among the lost: it may "
                "be large among all."
            ),
        ),
        relatives={
            "loyal_customer_loss_rate": _("the rate at which the loyal leave"),
        },
        texts=(0,),
        literature=("Goodman, Technometrics 7 (1965)",),
        disagreements=("C16",),
    ),
    "win_back_rate": Knowledge(
        asks=_("How many lapsed customers come back after we reach out?"),
        decides=_("Marketing decides by it whether win-back is worth its cost."),
        mistakes=(
            _(
                "Crediting the campaign with everyone who returned: some come back without it, as "
                "the control group shows."
            ),
        ),
        relatives={
            "retention_strategy_effect": _("for customers who have not left yet"),
        },
        texts=(2,),
        literature=("Ascarza, Journal of Marketing Research 55 (2018)",),
    ),
    "unsubscribe_rate": Knowledge(
        asks=_("How many of the people we wrote to asked us to stop?"),
        decides=_("The e-mail team sets frequency and content by it."),
        mistakes=(_("Dividing by messages: writing more often then lowers the rate."),),
        relatives={
            "churn_rate": _("leaving the business, not its messages"),
            "email_open_rate": _("the other end of the same letters"),
        },
        texts=(3,),
        disagreements=("C18",),
    ),
    "dormant_customers": Knowledge(
        asks=_("What part of all our customers has fallen silent?"),
        decides=_("Marketing sizes a reactivation by it, and data protection what may be deleted."),
        mistakes=(
            _("Watching it as if it were churn: it piles up over the years and hardly moves."),
        ),
        relatives={
            "lost_customers": _("those lost in the period alone"),
        },
        texts=(3,),
    ),
    "churn_reasons": Knowledge(
        asks=_("Why do customers say they left?"),
        decides=_("Product, price and service owners decide by it what to mend first."),
        mistakes=(
            _("Taking what people tick for the cause: *too expensive* is the quickest answer."),
        ),
        relatives={
            "lost_customer_mix": _("who they were, not why they left"),
            "slow_response_effect": _("one suspected cause looked at in the records"),
        },
        texts=(
            0,
            3,
        ),
        literature=("Goodman, Technometrics 7 (1965)",),
        formula=r"\frac{\text{lost customers with the reason}}{\text{lost customers}}",
        worked=r"\frac{[customers]}{[lost_customers]}",
        gives="share",
    ),
    "churn_early_warning": Knowledge(
        asks=_(
            "Which customers are likely to be silent for the next months, and what is at stake?"
        ),
        decides=_("The service team works down the list as far as its time reaches."),
        mistakes=(
            _("Judging it on the data it was trained on: only a later period shows what it knows."),
            _(
                "Calling everyone at risk: some stay because nobody reminded them that they could "
                "leave."
            ),
        ),
        relatives={
            "dormant_customers": _("those who are silent already"),
        },
        texts=(
            2,
            3,
        ),
        literature=("Ascarza, Journal of Marketing Research 55 (2018)",),
        formula=r"P(\text{no purchase in the next days}) \times \text{value in them}",
        worked=r"[probability] \times [value]",
        gives="at_risk",
    ),
}
