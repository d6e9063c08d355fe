"""Two months set beside each other: what moved, what may be chance, what cannot be compared."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kpilib.report.history.published import Published, Value
from kpilib.words import Text, _
from kpilib.words.families import family_place
from kpilib.words.values import value_text

BETTER, WORSE, MOVED = "better", "worse", "moved"
CHANCE, UNKNOWN, SAME = "no clear change", "no interval", "unchanged"
EARLY, UNLIKE, NEITHER = "too early", "not comparable", "no value"
BEYOND = (BETTER, WORSE, MOVED)
"""The verdicts on a change that is more than chance; `moved` where neither direction is good."""
FINAL = ("complete", "provisional")

_ONLY = _("only {month} has it")
_DEFINITION = _("its definition changed from {old} to {new}")
_UNIT = _("it is in {old} before and in {new} now")
_UNFINISHED = _("{month} is not over")
_NONE = _("{month} has no value: {reason}")
_SIGNALS = {"no clear change": CHANCE, "too early": EARLY, "not comparable": UNLIKE}


@dataclass(frozen=True)
class Compared:
    """One KPI in two months."""

    a: Value | None
    """Its value in the first month, None where it has none."""
    b: Value | None
    """Its value in the second month."""
    verdict: str
    """`better`, `worse` or `moved`; `no clear change`, `no interval` (whether it is chance cannot
    be told), `unchanged`; `too early`, `not comparable`; `no value` in either month."""
    reason: Text | None = None
    """Why it is too early to tell or cannot be compared."""
    difference: float | None = None
    """The second value less the first."""
    low: float | None = None
    """The lower end of the 95% interval of the difference."""
    high: float | None = None
    """The upper end."""

    @property
    def value(self) -> Value:
        """What says of which KPI it is: the later value, or the only one."""
        found = self.b if self.b is not None else self.a
        assert found is not None
        return found

    @property
    def surprise(self) -> float:
        """How many times the half-width of its interval the difference is; 0 where not known."""
        if self.difference is None or self.low is None or self.high is None:
            return 0.0
        half = (self.high - self.low) / 2
        return abs(self.difference) / half if half > 0 else math.inf

    def to_dict(self, lang: str) -> dict[str, Any]:
        """As plain JSON types."""
        value = self.value
        shown = {"id": value["id"], "family": value["family"], "name": value["name"]}
        shown |= {"segment": value.get("segment"), "unit": value["unit"]}
        shown |= {"currency": value.get("currency")}
        for side, one in (("a", self.a), ("b", self.b)):
            keep = ("value", "low", "high", "status", "reason", "definition")
            shown[side] = None if one is None else {name: one.get(name) for name in keep}
        reason = self.reason.of(lang) if self.reason else None
        shown |= {"difference": self.difference, "low": self.low, "high": self.high}
        return shown | {"verdict": self.verdict, "reason": reason}


def compare(first: Published, second: Published) -> list[Compared]:
    """Every KPI of two months, what is most surprising first, then as the registry has them.

    What moved beyond chance comes first, the largest against the interval of its difference before
    the others; then what may be chance; then what is too early, or cannot be compared. The later
    month's own `signal` decides where it was made against the earlier one.
    """
    old, new = first.heads(), second.heads()
    names = {"first": first.label, "second": second.label}
    like = second.period.previous() == first.period
    found = [
        _one(old.get(which), new.get(which), names, like) for which in dict.fromkeys([*new, *old])
    ]
    return sorted(found, key=lambda one: (_rank(one), family_place(one.value["family"])))


def _rank(one: Compared) -> tuple[int, float]:
    order = (BEYOND, (CHANCE,), (UNKNOWN,), (SAME,), (EARLY,), (UNLIKE,), (NEITHER,))
    place = next(at for at, kinds in enumerate(order) if one.verdict in kinds)
    return place, -one.surprise if place < 2 else 0.0


def _one(a: Value | None, b: Value | None, names: Mapping[str, str], like: bool) -> Compared:
    if a is None or b is None:
        month = names["first" if b is None else "second"]
        return Compared(a, b, UNLIKE, _ONLY.format(month=month))
    both = Compared(a, b, SAME)
    if a["unit"] != b["unit"] or a.get("currency") != b.get("currency"):
        units = [str(one.get("currency") or one["unit"]) for one in (a, b)]
        return replace(both, verdict=UNLIKE, reason=_UNIT.format(old=units[0], new=units[1]))
    if a["value"] is None and b["value"] is None:
        return replace(both, verdict=NEITHER, reason=_said(b))
    for side, one in zip(("first", "second"), (a, b), strict=True):
        if one["status"] == "incomplete":
            return replace(both, verdict=EARLY, reason=_UNFINISHED.format(month=names[side]))
        if one["value"] is None or one["status"] not in FINAL:
            said = _NONE.format(month=names[side], reason=_said(one))
            return replace(both, verdict=UNLIKE, reason=said)
    if a.get("definition") != b.get("definition"):
        said = _DEFINITION.format(old=str(a.get("definition")), new=str(b.get("definition")))
        return replace(both, verdict=UNLIKE, reason=said)
    return _judged(both, a, b, like)


def _said(value: Value) -> Text:
    """Why a value is not there, as it was said."""
    reason = value.get("reason")
    return Text(reason) if reason else value_text(value["status"])


def _judged(both: Compared, a: Value, b: Value, like: bool) -> Compared:
    """Two values that can be compared, with the interval of their difference and a verdict."""
    difference = b["value"] - a["value"]
    low, high = b.get("change_low"), b.get("change_high")
    if not like or low is None or high is None:
        low, high = between(a, b) or (None, None)
    found = replace(both, difference=difference, low=low, high=high)
    if difference == 0:
        return found
    signal = b.get("signal") if like else None
    if signal in _SIGNALS:
        said = b.get("signal_reason")
        reason = Text(said) if said else None
        return replace(found, verdict=_SIGNALS[signal], reason=reason)
    if signal is None:
        if low is None or high is None:
            return replace(found, verdict=UNKNOWN)
        if low <= 0 <= high:
            return replace(found, verdict=CHANCE)
    if b.get("better") not in ("higher", "lower"):
        return replace(found, verdict=MOVED)
    good = (difference > 0) == (b["better"] == "higher")
    return replace(found, verdict=BETTER if good else WORSE)


def between(a: Value, b: Value) -> tuple[float, float] | None:
    """The 95% interval of the difference of two values, from the interval of each.

    The square-and-add method (Newcombe 1998, method 10; Zou & Donner 2008, eq. 3), for values of
    different customers; of the same ones it is too wide rather than too narrow.

    >>> one = {"value": 0.05, "low": 0.03, "high": 0.08}
    >>> low, high = between(one, {"value": 0.10, "low": 0.07, "high": 0.14})
    >>> round(low, 4), round(high, 4)
    (0.0076, 0.0947)
    """
    ends = [one.get(end) for one in (a, b) for end in ("low", "high")]
    if any(end is None for end in ends):
        return None
    a_low, a_high, b_low, b_high = (float(end) for end in ends if end is not None)
    gap = b["value"] - a["value"]
    under = math.hypot(b["value"] - b_low, a_high - a["value"])
    over = math.hypot(b_high - b["value"], a["value"] - a_low)
    return gap - under, gap + over
