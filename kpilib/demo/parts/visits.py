"""Interactions: advertisements clicked before the first order, visits, and the visits that sold."""

import numpy as np

from kpilib.demo.clock import DAY, Calendar, seconds_of_day
from kpilib.demo.model import Model
from kpilib.demo.parts.buying import Purchases
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, Words, by_time, draw, stack, take

ON_SITE = ("view", "search", "add_to_cart")
SOCIAL = ("like", "comment", "message", "share")
TYPES = (*ON_SITE, *SOCIAL, "checkout", "ad_click")


def interactions(
    calendar: Calendar,
    people: People,
    made: Purchases,
    ordered: Rows,
    rng: np.random.Generator,
    first_id: int,
) -> Rows:
    """The table `interactions`; few visits follow once a customer has left."""
    parts = [
        _touches(calendar.model, people, rng),
        _visits(calendar, people, made, rng),
        _sales(calendar, ordered, rng),
    ]
    rows = stack(parts)
    second = np.asarray(rows["second"])
    rows = by_time(take(rows, (second >= 0) & (second < calendar.days * DAY)), "second", "customer")
    return {
        "event_id": first_id + np.arange(len(np.asarray(rows["second"]))),
        "customer_id": np.asarray(rows["customer"]),
        "event_at": calendar.times(np.asarray(rows["second"])),
        "channel": rows["channel"],
        "event_type": rows["type"],
    }


def _rows(
    customer: np.ndarray, second: np.ndarray, channel: np.ndarray, type_: np.ndarray, names: tuple
) -> Rows:
    return {
        "customer": customer,
        "second": second.astype(np.int64),
        "channel": Words(channel, names),
        "type": Words(type_, TYPES),
    }


def _touches(model: Model, people: People, rng: np.random.Generator) -> Rows:
    """The recorded channel's advertisement in the day before the order, others in the month."""
    names = tuple(channel.name for channel in model.channels)
    paid = [place for place, one in enumerate(model.channels) if one.lag > 0]
    if not paid:
        none = np.zeros(0, int)
        return _rows(none, none, none, none, names)
    own = np.flatnonzero(np.isin(people.channel, paid))
    more = rng.poisson(model.visits.touches, len(own))
    others = np.repeat(own, more)
    which = np.array(paid)[rng.integers(0, len(paid), len(others))]
    customer = np.concatenate([own, others])
    before = np.concatenate(
        [rng.integers(300, DAY, len(own)), rng.integers(DAY, 29 * DAY, len(others))]
    )
    clicked = np.full(len(customer), TYPES.index("ad_click"))
    channel = np.concatenate([people.channel[own], which])
    return _rows(customer, people.came[customer] - before, channel, clicked, names)


def _visits(calendar: Calendar, people: People, made: Purchases, rng: np.random.Generator) -> Rows:
    """Visits between purchases, at each customer's own pace until they leave."""
    law, close = calendar.model.visits, calendar.days * DAY
    pace = law.monthly * rng.gamma(law.spread, 1 / law.spread, len(people)) / 30.4375
    stop = np.where(made.gone, np.minimum(made.last + 14 * DAY, close), close)
    here = rng.poisson(pace * (stop - people.came) / DAY)
    after = rng.poisson(law.gone * pace * (close - stop) / DAY)
    customer = np.concatenate([np.repeat(np.arange(len(people)), n) for n in (here, after)])
    low = np.concatenate([np.repeat(people.came, here), np.repeat(stop, after)])
    high = np.concatenate([np.repeat(stop, here), np.full(after.sum(), close)])
    day = (low + rng.random(len(customer)) * (high - low)) // DAY
    second = day.astype(int) * DAY + seconds_of_day(rng, len(customer))
    second = np.where(second < low, low + 3600, second)
    channel = draw(rng, [share for _, share in law.channels], len(customer))
    return _pages(customer, second, channel, law.pages, law.channels, rng)


def _pages(
    customer: np.ndarray,
    second: np.ndarray,
    channel: np.ndarray,
    pages: float,
    channels: tuple[tuple[str, float], ...],
    rng: np.random.Generator,
) -> Rows:
    """Every visit with its events, half a minute to five minutes apart."""
    names = tuple(name for name, _ in channels)
    social = np.array([name not in ("web", "app") for name in names])
    size = 1 + rng.poisson(pages, len(customer))
    visit = np.repeat(np.arange(len(customer)), size)
    place = np.arange(len(visit)) - np.repeat(np.cumsum(size) - size, size)
    waits = np.cumsum(rng.integers(30, 300, len(visit)))
    began = np.repeat(waits[np.cumsum(size) - size] if len(size) else waits, size)
    on_site = np.where(place == 0, 0, draw(rng, (0.6, 0.22, 0.18), len(visit)))
    spoken = len(ON_SITE) + draw(rng, (0.45, 0.2, 0.25, 0.1), len(visit))
    return _rows(
        customer[visit],
        second[visit] + waits - began,
        channel[visit],
        np.where(social[channel[visit]], spoken, on_site),
        names,
    )


def _sales(calendar: Calendar, ordered: Rows, rng: np.random.Generator) -> Rows:
    """Seven orders of ten are placed on the site or in the app: a view, and the checkout."""
    law = calendar.model.visits
    names = tuple(name for name, _ in law.channels)
    online = np.flatnonzero(rng.random(len(np.asarray(ordered["second"]))) < 0.7)
    customer = np.asarray(ordered["customer"])[online]
    at = np.asarray(ordered["second"])[online]
    in_app = rng.random(len(online)) < 0.4
    channel = np.where(in_app, names.index("app"), names.index("web"))
    early = rng.integers(120, 1500, len(online))
    return _rows(
        np.concatenate([customer, customer]),
        np.concatenate([at - early, at]),
        np.concatenate([channel, channel]),
        np.repeat([TYPES.index("view"), TYPES.index("checkout")], len(online)),
        names,
    )
