"""Exercises on who left: of all customers, and after a first purchase."""

from datetime import date, timedelta

import pandas as pd

from kpilib.lessons.exercises.exercise import Draft, Wrong
from kpilib.lessons.exercises.rows import CLOSE, NAMES, WINDOW, Random, month_of_contracts, totals
from kpilib.words import Amount, Unit, _

CHURN_HINTS = {
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
"""Id of a rule of churn → what whoever followed it overlooked."""


def churn(draw: Random) -> Draft:
    """Totals of a month of contracts; churn of the opening customers."""
    opening, new = int(draw.integers(12, 41)) * 10, int(draw.integers(4, 13)) * 10
    lost, at_once = int(draw.integers(8, opening // 5)), int(draw.integers(3, new // 3))
    task = _(
        "A month opens with {opening} customers and wins {new}. Of the opening ones {lost} leave, "
        "of the new ones {at_once}. What is its churn rate?",
        opening=opening,
        new=new,
        lost=lost,
        at_once=at_once,
    )
    return Draft(
        task=task,
        unit=Unit.SHARE,
        tables={"month": totals(opening, new, lost, at_once)},
        records={"subscriptions": month_of_contracts(opening, new, lost, at_once)},
        hint=_("Only who was there at the opening can be lost of the opening."),
    )


def first_loss(draw: Random) -> Draft:
    """First and second purchases of some customers, not all of them watched long enough."""
    size = 10
    first = [date(2026, 2, 1) + timedelta(days=int(day)) for day in draw.integers(0, 80, size)]
    first = [day if draw.random() < 0.5 else date(2026, 3, 1 + i) for i, day in enumerate(first)]
    first = [day if day.month == 3 else date(2026, 3, 20 + i) for i, day in enumerate(first)]
    table = _second(draw, first, 0.55).sort_values("first_day", ignore_index=True)
    back, seen = _came_back(table), int(table["second_day"].notna().sum())
    watched = sum((CLOSE - day).days > WINDOW for day in table["first_day"])
    wrongs = (
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
    )
    task = _(
        "These customers bought for the first time in March 2026; the records end with April. "
        "What is the loss rate after the first purchase, with a lapse window of {days} days?",
        days=WINDOW,
    )
    return Draft(
        task=task,
        unit=Unit.SHARE,
        tables={"buyers": table},
        records={"orders": _bought(table)},
        wrongs=wrongs,
        hint=_("Leave out whoever has been watched for less than the window."),
    )


def _second(draw: Random, first: list[date], returning: float) -> pd.DataFrame:
    """First purchases with a second one where there is one before the records end."""
    gaps = draw.integers(5, 70, len(first))
    second = [
        later if draw.random() < returning and later < CLOSE else None
        for later in (day + timedelta(days=int(gap)) for day, gap in zip(first, gaps, strict=True))
    ]
    names = NAMES[: len(first)]
    return pd.DataFrame({"customer_id": names, "first_day": first, "second_day": second})


def _came_back(table: pd.DataFrame) -> int:
    """How many came back within the lapse window."""
    days = zip(table["first_day"], table["second_day"], strict=True)
    return sum(later is not None and (later - day).days <= WINDOW for day, later in days)


def _bought(table: pd.DataFrame) -> pd.DataFrame:
    bought = pd.concat([table["first_day"], table["second_day"].dropna()])
    who = table.loc[bought.index, "customer_id"]
    return pd.DataFrame({"customer_id": who, "ordered_at": bought, "amount": 10.0})


def low_loss(draw: Random) -> Draft:
    """Two channels' first-time buyers; a report takes the lower loss for the bad one."""
    first = [date(2026, 3, int(day)) for day in draw.integers(1, 16, len(NAMES))]
    table = _second(draw, first, 0.6)
    table.insert(1, "acquisition_channel", ["ads", "web"] * (len(NAMES) // 2))
    table = table.sort_values("first_day", ignore_index=True)
    each = table.groupby("acquisition_channel")
    loss = {str(name): 1 - _came_back(some) / len(some) for name, some in each}
    low, high = sorted(loss, key=lambda name: loss[name])
    shares = {name: Amount(number, Unit.SHARE) for name, number in loss.items()}
    wrongs = (
        Wrong(
            loss[low],
            _(
                "A low loss is good news: few stayed away after their first purchase. It is the "
                "channel with the high one that disappoints its buyers."
            ),
        ),
        Wrong(
            1 - _came_back(table) / len(table),
            _("This is the loss of both channels together. Look at each of them."),
        ),
        Wrong(1 - loss[high], _("This is who came back. Loss is the rest.")),
    )
    task = _(
        "What is the loss rate after the first purchase, within {days} days, in the channel that "
        "needs attention?",
        days=WINDOW,
    )
    people = table[["customer_id"]].assign(group=table["acquisition_channel"])
    return Draft(
        task=task,
        unit=Unit.SHARE,
        tables={"buyers": table},
        records={"orders": _bought(table), "customers": people},
        wrongs=wrongs,
        hint=_("Which loss would you rather have, the low or the high one?"),
        report=(
            _("After their first purchase, {share} of the buyers from {channel} stayed away.",
              share=shares[high], channel=high),
            _("Of those from {channel} it was {share}, which is less.",
              share=shares[low], channel=low),
            _("A low loss has bad causes: the welcome from {channel} must disappoint.",
              channel=low),
        ),
        error=3,
    )  # fmt: skip
