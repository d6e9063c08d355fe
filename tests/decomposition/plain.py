"""The parts of a change reckoned a second time: from each customer's rows, one segment at a time.

What a part varies by is what it moves when one customer counts a little more or less (the
infinitesimal jackknife), squared and added up over customers, with no slope taken by hand.
"""

from functools import partial

import numpy as np

STEP = 1e-5
MEMBERS = ("same", "joined", "left", "unknown")


def divided(x, y):
    return x / y if y else 0.0


def members(table):
    """Whether a customer is in both periods, only in the later, only in the earlier, or nobody."""
    was, now = ((table[f"x{w}"] != 0) | (table[f"y{w}"] != 0) for w in (0, 1))
    return np.select([~table["known"], was & now, now], ["unknown", "same", "joined"], "left")


def of_ratio(mine, rest):
    """Parts of Σx/Σy of a segment: `mine` by member, `rest` of all others; (x0, y0, x1, y1)."""
    (x0, y0, x1, y1), (ox0, oy0, ox1, oy1) = sum(mine.values()), rest
    all0, all1 = (x0 + ox0) / (y0 + oy0), (x1 + ox1) / (y1 + oy1)
    r0, r1 = divided(x0, y0), divided(x1, y1)
    if not y0 or not y1:
        r0 = r1 = r1 if y1 else r0
    w0, w1 = y0 / (y0 + oy0), y1 / (y1 + oy1)
    step, distance = w1 - w0, (r0 + r1) / 2 - (all0 + all1) / 2
    rate = (w0 + w1) / 2 * (r1 - r0)
    found = dict.fromkeys(MEMBERS, 0.0) | {"rate": rate}
    stay = mine["same"]
    if y0 and y1 and stay[1] and stay[3]:
        s0, s1 = stay[0] / stay[1], stay[2] / stay[3]
        found = {"same": (w0 + w1) / 2 * (s1 - s0), "rate": 0.0}
        for name in MEMBERS[1:]:
            own = mine[name]
            unlike = (own[2] - s1 * own[3]) / y1 - (own[0] - s0 * own[1]) / y0
            found[name] = (w0 + w1) / 2 * unlike
    left_over = (0 if y1 else x1 / (y1 + oy1)) - (0 if y0 else x0 / (y0 + oy0))
    excess = r1 - r0 - (ox1 / oy1 - ox0 / oy0) if y0 and y1 and oy0 and oy1 else np.nan
    return found | {
        "mix": step * distance, "step": step, "distance": distance, "whole_rate": rate,
        "all": step * distance + rate, "unexplained": left_over, "excess": excess,
    }  # fmt: skip


def of_sum(mine, rest, above):
    """Parts of Σx of a segment; a share of it says something where it is `above` 0 both times."""
    found = {name: own[2] - own[0] for name, own in mine.items()}
    before, now = sum(own[0] for own in mine.values()), sum(own[2] for own in mine.values())
    all0, all1 = before + rest[0], now + rest[2]
    part = now / all1 - before / all0 if above else now - before
    none = dict.fromkeys(("mix", "step", "distance", "rate", "unexplained"), 0.0)
    return found | none | {"whole_rate": now - before, "all": now - before, "excess": part}


def parts(table, additive):
    """By segment, each part and the standard deviation of it; NaN where nothing varies."""
    who, above = members(table), bool((table[["x0", "x1"]].sum() > 0).all())
    split = partial(of_sum, above=above) if additive else of_ratio
    numbers = table[["x0", "y0", "x1", "y1"]].to_numpy(float)
    found = {}
    for segment in sorted(table["segment"].unique()):
        here = (table["segment"] == segment).to_numpy()

        def reckoned(weights, here=here):
            each = numbers * weights[:, None]
            mine = {name: each[here & (who == name)].sum(axis=0) for name in MEMBERS}
            return split(mine, each[~here].sum(axis=0))

        value = reckoned(np.ones(len(table)))
        squares = dict.fromkeys(value, 0.0)
        for one in np.eye(len(table)):
            more, fewer = reckoned(1 + STEP * one), reckoned(1 - STEP * one)
            for name in value:
                squares[name] += ((more[name] - fewer[name]) / (2 * STEP)) ** 2
        squares = {name: square if square > 1e-15 else np.nan for name, square in squares.items()}
        squares["mix"] += squares["step"] * squares["distance"]
        found[segment] = (value, {name: np.sqrt(square) for name, square in squares.items()})
    return found
