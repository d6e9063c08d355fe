"""What the rows of exercises are made of: names, days, orders, contracts, answers."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

NAMES = ("An", "Binh", "Chen", "Dana", "Eve", "Finn", "Gia", "Hoa", "Ines", "Jun")
WINDOW = 45
MONTH, BEFORE = "2026-04", "2026-03"
CLOSE = date(2026, 5, 1)

Random = np.random.Generator


def random_orders(draw: Random, customers: int, rows: int, start: date, days: int) -> pd.DataFrame:
    """Orders of a few customers, each with one at least: `customer_id, ordered_at, amount`."""
    who = [*NAMES[:customers], *draw.choice(NAMES[:customers], rows - customers)]
    when = [start + timedelta(days=int(day)) for day in draw.integers(0, days, rows)]
    amounts = draw.integers(2, 17, rows) * 5.0
    table = pd.DataFrame({"customer_id": who, "ordered_at": when, "amount": amounts})
    return table.sort_values(["ordered_at", "customer_id"], ignore_index=True)


def contracts(prefix: str, size: int, started: date, lost: int = 0, ended: date | None = None,
              later: int = 0, ended_later: date | None = None) -> pd.DataFrame:  # fmt: skip
    """So many contracts of one start, of which `lost` end on a day and `later` on another."""
    ends = [ended] * lost + [ended_later] * later + [None] * (size - lost - later)
    who = [f"{prefix}{number}" for number in range(size)]
    return pd.DataFrame({"customer_id": who, "started_at": started, "ended_at": ends})


def responses(scores: np.ndarray, survey: str, low: float, high: float, who: str) -> pd.DataFrame:
    """Answers to a survey in April, each of a customer of its own."""
    return pd.DataFrame(
        {
            "customer_id": [f"{who}{number}" for number in range(len(scores))],
            "survey": survey,
            "question": "recommend" if survey == "nps" else "overall",
            "responded_at": date(2026, 4, 8),
            "score": scores.astype(float),
            "scale_min": low,
            "scale_max": high,
        }
    )


def some_orders(draw: Random) -> pd.DataFrame:
    """A few orders, for a business whose exercise is about something else."""
    return random_orders(draw, 6, 8, date(2026, 3, 1), 60)


def totals(opening: int, new: int, lost: int, at_once: int) -> pd.DataFrame:
    """A month of contracts in one row: opening, new, and how many of each were lost."""
    names = ("opening", "new", "opening_lost", "new_lost")
    return pd.DataFrame([(opening, new, lost, at_once)], columns=list(names))


def month_of_contracts(opening: int, new: int, lost: int, at_once: int) -> pd.DataFrame:
    """Contracts that make the totals of April."""
    old = contracts("o", opening, date(2026, 2, 5), lost, date(2026, 4, 10))
    return pd.concat([old, contracts("n", new, date(2026, 4, 5), at_once, date(2026, 4, 25))])
