"""What to know about the KPIs of service."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "complaint_rate": Knowledge(
        asks=_("How many complaints come in for each customer?"),
        decides=_(
            "Quality and service leads look for a cause when it rises, and staff the desk by it."
        ),
        mistakes=(
            _("Calling it a share: one customer may complain twice, so that it can pass 100%."),
            _("Praising silence: few complaints may mean that nobody finds where to complain."),
        ),
        relatives={
            "complainant_share": _("customers who complain, each once"),
        },
        texts=(3,),
        literature=("Garwood, Biometrika 28 (1936)",),
        disagreements=("C10",),
    ),
    "complainant_share": Knowledge(
        asks=_("How many customers complained at least once?"),
        decides=_("Service leads tell by it one angry customer from a general fault."),
        mistakes=(_("Dividing complaints by customers and calling it this: that is the rate."),),
        relatives={
            "complaint_rate": _("every complaint, also the second of the same customer"),
        },
        disagreements=("C10",),
    ),
    "first_response_time": Knowledge(
        asks=_("How long does a customer wait for the first answer?"),
        decides=_("The desk plans its shifts by it; contracts promise it."),
        mistakes=(
            _("Leaving unanswered tickets out: the longest waits are the ones that are not over."),
            _("Quoting the mean: three tickets forgotten over a weekend make it useless."),
        ),
        relatives={
            "resolution_time": _("until the matter is settled, not until the first word"),
            "sla_attainment": _("how many were settled within what was promised"),
        },
        texts=(1,),
        literature=("Kaplan & Meier, Journal of the American Statistical Association 53 (1958)",),
        disagreements=("C07",),
    ),
    "resolution_time": Knowledge(
        asks=_("How long does it take until a matter is settled?"),
        decides=_("Service leads look in it for the kinds of tickets that get stuck."),
        mistakes=(
            _("Averaging what was resolved: the hard ones are open, and come in next month."),
            _("Closing tickets early: they are reopened, and the first resolution looks splendid."),
        ),
        relatives={
            "first_response_time": _("until the first answer"),
        },
        texts=(1,),
        literature=("Kaplan & Meier, Journal of the American Statistical Association 53 (1958)",),
        disagreements=("C07",),
    ),
    "complaint_resolution": Knowledge(
        asks=_("How many complaints were settled within the time we promise?"),
        decides=_("Management is measured by it where complaints are regulated."),
        mistakes=(
            _("Leaving open complaints out: one that is due and open was not settled in time."),
        ),
        relatives={
            "sla_attainment": _("all tickets, not complaints alone"),
            "resolution_time": _("how long, without a promise"),
        },
        texts=(
            2,
            3,
        ),
    ),
    "sla_attainment": Knowledge(
        asks=_("Do we keep what we promised?"),
        decides=_("Account managers report it to customers; the desk sets priorities by it."),
        mistakes=(
            _(
                "Meeting the share and forgetting the rest: what has missed its time may then "
                "wait for ever."
            ),
        ),
        relatives={
            "complaint_resolution": _("the same of complaints"),
        },
    ),
    "slow_response_effect": Knowledge(
        asks=_("Do customers leave because we answer slowly?"),
        decides=_("Management weighs by it what a faster desk is worth."),
        mistakes=(
            _(
                "Reading the raw difference: hard problems are answered late, and hard problems "
                "drive people away."
            ),
        ),
        relatives={
            "first_response_time": _("how slow we are"),
        },
        texts=(1,),
        formula=r"\frac{\text{customers of the band lost}}{\text{customers of the band}}",
        worked=r"\frac{[lost]}{[customers]}",
        gives="churn",
    ),
}
