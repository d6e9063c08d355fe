"""What an interval says, in words: of whom, how it was made, what it cannot know."""

from kpilib.questions.values import KPIValue
from kpilib.words import Text, Unit, _
from kpilib.words.units import Amount

_HOLDS = _(
    "{low} to {high}: if such a period came a hundred times under the same conditions, "
    "about 95 of the intervals made like this would hold its true value."
)
_NONE = _("There is no interval: every record was counted, and nothing was sampled.")
_FEW = _("There is no interval: too little was observed to make one.")
_ONE_SIDED = _("One of its limits is not reached within what was observed.")
SURVEY = _(
    "It speaks of the customers who might have answered this time; what those think who never "
    "answer is not in it."
)
CENSUS = _("All were counted: it is about the process behind the numbers, not about a sample.")

METHODS = {
    "share": _("Wilson's interval of a share, which stays within 0 and 100% for few rows too."),
    "mean": _("Student's interval of a mean; several rows of one customer count as one voice."),
    "rate": _("The exact interval of a Poisson count (Garwood), over the customers there were."),
    "net": _("The adjusted Wald interval of two shares of the same answers, one less the other."),
    "ratio": _("Linearised by customer: what one customer does moves both totals at once."),
    "count": _("The exact interval of a Poisson count (Garwood); the count itself is exact."),
    "total": _("That of a sum over customers who come independently; the sum itself is exact."),
    "mix": _("Goodman's limits, which hold for all parts at the same time."),
    "flow": _("A balance of counted customers."),
    "duration": _(
        "From the Kaplan–Meier curve with log-log limits: what is not over counts as lasting at "
        "least so long."
    ),
    "composite": _("All components are moved together, customer by customer."),
    "product": _("The factors' uncertainty taken together, customer by customer."),
    "prediction": _("From what the model could not know and from the chance in what people do."),
    "discounted profit": _("From the profit and from the survival curve, customer by customer."),
    "parts": _("Each part has its own, made as for a number of its kind."),
    "payback": _("The months in which the upper and the lower limit of the money reach the cost."),
    "analysis": _("Limits, where the table has them, stand in its columns low and high."),
}
"""Kind of statistic → how its interval is made."""


def interval_words(value: KPIValue, kind: str, survey: bool) -> list[Text]:
    """The interval of a value in sentences; why there is none where there is none."""
    if value.value is None:
        return [METHODS[kind]]
    if value.low is None and value.high is None:
        exact = kind == "flow" or value.family == "data_quality"
        return [_NONE if exact else _FEW]
    if value.low is None or value.high is None:
        return [METHODS[kind], _ONE_SIDED]
    unit = Unit(value.unit)
    low, high = (Amount(end, unit, value.currency) for end in (value.low, value.high))
    about = SURVEY if survey else CENSUS
    return [_HOLDS.format(low=low, high=high), METHODS[kind], about]
