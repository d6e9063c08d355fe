"""What customers buy: times from BG/NBD in days of demand, amounts from Gamma-Gamma, refunds."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo.clock import DAY, Calendar, seconds_of_day
from kpilib.demo.parts.market import Market
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, Words, by_time, draw, stack, take

PRODUCTS = ("coffee", "tea", "equipment", "gift box")


@dataclass(frozen=True)
class Purchases:
    """One row per purchase, by customer and time; then what became of each customer."""

    customer: np.ndarray
    second: np.ndarray
    bad: np.ndarray
    """Whether it was a bad experience."""
    gone: np.ndarray
    """Per customer: whether they have left for good after their last purchase."""
    reason: np.ndarray
    """Per customer: the place of the reason in the model's list; -1 for those who stay."""
    last: np.ndarray
    """Per customer: the second of the last purchase."""


def purchases(calendar: Calendar, people: People, rng: np.random.Generator) -> Purchases:
    """Every purchase that the model lets happen."""
    model = calendar.model
    customer, day, gone = _times(calendar, people, rng)
    second = day * DAY + seconds_of_day(rng, len(day))
    first = np.zeros(len(day), bool)
    first[: len(people)] = True
    second[first] = people.came
    # A second purchase on the day of the first comes within the hour after it.
    soon = people.came[customer] + rng.integers(60, 3600, len(day))
    soon = np.minimum(soon, (day + 1) * DAY - 1)
    second = np.where(first | (second > people.came[customer]), second, soon)
    order = np.lexsort((second, customer))
    customer, second = customer[order], second[order]
    last = np.flatnonzero(np.diff(customer, append=len(people)))
    drawn = draw(rng, [one.share for one in model.reasons], len(people))
    reason = np.where(gone, drawn, -1)
    bad = rng.random(len(customer)) < model.opinion.bad
    names = [one.name for one in model.reasons]
    if "service" in names:
        by_service = reason == names.index("service")
        bad[last] = np.where(gone, by_service, bad[last])
    return Purchases(customer, second, bad, gone, reason, second[last])


