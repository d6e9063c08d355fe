"""What to know about the KPIs of engagement."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "interaction_frequency": Knowledge(
        asks=_("How often are customers in touch with us?"),
        decides=_(
            "Marketing and product see by it whether customers are with us between purchases."
        ),
        mistakes=(
            _(
                "Leaving the silent out: the frequency of those in touch rises when the others "
                "give up."
            ),
        ),
        relatives={
            "site_visit_frequency": _("visits to the site alone"),
            "engagement": _("also how many days and how deeply"),
        },
        texts=(
            2,
            3,
        ),
        disagreements=("C08",),
    ),
    "site_visit_frequency": Knowledge(
        asks=_("How often do customers visit the site?"),
        decides=_("The web team reads it beside purchases to see visits that lead nowhere."),
        mistakes=(_("Counting page views as visits: one long search becomes ten visits."),),
        relatives={
            "interaction_frequency": _("every kind of contact"),
        },
        texts=(3,),
        disagreements=("C08",),
    ),
    "social_interactions": Knowledge(
        asks=_("How often do known customers turn up on social media?"),
        decides=_("The social media team sees by it whether posts reach customers or strangers."),
        mistakes=(_("Reading likes as customers: most of those who click never buy."),),
        relatives={
            "interaction_frequency": _("every kind of contact"),
        },
        texts=(3,),
        disagreements=("C08",),
    ),
    "engagement": Knowledge(
        asks=_("How much, how often and how deeply are customers in touch?"),
        decides=_("Product teams see by it which of the three moved, and so what to change."),
        mistakes=(
            _(
                "Adding the three up to one index: half as often and twice as deep looks like no "
                "change."
            ),
        ),
        relatives={
            "interaction_frequency": _("one rate over all active time"),
        },
        texts=(3,),
        disagreements=("C08",),
    ),
    "email_open_rate": Knowledge(
        asks=_("How many of the messages were opened by a person?"),
        decides=_("The e-mail team compares subjects and times of sending by it."),
        mistakes=(
            _(
                "Counting what mail programs open by themselves: since 2021 that is often half of "
                "all opens."
            ),
        ),
        relatives={
            "unsubscribe_rate": _("the readers who had enough"),
        },
        texts=(3,),
        disagreements=("C08",),
    ),
}
