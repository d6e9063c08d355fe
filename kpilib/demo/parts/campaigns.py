"""Campaigns: who is drawn, who is held back, and the purchases that were made by being reached."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo.clock import DAY, Calendar, seconds_of_day
from kpilib.demo.model import Campaign
from kpilib.demo.parts.buying import Purchases
from kpilib.demo.parts.market import campaign_id
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, Words, stack, take

FIRST_MONTH = 6
"""Campaigns begin this many months after the business."""


@dataclass(frozen=True)
class Sent:
    """One campaign as it went out on one day."""

    place: int
    """Of the campaign in the model's list."""
    day: int
    name: str
    reached: np.ndarray
    control: np.ndarray
    """Customers."""
    second: np.ndarray
    """When each of the reached, then of the control group, was drawn."""
    made: np.ndarray
    """Customers among the reached who buy because of it."""
    at: np.ndarray
    """When they do."""


def run_campaigns(
    calendar: Calendar, people: People, made: Purchases, rng: np.random.Generator
) -> list[Sent]:
    """Every campaign of every month, in order; what it sells counts for the next ones."""
    campaigns = calendar.model.campaigns
    order = np.argsort(made.second, kind="stable")
    second, customer = made.second[order], made.customer[order]
    last = np.full(len(people), -10_000)
    free = np.zeros((len(campaigns), len(people)), int)
    willing = people.consents & people.reachable
    sent: list[Sent] = []
    waiting: list[Sent] = []
    begun = 0
    for day, place in _dates(calendar):
        until = int(np.searchsorted(second, day * DAY))
        np.maximum.at(last, customer[begun:until], second[begun:until] // DAY)
        begun = until
        for one in waiting:
            bought = one.at < day * DAY
            np.maximum.at(last, one.made[bought], one.at[bought] // DAY)
        waiting = [one for one in waiting if (one.at >= day * DAY).any()]
        ago = day - last
        campaign = campaigns[place]
        fit = willing & (ago >= campaign.since) & (ago <= campaign.until) & (free[place] <= day)
        drawn = np.flatnonzero(fit & (rng.random(len(people)) < campaign.reach))
        free[place, drawn] = day + campaign.pause
        sent.append(_send(calendar, campaign, place, day, drawn, rng))
        waiting.append(sent[-1])
    return sent


def _dates(calendar: Calendar) -> list[tuple[int, int]]:
    """Day and place of every campaign, in the order in which they go out."""
    found = []
    for month in range(FIRST_MONTH, int(calendar.month[-1]) + 1):
        days = np.flatnonzero(calendar.month == month)
        number = int(str(calendar.dates[days[0]])[5:7])
        for place, campaign in enumerate(calendar.model.campaigns):
            if number in campaign.months and campaign.day <= len(days):
                found.append((int(days[campaign.day - 1]), place))
    return sorted(found)


def _send(
    calendar: Calendar,
    campaign: Campaign,
    place: int,
    day: int,
    drawn: np.ndarray,
    rng: np.random.Generator,
) -> Sent:
    held = rng.random(len(drawn)) < campaign.control
    second = day * DAY + 9 * 3600 + rng.integers(0, 3600, len(drawn))
    buys = ~held & (rng.random(len(drawn)) < campaign.lift)
    ahead = rng.integers(1, campaign.within + 1, len(drawn))
    at = (day + ahead) * DAY + seconds_of_day(rng, len(drawn))
    buys &= at < calendar.days * DAY
    name = campaign_id(campaign.name, calendar.dates[day])
    both = np.concatenate([second[~held], second[held]])
    return Sent(place, day, name, drawn[~held], drawn[held], both, drawn[buys], at[buys])


def exposure_rows(calendar: Calendar, sent: list[Sent]) -> Rows:
    """`campaign_exposures`: everyone drawn, reached or held back."""
    parts = [_exposures(calendar, one) for one in sent if len(one.second)]
    return stack(parts or [_exposures(calendar, _NOBODY)])


def _exposures(calendar: Calendar, one: Sent) -> Rows:
    rows: Rows = {
        "campaign_id": Words.same(one.name, len(one.second)),
        "customer_id": np.concatenate([one.reached, one.control]),
        "exposed_at": calendar.times(one.second),
        "is_control": np.arange(len(one.second)) >= len(one.reached),
    }
    return take(rows, np.argsort(one.second, kind="stable"))


def extra_rows(sent: list[Sent]) -> Rows:
    """The purchases that campaigns made, as `buying.bought_rows` takes them."""
    parts = [_NOBODY, *sent]
    return stack(
        [
            {
                "customer": one.made,
                "second": one.at,
                "bad": np.zeros(len(one.made), bool),
                "campaign": np.full(len(one.made), one.place, np.int32),
            }
            for one in parts
        ]
    )


_NONE = np.zeros(0, int)
_NOBODY = Sent(0, 0, "", _NONE, _NONE, _NONE, _NONE, _NONE)
