"""`reconcile`: which definition, on which reading of the records, gives somebody's number."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from kpilib.errors import InputError
from kpilib.lessons.compare.differences import NONE, Difference, difference
from kpilib.lessons.compare.facts import Facts
from kpilib.lessons.compare.printed import Wanted, read_number
from kpilib.lessons.compare.rule import Counts, Rule, Topic
from kpilib.lessons.compare.stacked import Alone, Stack, stacks
from kpilib.lessons.compare.topics import ours
from kpilib.lessons.compare.variations import Key, Records, Setup, bounds, windows
from kpilib.periods import Period
from kpilib.questions.base import CustomerBase

LISTED = 8
"""So many readings that fit are shown with their customers."""

Read = tuple[int, Key, float, str]
"""Place of the period, reading of the records, value, and the text that tells who is counted."""


@dataclass(frozen=True)
class Reading:
    """A definition on a reading of the records, and what it gives."""

    rule: Rule
    setup: Setup
    value: float
    is_ours: bool = False
    differs: Difference = NONE
    same: str = ""
    """The same for readings that count the same customers the same way."""

    @property
    def changes(self) -> int:
        """In how many ways it differs from our definition on our reading."""
        return self.setup.changes + (not self.is_ours)


@dataclass(frozen=True)
class Search:
    """Every reading of one period of one topic, kept so that several numbers can be looked up."""

    topic: Topic
    rule: Rule
    period: Period
    readings: tuple[Reading, ...]
    records: Records = field(repr=False)

    @property
    def own(self) -> Reading | None:
        """Our definition on our reading."""
        return next((one for one in self.readings if one.is_ours and not one.setup.changes), None)

    def fits(self, wanted: Wanted) -> list[Reading]:
        """The readings that give a number, the nearest to ours first."""
        found = [
            one
            for one in self.readings
            if one.rule.unit == self.rule.unit and wanted.holds(one.value)
        ]
        return sorted(found, key=lambda one: (one.changes, abs(one.value - wanted.value)))

    def nearest(self, wanted: Wanted, count: int = 3) -> list[Reading]:
        """The readings whose values are nearest to a number, whether they fit or not."""
        same = [one for one in self.readings if one.rule.unit == self.rule.unit]
        return sorted(same, key=lambda one: (abs(one.value - wanted.value), one.changes))[:count]


def search(kpi_id: str, base: CustomerBase, period: str | Period | None = None) -> Search:
    """All readings of a KPI's topic in one period: rules × windows × zones × bounds × rows."""
    topic, mine = ours(kpi_id)
    when = base.period(period)
    cut = bounds(when) if "bounds" in topic.axes else {"": when}
    records = Records(base, topic.axes)
    laid = stacks(records) if topic.stacks else (Alone(records, key) for key in records.keys)
    found: list[Reading] = []
    for stack in laid:
        for window in windows(base) if "window" in topic.axes else (None,):
            facts = Facts(stack.base, tuple(cut.values()), window)
            ways = {"": facts}
            if "first month" in topic.axes:
                ways["first month"] = facts.without_first()
            for way, rule in product(ways, topic.rules):
                if rule.windowed or (window is None and not way):
                    read = _readings(rule, stack, ways[way])
                    rows = (way,) if way else ()
                    found += [
                        Reading(
                            rule,
                            Setup(window, zone, (*counted, *rows), tuple(cut)[place]),
                            value,
                            rule is mine,
                            same=same,
                        )
                        for place, (zone, counted), value, same in read
                    ]
    return Search(topic, mine, when, tuple(found), records)


def _readings(rule: Rule, stack: Stack | Alone, facts: Facts) -> Iterator[Read]:
    """What a rule gives in each period on each reading; nothing where a table is missing."""
    try:
        counts = rule.count(facts)
    except (InputError, KeyError):
        return
    values, same = stack.each(counts, len(facts.periods))
    each = product(range(len(facts.periods)), stack.keys)
    for (place, key), value, one in zip(each, values.tolist(), same, strict=True):
        if value == value:
            yield place, key, value, one


