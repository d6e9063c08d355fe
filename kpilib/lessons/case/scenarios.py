"""What may go wrong in a case: drawn from a seed, as a model of the demo business and its truth."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from kpilib.demo.model import Model, Shock
from kpilib.errors import InputError
from kpilib.words import _

CAUSES = {
    "channel": _("the customers of one channel buy less"),
    "service": _("support has become slow"),
    "price": _("prices were raised for one segment"),
    "season": _("nothing but the season: demand is as it is every year"),
    "feed": _("part of the orders no longer reaches the records"),
}
"""Id of a cause → what it is."""

CUSTOMERS = 2_500
MONTHS = 26
CHANNELS = ("search", "facebook", "marketplace", "zalo")
SEGMENTS = ("household", "student", "office")


@dataclass(frozen=True)
class Truth:
    """What went wrong: the cause, for whom, since which month, and by how much."""

    cause: str
    where: str = ""
    """The channel or the segment; nothing where it is about all."""
    since: str = ""
    """The month from which on, like 2026-07; nothing where nothing went wrong."""
    size: float = 0.0
    """Channel: the share of purchases gone. Service: times as long. Price: the share added.
    Feed: the share of orders missing."""


@dataclass(frozen=True)
class Scenario:
    """A model to make the business from, and what is true of it."""

    model: Model
    truth: Truth


def scenario(seed: int) -> Scenario:
    """The scenario of a seed.

    >>> scenario(3) == scenario(3), scenario(3).truth.cause in CAUSES
    (True, True)

    Raises InputError for what is no whole number of at least 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed = {seed!r} must be a whole number of at least 0")
    draw = np.random.default_rng([seed, 20_26])
    cause = str(draw.choice(list(CAUSES)))
    model = Model(customers=CUSTOMERS, months=MONTHS, seed=1_000 + seed)
    if cause == "season":
        season = replace(model.season, before_tet=2.2, tet=0.4, swing=0.3)
        return Scenario(replace(model, season=season, end=date(2026, 3, 31)), Truth(cause))
    end, since = date(2026, 8, 31), date(2026, int(draw.choice([6, 7])), 1)
    truth, shock = _drawn(cause, since, draw)
    return Scenario(replace(model, end=end, shocks=(shock,)), truth)


def _drawn(cause: str, since: date, draw: np.random.Generator) -> tuple[Truth, Shock]:
    """The truth of a cause, and the shock that makes it so."""
    month = f"{since:%Y-%m}"
    if cause == "channel":
        channel, left = str(draw.choice(CHANNELS)), float(draw.choice([0.25, 0.35]))
        where = (("acquisition_channel", channel),)
        shock = Shock(since, where=where, buying=left, leaving=0.8)
        return Truth(cause, channel, month, 1 - left), shock
    if cause == "service":
        times = float(draw.choice([5.0, 7.0]))
        return Truth(cause, "", month, times), Shock(since, response=times, leaving=0.5)
    if cause == "price":
        segment, raised = str(draw.choice(SEGMENTS)), float(draw.choice([0.4, 0.5]))
        where = (("segment", segment),)
        shock = Shock(since, where=where, price=1 + raised, buying=0.75)
        return Truth(cause, segment, month, raised), shock
    lost = float(draw.choice([0.4, 0.5, 0.6]))
    return Truth(cause, "", month, lost), Shock(since, lost=(("orders", lost),))
