"""How a value moved, in words: the change with its limits, and what its history makes of it.

Read from `KPIValue.to_dict`; nothing here decides what is a change.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kpilib.periods import Period
from kpilib.words import Amount, Gap, Unit, _, format_number, format_value

_FROM, _UNCHANGED = _("from {old} in {period}"), _("Unchanged")
_LIMITS = _("95%: {low} to {high}")
_YEAR_BEFORE = _("{old} in {period}, a year before")
_GOOD = {True: _("{said}: better"), False: _("{said}: worse")}
_VERDICTS = {
    "up": _("higher than expected from its history ({usual})"),
    "down": _("lower than expected from its history ({usual})"),
    "no clear change": _(
        "no clear change: {usual} was to be expected, and {visible} from it would have stood out"
    ),
    "too early": _("too early to tell whether that is unusual"),
    "not comparable": _("not comparable with earlier periods"),
}
_STILL = _("no change: it was {usual} in every period before")
_UNEVEN = _(
    "no clear change: so uneven were the periods before that anything within {visible} of {usual} "
    "may be chance"
)
_NOT_AWAY = _("no clear change: unusual as the period before was")
_AND_PART = _("{size}, {part}")
_PARTS = (Unit.MONEY, Unit.COUNT)
"""Units of which a change is told as a part of the old value, too."""
_WIDE = 0.25
"""A share whose limit is so wide says nothing; another value's does where it exceeds the value."""


def change(value: Mapping[str, Any], lang: str = "en") -> tuple[str, str, str] | None:
    """How a value moved against the like period before, or None where there is no change to tell.

    Shapes: (what the verdict makes of it: `better`, `worse`, `moved`, or nothing; the size, as
    `▼ 0.4 points`; the basis, as `from 5.4% in 2026-09`).
    """
    gap, old = value.get("change"), value.get("previous")
    if gap is None or old is None:
        return None
    basis = _FROM.format(old=_amount(value, old), period=period_of(value).previous()).of(lang)
    return kind(value), change_size(value, gap, old, lang), basis


def kind(value: Mapping[str, Any]) -> str:
    """`better`, `worse`, or `moved` where neither is good; nothing without a verdict.

    >>> kind({"signal": "up", "good": False}), kind({"signal": "no clear change", "good": None})
    ('worse', '')
    """
    if value.get("signal") not in ("up", "down"):
        return ""
    return {True: "better", False: "worse"}.get(value.get("good"), "moved")  # type: ignore[arg-type]


def change_size(value: Mapping[str, Any], gap: float, old: float, lang: str) -> str:
    """The size of a change with its direction: a share's in points, money's and a count's as a part
    of the old value too."""
    if gap == 0:
        return _UNCHANGED.of(lang)
    size = Gap(gap, Unit(value["unit"]), value.get("currency")).of(lang)
    if old > 0 and value["unit"] in _PARTS:
        part = format_value(abs(gap / old), Unit.SHARE, lang)
        size = _AND_PART.format(size=size, part=part).of(lang)
    return f"{'▲' if gap > 0 else '▼'} {size}"


def change_limits(value: Mapping[str, Any], lang: str) -> str:
    """The 95% limits of the change; nothing where there are none."""
    ends = [value.get(end) for end in ("change_low", "change_high")]
    if any(end is None for end in ends) or change(value) is None:
        return ""
    if value["unit"] == Unit.SHARE:
        low, high = (format_number(100 * end, lang, 1) for end in ends)  # type: ignore[operator]
        return _LIMITS.format(low=low, high=_("{gap} points", gap=high)).of(lang)
    low, high = (_amount(value, end).of(lang) for end in ends)
    return _LIMITS.format(low=low, high=high).of(lang)


def verdict(value: Mapping[str, Any], lang: str = "en") -> str:
    """The signal in words; nothing where there is none."""
    if (said := _VERDICTS.get(str(value.get("signal")))) is None:
        return ""
    visible = value.get("visible")
    if value["signal"] == "no clear change" and not visible:
        said = _NOT_AWAY if visible is None else _STILL
    elif value["signal"] == "no clear change" and _is_uneven(value):
        said = _UNEVEN
    gap = Gap(visible, Unit(value["unit"]), value.get("currency"))
    text = said.format(usual=_amount(value, value.get("usual")), visible=gap)
    good = value.get("good")
    return text.of(lang) if good is None else _GOOD[good].format(said=text).of(lang)


def _is_uneven(value: Mapping[str, Any]) -> bool:
    """Whether next to no value could have stood out from the history."""
    share = value["unit"] == Unit.SHARE
    return bool(value["visible"] > (_WIDE if share else abs(value["usual"])))


def year_before(value: Mapping[str, Any], lang: str) -> str:
    """The same period a year before; nothing where it is not known, or is the period before."""
    old, this = value.get("year_before"), period_of(value)
    if old is None:
        return ""
    earlier = Period(*(end.replace(year=end.year - 1) for end in (this.start, this.end)))
    return _YEAR_BEFORE.format(old=_amount(value, old), period=earlier).of(lang)


def change_text(value: Mapping[str, Any], lang: str) -> str:
    """Change and verdict as one line of plain text; nothing where there is neither."""
    if (moved := change(value, lang)) is None:
        return verdict(value, lang)
    limits = change_limits(value, lang)
    size = f"{moved[1]} ({limits})" if limits else moved[1]
    return "; ".join(filter(None, (f"{size} {moved[2]}", verdict(value, lang))))


def period_of(value: Mapping[str, Any]) -> Period:
    """The period of a value."""
    start, end = (date.fromisoformat(value["period"][side]) for side in ("start", "end"))
    return Period(start, end)


def _amount(value: Mapping[str, Any], number: float | None) -> Amount:
    return Amount(number, Unit(value["unit"]), value.get("currency"))