def _times(
    calendar: Calendar, people: People, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customer and day of every purchase, the first ones in front, and who has left."""
    demand, group = _demands(calendar, people)
    used = np.concatenate([np.zeros((len(demand), 1)), np.cumsum(demand, axis=1)], axis=1)
    day = people.came // DAY
    part = (people.came % DAY) / DAY
    at = used[group, day] + part * demand[group, day]
    alive = np.arange(len(people))
    who, when = [alive], [day]
    gone = np.zeros(len(people), bool)
    while alive.size:
        at = at + rng.exponential(1.0, alive.size) / np.maximum(people.rate[alive], 1e-12)
        inside = at < used[group[alive], -1]
        alive, at = alive[inside], at[inside]
        day = _day_of(used, group[alive], at)
        who.append(alive)
        when.append(day)
        leaves = rng.random(alive.size) < _leaving(calendar, people, alive, day)
        gone[alive[leaves]] = True
        alive, at = alive[~leaves], at[~leaves]
    return np.concatenate(who), np.concatenate(when), gone


def _demands(calendar: Calendar, people: People) -> tuple[np.ndarray, np.ndarray]:
    """Demand by group of customers whom the same shocks hit, and each customer's group."""
    model = calendar.model
    demand = calendar.demand[None, :]
    group = np.zeros(len(people), int)
    for place, shock in enumerate(model.shocks):
        if shock.buying != 1:
            moved = np.where(calendar.shocked(shock), demand * shock.buying, demand)
            demand = np.concatenate([demand, moved])
            group = group + people.shocked(model, place) * (len(demand) // 2)
    return demand, group


def _day_of(used: np.ndarray, group: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The day on which a group's demand has reached `at`."""
    day = np.zeros(len(at), int)
    for one in range(len(used)):
        own = group == one
        day[own] = np.searchsorted(used[one], at[own], side="right") - 1
    return day


def _leaving(calendar: Calendar, people: People, who: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The chance of leaving after a purchase on a day."""
    chance = people.leaving[who]
    for place, shock in enumerate(calendar.model.shocks):
        if shock.leaving:
            hit = people.shocked(calendar.model, place)[who] & calendar.shocked(shock)[day]
            odds = chance / np.maximum(1 - chance, 1e-12) * np.exp(shock.leaving)
            chance = np.where(hit, odds / (1 + odds), chance)
    return chance


def orders(
    market: Market, people: People, bought: Rows, rng: np.random.Generator, first_id: int
) -> Rows:
    """Orders from `bought` (customer, second, bad, campaign): the table, with working columns."""
    calendar, model = market.calendar, market.calendar.model
    spending = model.spending
    bought = by_time(bought, "second", "customer")
    who, second = np.asarray(bought["customer"]), np.asarray(bought["second"])
    day, size = second // DAY, len(second)
    amount = people.order_size[who] * rng.gamma(spending.p, 1 / spending.p, size)
    for place, shock in enumerate(model.shocks):
        if shock.price != 1:
            hit = people.shocked(model, place)[who] & calendar.shocked(shock)[day]
            amount = np.where(hit, amount * shock.price, amount)
    abroad = np.array([country.foreign for country in model.countries])[people.country[who]]
    rate = np.where(abroad, market.rate[day], 1.0)
    step = np.where(abroad, 0.01, spending.step)
    amount = np.maximum(np.round(amount / rate / step) * step, step)
    share = rng.uniform(0.05, 0.25, size) * (rng.random(size) < spending.discounted)
    discount = np.round(amount * share / (1 - share) / step) * step
    tax = np.round(amount * spending.tax / step) * step
    free = amount * rate >= 10 * spending.shipping
    shipping = np.where(free, 0.0, np.round(spending.shipping / rate / step) * step)
    return {
        **bought,
        "order_id": first_id + np.arange(size),
        "amount": np.round(amount, 2),
        "gross_amount": np.round(amount + discount + tax, 2),
        "discount": np.round(discount, 2),
        "tax": np.round(tax, 2),
        "shipping": np.round(shipping, 2),
        "currency": Words(abroad.astype(np.int32), (model.currency, model.foreign_currency)),
        "product": Words(draw(rng, (0.5, 0.28, 0.12, 0.1), size), PRODUCTS),
        "status": Words.same("completed", size),
    }


def called_off(calendar: Calendar, ordered: Rows, rng: np.random.Generator, first_id: int) -> Rows:
    """Orders that were cancelled: a customer tried, up to two days before an order that stood."""
    size = len(np.asarray(ordered["second"]))
    which = np.flatnonzero(rng.random(size) < calendar.model.spending.cancelled)
    rows = take(ordered, which)
    early = rng.integers(60, 2 * DAY, len(which))
    return {
        **rows,
        "second": np.maximum(np.asarray(rows["second"]) - early, 0),
        "order_id": first_id + np.arange(len(which)),
        "status": Words.same("cancelled", len(which)),
    }


def refunds(calendar: Calendar, ordered: Rows, rng: np.random.Generator, first_id: int) -> Rows:
    """Money given back within three weeks, in the order's currency; bad experiences more often."""
    spending = calendar.model.spending
    second, bad = np.asarray(ordered["second"]), np.asarray(ordered["bad"])
    size = len(second)
    chance = np.where(bad, 5 * spending.refunded, 0.85 * spending.refunded)
    at = second + rng.integers(DAY, 21 * DAY, size)
    happens = (rng.random(size) < chance) & (at < calendar.days * DAY)
    whole = rng.random(size) < spending.fully
    part = np.where(whole, 1.0, rng.uniform(0.1, 0.6, size))
    amount = np.asarray(ordered["amount"])
    foreign = ordered["currency"]
    assert isinstance(foreign, Words)
    step = np.where(foreign.codes == 1, 0.01, spending.step)
    back = np.where(whole, amount, np.maximum(np.round(amount * part / step) * step, step))
    rows = {
        "order_id": np.asarray(ordered["order_id"]),
        "customer_id": np.asarray(ordered["customer"]),
        "second": at,
        "amount": np.round(np.minimum(back, amount), 2),
        "currency": foreign,
    }
    rows = by_time(take(rows, happens), "second")
    return {"refund_id": first_id + np.arange(len(np.asarray(rows["second"]))), **rows}


def bought_rows(made: Purchases, extra: Rows) -> Rows:
    """Purchases and those that campaigns made, in one table."""
    size = len(made.customer)
    own: Rows = {
        "customer": made.customer,
        "second": made.second,
        "bad": made.bad,
        "campaign": np.full(size, -1, np.int32),
    }
    return stack([own, extra])
