"""Calculations from practice with an error to find: months, surveys and segments compared."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpilib.lessons.exercises.exercise import Draft, Wrong
from kpilib.lessons.exercises.rows import Random, contracts, responses, some_orders
from kpilib.words import Amount, Unit, _

DAYS = (10, 10, 11)
"""The days of the three parts of March; of April the records hold the first two."""
SAMPLE, SOLVED = "sample", "ticket solved"
"""Why customers were asked: drawn from all, or because their ticket had just been solved."""
SEGMENTS = ("home", "office")


def unfinished(draw: Random) -> Draft:
    """A whole month beside one of which twenty days are over."""
    march = [int(n) for n in draw.integers(28, 45, 3)]
    april = [round(n * draw.uniform(0.85, 1.25)) for n in march[:2]]
    now, whole, like = sum(april), sum(march), sum(march[:2])
    brought, length = [*march, *april], [*DAYS, *DAYS[:2]]
    starts = [date(2026, 3, 1) + timedelta(sum(length[:place])) for place in range(len(length))]
    table = pd.DataFrame(
        {
            "start": starts,
            "end": [day + timedelta(days - 1) for day, days in zip(starts, length, strict=True)],
            "orders": brought,
        }
    )
    placed = [
        day + timedelta(days=place % days)
        for day, days, count in zip(starts, length, brought, strict=True)
        for place in range(count)
    ]
    who = [f"k{place % 40}" for place in range(len(placed))]
    orders = pd.DataFrame({"customer_id": who, "ordered_at": placed, "amount": 10.0})
    reported = now / whole - 1
    wrongs = (
        Wrong(
            reported,
            _(
                "April is not over: twenty days of it stand beside the thirty-one of March. "
                "Compare the same days of both months."
            ),
        ),
        Wrong(
            now / 20 * 30 / whole - 1,
            _(
                "This takes the days to come to be like those behind, as if no month had a quiet "
                "end. Compare the days that both months have."
            ),
        ),
        Wrong(
            now / like,
            _("This is April over March. The change is this less one."),
        ),
        Wrong(
            like / now - 1,
            _("This is how March lies to April. Divide by the earlier month."),
        ),
    )
    return Draft(
        task=_(
            "The records end with 20 April 2026. By how much did orders change from March to "
            "April, as far as can be told?"
        ),
        unit=Unit.SHARE,
        tables={"orders": table},
        records={"orders": orders},
        wrongs=wrongs,
        hint=_("Which days does April have that March has too?"),
        report=(
            _("March had {orders} orders.", orders=whole),
            _("In April there were {orders}, a change of {change}.",
              orders=now, change=Amount(reported, Unit.SHARE)),
            _("At this rate the business shrinks every month."),
        ),
        error=2,
    )  # fmt: skip


def satisfied(draw: Random) -> Draft:
    """Answers of a sample, and of those whose ticket had just been solved."""
    likely = {SAMPLE: [0.12, 0.13, 0.2, 0.3, 0.25], SOLVED: [0.03, 0.04, 0.08, 0.35, 0.5]}
    scores = {
        name: draw.choice([1, 2, 3, 4, 5], int(draw.integers(30, 61)), p=chances)
        for name, chances in likely.items()
    }
    table = pd.DataFrame(
        {
            "score": [1, 2, 3, 4, 5],
            "answers_sample": np.bincount(scores[SAMPLE], minlength=6)[1:],
            "answers_solved": np.bincount(scores[SOLVED], minlength=6)[1:],
        }
    )
    top = {name: float((some >= 4).mean()) for name, some in scores.items()}
    both = np.concatenate(list(scores.values()))
    wrongs = (
        Wrong(
            top[SOLVED],
            _(
                "These were asked because their ticket had been solved, and are pleased for it. "
                "They do not speak for the others: take those drawn from all customers."
            ),
        ),
        Wrong(
            float((both >= 4).mean()),
            _(
                "This mixes the sample with those asked because their ticket had been solved, who "
                "weigh far more here than among the customers. Take the sample alone."
            ),
        ),
        Wrong(
            float((scores[SAMPLE] == 5).mean()),
            _("A 4 is an answer of the satisfied as well."),
        ),
    )
    answers = [responses(some, "csat", 1.0, 5.0, name[0]) for name, some in scores.items()]
    people = pd.concat(
        one[["customer_id"]].assign(group=name) for one, name in zip(answers, scores, strict=True)
    )
    orders = some_orders(draw)
    buyers = orders[["customer_id"]].drop_duplicates().assign(group="")
    solved = scores[SOLVED]
    return Draft(
        task=_(
            "Some customers were drawn from all and asked, others because their ticket had just "
            "been solved. What share of the customers is satisfied (4 or 5), as far as these "
            "answers can say?"
        ),
        unit=Unit.SHARE,
        tables={"answers": table},
        records={
            "orders": orders,
            "customers": pd.concat([people, buyers], ignore_index=True),
            "survey_responses": pd.concat(answers, ignore_index=True),
        },
        wrongs=wrongs,
        hint=_("Whose answers speak for all customers?"),
        report=(
            _("{answers} customers with a solved ticket answered.", answers=len(solved)),
            _("{satisfied} of them are satisfied, which is {share}.",
              satisfied=int((solved >= 4).sum()), share=Amount(top[SOLVED], Unit.SHARE)),
            _("So {share} of our customers are satisfied.",
              share=Amount(top[SOLVED], Unit.SHARE)),
            _("The others would have answered alike."),
        ),
        error=3,
    )  # fmt: skip


def noise(draw: Random) -> Draft:
    """Two months' answers, a little apart; what chance alone could do."""
    asked = draw.integers(90, 161, 2)
    share = draw.uniform(0.55, 0.75)
    satisfied_ones = np.round(asked * (share + np.array([0.0, draw.uniform(0.03, 0.06)])))
    table = pd.DataFrame(
        {
            "period": ["2026-03", "2026-04"],
            "answers": asked,
            "satisfied": satisfied_ones.astype(int),
        }
    )
    before, now = (float(one) for one in satisfied_ones / asked)
    single = [1.96 * np.sqrt(p * (1 - p) / n) for p, n in zip((before, now), asked, strict=True)]
    wrongs = (
        Wrong(
            100 * (now - before),
            _(
                "This is how far the months lie apart. Chance alone moves two such months further: "
                "it is no news yet that it is better."
            ),
        ),
        Wrong(
            100 * single[1],
            _(
                "So far the second month alone may be off. The first is uncertain as well: take "
                "the root of the sum of both squares."
            ),
        ),
        Wrong(
            100 * sum(single),
            _(
                "The two reaches are added up here. They are seldom wrong in opposite directions "
                "at once: take the root of the sum of their squares."
            ),
        ),
    )
    return Draft(
        task=_(
            "From how many percentage points on would a difference between two such months be "
            "more than chance? Give half the width of its 95% interval."
        ),
        unit=Unit.POINTS,
        tables={"answers": table},
        records={},
        wrongs=wrongs,
        hint=_(
            "Each month reaches 1.96 × √(p × (1 − p) / n) to both sides; the difference reaches "
            "the root of the sum of their squares."
        ),
        report=(
            _("In March {share} of those who answered were satisfied.",
              share=Amount(before, Unit.SHARE)),
            _("In April it was {share}.", share=Amount(now, Unit.SHARE)),
            _("So customers have become more satisfied."),
        ),
        error=3,
    )  # fmt: skip


