"""Numbers, changes and months as the month's page writes them."""

import re
from dataclasses import dataclass

from kpilib.periods import Named
from kpilib.questions.values import KPIValue
from kpilib.words import Text, Unit, _, format_number, format_value, pgettext
from kpilib.words.short import short_value
from kpilib.words.units import without_unit

_POINTS = pgettext("difference of two shares", "{gap} points")
_TOO_EARLY, _NOT_ALIKE = _("too early to judge"), _("not comparable with {period}")
_SAME = _("unchanged")
_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
MINUS, UP, DOWN = "−", "▲", "▼"


@dataclass(frozen=True)
class Short:
    """An amount that a `Text` says as briefly as a headline."""

    value: float | None
    unit: Unit
    currency: str | None = None

    def of(self, lang: str) -> str:
        """The amount as `short_value` writes it."""
        return short_value(self.value, self.unit, lang, self.currency)


@dataclass(frozen=True)
class Brief:
    """A KPI's name within a sentence: without what stands in brackets behind it."""

    name: Text

    def of(self, lang: str) -> str:
        """The name, in brief.

        >>> Brief(Text("Acquisition rate (new share)")).of("en")
        'Acquisition rate'
        """
        return _BRACKETS.sub("", self.name.of(lang)) or self.name.of(lang)


@dataclass(frozen=True)
class Percent:
    """A share that a `Text` says in whole per cent, or with decimals where it is small.

    >>> [Percent(share).of("en") for share in (0.123, 0.0123, 0.000123, 0.0)]
    ['12%', '1.2%', '0.012%', '0.0%']
    """

    value: float

    def of(self, lang: str) -> str:
        """The share, as `12%`."""
        size = abs(self.value) * 100
        if 0 < size < 0.05:
            return format_value(size / 100, Unit.SHARE, lang)
        return format_number(size, lang, 0 if size >= 9.95 else 1) + "%"


@dataclass(frozen=True)
class Move:
    """A value beside the one before it: in which direction, how far, and whether it says much."""

    value: KPIValue

    @property
    def signal(self) -> str:
        """`up`, `down`, `no clear change`, `too early`, `not comparable`; empty without any."""
        return str(self.value.signal or "")

    @property
    def clear(self) -> bool:
        """Whether the value lies where its own history does not lead one to expect it."""
        return self.signal in ("up", "down") and bool(self.change)

    @property
    def change(self) -> float | None:
        """The value less the one before; None where there is nothing to set it against."""
        return self.value.change

    @property
    def good(self) -> bool | None:
        """Whether a clear change is good news; None where it is neither."""
        return self.value.good if self.clear else None

    @property
    def kind(self) -> str:
        """`good`, `bad` or `quiet`."""
        return {True: "good", False: "bad", None: "quiet"}[self.good]

    @property
    def surprise(self) -> float:
        """How far the value lies from what its history leads one to expect, 1 being just visible.

        Without a history, how many half-widths of its interval the change is long.
        """
        value, low, high = self.value, self.value.change_low, self.value.change_high
        if value.usual is not None and value.visible and value.value is not None:
            return abs(value.value - value.usual) / value.visible
        if self.change is None or low is None or high is None or high <= low:
            return 0.0
        return abs(self.change) / ((high - low) / 2)

    def size(self, lang: str) -> str:
        """The change in the value's own unit, signed: `+9.2 points`, `−£121`, `−35`."""
        return "" if self.change is None else self._signed(self.change, lang)

    def between(self, lang: str) -> str:
        """The interval of the change, or nothing."""
        low, high = self.value.change_low, self.value.change_high
        if low is None or high is None:
            return ""
        return f"{self._signed(low, lang, False)} … {self._signed(high, lang)}"

    def relative(self, lang: str) -> str:
        """The change as a headline has it: a share's in points, another's as a part of the old."""
        if self.change is None:
            return ""
        if not self.change:
            return _SAME.of(lang)
        arrow, old = UP if self.change > 0 else DOWN, self.value.previous
        if self.value.unit in (Unit.MONEY, Unit.COUNT) and old and old > 0:
            return f"{arrow} {Percent(self.change / old).of(lang)}"
        return f"{arrow} {self._plain(abs(self.change), lang)}"

    def verdict(self, lang: str) -> str:
        """What is said in the place of a change that says nothing; empty where it says much."""
        if self.signal == "too early":
            return _TOO_EARLY.of(lang)
        if self.signal == "not comparable":
            return _NOT_ALIKE.format(period=Named(self.value.period.previous())).of(lang)
        return ""

    def _signed(self, number: float, lang: str, unit: bool = True) -> str:
        size = self._plain(abs(number), lang, unit)
        if not re.search("[1-9]", size):
            return size
        return (MINUS if number < 0 else "+") + size

    def _plain(self, number: float, lang: str, unit: bool = True) -> str:
        value = self.value
        if value.unit is Unit.SHARE:
            digits = format_number(number * 100, lang, 1 if number >= 0.001 else 2)
            return _POINTS.format(gap=digits).of(lang) if unit else digits
        if not unit and value.unit is not Unit.MONEY:
            return without_unit(number, value.unit, lang)
        return short_value(number, value.unit, lang, value.currency)
