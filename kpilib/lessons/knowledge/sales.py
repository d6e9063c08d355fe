"""What to know about the KPIs of sales."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "revenue": Knowledge(
        asks=_("How much did customers leave with us, once discounts, tax and refunds are off?"),
        decides=_("Management plans cost and stock by it; finance holds it against the books."),
        mistakes=(
            _(
                "Taking a refund off in the month it is paid: the month of the sale keeps money "
                "that was given back, and a bad product shows late."
            ),
        ),
        relatives={
            "gross_revenue": _("before anything was given back"),
            "customer_net_profit": _("takes goods and the cost of serving customers off as well"),
        },
        literature=("Farris, Bendle, Pfeifer & Reibstein, Marketing Metrics (2020), chapter 3",),
    ),
    "gross_revenue": Knowledge(
        asks=_("How much was sold before anything came back?"),
        decides=_("Operations read it beside net revenue to see what refunds cost."),
        mistakes=(
            _("Reporting it as revenue: a month of many refunds then looks like a good one."),
        ),
        relatives={
            "revenue": _("with refunds taken off"),
        },
        literature=("Farris, Bendle, Pfeifer & Reibstein, Marketing Metrics (2020), chapter 3",),
    ),
    "orders_count": Knowledge(
        asks=_("How many orders were placed?"),
        decides=_("Logistics and customer service plan shifts by it."),
        mistakes=(
            _(
                "Counting the lines of an export as orders: one basket of three things becomes "
                "three orders."
            ),
        ),
        relatives={
            "buyers": _("counts people, however often they ordered"),
        },
    ),
    "buyers": Knowledge(
        asks=_("How many customers bought at least once in the period?"),
        decides=_(
            "Marketing sets it against visits and campaigns; it is the base of repeat purchase."
        ),
        mistakes=(
            _(
                "Calling it the customer base: those who buy every second month are customers in "
                "the month between as well."
            ),
        ),
        relatives={
            "customers_active": _("also counts who bought before and has not lapsed"),
            "returning_customer_rate": _("says how many of the buyers had bought before"),
        },
    ),
    "revenue_bridge": Knowledge(
        asks=_("Did revenue change because of more customers, more orders or larger orders?"),
        decides=_("Management sees by it which department to ask first."),
        mistakes=(
            _("Changing one factor after the other: the order of changing decides what each gets."),
        ),
        relatives={
            "revenue": _("the total whose change is taken apart"),
        },
        literature=("Ang, Energy Policy 33 (2005)",),
        formula=r"\text{revenue now} - \text{revenue before}",
    ),
}
