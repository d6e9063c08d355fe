"""What to know about the KPIs of loyalty."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "loyal_customers": Knowledge(
        asks=_("How many customers buy often enough to be called loyal?"),
        decides=_("Whoever runs the loyalty programme plans rewards by it."),
        mistakes=(
            _(
                "Changing the rule and comparing the counts: with two purchases instead of three "
                "everybody grows loyal."
            ),
        ),
        relatives={
            "customers_active": _("active, however often they buy"),
            "loyal_customer_loss_rate": _("how many of them leave"),
        },
        texts=(
            0,
            2,
            3,
        ),
        literature=("Reinartz & Kumar, Harvard Business Review 80 (2002)",),
        disagreements=("C09",),
    ),
    "loyalty_index": Knowledge(
        asks=_("How loyal are our customers, taken all in all?"),
        decides=_(
            "Management follows it as one figure; nobody should act on it without its parts."
        ),
        mistakes=(
            _(
                "Comparing two companies' indices: components and weights are choices, and three "
                "lists stand in the texts alone."
            ),
        ),
        relatives={
            "repurchase_intention": _("what customers say they will do"),
            "retention_rate": _("what customers did"),
        },
        texts=(
            2,
            3,
        ),
        disagreements=("C09",),
    ),
    "repurchase_intention": Knowledge(
        asks=_("Do customers say that they will buy again?"),
        decides=_(
            "Product teams watch it where a real second purchase takes too long to wait for."
        ),
        mistakes=(_("Reading it as a forecast: more people intend than do."),),
        relatives={
            "repeat_purchase_rate": _("purchases instead of intentions"),
            "recommendation_intention": _("another intention, from another question"),
        },
        texts=(2,),
        literature=("Morwitz, Steckel & Gupta, International Journal of Forecasting 23 (2007)",),
    ),
    "recommendation_intention": Knowledge(
        asks=_("How willing are customers to recommend us?"),
        decides=_("Service and product teams see small moves in it that the groups of NPS hide."),
        mistakes=(_("Comparing means of a 0–10 and a 1–10 scale."),),
        relatives={
            "nps": _("the same answers in three groups"),
            "referrer_share": _("who did recommend"),
        },
        texts=(
            1,
            2,
            3,
        ),
        literature=("Reichheld, Harvard Business Review 81 (2003)",),
        disagreements=("C14",),
    ),
    "loyalty_value_link": Knowledge(
        asks=_("Are loyal customers worth more?"),
        decides=_("Management decides by it whether rewarding loyalty pays."),
        mistakes=(
            _(
                "Measuring loyalty and value in the same months: who bought much is then loyal by "
                "definition."
            ),
        ),
        relatives={
            "value_tiers": _("divides by value itself"),
        },
        texts=(
            2,
            3,
        ),
        literature=("Reinartz & Kumar, Harvard Business Review 80 (2002)",),
        formula=r"\frac{\text{profit from the level}}{\text{customers of the level}}",
    ),
    "loyalty_index_weights": Knowledge(
        asks=_("Would the ranking of segments stand if the weights were others?"),
        decides=_("Management learns by it whether the index may decide anything."),
        mistakes=(
            _("Reading its limits as sampling error: they say what the choice of weights does."),
        ),
        relatives={
            "loyalty_index": _("under the weights chosen"),
        },
        texts=(
            2,
            3,
        ),
        formula=r"100 \times \frac{\sum_c w_c \cdot \text{component}_c}{\sum_c w_c}",
    ),
}