@dataclass(frozen=True)
class Reconciled:
    """The readings that give a number, nearest first, with the customers that differ from ours."""

    kpi_id: str
    wanted: Wanted
    period: Period
    own: Reading | None
    fits: tuple[Reading, ...]
    """One for each set of customers, nearest first; the first `LISTED` with their customers."""
    also: int
    """How many further readings count the same customers as one of these."""
    near: tuple[Reading, ...]
    """The nearest values, where none fits."""
    currency: str | None
    lang: str = "en"

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON types, in the language asked for."""

        def said(one: Reading) -> dict[str, Any]:
            return {
                "rule": one.rule.id,
                "name": one.rule.name.of(self.lang),
                "by": list(one.rule.others),
                "texts": list(one.rule.texts),
                "value": one.value,
                "unit": str(one.rule.unit),
                "changes": one.changes,
                "setup": [text.of(self.lang) for text in one.setup.texts()],
                "customers": one.differs.customers,
                "differs": [text.of(self.lang) for text in one.differs.texts()],
            }

        return {
            "id": self.kpi_id,
            "asked": self.wanted.text,
            "low": self.wanted.low,
            "high": self.wanted.high,
            "period": self.period.to_dict(),
            "ours": said(self.own) if self.own else None,
            "count": len(self.fits),
            "also": self.also,
            "fits": [said(one) for one in self.fits[:LISTED]],
            "nearest": [said(one) for one in self.near],
            "currency": self.currency,
        }

    def __str__(self) -> str:
        from kpilib.show.reconciled import reconciled_text

        return reconciled_text(self.to_dict(), self.period.of(self.lang), self.lang)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from kpilib.show.reconciled import reconciled_html

        html = reconciled_html(self.to_dict(), self.period.of(self.lang), self.lang)
        return {"text/plain": str(self), "text/html": html}


def reconcile(
    kpi_id: str,
    value: str | float,
    base: CustomerBase,
    period: str | Period | None = None,
    lang: str | None = None,
) -> Reconciled:
    """Which named definition, on which reading of the records, gives the number of another tool.

    Searches the topic's rules × lapse windows × time zones × bounds of the period × rows that count
    (refunds, test accounts, the first month); what fits within the rounding of the printed number
    comes back, the fewest changes to ours first, with the customers that differ.

    >>> from kpilib.demo import tiny_shop
    >>> found = reconcile("retention_rate", "75%", tiny_shop(), "2026-04")
    >>> found.fits[0].rule.id, found.fits[0].changes
    ('totals', 1)
    """
    _topic, mine = ours(kpi_id)
    wanted = read_number(str(value), mine.unit)
    return look_up(search(kpi_id, base, period), kpi_id, wanted, lang)


def look_up(
    found: Search, kpi_id: str, wanted: Wanted, lang: str | None = None, listed: int = LISTED
) -> Reconciled:
    """A number looked up among the readings of a search, the first `listed` with customers."""
    groups: dict[str, list[Reading]] = defaultdict(list)
    fits = found.fits(wanted)
    for one in fits:
        groups[one.same].append(one)
    kept = [some[0] for some in groups.values()]
    mine = found.rule.count(Facts(found.records.base, (found.period,))) if kept else None
    told = [_with_customers(one, found, mine) for one in kept[:listed] if mine is not None]
    return Reconciled(
        kpi_id=kpi_id,
        wanted=wanted,
        period=found.period,
        own=found.own,
        fits=(*told, *kept[listed:]),
        also=len(fits) - len(kept),
        near=() if kept else tuple(found.nearest(wanted)),
        currency=found.records.base.currency,
        lang=lang or found.records.base.lang,
    )


def _with_customers(one: Reading, found: Search, mine: Counts) -> Reading:
    """The reading with the customers by which it differs from ours."""
    setup = one.setup
    other = found.records.of(setup.zone, tuple(row for row in setup.rows if row != "first month"))
    facts = Facts(other, (bounds(found.period)[setup.bounds],), setup.window)
    facts = facts.without_first() if "first month" in setup.rows else facts
    theirs = one.rule.count(facts)
    if not len(mine.rows) or not len(theirs.rows):
        return one
    return replace(one, differs=difference(mine, theirs, 0, 0))
