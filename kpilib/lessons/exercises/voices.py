"""Exercises on what customers say, ask, open, and on the records of them."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from kpilib.lessons.exercises.exercise import Draft, Wrong
from kpilib.lessons.exercises.rows import NAMES, Random, responses, some_orders
from kpilib.words import Amount, Unit, _

BLANKS = ("n/a", "unknown", "-")
"""Words that fill no cell."""
COMPLETE = ("acquisition_channel", "segment", "country")
"""The columns that should be filled."""


def nps(draw: Random) -> Draft:
    """Counts of answers from 0 to 10."""
    size = int(draw.integers(20, 41))
    weights = np.array([2, 1, 1, 1, 1, 3, 3, 6, 9, 7, 8], float)
    scores = draw.choice(11, size, p=weights / weights.sum())
    table = pd.DataFrame({"score": range(11), "answers": np.bincount(scores, minlength=11)})
    up, down = float((scores >= 9).sum()), float((scores <= 6).sum())
    five = float((scores <= 5).sum())
    wrongs = (
        Wrong(
            100 * (up - down) / max(up + down, 1),
            _("The passives answered too: they belong below the line."),
        ),
        Wrong(
            100 * (up - five) / size,
            _("A 6 is a detractor as well: the group goes from 0 to 6."),
        ),
        Wrong(100 * up / size, _("These are the promoters alone. Take the detractors off.")),
        Wrong(10 * float(scores.mean()), _("This is the mean of the answers, and no NPS.")),
    )
    answers = responses(scores, "nps", 0.0, 10.0, "c")
    return Draft(
        task=_("What is the Net Promoter Score of these answers, in points?"),
        unit=Unit.POINTS,
        tables={"answers": table},
        records={"orders": some_orders(draw), "survey_responses": answers},
        wrongs=wrongs,
        hint=_("Promoters are 9 and 10, detractors 0 to 6; all who answered are below the line."),
    )


def response(draw: Random) -> Draft:
    """Tickets with the hours to their first answer; two or three are still waiting."""
    size = 9
    hours = draw.choice(np.arange(1, 60), size, replace=False).astype(float)
    waiting = set(draw.choice(size, int(draw.integers(2, 4)), replace=False).tolist())
    created = [datetime(2026, 4, 3 + 2 * i, 8) for i in range(size)]
    answered = [
        None if i in waiting else moment + timedelta(hours=hours[i])
        for i, moment in enumerate(created)
    ]
    table = pd.DataFrame(
        {"ticket_id": range(1, size + 1), "created_at": created, "answered_at": answered}
    )
    told = [hours[i] for i in range(size) if i not in waiting]
    reported = Amount(float(np.median(told)), Unit.HOURS)
    wrongs = (
        Wrong(
            float(np.median(told)),
            _(
                "The tickets without an answer are left out, and they have waited longest. "
                "Let them wait on, beyond all that were answered."
            ),
        ),
        Wrong(
            float(np.mean(told)),
            _("This is a mean, and of the answered alone. Take the middle one of all tickets."),
        ),
        Wrong(
            float(np.median([*told, *[0.0] * len(waiting)])),
            _("Tickets without an answer count as answered at once here. They are still open."),
        ),
    )
    task = _(
        "What is the median time to the first answer, in hours? The desk works around the clock; "
        "the records end with April 2026."
    )
    tickets = table[["ticket_id", "created_at"]].assign(customer_id="An", type="question")
    events = table.dropna()[["ticket_id"]].assign(
        event_at=[moment for moment in answered if moment is not None],
        event="reply",
        actor_type="agent",
    )
    return Draft(
        task=task,
        unit=Unit.HOURS,
        tables={"tickets": table},
        records={"orders": some_orders(draw), "tickets": tickets, "ticket_events": events},
        wrongs=wrongs,
        hint=_(
            "Sort the waits, the open ones last, and take the first by which half are answered."
        ),
        report=(
            _("{tickets} tickets came in; {answered} of them were answered.",
              tickets=size, answered=len(told)),
            _("The middle one of their waits is {hours}: the median time to the first answer.",
              hours=reported),
            _("So half of those who wrote had an answer within {hours}.", hours=reported),
        ),
        error=2,
    )  # fmt: skip


def opens(draw: Random) -> Draft:
    """Messages delivered, opened by people and by machines, some more than once."""
    rows = []
    for message in range(1, int(draw.integers(11, 15))):
        sent = datetime(2026, 4, int(draw.integers(1, 15)), 9)
        who = str(draw.choice(NAMES[:6]))
        rows.append((message, who, "delivered" if draw.random() < 0.85 else "bounced", sent, False))
        if rows[-1][2] == "delivered":
            for machine, chance in ((True, 0.5), (False, 0.4), (False, 0.25)):
                if draw.random() < chance:
                    later = sent + timedelta(hours=int(draw.integers(1, 60)))
                    rows.append((message, who, "opened", later, machine))
    names = ["message_id", "customer_id", "event", "event_at", "machine_open"]
    table = pd.DataFrame(rows, columns=names)
    opened = table[table["event"] == "opened"]
    by_people = opened[~opened["machine_open"]]
    sent_out = table["message_id"].nunique()
    arrived = max(int((table["event"] == "delivered").sum()), 1)
    wrongs = (
        Wrong(
            opened["message_id"].nunique() / arrived,
            _("Mail programs opened some of these by themselves. Count what people opened."),
        ),
        Wrong(
            len(by_people) / arrived,
            _("A message opened twice is one message opened: count messages, not openings."),
        ),
        Wrong(
            by_people["message_id"].nunique() / sent_out,
            _("This divides by what was sent. What bounced could not be opened."),
        ),
    )
    return Draft(
        task=_("What is the open rate of these messages?"),
        unit=Unit.SHARE,
        tables={"events": table},
        records={"orders": some_orders(draw), "email_events": table},
        wrongs=wrongs,
        hint=_("Of the messages delivered, count those that a person opened at least once."),
    )


def completeness(draw: Random) -> Draft:
    """Customer records with gaps, and with words that fill nothing."""
    known = (("web", "store", "ads"), ("home", "office", "student"), ("VN", "FR", "DE"))
    columns = {
        name: [_cell(draw, values) for _row in range(8)]
        for name, values in zip(COMPLETE, known, strict=True)
    }
    table = pd.DataFrame({"customer_id": NAMES[:8], **columns})
    cells = table[list(COMPLETE)]
    empty = cells.isna() | cells.isin(BLANKS)
    wrongs = (
        Wrong(
            float(cells.notna().to_numpy().mean()),
            _("Words like n/a and unknown fill no cell: count them as missing."),
        ),
        Wrong(
            float((~empty).all(axis=1).mean()),
            _("This is the part of records that are whole. Count cells."),
        ),
        Wrong(float(empty.to_numpy().mean()), _("This is what is missing. Take the rest.")),
    )
    return Draft(
        task=_("How complete are channel, segment and country of these records?"),
        unit=Unit.SHARE,
        tables={"customers": table},
        records={
            "orders": table[["customer_id"]].assign(ordered_at=date(2026, 3, 5), amount=10.0),
            "customers": table.assign(created_at=date(2026, 3, 1)),
        },
        wrongs=wrongs,
        hint=_("Count the cells that say something, and divide by all cells."),
    )


def _cell(draw: Random, known: tuple[str, ...]) -> str | None:
    """A value, or in three cells of ten something that fills nothing."""
    some = (None, *BLANKS) if draw.random() < 0.3 else known
    return some[int(draw.integers(0, len(some)))]