def mix(draw: Random) -> Draft:
    """Churn of two segments, one of which only grew; the whole rises."""
    rate = {"home": draw.uniform(0.03, 0.06), "office": draw.uniform(0.2, 0.28)}
    sizes = {"home": int(draw.integers(90, 121)), "office": int(draw.integers(30, 51))}
    grown = {"home": 0, "office": int(draw.integers(60, 101))}
    rows, parts = [], []
    for name in SEGMENTS:
        opening, lost = sizes[name], round(sizes[name] * rate[name])
        after = opening - lost + grown[name]
        later = round(after * rate[name] * draw.uniform(0.85, 1.15))
        rows.append((name, opening, lost, after, later))
        old = contracts(name, opening, date(2026, 2, 5), lost, date(2026, 3, 10),
                        min(later, opening - lost), date(2026, 4, 10))  # fmt: skip
        more = max(later - (opening - lost), 0)
        new = contracts(f"{name}+", grown[name], date(2026, 3, 5), more, date(2026, 4, 10))
        parts.append(pd.concat([old, new]).assign(group=name))
    names = ["segment", "opening_march", "lost_march", "opening_april", "lost_april"]
    table = pd.DataFrame(rows, columns=names)
    held = pd.concat(parts, ignore_index=True)
    whole = [table[f"lost_{one}"].sum() / table[f"opening_{one}"].sum() for one in MONTHS]
    each = table["lost_april"] / table["opening_april"]
    office = table.iloc[1]
    wrongs = (
        Wrong(
            float(whole[1]),
            _(
                "This is April as it was. The segment with the high churn only grew, and its "
                "customers leave about as they did. Give each segment its size of March."
            ),
        ),
        Wrong(
            float(whole[0]),
            _("This is March. Take the rates of April, and of March the sizes alone."),
        ),
        Wrong(
            float(each.mean()),
            _("Both segments weigh alike here. Weigh them by their customers of March."),
        ),
    )
    return Draft(
        task=_(
            "What would the churn rate of April have been, had the segments kept the sizes of the "
            "opening of March?"
        ),
        unit=Unit.SHARE,
        tables={"months": table},
        records={
            "subscriptions": held.drop(columns="group"),
            "customers": held[["customer_id", "group"]],
        },
        wrongs=wrongs,
        hint=_("Reckon the churn of each segment in April, then weigh them as in March."),
        report=(
            _("The churn rate rose from {before} in March to {now} in April.",
              before=Amount(float(whole[0]), Unit.SHARE), now=Amount(float(whole[1]), Unit.SHARE)),
            _("In the segment {segment}, {now} customers left after {before} in March.",
              segment=office["segment"], now=int(office["lost_april"]),
              before=int(office["lost_march"])),
            _("So customers of {segment} have become more likely to leave.",
              segment=office["segment"]),
            _("So something must be done about {segment}.",
              segment=office["segment"]),
        ),
        error=3,
    )  # fmt: skip


MONTHS = ("march", "april")
