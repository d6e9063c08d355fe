"""Invitations: those that brought a customer, and those that did not."""

import numpy as np

from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, by_time


def invitations(
    calendar: Calendar, people: People, ordered: Rows, rng: np.random.Generator, first_id: int
) -> tuple[Rows, np.ndarray]:
    """The table `referrals`, and each customer's referrer (-1: none).

    A referrer is drawn from those who bought in the weeks before, the satisfied more readily; so
    they are active, came earlier, and trees grow as deep as chance lets them.
    """
    model = calendar.model
    law = model.referring
    names = [channel.name for channel in model.channels]
    if "referral" not in names:
        none = np.zeros(0, int)
        return _table(calendar, none, none, none, none, first_id), np.full(len(people), -1)
    wanted = np.flatnonzero(people.channel == names.index("referral"))
    draw = _Drawer(ordered, people, law.keenness, law.days, rng)
    referrer, invited = draw.before(people.came[wanted])
    known = referrer >= 0
    wanted, referrer, invited = wanted[known], referrer[known], invited[known]
    referred_by = np.full(len(people), -1)
    referred_by[wanted] = referrer

    vain = rng.geometric(law.converts, len(wanted)) - 1
    moment = np.repeat(invited, vain) + rng.integers(-15 * DAY, 15 * DAY, vain.sum())
    other, when = draw.before(np.clip(moment, DAY, calendar.days * DAY - 1))
    other, when = other[other >= 0], when[other >= 0]
    nobody = np.full(len(other), -1)
    return _table(
        calendar,
        np.concatenate([referrer, other]),
        np.concatenate([invited, when]),
        np.concatenate([wanted, nobody]),
        np.concatenate([people.came[wanted], nobody]),
        first_id,
    ), referred_by


class _Drawer:
    """Draws customers who bought lately, in proportion to exp(keenness · θ) of each purchase."""

    def __init__(
        self, ordered: Rows, people: People, keenness: float, days: int, rng: np.random.Generator
    ) -> None:
        self.customer = np.asarray(ordered["customer"])
        self.second = np.asarray(ordered["second"])
        weights = np.exp(keenness * people.theta[self.customer])
        self.sums = np.concatenate([[0.0], np.cumsum(weights)])
        self.span, self.rng = days * DAY, rng

    def before(self, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For every moment a customer who bought in the days before, and a time after that."""
        low = np.searchsorted(self.second, moment - self.span)
        high = np.searchsorted(self.second, moment)
        aim = self.sums[low] + self.rng.random(len(moment)) * (self.sums[high] - self.sums[low])
        place = np.clip(np.searchsorted(self.sums, aim, side="right") - 1, low, high - 1)
        some = high > low
        place = np.where(some, place, 0)
        gap = np.maximum(moment - self.second[place], 1)
        when = self.second[place] + (self.rng.random(len(moment)) * gap).astype(int)
        return np.where(some, self.customer[place], -1), when


def _table(
    calendar: Calendar,
    referrer: np.ndarray,
    invited: np.ndarray,
    converted: np.ndarray,
    at: np.ndarray,
    first_id: int,
) -> Rows:
    rows: Rows = by_time(
        {"referrer": referrer, "invited": invited, "converted": converted, "at": at}, "invited"
    )
    return {
        "referral_id": first_id + np.arange(len(referrer)),
        "referrer_customer_id": np.asarray(rows["referrer"]),
        "invited_at": calendar.times(np.asarray(rows["invited"])),
        "converted_customer_id": np.asarray(rows["converted"]),
        "converted_at": calendar.times(np.asarray(rows["at"])),
    }
