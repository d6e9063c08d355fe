"""`compare`: one period of one business under every definition that goes by one name."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kpilib.errors import InputError
from kpilib.lessons.compare.differences import NONE, Difference, difference
from kpilib.lessons.compare.facts import Facts
from kpilib.lessons.compare.rule import Counts, Rule, Topic
from kpilib.lessons.compare.topics import topic
from kpilib.periods import Period
from kpilib.questions.base import CustomerBase
from kpilib.show.compared import compared_html, compared_text
from kpilib.words import Amount, Text, _
from kpilib.words.tables import table_as_given

TEXT = _("text {number}")
OURS = "kpilib"


@dataclass(frozen=True)
class Compared:
    """What one definition gives, and by which customers it differs from the first."""

    rule: Rule
    counts: Counts | None
    value: float | None
    why: str = ""
    """Why there is no value."""
    differs: Difference = NONE

    def by(self, lang: str) -> list[str]:
        """Who defines it so: kpilib's own id, texts, tools."""
        own = [f"{OURS} ({self.rule.kpi})"] if self.rule.kpi else []
        texts = [TEXT.format(number=one).of(lang) for one in self.rule.texts]
        return [*own, *texts, *self.rule.others]


@dataclass(frozen=True)
class Comparison:
    """Every definition of a topic on one period, the first of them kpilib's."""

    topic: Topic
    period: Period
    found: tuple[Compared, ...]
    currency: str | None
    lang: str = "en"

    @property
    def table(self) -> pd.DataFrame:
        """`rule, name, by, value, over, under, customers`: a row per definition.

        `over` and `under` are the totals above and below the line, `customers` are those who make
        the difference to the first definition.
        """
        rows = []
        for one in self.found:
            sums = one.counts.rows[["over", "under"]].sum() if one.counts else None
            has = sums is not None and len(one.counts.rows) > 0 if one.counts else False
            rows.append(
                {
                    "rule": one.rule.id,
                    "name": one.rule.name.of(self.lang),
                    "by": ", ".join(one.by(self.lang)),
                    "value": one.value,
                    "over": float(sums["over"]) if has and sums is not None else None,
                    "under": float(sums["under"]) if has and sums is not None else None,
                    "customers": one.differs.customers,
                }
            )
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON types, in the language of the comparison."""
        first = self.found[0].rule
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        for row, one in zip(rows, self.found, strict=True):
            row["unit"] = str(one.rule.unit)
            row["shown"] = Amount(one.value, one.rule.unit, self.currency).of(self.lang)
            row["why"] = one.why
            row["differs"] = [text.of(self.lang) for text in one.differs.texts()]
        return {
            "topic": self.topic.id,
            "name": self.topic.name.of(self.lang),
            "period": self.period.to_dict(),
            "first": first.id,
            "definitions": rows,
        }

    def __str__(self) -> str:
        return compared_text(self.to_dict(), self.period.of(self.lang), self.lang)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        html = compared_html(self.to_dict(), self.period.of(self.lang), self.lang)
        return {"text/plain": str(self), "text/html": html}


def compare(
    name: str, base: CustomerBase, period: str | Period | None = None, lang: str | None = None
) -> Comparison:
    """One period under every named definition of a topic, with the customers that differ.

    Topics: retention, churn, clv, repurchase, loyalty, response, complaints, csat, acquisition,
    customers.

    >>> from kpilib.demo import tiny_shop
    >>> found = compare("retention", tiny_shop(), "2026-04")
    >>> found.table[["rule", "value"]].values.tolist()[:3]
    [['matched', 0.5], ['totals', 0.75], ['growth', 0.75]]

    Raises InputError for a topic that there is not.
    """
    asked, when = topic(name), base.period(period)
    facts = Facts(base, (when,))
    found: list[Compared] = []
    first: Counts | None = None
    for rule in asked.rules:
        one = _compared(rule, facts, first, lang or base.lang)
        first = first if first is not None else one.counts
        found.append(one)
    return Comparison(asked, when, tuple(found), base.currency, lang or base.lang)


def _compared(rule: Rule, facts: Facts, first: Counts | None, lang: str) -> Compared:
    try:
        counts = rule.count(facts)
    except InputError as error:
        return Compared(rule, None, None, error.told(lang))
    except KeyError as missing:  # a table that was not given
        table = table_as_given(str(missing.args[0]))
        return Compared(rule, None, None, _MISSING.format(table=table).of(lang))
    value = counts.value(0)
    differs = NONE
    if first is not None and len(first.rows) and len(counts.rows):
        differs = difference(first, counts, 0, 0)
    return Compared(rule, counts, value, "" if value is not None else _NOTHING.of(lang), differs)


_MISSING: Text = _("needs the table {table}")
_NOTHING: Text = _("nothing to divide by")
