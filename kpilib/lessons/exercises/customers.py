"""Exercises on who came, stayed, left and brought others."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kpilib.lessons.compare.facts import Facts
from kpilib.lessons.compare.retention import CHURN, RETENTION
from kpilib.lessons.exercises.exercise import Draft, Wrong
from kpilib.questions.base import CustomerBase, open_base
from kpilib.words import Unit, _

NAMES = ("An", "Binh", "Chen", "Dana", "Eve", "Finn", "Gia", "Hoa", "Ines", "Jun")
WINDOW = 45
MONTH = "2026-04"
CLOSE = date(2026, 5, 1)

Random = np.random.Generator


def random_orders(draw: Random, customers: int, rows: int, start: date, days: int) -> pd.DataFrame:
    """Orders of a few customers, each with one at least: `customer_id, ordered_at, amount`."""
    who = [*NAMES[:customers], *draw.choice(NAMES[:customers], rows - customers)]
    when = [start + timedelta(days=int(day)) for day in draw.integers(0, days, rows)]
    amounts = draw.integers(2, 17, rows) * 5.0
    table = pd.DataFrame({"customer_id": who, "ordered_at": when, "amount": amounts})
    return table.sort_values(["ordered_at", "customer_id"], ignore_index=True)


def shop(orders: pd.DataFrame, **more: Any) -> CustomerBase:
    """The business of some orders, complete to the end of April 2026."""
    return open_base(orders=orders, lapse_window=WINDOW, as_of=CLOSE, currency="EUR", **more)


def value(base: CustomerBase, kpi_id: str, period: str = MONTH) -> float | None:
    """The value of a KPI that is one number."""
    return getattr(base.kpi(kpi_id, period), "value", None)


def by_rules(base: CustomerBase, rules: Any, hints: dict[str, Any], period: str) -> list[Wrong]:
    """What other definitions give, each with its hint."""
    facts = Facts(base, (base.period(period),))
    found = []
    for rule in rules:
        if rule.id in hints and (number := rule.count(facts).value(0)) is not None:
            found.append(Wrong(number, hints[rule.id]))
    return found


def retention(draw: Random) -> Draft:
    """A dozen orders; retention of April with a lapse window of 45 days."""
    orders = random_orders(draw, 7, 15, date(2026, 1, 3), 117)
    hints = {
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

    def solve() -> tuple[float | None, list[Wrong]]:
        base = shop(orders)
        wrongs = by_rules(base, RETENTION.rules, hints, MONTH)
        return value(base, "retention_rate"), wrongs

    task = _(
        "What is the retention rate of April 2026? A customer is active for {days} days after a "
        "purchase.",
        days=WINDOW,
    )
    hint = _("List who was active on 1 April, then who of them still is on 1 May.")
    return Draft(task, Unit.SHARE, {"orders": orders}, solve, hint)


def churn(draw: Random) -> Draft:
    """Totals of a month of contracts; churn of the opening customers."""
    opening, new = int(draw.integers(12, 41)) * 10, int(draw.integers(4, 13)) * 10
    lost, at_once = int(draw.integers(8, opening // 5)), int(draw.integers(3, new // 3))
    table = pd.DataFrame(
        {
            "opening": [opening],
            "new": [new],
            "opening_lost": [lost],
            "new_lost": [at_once],
        }
    )
    hints = {
        "stripe": _(
            "This counts new customers on both sides, as Stripe does. Those who came in the month "
            "were not at risk when it opened: leave them out of both."
        ),
        "closing": _(
            "This divides by the customers of the close, among whom the lost no longer are. "
            "Divide by those of the opening."
        ),
        "baremetrics": _(
            "This counts new customers who left above the line and no new customers below it. "
            "Count the opening customers alone."
        ),
        "average": _("This divides by the mean of opening and close. Divide by the opening."),
    }

    def solve() -> tuple[float | None, list[Wrong]]:
        base = _contracts(opening, new, lost, at_once)
        return value(base, "churn_rate"), by_rules(base, CHURN.rules, hints, MONTH)

    task = _(
        "A month opens with {opening} customers and wins {new}. Of the opening ones {lost} leave, "
        "of the new ones {at_once}. What is its churn rate?",
        opening=opening,
        new=new,
        lost=lost,
        at_once=at_once,
    )
    hint = _("Only who was there at the opening can be lost of the opening.")
    return Draft(task, Unit.SHARE, {"month": table}, solve, hint)


def _contracts(opening: int, new: int, lost: int, at_once: int) -> CustomerBase:
    rows = [(f"o{i}", "2026-02-05", "2026-04-10" if i < lost else None) for i in range(opening)]
    rows += [(f"n{i}", "2026-04-05", "2026-04-25" if i < at_once else None) for i in range(new)]
    table = pd.DataFrame(rows, columns=["customer_id", "started_at", "ended_at"])
    return open_base(subscriptions=table, as_of=CLOSE + timedelta(days=4))


def first_loss(draw: Random) -> Draft:
    """First and second purchases of some customers, not all of them watched long enough."""
    size = 10
    first = [date(2026, 2, 1) + timedelta(days=int(day)) for day in draw.integers(0, 80, size)]
    first = [day if draw.random() < 0.5 else date(2026, 3, 1 + i) for i, day in enumerate(first)]
    first = [day if day.month == 3 else date(2026, 3, 20 + i) for i, day in enumerate(first)]
    gaps = draw.integers(5, 70, size)
    second = [
        day + timedelta(days=int(gap)) if draw.random() < 0.55 else None
        for day, gap in zip(first, gaps, strict=True)
    ]
    second = [day if day and day < CLOSE else None for day in second]
    table = pd.DataFrame(
        {"customer_id": NAMES[:size], "first_day": first, "second_day": second}
    ).sort_values("first_day", ignore_index=True)

    def solve() -> tuple[float | None, list[Wrong]]:
        bought = [(row[1], row[2]) for row in table.itertuples()]
        bought += [(row[1], row[3]) for row in table.itertuples() if row[3] is not None]
        orders = pd.DataFrame(bought, columns=["customer_id", "ordered_at"]).assign(amount=10.0)
        base = shop(orders)
        answer = value(base, "first_purchase_loss_rate", "2026-03")
        back = sum(
            later is not None and (later - day).days <= WINDOW
            for day, later in zip(table["first_day"], table["second_day"], strict=True)
        )
        watched = sum((CLOSE - day).days > WINDOW for day in table["first_day"])
        seen = sum(later is not None for later in table["second_day"])
        wrongs = [
            Wrong(
                (size - back) / size,
                _(
                    "This counts buyers as lost who have not had the time to come back. Only those "
                    "watched for the whole window count, above and below the line."
                ),
            ),
            Wrong(
                max(watched - back, 0) / size,
                _(
                    "The lost are counted among those watched long enough, and divided by all. "
                    "Whoever cannot be lost yet belongs below the line no more than above it."
                ),
            ),
            Wrong(
                back / size,
                _("This is who came back. Loss is the rest of those watched long enough."),
            ),
            Wrong(
                (size - seen) / size,
                _(
                    "This asks who ever came back. A second purchase after the window is a return "
                    "of a lost customer."
                ),
            ),
        ]
        return answer, wrongs

    task = _(
        "These customers bought for the first time in March 2026; the records end with April. "
        "What is the loss rate after the first purchase, with a lapse window of {days} days?",
        days=WINDOW,
    )
    hint = _("Leave out whoever has been watched for less than the window.")
    return Draft(task, Unit.SHARE, {"buyers": table}, solve, hint)


def loyal(draw: Random) -> Draft:
    """Orders over two years; loyal customers by the rule of three days in twelve months."""
    orders = random_orders(draw, 7, 24, date(2024, 9, 1), 600)
    twice = orders.sample(4, random_state=int(draw.integers(1, 10**6)))
    orders = pd.concat([orders, twice.assign(amount=5.0)]).sort_values(
        ["customer_id", "ordered_at"], ignore_index=True
    )

    def solve() -> tuple[float | None, list[Wrong]]:
        recent = orders[orders["ordered_at"] >= CLOSE - timedelta(days=365)]
        rows = recent.groupby("customer_id").size()
        days = recent.groupby("customer_id")["ordered_at"].nunique()
        ever = orders.groupby("customer_id")["ordered_at"].nunique()
        wrongs = [
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
        ]
        return value(shop(orders), "loyal_customers"), wrongs

    task = _(
        "How many customers are loyal at the end of April 2026: purchases on at least three days "
        "within the last 365 days?"
    )
    hint = _("For each customer, list the different days since 1 May 2025.")
    return Draft(task, Unit.COUNT, {"orders": orders}, solve, hint)


def referral(draw: Random) -> Draft:
    """New customers of a month and who brought them."""
    size = int(draw.integers(9, 11))
    begun = [date(2026, 4, int(day)) if i >= 4 else date(2026, 2, int(day))
             for i, day in enumerate(draw.integers(1, 28, size))]  # fmt: skip
    brought: list[str | None] = [
        str(draw.choice(NAMES[:4])) if draw.random() < (0.5 if i >= 4 else 0.3) else None
        for i in range(size)
    ]
    brought[size - 1] = NAMES[size - 1]
    brought = [None if i < 4 and who == NAMES[i] else who for i, who in enumerate(brought)]
    table = pd.DataFrame(
        {"customer_id": NAMES[:size], "first_day": begun, "referred_by_customer_id": brought}
    )

    def solve() -> tuple[float | None, list[Wrong]]:
        orders = table[["customer_id"]].assign(ordered_at=table["first_day"], amount=10.0)
        people = table[["customer_id", "referred_by_customer_id"]]
        new = table.iloc[4:]
        others = new["referred_by_customer_id"].notna() & (
            new["referred_by_customer_id"] != new["customer_id"]
        )
        all_others = table["referred_by_customer_id"].notna() & (
            table["referred_by_customer_id"] != table["customer_id"]
        )
        wrongs = [
            Wrong(
                float(new["referred_by_customer_id"].notna().mean()),
                _("Somebody is said to have brought themselves. Nobody does: that is no referral."),
            ),
            Wrong(
                float(others.sum()) / size,
                _("This divides by all customers. Divide by the new ones of the month."),
            ),
            Wrong(
                float(all_others.mean()),
                _("This is of all customers there are. Ask of those new in April alone."),
            ),
            Wrong(
                float(new.loc[others, "referred_by_customer_id"].nunique()) / 4,
                _("This is the share of customers who refer. Ask how many new ones were brought."),
            ),
        ]
        return value(shop(orders, customers=people), "referral_rate"), wrongs

    task = _(
        "What is the referral rate of April 2026, the part of its new customers who were brought?"
    )
    hint = _("List the customers who began in April, then who of them another one brought.")
    return Draft(task, Unit.SHARE, {"customers": table}, solve, hint)
