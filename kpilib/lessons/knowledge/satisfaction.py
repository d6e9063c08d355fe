"""What to know about the KPIs of satisfaction."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "csat_mean": Knowledge(
        asks=_("How satisfied are the customers who answered?"),
        decides=_("Service and product leads follow it to see whether a change was felt."),
        mistakes=(
            _(
                "Asking only those who had just been helped: a survey of the satisfied finds "
                "satisfaction."
            ),
            _("Comparing means of different scales: 4 of 5 is 0.75 of the way, 4 of 7 is half."),
        ),
        relatives={
            "csat_top2": _("the share of the two best answers"),
            "nps": _("asks about recommending, not about satisfaction"),
        },
        texts=(
            1,
            2,
            3,
        ),
        literature=("Cochran, Sampling Techniques (1977), section 2.6",),
        disagreements=("C15",),
    ),
    "csat_top2": Knowledge(
        asks=_("How many of those who answered are satisfied or very satisfied?"),
        decides=_("Managers set targets on it, as a share is easier to promise than a mean."),
        mistakes=(
            _("Comparing it with the mean of another report: 75% and 4.0 can be the same answers."),
        ),
        relatives={
            "csat_mean": _("the mean of all answers"),
        },
        disagreements=("C15",),
    ),
    "satisfaction_aspects": Knowledge(
        asks=_("With what are customers satisfied, and with what not?"),
        decides=_("Owners of product, service and price each read their own line."),
        mistakes=(_("Mending the lowest aspect: it may be one that nobody minds."),),
        relatives={
            "key_drivers": _("which aspects matter"),
        },
        texts=(2,),
    ),
    "key_drivers": Knowledge(
        asks=_("Which aspects move overall satisfaction most?"),
        decides=_("Management decides by it what to improve first."),
        mistakes=(_("Reading it as cause: who is pleased in all rates every aspect higher."),),
        relatives={
            "satisfaction_aspects": _("how good each aspect is"),
        },
        texts=(2,),
        literature=(
            "Lindeman, Merenda & Gold, Introduction to Bivariate and Multivariate Analysis (1980)",
            "Grömping, The American Statistician 61 (2007)",
        ),
        formula=r"\text{overall score} \approx \sum_a b_a \cdot \text{score}_a",
    ),
    "satisfaction_loyalty_link": Knowledge(
        asks=_("Do satisfied customers stay?"),
        decides=_("Management sees by it whether raising scores is worth money."),
        mistakes=(_("Forgetting those who did not answer: who leaves seldom fills in a survey."),),
        relatives={
            "nps_growth_link": _("recommendation and revenue instead"),
        },
        texts=(
            1,
            2,
            3,
        ),
        literature=("Mittal & Kamakura, Journal of Marketing Research 38 (2001)",),
        formula=(
            r"\frac{\text{customers with the score who stayed}}"
            r"{\text{customers with the score}}"
        ),
        worked=r"\frac{[kept]}{[customers]}",
        gives="retention",
    ),
    "nps": Knowledge(
        asks=_("Do more customers speak for us than against us?"),
        decides=_("Management follows it over years; teams read what detractors wrote."),
        mistakes=(
            _(
                "Calling 40 from 60 answers better than 35 from 55: the intervals are twenty "
                "points wide on either side."
            ),
            _("Writing it in per cent: it is points between −100 and 100."),
        ),
        relatives={
            "recommendation_intention": _("the mean of the same answers"),
            "nps_groups": _("the groups that it nets against each other"),
        },
        texts=(
            1,
            3,
        ),
        literature=("Reichheld, Harvard Business Review 81 (2003)",),
        disagreements=("C14",),
    ),
    "nps_groups": Knowledge(
        asks=_("How many promote us, how many do not care, how many warn others?"),
        decides=_("Teams decide by it whether to win over the passive or to calm the angry."),
        mistakes=(_("Throwing the passives out of the base: they answered, and count."),),
        relatives={
            "nps": _("promoters less detractors"),
        },
        texts=(
            1,
            3,
        ),
        literature=("Goodman, Technometrics 7 (1965)",),
        disagreements=("C14",),
    ),
    "nps_growth_link": Knowledge(
        asks=_("Do promoters buy more afterwards than detractors?"),
        decides=_("Management tests by it the claim that a high NPS means growth."),
        mistakes=(_("Correlating twelve monthly scores with revenue: both follow the season."),),
        relatives={
            "satisfaction_loyalty_link": _("satisfaction and staying instead"),
        },
        texts=(3,),
        literature=("Keiningham, Cooil, Andreassen & Aksoy, Journal of Marketing 71 (2007)",),
        formula=r"\frac{\text{revenue after}}{\text{revenue before}} - 1",
        worked=r"\frac{[revenue_after]}{[revenue_before]} - 1",
        gives="growth",
    ),
    "survey_response_rate": Knowledge(
        asks=_("How many of those we asked answered?"),
        decides=_("Whoever reads a survey decides by it how far to trust it."),
        mistakes=(
            _(
                "Reading a high rate as a true score: a third of the satisfied and a tenth of the "
                "angry answer."
            ),
        ),
        relatives={
            "csat_mean": _("what those who answered said"),
        },
    ),
    "ces": Knowledge(
        asks=_("Did we make it easy for the customer?"),
        decides=_("Service leads see by it which steps to simplify."),
        mistakes=(
            _("Mixing the old and the new question: in the first version a high score was bad."),
        ),
        relatives={
            "csat_mean": _("satisfaction, which can be high after much effort"),
            "first_response_time": _("what the desk measures, not what the customer felt"),
        },
        literature=("Dixon, Freeman & Toman, Harvard Business Review 88 (2010)",),
    ),
    "survey_nonresponse": Knowledge(
        asks=_("Do those who answered look like those we asked?"),
        decides=_("Whoever reads a survey decides by it whether to weight the answers."),
        mistakes=(
            _(
                "Believing that weights mend everything: within a segment the silent may think "
                "otherwise."
            ),
        ),
        relatives={
            "survey_response_rate": _("how many answered in all"),
        },
        literature=("Cochran, Sampling Techniques (1977), chapter 13",),
        formula=r"\frac{\text{invitations answered in time}}{\text{invitations sent}}",
        worked=r"\frac{[answered]}{[invited]}",
        gives="response_rate",
    ),
}
