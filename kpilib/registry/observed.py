"""What the records reach back far enough to tell: the rules that definitions name.

Where the records begin, customers from before are not seen and nobody can have lapsed yet. What
cannot be observed is not measured: a rule gives, for a base and a period, nothing where all can be
seen; a reason without a bound where nothing can, and the value is undefined; and a reason with a
bound where a part can, and the value is provisional.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpilib.periods import day_date
from kpilib.words import Text, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business
    from kpilib.periods import Period


@dataclass(frozen=True)
class Unobserved:
    """Why a value cannot be measured in full, and whether what there is bounds it."""

    reason: Text
    bound: bool


Rule = Callable[["Business", "Period"], Unobserved | None]


def losses(base: "Business", period: "Period") -> Unobserved | None:
    """Losses by the lapse window: none can be seen until it has passed since the records began."""
    then = _first_loss(base)
    if then is None or period.start_day >= then:
        return None
    days, first = base.lapse_window.days, day_date(base.first_day)
    if base.closes(period) <= then:
        return Unobserved(
            _(
                "nobody can have been lost yet: the records begin on {first}, and a customer is "
                "lost after {days} days without a purchase",
                first=first,
                days=days,
            ),
            bound=False,
        )
    return Unobserved(
        _(
            "losses can be seen from {then} on, {days} days after the records begin: there were "
            "at least as many",
            then=day_date(then),
            days=days,
        ),
        bound=True,
    )


def beginnings(base: "Business", period: "Period") -> Unobserved | None:
    """Who is new and who returns: customers from before the records look new when they come."""
    then = _first_loss(base)
    if then is None or period.start_day >= then:
        return None
    return Unobserved(
        _(
            "the records begin on {first}: until {then} customers from before look new, or are "
            "not seen",
            first=day_date(base.first_day),
            then=day_date(then),
        ),
        bound=True,
    )


def tenure(base: "Business", period: "Period") -> Unobserved | None:
    """Long standing: nobody can have it before the records are as old."""
    from kpilib.activity.business import LONG_TERM_MONTHS
    from kpilib.periods import day_number, months_before

    if base.activity_rule == "subscriptions":
        return None
    tenured = day_number(months_before(day_date(base.closes(period)), LONG_TERM_MONTHS))
    first = day_date(base.first_day)
    if tenured < base.first_day:
        return Unobserved(
            _(
                "the records begin on {first}, less than {months} months before the period closes",
                first=first,
                months=LONG_TERM_MONTHS,
            ),
            bound=False,
        )
    if tenured < (_first_loss(base) or 0):
        return Unobserved(
            _(
                "the records begin on {first}: of customers first seen soon after, some may be "
                "older, so there are at least as many",
                first=first,
            ),
            bound=True,
        )
    return None


def loyalty(base: "Business", period: "Period") -> Unobserved | None:
    """The loyalty rule: its window reaches back before the records."""
    days = base.settings.loyalty.days
    if base.closes(period) - days >= base.first_day:
        return None
    return Unobserved(
        _(
            "the records begin on {first}, less than {days} days before the period closes: there "
            "are at least as many",
            first=day_date(base.first_day),
            days=days,
        ),
        bound=True,
    )


def _first_loss(base: "Business") -> int | None:
    """The first day on whose opening a customer can be seen to have lapsed; None with contracts.

    The purchases of the first day keep their customers active until `first_day + window`, so that
    a period must close after it to hold a loss.
    """
    if base.activity_rule == "subscriptions":
        return None
    return base.first_day + base.lapse_window.days
