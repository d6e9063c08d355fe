"""Who the customers are: when and by which channel they come, how they buy, what they think."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo.clock import DAY, seconds_of_day
from kpilib.demo.model import Model
from kpilib.demo.parts.market import Market, hits


@dataclass(frozen=True)
class People:
    """One row per customer, in the order in which they come."""

    channel: np.ndarray
    segment: np.ndarray
    country: np.ndarray
    """Places in the model's lists."""
    came: np.ndarray
    """Seconds from the first midnight to the first purchase."""
    rate: np.ndarray
    """λ, purchases a day of average demand."""
    leaving: np.ndarray
    """p, the chance of leaving after a purchase."""
    theta: np.ndarray
    """What they think of the business; standard normal."""
    order_size: np.ndarray
    """Mean of their order sizes."""
    consents: np.ndarray
    """Whether they consent to marketing when they come."""
    reachable: np.ndarray

    def __len__(self) -> int:
        return len(self.came)

    def shocked(self, model: Model, place: int) -> np.ndarray:
        """Whether each customer is one that the model's shock of that place is about."""
        shock = model.shocks[place]
        return (
            hits(model, shock, "acquisition_channel")[self.channel]
            & hits(model, shock, "segment")[self.segment]
            & hits(model, shock, "country")[self.country]
        )


def make_people(market: Market, size: int, rng: np.random.Generator) -> People:
    """Customers drawn from the model."""
    from scipy.special import betainc, ndtri

    model = market.calendar.model
    cell = np.searchsorted(np.cumsum(market.arrivals), rng.random(size), side="right")
    cell = np.minimum(cell, market.arrivals.size - 1)
    channel, segment, country, day = np.unravel_index(cell, market.arrivals.shape)
    came = day * DAY + seconds_of_day(rng, size)
    order = np.argsort(came, kind="stable")
    channel, segment, country = channel[order], segment[order], country[order]

    law, spending = model.buying, model.spending
    pull = np.array([one.buying for one in model.channels])[channel]
    pull = pull + np.array([one.buying for one in model.segments])[segment]
    rate = rng.gamma(law.r, 1 / law.alpha, size) * np.exp(pull)
    a, b = leaving_law(model)
    leaving = rng.beta(a[channel], b[channel])
    staying = ndtri(np.clip(1 - betainc(law.a, law.b, leaving), 1e-12, 1 - 1e-12))
    tie = model.opinion.tie
    spend = np.array([one.spend for one in model.segments])[segment]
    return People(
        channel=channel,
        segment=segment,
        country=country,
        came=came[order],
        rate=rate,
        leaving=leaving,
        theta=tie * staying + np.sqrt(1 - tie**2) * rng.standard_normal(size),
        order_size=spending.p * spending.v * spend / rng.gamma(spending.q, 1.0, size),
        consents=rng.random(size) < model.records.consent,
        reachable=rng.random(size) >= model.records.unreachable,
    )


def leaving_law(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """a and b of the Beta law of leaving, by channel: the odds a / b moved, a + b the same."""
    law = model.buying
    odds = law.a / law.b * np.exp([channel.leaving for channel in model.channels])
    a = (law.a + law.b) * odds / (1 + odds)
    return a, law.a + law.b - a
