"""The exercises there are, and how they are made from seeds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np

from kpilib.errors import InputError, near_miss
from kpilib.lessons.compare.retention import CHURN, RETENTION
from kpilib.lessons.compare.rule import Topic
from kpilib.lessons.exercises import customers, leaving, money, practice, voices
from kpilib.lessons.exercises.exercise import Draft, Exercise, Wrong, apart
from kpilib.lessons.exercises.rows import BEFORE, CLOSE, MONTH, WINDOW
from kpilib.lessons.exercises.together import Together, Values
from kpilib.statistics.intervals import newcombe
from kpilib.words import Text

SHOP = {"lapse_window": WINDOW, "as_of": CLOSE, "currency": "EUR"}
"""The settings of the businesses that exercises are about."""


@dataclass(frozen=True)
class Kind:
    """An exercise before it has numbers."""

    family: str
    draw: Callable[[np.random.Generator], Draft]
    answer: Callable[[Together], Values]
    """The right answers to several drafts, by the library."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    topic: Topic | None = None
    hints: Mapping[str, Text] = field(default_factory=dict)
    """Id of a rule of the topic → the hint for whoever followed it."""

    def solved(self, drafts: list[Draft]) -> list[tuple[float | None, tuple[Wrong, ...]]]:
        """The answer to each draft, and the mistakes."""
        together = Together(drafts, {**SHOP, **self.settings})
        wrongs = [draft.wrongs for draft in drafts]
        if self.topic is not None:
            rules = [rule for rule in self.topic.rules if rule.id in self.hints]
            wrongs = [
                tuple(Wrong(number, self.hints[rule]) for rule, number in found.items())
                for found in together.by_rules(rules)
            ]
        return list(zip(self.answer(together), wrongs, strict=True))


def _asked(kpi_id: str, period: str = MONTH) -> Callable[[Together], Values]:
    return lambda together: together.values(kpi_id, period)


def _cac(together: Together) -> Values:
    return together.parts("cac_by_channel", "all")


def _tiers(together: Together) -> Values:
    tables = [base.analysis("value_tiers", MONTH) for base in together.alone()]
    return [float(table.loc[table["tier"] == "A", "customers"].iloc[0]) for table in tables]


def _complete(together: Together) -> Values:
    bases = together.alone()
    return [base.trend("dq_completeness", (base.period(MONTH),))[0].value for base in bases]


def _low_loss(together: Together) -> Values:
    each = [
        together.values("first_purchase_loss_rate", BEFORE, channel) for channel in ("ads", "web")
    ]
    return [None if None in two else max(two) for two in zip(*each, strict=True)]


def _unfinished(together: Together) -> Values:
    before, now = (
        together.values("orders_count", f"2026-{month:02d}-01/2026-{month:02d}-21")
        for month in (3, 4)
    )
    return [
        None if one is None or not other else one / other - 1
        for one, other in zip(now, before, strict=True)
    ]


def _noise(together: Together) -> Values:
    found: Values = []
    for draft in together.drafts:
        answers = draft.tables["answers"]
        (k1, k2), (n1, n2) = answers["satisfied"], answers["answers"]
        low, high = newcombe(k2, n2, k1, n1)
        found.append(50 * float(high - low))
    return found


def _mix(together: Together) -> Values:
    rates = [together.values("churn_rate", MONTH, name) for name in practice.SEGMENTS]
    sizes = [draft.tables["months"]["opening_march"].tolist() for draft in together.drafts]
    return [
        None
        if None in each
        else sum(rate * size for rate, size in zip(each, weights, strict=True)) / sum(weights)
        for each, weights in zip(zip(*rates, strict=True), sizes, strict=True)
    ]


_CONTRACTS = {"as_of": CLOSE + timedelta(days=4)}

EXERCISES: dict[str, Kind] = {
    "purchase_value": Kind("sales", money.purchase_value, _asked("average_purchase_value")),
    "cac": Kind("acquisition", money.cac, _cac),
    "retention": Kind(
        "retention",
        customers.retention,
        _asked("retention_rate"),
        topic=RETENTION,
        hints=customers.RETENTION_HINTS,
    ),
    "growth": Kind("retention", customers.growth, _asked("retention_rate"), _CONTRACTS),
    "churn": Kind(
        "churn",
        leaving.churn,
        _asked("churn_rate"),
        _CONTRACTS,
        topic=CHURN,
        hints=leaving.CHURN_HINTS,
    ),
    "first_loss": Kind("churn", leaving.first_loss, _asked("first_purchase_loss_rate", BEFORE)),
    "low_loss": Kind("churn", leaving.low_loss, _low_loss),
    "unfinished": Kind("churn", practice.unfinished, _unfinished, {"as_of": date(2026, 4, 21)}),
    "loyal": Kind("loyalty", customers.loyal, _asked("loyal_customers")),
    "referral": Kind("referral", customers.referral, _asked("referral_rate")),
    "nps": Kind("satisfaction", voices.nps, _asked("nps")),
    "satisfied": Kind(
        "satisfaction",
        practice.satisfied,
        lambda together: together.values("csat_top2", group=practice.SAMPLE),
    ),
    "noise": Kind("satisfaction", practice.noise, _noise),
    "opens": Kind("engagement", voices.opens, _asked("email_open_rate")),
    "response": Kind("service", voices.response, _asked("first_response_time")),
    "lifetime": Kind("lifetime_value", money.lifetime, _asked("average_customer_lifetime")),
    "tiers": Kind("segmentation", money.tiers, _tiers),
    "mix": Kind("segmentation", practice.mix, _mix, _CONTRACTS),
    "completeness": Kind(
        "data_quality",
        voices.completeness,
        _complete,
        {"data_quality": {"columns": list(voices.COMPLETE)}},
    ),
}
"""Id → the exercise."""

