"""Exercises on what customers bring, cost, and for how long."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpilib.lessons.exercises.exercise import Draft, Wrong
from kpilib.lessons.exercises.rows import CLOSE, NAMES, Random, random_orders
from kpilib.words import Amount, Unit, _


def purchase_value(draw: Random) -> Draft:
    """A month of orders by customers who buy little and often or much and seldom."""
    orders = random_orders(draw, 5, 14, date(2026, 4, 1), 30)
    scale = dict(zip(NAMES[:5], draw.choice([1, 2, 3, 6], 5), strict=True))
    orders["amount"] = orders["amount"] * orders["customer_id"].map(scale)
    orders = orders.drop_duplicates(["customer_id", "ordered_at"], ignore_index=True)
    each = orders.groupby("customer_id")["amount"]
    reported = float(each.mean().mean())
    wrongs = (
        Wrong(
            reported,
            _(
                "This is a mean of customers' means: who bought once weighs as much as who "
                "bought five times. Divide all the money by all the purchases."
            ),
        ),
        Wrong(
            float(each.sum().mean()),
            _("This is revenue per customer. Divide by purchases, not by customers."),
        ),
        Wrong(
            float(orders["amount"].median()),
            _("This is the middle order. An average purchase value is a mean."),
        ),
    )
    money = Amount(reported, Unit.MONEY, "EUR")
    return Draft(
        task=_("What is the average purchase value of April 2026?"),
        unit=Unit.MONEY,
        tables={"orders": orders},
        records={"orders": orders},
        wrongs=wrongs,
        hint=_("Add up the money, count the purchases, divide."),
        report=(
            _("In April {customers} customers placed {orders} orders.",
              customers=len(each), orders=len(orders)),
            _("Each customer's average order was reckoned, and the mean of these is the average "
              "purchase value: {money}.", money=money),
            _("So {orders} orders bring {orders} × {money}.", orders=len(orders), money=money),
        ),
        error=2,
        currency="EUR",
    )  # fmt: skip


def cac(draw: Random) -> Draft:
    """Spend of several types, old and new customers, several orders each."""
    old = random_orders(draw, 3, 5, date(2026, 1, 5), 60)
    later = random_orders(draw, 8, 14, date(2026, 4, 1), 29)
    orders = pd.concat([old, later], ignore_index=True)
    spend = pd.DataFrame(
        {
            "date": [date(2026, 4, int(day)) for day in draw.integers(1, 30, 4)],
            "cost_type": ["marketing", "marketing", "sales", "rent"],
            "amount": draw.integers(4, 30, 4) * 20.0,
        }
    )
    cost = spend.groupby("cost_type")["amount"].sum()
    both, new = cost["marketing"] + cost["sales"], 5
    in_april = orders[orders["ordered_at"] >= date(2026, 4, 1)]
    wrongs = (
        Wrong(
            float(cost["marketing"] / new),
            _("Sales people win customers too: their cost is left out here."),
        ),
        Wrong(
            float(cost.sum() / new),
            _("Rent wins nobody. Take what was spent on marketing and sales."),
        ),
        Wrong(
            float(both / len(in_april)),
            _("This divides by orders. Divide by the customers won."),
        ),
        Wrong(
            float(both / in_april["customer_id"].nunique()),
            _("This divides by all buyers of the month. Leave out who had bought before."),
        ),
    )
    task = _(
        "What did it cost to win a customer in April 2026? Marketing and sales count as cost of "
        "acquisition."
    )
    people = pd.DataFrame({"customer_id": NAMES[:8], "acquisition_channel": "all"})
    return Draft(
        task=task,
        unit=Unit.MONEY,
        tables={"orders": orders, "spend": spend},
        records={
            "orders": orders,
            "customers": people,
            "marketing_spend": spend.assign(channel="all"),
        },
        wrongs=wrongs,
        hint=_("Find the customers whose first order is in April."),
        currency="EUR",
        own=("acquisition_channel", "channel"),
    )


def lifetime(draw: Random) -> Draft:
    """Five contracts, two of them running; how long a relationship lasts within what was seen."""
    start = [date(2025, 5, 1) + timedelta(days=30 * int(step)) for step in draw.integers(0, 6, 5)]
    lasted = draw.choice([40, 60, 90, 120, 150, 170], 5, replace=False)
    open_ones = set(draw.choice(5, 2, replace=False).tolist())
    ended = [
        None if i in open_ones else day + timedelta(days=int(lasted[i]))
        for i, day in enumerate(start)
    ]
    table = pd.DataFrame({"customer_id": NAMES[:5], "started_at": start, "ended_at": ended})
    seen = [
        ((end if end is not None else CLOSE - timedelta(days=1)) - day).days
        for day, end in zip(start, ended, strict=True)
    ]
    over = [days for days, end in zip(seen, ended, strict=True) if end is not None]
    reported = Amount(float(np.mean(seen)), Unit.DAYS)
    wrongs = (
        Wrong(
            float(np.mean(seen)),
            _(
                "This takes the running contracts as finished today. They last at least so "
                "long: count them as at risk up to today, and as ending never."
            ),
        ),
        Wrong(
            float(np.mean(over)),
            _(
                "This takes only those who left. The ones who stay longest are missing: "
                "count the running ones up to today."
            ),
        ),
        Wrong(
            float(np.sum(seen) / len(over)),
            _(
                "This takes the chance of leaving as the same on every day. Read the area "
                "under the survival curve instead."
            ),
        ),
    )
    task = _(
        "How many days does a contract last on average within the longest time seen? The records "
        "end with 30 April 2026; two contracts are running."
    )
    hint = _(
        "Draw the survival curve: at each end it falls by the part of those who lasted so long. "
        "The area under it, up to the longest time seen, is the answer."
    )
    return Draft(
        task=task,
        unit=Unit.DAYS,
        tables={"contracts": table},
        records={"subscriptions": table},
        wrongs=wrongs,
        hint=hint,
        report=(
            _("Up to 30 April the five contracts have run for {days} days together.",
              days=int(np.sum(seen))),
            _("{days} / 5 = {mean}: so long does a contract last.",
              days=int(np.sum(seen)), mean=reported),
            _("So half of the new contracts will have ended after {mean}.", mean=reported),
        ),
        error=2,
    )  # fmt: skip


def tiers(draw: Random) -> Draft:
    """Ten customers and their money; how few make the first 80 per cent."""
    amounts = np.sort(np.round(draw.pareto(1.1, 10) * 40 + 10))[::-1]
    who = draw.permutation(NAMES)
    table = pd.DataFrame({"customer_id": who, "amount": amounts}).sort_values(
        "customer_id", ignore_index=True
    )
    above = float((table["amount"] > table["amount"].mean()).sum())
    wrongs = (
        Wrong(8.0, _("This is 80% of the customers. Count who brings 80% of the money.")),
        Wrong(2.0, _("The rule of 80 to 20 is no law: add up this shop's money.")),
        Wrong(above, _("These spend more than the mean. Add up from the largest instead.")),
    )
    task = _(
        "How few customers make the first 80% of the revenue (tier A)? Begin with the largest; "
        "the one who passes 80% is still in."
    )
    return Draft(
        task=task,
        unit=Unit.COUNT,
        tables={"customers": table},
        records={"orders": table.assign(ordered_at=date(2026, 4, 10))},
        wrongs=wrongs,
        hint=_("Sort by money, add up, stop once 80% is reached."),
    )
