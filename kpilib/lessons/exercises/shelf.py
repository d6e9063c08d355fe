"""The exercises there are, and how one is made from a seed."""

from collections.abc import Callable
from zlib import crc32

import numpy as np

from kpilib.errors import InputError, near_miss
from kpilib.lessons.exercises import customers, money, voices
from kpilib.lessons.exercises.exercise import Draft, Exercise, apart

EXERCISES: dict[str, tuple[str, Callable[[np.random.Generator], Draft]]] = {
    "purchase_value": ("sales", money.purchase_value),
    "cac": ("acquisition", money.cac),
    "retention": ("retention", customers.retention),
    "churn": ("churn", customers.churn),
    "first_loss": ("churn", customers.first_loss),
    "loyal": ("loyalty", customers.loyal),
    "referral": ("referral", customers.referral),
    "nps": ("satisfaction", voices.nps),
    "opens": ("engagement", voices.opens),
    "response": ("service", voices.response),
    "lifetime": ("lifetime_value", money.lifetime),
    "tiers": ("segmentation", money.tiers),
    "completeness": ("data_quality", voices.completeness),
}
"""Id → the family it is of, and what draws its numbers."""

TRIES = 300
LEAST = 2
"""So many mistakes at least must be apart from the answer and from each other."""


def exercise(exercise_id: str, seed: int = 1, lang: str = "en") -> Exercise:
    """The exercise of that id with the numbers of a seed; the same seed gives the same numbers.

    Raises InputError for an id that there is not, and for a seed below 0.
    """
    if exercise_id not in EXERCISES:
        raise InputError(
            f"exercise {exercise_id!r} is not known; {near_miss(exercise_id, EXERCISES)}"
        )
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed = {seed!r} must be a whole number of at least 0")
    family, draft_of = EXERCISES[exercise_id]
    for attempt in range(TRIES):
        draw = np.random.default_rng([seed, crc32(exercise_id.encode()), attempt])
        draft = draft_of(draw)
        answer, wrongs = draft.solve()
        if answer is None or answer in (0.0, 1.0):
            continue
        told = [wrong for wrong in wrongs if apart(draft.unit, [answer, wrong.value])]
        if len(told) >= LEAST and apart(draft.unit, [wrong.value for wrong in told]):
            return Exercise(
                id=exercise_id,
                family=family,
                seed=seed,
                task=draft.task,
                unit=draft.unit,
                answer=answer,
                wrongs=tuple(told),
                tables=draft.tables,
                hint=draft.hint,
                currency=draft.currency,
                lang=lang,
            )
    raise InputError(f"exercise {exercise_id!r}: seed {seed} gives no numbers; choose another seed")


def exercises(family: str, seed: int = 1, lang: str = "en") -> list[Exercise]:
    """Every exercise of a family with the numbers of a seed."""
    mine = [name for name, (own, _make) in EXERCISES.items() if own == family]
    if not mine:
        families = {own for own, _make in EXERCISES.values()}
        raise InputError(f"family {family!r} has no exercise; {near_miss(family, families)}")
    return [exercise(name, seed, lang) for name in mine]
