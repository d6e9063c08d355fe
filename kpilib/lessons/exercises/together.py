"""The rows of many drafts in one business, so that the library is asked once for all of them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.lessons.compare.facts import Facts
from kpilib.lessons.compare.rule import Rule
from kpilib.lessons.exercises.exercise import Draft
from kpilib.lessons.exercises.rows import MONTH
from kpilib.questions.base import CustomerBase, open_base

LEARNER = "learner"
"""The customers' column that says of which draft they are, and of which group in it."""
SIGN = "·"
"""What stands between the number of a draft and a name in it."""

Values = list[float | None]


class Together:
    """Drafts of one exercise in one business: customers of draft 3 are `3·An`, `3·Binh` …"""

    def __init__(self, drafts: Sequence[Draft], settings: Mapping[str, Any]) -> None:
        self.drafts, self.settings = drafts, settings

    @cached_property
    def base(self) -> CustomerBase:
        """The one business."""
        found: dict[str, list[pd.DataFrame]] = {}
        for place, draft in enumerate(self.drafts):
            for name, table in _whole(draft, place).items():
                found.setdefault(name, []).append(table)
        tables: dict[str, Any] = {
            name: pd.concat(some, ignore_index=True) for name, some in found.items()
        }
        return open_base(**tables, **self.settings)

    def values(self, kpi_id: str, period: str = MONTH, group: str = "") -> Values:
        """The value of a KPI in each draft, or in one group of each draft's customers."""
        found = self.base.trend(kpi_id, (self.base.period(period),), by=LEARNER)
        known = {one.segment: one.value for one in found}
        return [known.get(_label(place, group)) for place in range(len(self.drafts))]

    def parts(self, kpi_id: str, part: str, period: str = MONTH) -> Values:
        """The value of a part by name of a KPI that has parts, in each draft."""
        found = self.base.trend(kpi_id, (self.base.period(period),), by=None)
        known = {one.segment: one.value for one in found}
        return [known.get(_label(place, part)) for place in range(len(self.drafts))]

    def alone(self) -> list[CustomerBase]:
        """The business of each draft by itself."""
        if len(self.drafts) == 1:
            return [self.base]
        return [self._only(f"{place}{SIGN}") for place in range(len(self.drafts))]

    def _only(self, start: str) -> CustomerBase:
        mine = nw.col("customer_id").str.starts_with(start)
        return self.base.varied(
            {
                name: frame.filter(mine)
                for name, frame in self.base.tables.items()
                if "customer_id" in frame.collect_schema().names()
            }
        )

    def by_rules(self, rules: Sequence[Rule], period: str = MONTH) -> list[dict[str, float]]:
        """What each rule gives in each draft, where it gives anything."""
        facts, size = Facts(self.base, (self.base.period(period),)), len(self.drafts)
        found: list[dict[str, float]] = [{} for _draft in self.drafts]
        for rule in rules:
            counted = rule.count(facts)
            customers = counted.rows["customer_id"].astype(str)
            place = customers.str.split(SIGN, n=1).str[0].to_numpy(np.int64)
            values, _same = counted.each(place, customers.to_numpy(object), size)
            for one, value in zip(found, values.tolist(), strict=True):
                if value == value:
                    one[rule.id] = value
        return found


def _label(place: int, group: str) -> str:
    return f"{place}{SIGN}{group}"


def _whole(draft: Draft, place: int) -> dict[str, pd.DataFrame]:
    """The tables of a draft with ids of their own, and its customers with their label."""
    tables = {name: table.copy() for name, table in draft.records.items()}
    if "customers" not in tables:
        ids = [table["customer_id"] for table in tables.values() if "customer_id" in table]
        tables["customers"] = pd.DataFrame({"customer_id": pd.concat(ids).dropna().unique()})
    people = tables["customers"]
    group = people.pop("group") if "group" in people else pd.Series("", index=people.index)
    for table in tables.values():
        for name in table:
            if str(name).endswith("_id") or name in draft.own:
                mine = f"{place}{SIGN}" + table[name].astype(str)
                table[name] = mine.where(table[name].notna(), None)
    people[LEARNER] = f"{place}{SIGN}" + group
    return tables
