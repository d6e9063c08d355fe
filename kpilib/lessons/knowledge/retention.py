"""What to know about the KPIs of keeping customers."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "customer_ledger": Knowledge(
        asks=_("How did the customers of the opening become those of the close?"),
        decides=_(
            "Whoever answers for customer numbers checks here that every one of them is accounted "
            "for."
        ),
        mistakes=(
            _(
                "Reading the two totals alone: 100 more customers may be 100 won, or 600 won and "
                "500 lost."
            ),
        ),
        relatives={
            "retention_rate": _("the retained over the opening of this table"),
            "churn_rate": _("the lost of the opening over the opening"),
        },
        texts=(
            1,
            3,
        ),
        disagreements=("C01",),
    ),
    "customers_active": Knowledge(
        asks=_("How many customers do we have?"),
        decides=_("Management and investors follow it as the size of the business."),
        mistakes=(
            _(
                "Counting every record ever made: a customer who has not bought for three years "
                "is a memory."
            ),
        ),
        relatives={
            "buyers": _("only who bought within the period"),
            "loyal_customers": _("only who meets the loyalty rule"),
        },
        texts=(
            1,
            3,
        ),
    ),
    "retention_rate": Knowledge(
        asks=_("Of the customers we had, how many do we still have?"),
        decides=_(
            "The head of customer success decides by it whether to spend on keeping or on winning."
        ),
        mistakes=(
            _(
                "Dividing the closing customers by the opening ones: new customers hide the lost, "
                "and 110% comes out."
            ),
            _("Reading a month that is not over: whoever buys on the last day is still missing."),
        ),
        relatives={
            "churn_rate": _("the rest of the same customers; the two add up to 1"),
            "retention_rate_ledger": _("from totals alone, where nobody is followed"),
            "cohort_retention": _("of customers who came together, not of all"),
        },
        texts=(
            1,
            2,
            3,
        ),
        literature=(
            "MASB, Common Language Marketing Dictionary: retention rate",
            "Farris, Bendle, Pfeifer & Reibstein, Marketing Metrics (2020), chapter 5",
        ),
        disagreements=(
            "C01",
            "C02",
            "C03",
        ),
    ),
    "retention_rate_ledger": Knowledge(
        asks=_("What does retention look like when only totals are known?"),
        decides=_(
            "Analysts use it for old reports and competitors whose customers they cannot follow."
        ),
        mistakes=(
            _(
                "Taking it for matched retention: who came and went in the period lowers it, who "
                "came back raises it."
            ),
        ),
        relatives={
            "retention_rate": _("follows the same customers, and cannot pass 100%"),
        },
        texts=(3,),
        disagreements=(
            "C01",
            "C02",
        ),
    ),
    "repeat_purchase_rate": Knowledge(
        asks=_("How many of the buyers bought more than once in the period?"),
        decides=_("Product and assortment see by it whether one purchase leads to another."),
        mistakes=(
            _("Comparing a quarter with a month: a longer window always gives a higher rate."),
            _("Counting two orders of one day as a return: a forgotten item is no second visit."),
        ),
        relatives={
            "next_window_repurchase_rate": _(
                "two periods, bought in the first and again in the second"
            ),
            "returning_customer_rate": _("buyers with any purchase before the period"),
        },
        texts=(
            2,
            3,
        ),
        disagreements=("C02",),
    ),
    "next_window_repurchase_rate": Knowledge(
        asks=_("How many of this period's buyers come back in the next one?"),
        decides=_("Marketing times its reminders by it."),
        mistakes=(
            _(
                "Reading it before the next period is over: those who are still to come count as "
                "gone."
            ),
        ),
        relatives={
            "repeat_purchase_rate": _("twice within one period"),
            "cohort_retention": _("the same question of first buyers only"),
        },
        texts=(
            2,
            3,
        ),
        disagreements=("C02",),
    ),
    "returning_customer_rate": Knowledge(
        asks=_("How many of the buyers are old acquaintances?"),
        decides=_("The shop manager sees by it whether sales lean on new or on known customers."),
        mistakes=(
            _(
                "Lamenting a fall that comes from a good month of acquisition: more new buyers "
                "push the share down."
            ),
        ),
        relatives={
            "repeat_purchase_rate": _("more than once within the period"),
            "retention_rate": _("of the customers there were, not of the buyers there are"),
        },
        texts=(0,),
        disagreements=("C02",),
    ),
    "long_term_customer_share": Knowledge(
        asks=_("What part of our customers has been with us for a year or more?"),
        decides=_("Management judges by it how much of the business rests on long relationships."),
        mistakes=(
            _(
                "Being glad of a rise after acquisition stopped: without new customers everyone "
                "grows old."
            ),
        ),
        relatives={
            "average_customer_lifetime": _(
                "how long relationships last, the unfinished ones reckoned with"
            ),
        },
        texts=(2,),
    ),
    "net_revenue_retention": Knowledge(
        asks=_("How much do last period's subscribers pay now, for each unit they paid then?"),
        decides=_("The head of accounts sees whether upgrades make up for those who leave."),
        mistakes=(_("Letting new subscribers in: with them it is growth, not retention."),),
        relatives={
            "gross_revenue_retention": _("without upgrades, and so never above 100%"),
            "retention_rate": _("counts customers, large and small alike"),
        },
        literature=("Gupta & Lehmann, Managing Customers as Investments (2005)",),
    ),
    "gross_revenue_retention": Knowledge(
        asks=_("How much of the opening's recurring revenue is left, upgrades aside?"),
        decides=_("Finance sees by it how leaky the base is before anything is sold on top."),
        mistakes=(
            _("Netting upgrades of one customer against losses of another: that hides who leaves."),
        ),
        relatives={
            "net_revenue_retention": _("with upgrades"),
        },
        literature=("Gupta & Lehmann, Managing Customers as Investments (2005)",),
    ),
    "renewal_rate": Knowledge(
        asks=_("Of the contracts that were up, how many were renewed?"),
        decides=_("Account managers decide by it which terms and prices hold."),
        mistakes=(_("Dividing by all contracts: one that was not up had no chance to be lost."),),
        relatives={
            "churn_rate": _("customers lost over all customers at the opening, due or not"),
        },
        texts=(3,),
    ),
    "cohort_retention": Knowledge(
        asks=_("Of last period's first-time buyers, how many came back in this one?"),
        decides=_(
            "Product and onboarding see by it whether newer customers stay better than older ones "
            "did."
        ),
        mistakes=(
            _(
                "Averaging the rates of all cohorts: a cohort of ten weighs as much as one of ten "
                "thousand."
            ),
        ),
        relatives={
            "retention_rate": _("all customers at once, old and new"),
            "first_purchase_loss_rate": _(
                "gives each first buyer a lapse window instead of a calendar month"
            ),
        },
        literature=("Fader & Hardie, Journal of Interactive Marketing 21 (2007)",),
    ),
    "segment_retention": Knowledge(
        asks=_("Which groups of customers stay better or worse than the others?"),
        decides=_("Marketing chooses by it for whom a programme is made."),
        mistakes=(
            _("Acting on the worst of twenty groups: one of them is always worst by chance."),
        ),
        relatives={
            "retention_rate": _("the whole of which these are the parts"),
        },
        texts=(2,),
        literature=(
            "Newcombe, Statistics in Medicine 17 (1998)",
            "Holm, Scandinavian Journal of Statistics 6 (1979)",
        ),
        formula=r"\frac{\text{retained of the segment}}{\text{opening customers of the segment}}",
        worked=r"\frac{[retained]}{[customers]}",
        gives="retention",
    ),
    "retention_strategy_effect": Knowledge(
        asks=_("Did the programme keep customers who would have left?"),
        decides=_("Whoever pays for the programme decides by it whether it goes on."),
        mistakes=(_("Comparing before and after: seasons, prices and chance change in between."),),
        relatives={
            "promotion_effect": _("purchases instead of staying"),
            "segment_retention": _("compares groups that nobody has divided by lot"),
        },
        texts=(
            2,
            3,
        ),
        literature=(
            "Newcombe, Statistics in Medicine 17 (1998)",
            "Ascarza, Journal of Marketing Research 55 (2018)",
        ),
        formula=(
            r"\frac{\text{retained among those reached}}{\text{customers reached}}"
            r" - \frac{\text{retained among those held back}}{\text{customers held back}}"
        ),
        worked=r"\frac{[retained_treated]}{[treated]} - \frac{[retained_control]}{[control]}",
        gives="effect",
    ),
}
