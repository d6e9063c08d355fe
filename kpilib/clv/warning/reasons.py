"""Why a chance is high: the terms that raise it most, in words."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from kpilib.clv.warning.features import GROUPS, Floats, Snapshot
from kpilib.clv.warning.known import CARE_DAYS, USUAL_DAYS, VISIT_DAYS
from kpilib.statistics.models.additive import AdditiveLogistic
from kpilib.words import Amount, Text, Unit, _, ngettext

MOST_REASONS = 3
LEAST = 0.15
"""What a group of terms must add to the log odds to be worth saying: odds up by a sixth."""


def reasons(model: AdditiveLogistic, now: Snapshot, days: int, lang: str) -> pd.Series:
    """Each customer's reasons, the weightiest first, parted by semicolons; none: an empty text.

    What a group of columns adds to the log odds is the sum of their terms, so that level and groups
    make up the chance.
    """
    added = group_terms(model, now)
    names = list(added)
    weights = np.column_stack(list(added.values()))
    order = np.argsort(-weights, axis=1, kind="stable")[:, :MOST_REASONS]
    rows = now.table.to_dict("list")
    said = []
    for row in range(len(weights)):
        told = [names[group] for group in order[row] if weights[row, group] >= LEAST]
        values = {name: rows[name][row] for name in _SAID_OF if name in rows}
        said.append("; ".join(_say(group, days, lang, *_values(group, values)) for group in told))
    return pd.Series(said, dtype="str")


def group_terms(model: AdditiveLogistic, now: Snapshot) -> dict[str, Floats]:
    """What each group of columns adds to each customer's log odds."""
    terms = model.terms(now.columns)
    return {
        group: np.sum([terms[name] for name in names if name in terms], axis=0)
        for group, names in GROUPS.items()
        if any(name in terms for name in names)
    }


_VALUES = {
    "rhythm": ("n", "recency", "usual"),
    "purchases": ("n",),
    "slowing": ("recent", "before"),
    "visits": ("visits", "visits_before"),
    "complaints": ("complaints",),
    "score": ("score",),
    "opened": ("opened",),
    "contract": ("ended",),
}
"""The numbers that a group's words are about."""

_SAID_OF = tuple(dict.fromkeys(name for names in _VALUES.values() for name in names))


def _values(group: str, values: dict[str, float]) -> tuple[float | None, ...]:
    """A group's numbers, rounded as they are said; None for one that is missing."""
    found = [float(values[name]) for name in _VALUES[group]]
    return tuple(None if np.isnan(value) else round(value, 2) for value in found)


@lru_cache(maxsize=100_000)
def _say(group: str, days: int, lang: str, *values: float | None) -> str:
    return _WORDS[group](days, *values).of(lang)


def _rhythm(days: int, n: float, recency: float, usual: float) -> Text:
    if n < 2:
        return _("{recency} days since the only purchase", recency=int(recency))
    return _(
        "{recency} days since the last purchase, about {usual} between purchases before",
        recency=int(recency),
        usual=round(usual),
    )


def _purchases(days: int, n: float) -> Text:
    return ngettext("{n} purchase so far", "{n} purchases so far", int(n))


def _slowing(days: int, recent: float, before: float) -> Text:
    return _(
        "purchases in the last {days} days: {recent}, in the {days} before: {before}",
        days=days,
        recent=int(recent),
        before=int(before),
    )


def _visits(days: int, visits: float, before: float) -> Text:
    if not visits + before:
        return _("no interactions in the last {days} days", days=VISIT_DAYS + USUAL_DAYS)
    return _(
        "interactions in the last {days} days: {visits}, usual: {usual}",
        days=VISIT_DAYS,
        visits=int(visits),
        usual=round(before * VISIT_DAYS / USUAL_DAYS),
    )


def _complaints(days: int, n: float) -> Text:
    if not n:
        return _("no word from the customer in {days} days", days=CARE_DAYS)
    return ngettext(
        "{n} complaint in the last {days} days",
        "{n} complaints in the last {days} days",
        int(n),
        days=CARE_DAYS,
    )


def _score(days: int, score: float | None) -> Text:
    if score is None:
        return _("no answer to a survey of late")
    return _("last survey answered at {share} of its scale", share=Amount(score, Unit.SHARE))


def _opened(days: int, opened: float | None) -> Text:
    if opened is None:
        return _("no e-mail delivered of late")
    return _("e-mails opened: {share}", share=Amount(opened, Unit.SHARE))


def _contract(days: int, ended: float) -> Text:
    return _("a contract ended or was cancelled of late") if ended else _("no contract")


_WORDS: dict[str, Callable[..., Text]] = {
    "rhythm": _rhythm,
    "purchases": _purchases,
    "slowing": _slowing,
    "visits": _visits,
    "complaints": _complaints,
    "score": _score,
    "opened": _opened,
    "contract": _contract,
}
