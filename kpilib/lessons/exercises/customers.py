"""Exercises on who came, stayed, and brought others."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpilib.lessons.exercises.exercise import Draft, Wrong
from kpilib.lessons.exercises.rows import (
    CLOSE,
    NAMES,
    WINDOW,
    Random,
    month_of_contracts,
    random_orders,
    totals,
)
from kpilib.words import Amount, Unit, _

RETENTION_HINTS = {
    "growth": _(
        "This is closing over opening customers: the new and the returned hide the lost. "
        "Follow the same customers from the opening to the close."
    ),
    "totals": _(
        "This is the form from totals, (E − N) / S: who came back is in E without having been "
        "in S. Follow the same customers."
    ),
    "bought": _(
        "This asks who bought in April. A purchase in March may keep a customer active to the "
        "close: count back the lapse window."
    ),
}
"""Id of a rule of retention → what whoever followed it overlooked."""


def retention(draw: Random) -> Draft:
    """A dozen orders; retention of April with a lapse window of 45 days."""
    orders = random_orders(draw, 7, 15, date(2026, 1, 3), 117)
    task = _(
        "What is the retention rate of April 2026? A customer is active for {days} days after a "
        "purchase.",
        days=WINDOW,
    )
    hint = _("List who was active on 1 April, then who of them still is on 1 May.")
    shown = {"orders": orders}
    return Draft(task=task, unit=Unit.SHARE, tables=shown, records=shown, hint=hint)


def growth(draw: Random) -> Draft:
    """A report of a retention of more than 100%: closing over opening customers."""
    opening, new = int(draw.integers(12, 41)) * 10, int(draw.integers(7, 13)) * 10
    lost, at_once = int(draw.integers(8, new // 2)), int(draw.integers(5, new // 3))
    closing = opening - lost + new - at_once
    reported = Amount(closing / opening, Unit.SHARE)
    wrongs = (
        Wrong(
            closing / opening,
            _(
                "Nobody can keep more than all. The new customers are among those of the close "
                "and hide the lost: this is growth. Follow the customers of the opening."
            ),
        ),
        Wrong(
            (closing - new) / opening,
            _(
                "All new customers are taken off here, also those who had left again by the close "
                "and are not in it. Count the customers of the opening who are still there."
            ),
        ),
        Wrong(lost / opening, _("This is the part that was lost. Retention is the rest.")),
        Wrong(
            closing / (opening + new),
            _("The new customers count on both sides here. Leave them out of both."),
        ),
    )
    return Draft(
        task=_("What is the retention rate of the month?"),
        unit=Unit.SHARE,
        tables={"month": totals(opening, new, lost, at_once).assign(closing=closing)},
        records={"subscriptions": month_of_contracts(opening, new, lost, at_once)},
        wrongs=wrongs,
        hint=_("Of those who were there when the month opened, how many are there at its close?"),
        report=(
            _("The month opened with {opening} customers.", opening=opening),
            _("It closed with {closing} customers.", closing=closing),
            _("The retention rate is {closing} / {opening} = {share}.",
              closing=closing, opening=opening, share=reported),
            _("So no customer was lost."),
        ),
        error=3,
    )  # fmt: skip


def loyal(draw: Random) -> Draft:
    """Orders over two years; loyal customers by the rule of three days in twelve months."""
    orders = random_orders(draw, 7, 24, date(2024, 9, 1), 600)
    twice = orders.sample(4, random_state=int(draw.integers(1, 10**6)))
    orders = pd.concat([orders, twice.assign(amount=5.0)]).sort_values(
        ["customer_id", "ordered_at"], ignore_index=True
    )
    recent = orders[orders["ordered_at"] >= CLOSE - timedelta(days=365)]
    rows = recent.groupby("customer_id").size()
    days = recent.groupby("customer_id")["ordered_at"].nunique()
    ever = orders.groupby("customer_id")["ordered_at"].nunique()
    wrongs = (
        Wrong(
            float((rows >= 3).sum()),
            _("Two orders of one day count twice here. Count days with a purchase."),
        ),
        Wrong(
            float((ever >= 3).sum()),
            _("Purchases of over twelve months ago count here. Look at the last 365 days."),
        ),
        Wrong(
            float((days >= 2).sum()),
            _("Two days are enough here. The rule asks for three."),
        ),
    )
    task = _(
        "How many customers are loyal at the end of April 2026: purchases on at least three days "
        "within the last 365 days?"
    )
    return Draft(
        task=task,
        unit=Unit.COUNT,
        tables={"orders": orders},
        records={"orders": orders},
        wrongs=wrongs,
        hint=_("For each customer, list the different days since 1 May 2025."),
    )


def referral(draw: Random) -> Draft:
    """New customers of a month and who brought them."""
    size = int(draw.integers(9, 11))
    begun = [
        date(2026, 4 if place >= 4 else 2, int(day))
        for place, day in enumerate(draw.integers(1, 28, size))
    ]
    brought: list[str | None] = [
        str(draw.choice(NAMES[:4])) if draw.random() < (0.5 if place >= 4 else 0.3) else None
        for place in range(size)
    ]
    brought[size - 1] = NAMES[size - 1]
    brought = [None if i < 4 and who == NAMES[i] else who for i, who in enumerate(brought)]
    table = pd.DataFrame(
        {"customer_id": NAMES[:size], "first_day": begun, "referred_by_customer_id": brought}
    )
    by, new = table["referred_by_customer_id"], np.arange(size) >= 4
    others = by.notna() & (by != table["customer_id"])
    wrongs = (
        Wrong(
            float(by[new].notna().mean()),
            _("Somebody is said to have brought themselves. Nobody does: that is no referral."),
        ),
        Wrong(
            float((others & new).sum()) / size,
            _("This divides by all customers. Divide by the new ones of the month."),
        ),
        Wrong(
            float(others.mean()),
            _("This is of all customers there are. Ask of those new in April alone."),
        ),
        Wrong(
            float(by[others & new].nunique()) / 4,
            _("This is the share of customers who refer. Ask how many new ones were brought."),
        ),
    )
    task = _(
        "What is the referral rate of April 2026, the part of its new customers who were brought?"
    )
    orders = table[["customer_id"]].assign(ordered_at=table["first_day"], amount=10.0)
    people = table[["customer_id", "referred_by_customer_id"]]
    return Draft(
        task=task,
        unit=Unit.SHARE,
        tables={"customers": table},
        records={"orders": orders, "customers": people},
        wrongs=wrongs,
        hint=_("List the customers who began in April, then who of them another one brought."),
    )