TRIES = 300
LEAST = 2
"""So many mistakes at least must be apart from the answer and from each other."""
AT_ONCE = 200
"""So many drafts at most are asked of the library together."""
AHEAD = 6
"""So many drafts of a seed are drawn at once, where few seeds are asked for."""


def exercise(exercise_id: str, seed: int = 1, lang: str = "en") -> Exercise:
    """The exercise of that id with the numbers of a seed; the same seed gives the same numbers.

    Raises InputError for an id that there is not, and for a seed below 0.
    """
    return replace(_of(exercise_id, seed), lang=lang)


@lru_cache(64)  # whoever answers asks for the same again
def _of(exercise_id: str, seed: int) -> Exercise:
    return exercise_for(exercise_id, (seed,))[seed]


def exercise_for(exercise_id: str, seeds: Iterable[int], lang: str = "en") -> dict[int, Exercise]:
    """The same exercise with the numbers of each seed: of a whole class in the time of a few.

    >>> [round(one.answer, 3) for one in exercise_for("churn", (1, 2)).values()]
    [0.081, 0.182]
    """
    if exercise_id not in EXERCISES:
        raise InputError(
            f"exercise {exercise_id!r} is not known; {near_miss(exercise_id, EXERCISES)}"
        )
    wanted = list(dict.fromkeys(seeds))
    for seed in wanted:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise InputError(f"seed = {seed!r} must be a whole number of at least 0")
    found: dict[int, Exercise] = {}
    after = dict.fromkeys(wanted, 0)
    while waiting := [seed for seed in wanted if seed not in found]:
        ahead = max(1, min(AHEAD, AT_ONCE // len(waiting)))
        some = waiting[: AT_ONCE // ahead]
        drawn = [(seed, after[seed] + step) for seed in some for step in range(ahead)]
        drafts = [_drawn(exercise_id, seed, attempt) for seed, attempt in drawn]
        for (seed, attempt), draft, (answer, wrongs) in zip(
            drawn, drafts, EXERCISES[exercise_id].solved(drafts), strict=True
        ):
            after[seed] = attempt + 1
            if seed not in found and (one := _made(exercise_id, seed, draft, answer, wrongs, lang)):
                found[seed] = one
        if late := [seed for seed in some if seed not in found and after[seed] > TRIES]:
            told = f"exercise {exercise_id!r}: seed {late[0]} gives no numbers"
            raise InputError(f"{told}; choose another seed")
    return {seed: found[seed] for seed in wanted}


def _drawn(exercise_id: str, seed: int, attempt: int) -> Draft:
    draw = np.random.default_rng([seed, crc32(exercise_id.encode()), attempt])
    return EXERCISES[exercise_id].draw(draw)


def _made(
    exercise_id: str,
    seed: int,
    draft: Draft,
    answer: float | None,
    wrongs: tuple[Wrong, ...],
    lang: str,
) -> Exercise | None:
    """The exercise, where its answer and its mistakes can be told from each other."""
    if answer is None or answer in (0.0, 1.0):
        return None
    told = [wrong for wrong in wrongs if apart(draft.unit, [answer, wrong.value])]
    if draft.report and (not told or told[0] is not wrongs[0]):
        return None
    if len(told) < LEAST or not apart(draft.unit, [wrong.value for wrong in told]):
        return None
    return Exercise(
        id=exercise_id,
        family=EXERCISES[exercise_id].family,
        seed=seed,
        task=draft.task,
        unit=draft.unit,
        answer=answer,
        wrongs=tuple(told),
        tables=draft.tables,
        hint=draft.hint,
        report=draft.report,
        error=draft.error,
        currency=draft.currency,
        lang=lang,
    )


def exercises(family: str, seed: int = 1, lang: str = "en") -> list[Exercise]:
    """Every exercise of a family with the numbers of a seed."""
    mine = [name for name, kind in EXERCISES.items() if kind.family == family]
    if not mine:
        families = {kind.family for kind in EXERCISES.values()}
        raise InputError(f"family {family!r} has no exercise; {near_miss(family, families)}")
    return [exercise(name, seed, lang) for name in mine]
