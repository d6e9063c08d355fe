"""Where a provisional number will end, from how such numbers ended before."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from scipy.special import stdtrit

from kpilib.questions.values import KPIValue
from kpilib.questions.vintage.restate import Which
from kpilib.report.history.published import Published, Value
from kpilib.words import Unit

LEAST = 6
"""How many months must be archived before anything is said."""


def settling(
    months: Sequence[Published],
    now: Mapping[Which, KPIValue],
    values: Iterable[Value],
    as_of: date,
) -> list[dict[str, Any]]:
    """The interval in which each provisional number of a month will end, at 95%.

    `months` are the archived ones, `now` what the data say of them today, `values` the numbers of
    the month itself. A month counts where the data have grown since it was published. Nothing is
    said of a KPI with less than six such months, or of one whose definition is another one now.
    """
    grown = [one for one in months if _as_of(one) < as_of]
    if len(grown) < LEAST:
        return []
    heads = {id(month): month.heads() for month in grown}
    found = []
    for value in values:
        if value["status"] != "provisional" or value["value"] is None:
            continue
        pairs = []
        for month in grown:
            old = heads[id(month)].get((value["id"], value.get("segment")))
            new = now.get((month.period, value["id"], value.get("segment")))
            if old is None or new is None or old["value"] is None or new.value is None:
                continue
            if old.get("definition") == new.definition == value.get("definition"):
                pairs.append((old["value"], new.value))
        ends = end_interval(value["value"], pairs, value["unit"])
        if ends is not None:
            shown = {name: value.get(name) for name in ("id", "segment", "segment_name", "name")}
            shown |= {name: value.get(name) for name in ("unit", "currency", "value")}
            found.append(shown | {"low": ends[0], "high": ends[1], "months": len(pairs)})
    return found


def _as_of(month: Published) -> date:
    return date.fromisoformat(month.run["inputs"]["as_of"])


def end_interval(
    value: float, pairs: Sequence[tuple[float, float]], unit: str, level: float = 0.95
) -> tuple[float, float] | None:
    """Where a value will end, from pairs of what was published and what it became.

    A prediction interval for one more draw of the changes, m ± t·s·√(1 + 1/n) with n − 1 degrees
    of freedom (Hahn & Meeker 1991, §4.7): of the logarithm of the ratio where all are above 0 and
    none is a share, else of the difference. Shares and counts of which none was below 0 stay above
    it, shares of which none was above 1 below that: revenue kept with upgrades may pass it. None
    with less than six pairs.

    >>> low, high = end_interval(100.0, [(100.0, 99.0 + k / 5) for k in range(6)], "money")
    >>> round(low, 1), round(high, 1)
    (98.5, 100.5)
    """
    if len(pairs) < LEAST:
        return None
    old, new = np.array(pairs, dtype=float).T
    ratio = unit != Unit.SHARE and value > 0 and bool((old > 0).all() and (new > 0).all())
    changes = np.log(new / old) if ratio else new - old
    n = len(changes)
    spread = float(changes.std(ddof=1)) * math.sqrt(1 + 1 / n)
    half = float(stdtrit(n - 1, (1 + level) / 2)) * spread
    ends = (float(changes.mean()) - half, float(changes.mean()) + half)
    if ratio:
        return value * math.exp(ends[0]), value * math.exp(ends[1])
    low, high = value + ends[0], value + ends[1]
    known = (value, *old, *new)
    if unit in (Unit.SHARE, Unit.COUNT) and min(known) >= 0:
        low = max(low, 0.0)
    if unit == Unit.SHARE and max(known) <= 1:
        high = min(high, 1.0)
    return low, high
