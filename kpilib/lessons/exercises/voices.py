"""Exercises on what customers say, ask, open, and on the records of them."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from kpilib.lessons.exercises.customers import NAMES, random_orders, shop, value
from kpilib.lessons.exercises.exercise import Draft, Wrong
from kpilib.words import Unit, _

Random = np.random.Generator


def _orders(draw: Random) -> pd.DataFrame:
    return random_orders(draw, 6, 8, date(2026, 3, 1), 60)


def nps(draw: Random) -> Draft:
    """Counts of answers from 0 to 10."""
    size = int(draw.integers(20, 41))
    weights = np.array([2, 1, 1, 1, 1, 3, 3, 6, 9, 7, 8], float)
    scores = draw.choice(11, size, p=weights / weights.sum())
    table = pd.DataFrame({"score": range(11), "answers": np.bincount(scores, minlength=11)})

    def solve() -> tuple[float | None, list[Wrong]]:
        answers = pd.DataFrame(
            {
                "customer_id": [f"c{i}" for i in range(size)],
                "survey": "nps",
                "question": "recommend",
                "responded_at": date(2026, 4, 8),
                "score": scores.astype(float),
                "scale_min": 0.0,
                "scale_max": 10.0,
            }
        )
        answer = value(shop(_orders(draw), survey_responses=answers), "nps")
        up, down = float((scores >= 9).sum()), float((scores <= 6).sum())
        five = float((scores <= 5).sum())
        wrongs = [
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
        ]
        return answer, wrongs

    task = _("What is the Net Promoter Score of these answers, in points?")
    hint = _("Promoters are 9 and 10, detractors 0 to 6; all who answered are below the line.")
    return Draft(task, Unit.POINTS, {"answers": table}, solve, hint)


def response(draw: Random) -> Draft:
    """Tickets with the hours to their first answer; two are still waiting."""
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

    def solve() -> tuple[float | None, list[Wrong]]:
        tickets = table[["ticket_id", "created_at"]].assign(customer_id="An", type="question")
        events = table.dropna()[["ticket_id"]].assign(
            event_at=[moment for moment in answered if moment is not None],
            event="reply",
            actor_type="agent",
        )
        base = shop(_orders(draw), tickets=tickets, ticket_events=events)
        told = [hours[i] for i in range(size) if i not in waiting]
        wrongs = [
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
        ]
        return value(base, "first_response_time"), wrongs

    task = _(
        "What is the median time to the first answer, in hours? The desk works around the clock; "
        "the records end with April 2026."
    )
    hint = _("Sort the waits, the open ones last, and take the first by which half are answered.")
    return Draft(task, Unit.HOURS, {"tickets": table}, solve, hint)


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

    def solve() -> tuple[float | None, list[Wrong]]:
        base = shop(_orders(draw), email_events=table)
        opened = table[table["event"] == "opened"]
        by_people = opened[~opened["machine_open"]]
        sent, arrived = table["message_id"].nunique(), int((table["event"] == "delivered").sum())
        wrongs = [
            Wrong(
                opened["message_id"].nunique() / arrived,
                _("Mail programs opened some of these by themselves. Count what people opened."),
            ),
            Wrong(
                len(by_people) / arrived,
                _("A message opened twice is one message opened: count messages, not openings."),
            ),
            Wrong(
                by_people["message_id"].nunique() / sent,
                _("This divides by what was sent. What bounced could not be opened."),
            ),
        ]
        return value(base, "email_open_rate"), wrongs

    task = _("What is the open rate of these messages?")
    hint = _("Of the messages delivered, count those that a person opened at least once.")
    return Draft(task, Unit.SHARE, {"events": table}, solve, hint)


def _cell(draw: Random, known: list[str | None], blanks: list[str | None]) -> str | None:
    """A value, or in three cells of ten something that fills nothing."""
    some = blanks if draw.random() < 0.3 else known
    return some[int(draw.integers(0, len(some)))]


def completeness(draw: Random) -> Draft:
    """Customer records with gaps, and with words that fill nothing."""
    size = 8
    columns: dict[str, list[str | None]] = {
        "acquisition_channel": ["web", "store", "ads"],
        "segment": ["home", "office", "student"],
        "country": ["VN", "FR", "DE"],
    }
    blanks: list[str | None] = [None, "n/a", "unknown", "-"]
    made = {
        name: [_cell(draw, known, blanks) for _row in range(size)]
        for name, known in columns.items()
    }
    table = pd.DataFrame({"customer_id": NAMES[:size], **made})

    def solve() -> tuple[float | None, list[Wrong]]:
        orders = table[["customer_id"]].assign(ordered_at=date(2026, 3, 5), amount=10.0)
        people = table.assign(created_at=date(2026, 3, 1))
        rule = {"columns": list(columns)}
        base = shop(orders, customers=people, data_quality=rule)
        cells = table[list(columns)]
        empty = cells.isna() | cells.isin([word for word in blanks if word])
        wrongs = [
            Wrong(
                float(cells.notna().to_numpy().mean()),
                _("Words like n/a and unknown fill no cell: count them as missing."),
            ),
            Wrong(
                float((~empty).all(axis=1).mean()),
                _("This is the part of records that are whole. Count cells."),
            ),
            Wrong(float(empty.to_numpy().mean()), _("This is what is missing. Take the rest.")),
        ]
        return value(base, "dq_completeness"), wrongs

    task = _("How complete are channel, segment and country of these records?")
    hint = _("Count the cells that say something, and divide by all cells.")
    return Draft(task, Unit.SHARE, {"customers": table}, solve, hint)
