"""What is the same for all customers: spend and what it brings, and the exchange rate."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo.clock import Calendar
from kpilib.demo.model import Model, Shock
from kpilib.demo.rows import Rows, Words, by_time, stack


@dataclass(frozen=True)
class Market:
    """Shapes: channels × days for spend, channels × segments × countries × days for arrivals."""

    calendar: Calendar
    spend: np.ndarray
    """Money per channel and day."""
    arrivals: np.ndarray
    """The chance that a customer is of this channel, segment and country and comes on this day."""
    rate: np.ndarray
    """Units of the reporting currency for one of the foreign one, by day."""


def make_market(calendar: Calendar, rng: np.random.Generator) -> Market:
    """Weekly spend that wavers about the season, arrivals that follow it with their lag."""
    model, days = calendar.model, calendar.days
    grown = (1 + model.season.growth) ** (np.arange(days) / 365.25)
    base = calendar.demand * grown / (calendar.demand * grown).sum()
    noise = model.costs.weekly_noise
    lags = [channel.lag for channel in model.channels]
    weeks = (days + max(lags)) // 7 + 2
    spend, flows = [], []
    for channel in model.channels:
        wave = np.exp(noise * rng.standard_normal(weeks) - noise**2 / 2)
        daily = np.repeat(wave, 7)[: days + channel.lag]
        ahead = np.concatenate([base[channel.lag :], np.repeat(base[-1], channel.lag)])
        spend.append(channel.cost * channel.share * model.customers * ahead * daily[channel.lag :])
        flow = base * (daily[:days] ** model.costs.elasticity if channel.cost else 1.0)
        if channel.name == "referral":
            flow = np.where(np.arange(days) < 60, 0.25 * flow, flow)
        flows.append(channel.share * flow / flow.sum())
    cells = _cells(calendar, np.array(flows))
    log_rate = np.cumsum(model.rate_volatility * rng.standard_normal(days))
    rate = np.round(model.rate * np.exp(log_rate - log_rate[0]))
    return Market(calendar, np.array(spend), cells, rate)


def _cells(calendar: Calendar, flows: np.ndarray) -> np.ndarray:
    """Arrivals by channel and day, spread over segments and countries, shocks taken in."""
    model = calendar.model
    segments = np.array([segment.share for segment in model.segments])
    countries = np.array([country.share for country in model.countries])
    cells = flows[:, None, None, :] * segments[None, :, None, None] * countries[None, None, :, None]
    for shock in model.shocks:
        hit = [hits(model, shock, name) for name in ("acquisition_channel", "segment", "country")]
        where = hit[0][:, None, None] & hit[1][None, :, None] & hit[2][None, None, :]
        during = calendar.shocked(shock)
        cells = np.where(where[..., None] & during, cells * shock.arrivals, cells)
    return cells / cells.sum()


def hits(model: Model, shock: Shock, name: str) -> np.ndarray:
    """Which of the model's channels, segments or countries a shock is about."""
    all_names = {
        "acquisition_channel": [channel.name for channel in model.channels],
        "segment": [segment.name for segment in model.segments],
        "country": [country.code for country in model.countries],
    }[name]
    wanted = [value for column, value in shock.where if column == name]
    return np.array([not wanted or one in wanted for one in all_names])


def spend_rows(market: Market, mailed: np.ndarray) -> Rows:
    """`marketing_spend`: a row per paid channel and day, campaigns, and what has no channel.

    `mailed` are customers reached by campaign and day.
    """
    calendar, model = market.calendar, market.calendar.model
    parts = []
    for place, channel in enumerate(model.channels):
        if channel.cost:
            parts.append(
                _spend(calendar.dates, channel.name, None, channel.cost_type, market.spend[place])
            )
    for place, campaign in enumerate(model.campaigns):
        for day in np.flatnonzero(mailed[place]):
            parts.append(
                _spend(
                    calendar.dates[[day]],
                    "email",
                    campaign_id(campaign.name, calendar.dates[day]),
                    "marketing",
                    np.array([mailed[place, day] * campaign.cost]),
                )
            )
    firsts = np.flatnonzero(np.diff(calendar.month, prepend=-1))
    total = np.bincount(calendar.month, market.spend.sum(axis=0))
    fee = model.costs.unattributed * total
    parts.append(_spend(calendar.dates[firsts], None, None, "marketing", fee))
    parts.append(_spend(calendar.dates[firsts], None, None, "other", fee / 2))
    return by_time(stack(parts), "date")


def _spend(
    dates: np.ndarray, channel: str | None, campaign: str | None, kind: str, amount: np.ndarray
) -> Rows:
    return {
        "date": dates,
        "channel": Words.of([channel] * len(dates)),
        "campaign": Words.of([campaign] * len(dates)),
        "cost_type": Words.same(kind, len(dates)),
        "amount": np.round(amount, -3),
    }


def campaign_id(name: str, day: np.datetime64) -> str:
    """A campaign's own name in the month it goes out, like `win-back 2026-10`."""
    return f"{name} {str(day)[:7]}"


def rate_rows(market: Market) -> Rows:
    """`exchange_rates` of the working days; a rate holds until the next one."""
    model, dates = market.calendar.model, market.calendar.dates
    quoted = (dates.astype(int) + 3) % 7 < 5
    quoted[0] = True
    dates = dates[quoted]
    return {
        "date": dates,
        "from_currency": Words.same(model.foreign_currency, len(dates)),
        "to_currency": Words.same(model.currency, len(dates)),
        "rate": market.rate[quoted],
    }
