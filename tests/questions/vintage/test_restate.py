"""Restated months: every unit is put down to what caused it, to the cent.

A seeded simulator replays months: orders that come late, refunds, merged customers and changed
rules, alone and together. What each moves the plain numbers by is reckoned a second time here, with
sets and sums; of the others the parts must add up to the change, with nothing left over.
"""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest

from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.vintage.changes import DEFINITION, LATE, MERGED, REFUNDS, REST, steps
from kpilib.questions.vintage.restate import numbers_of, restate
from kpilib.questions.vintage.rows import rows_of
from kpilib.registry import definitions as registry
from tests import quick

MONTHS = Period.month("2026-03").trailing(8)
BEGIN, HOURS = datetime(2025, 8, 1), 24 * 243
THEN, LATER = date(2026, 4, 1), date(2026, 5, 1)
IDS = ("revenue", "buyers", "customers_active", "churn_rate")
DEFINITIONS = {kpi_id: registry.definition(kpi_id) for kpi_id in IDS}


@dataclass
class Shop:
    """A small shop's records, and what is later known of them."""

    orders: list = field(default_factory=list)
    refunds: list = field(default_factory=list)
    merged: dict = field(default_factory=dict)
    window: int = 30

    def base(self, as_of):
        until = datetime.combine(as_of, datetime.min.time())
        orders = [row for row in self.orders if row[2] < until]
        names = ["order_id", "customer_id", "ordered_at", "amount"]
        given = {"orders": pd.DataFrame(orders, columns=names)}
        if refunds := [row for row in self.refunds if row[2] < until]:
            names = ["refund_id", "order_id", "refunded_at", "amount"]
            given["refunds"] = pd.DataFrame(refunds, columns=names)
        ids = sorted({row[1] for row in self.orders})
        into = [self.merged.get(one) for one in ids]
        given["customers"] = pd.DataFrame({"customer_id": ids, "merged_into_id": into})
        if not self.merged:
            given["customers"] = given["customers"].drop(columns="merged_into_id")
        rules = {"lapse_window": self.window, "as_of": as_of, "currency": "GBP"}
        return quick.opened(**given, **rules)


def begun(draw):
    """A shop as it was when the month was published."""
    shop = Shop()
    for number in range(draw.randint(40, 80)):
        when = BEGIN + timedelta(hours=draw.randrange(HOURS))
        shop.orders.append(
            (f"o{number}", f"c{draw.randrange(12):02d}", when, draw.randrange(100, 9999) / 100)
        )
    for number, row in enumerate(draw.sample(shop.orders, 2)):
        back = min(row[2] + timedelta(days=2), datetime(2026, 3, 30))
        shop.refunds.append((f"r{number}", row[0], back, row[3]))
    return shop


def gone_on(shop, draw, kinds):
    """The same shop as it is known later."""
    later = Shop([*shop.orders], [*shop.refunds], dict(shop.merged), shop.window)
    if LATE in kinds:
        for number in range(draw.randint(4, 16)):
            when = BEGIN + timedelta(hours=draw.randrange(HOURS))
            who = f"c{draw.randrange(16):02d}"
            later.orders.append((f"late{number}", who, when, draw.randrange(100, 9999) / 100))
    if REFUNDS in kinds:
        given_back = {row[1] for row in shop.refunds}
        open_ = [row for row in shop.orders if row[0] not in given_back]
        for number, row in enumerate(draw.sample(open_, 8)):
            part = row[3] if draw.random() < 0.5 else round(row[3] / 2, 2)
            when = datetime(2026, 3, 31, 12) + timedelta(days=draw.randrange(20))
            later.refunds.append((f"new{number}", row[0], when, part))
    if MERGED in kinds:
        known = sorted({row[1] for row in shop.orders})
        later.merged = dict([draw.sample(known, 2)])
    if DEFINITION in kinds:
        later.window = draw.choice([20, 45, 60])
    if draw.random() < 0.7:  # life goes on
        for number in range(5):
            when = datetime(2026, 4, 1) + timedelta(hours=draw.randrange(24 * 29))
            later.orders.append((f"since{number}", f"c{draw.randrange(12):02d}", when, 10.0))
    return later


def replayed(seed, kinds):
    draw = random.Random(seed)
    shop = begun(draw)
    later = gone_on(shop, draw, kinds)
    old, new = shop.base(THEN), later.base(LATER)
    published, now = (numbers_of(ask.values(b, DEFINITIONS, MONTHS)) for b in (old, new))
    found = restate(new, published, now, rows_of(old), rows_of(new))
    return shop, later, published, now, {one.which: one for one in found}


def plainly(orders, refunds, merged):
    """Revenue and buyers of each month, by sums and sets; a refund lowers its own order."""
    back = {}
    for row in refunds:
        back[row[1]] = back.get(row[1], 0.0) + row[3]
    found = {}
    for month in MONTHS:
        mine = [row for row in orders if month.start <= row[2].date() < month.end]
        left = {row[0]: row[3] - back.get(row[0], 0.0) for row in mine}
        found[month, "revenue", None] = sum(left.values())
        bought = {merged.get(row[1], row[1]) for row in mine if left[row[0]] > 1e-9}
        found[month, "buyers", None] = len(bought)
    return found


def reckoned(shop, later):
    """What each kind moves the plain numbers by, in the order in which kinds are put on."""
    late = [row for row in later.orders if row[0].startswith("late")]
    stages = {
        None: (shop.orders, shop.refunds, {}),
        MERGED: (shop.orders, shop.refunds, later.merged),
        LATE: (shop.orders + late, shop.refunds, later.merged),
        REFUNDS: (shop.orders + late, later.refunds, later.merged),
    }
    numbers = {kind: plainly(*rows) for kind, rows in stages.items()}
    order = list(stages)
    moved = {
        (which, kind): numbers[kind][which] - numbers[before][which]
        for before, kind in pairwise(order)
        for which in numbers[kind]
    }
    return moved, numbers[order[-1]]


ALL = (LATE, REFUNDS, MERGED, DEFINITION)
KINDS = ((LATE,), (REFUNDS, MERGED), (MERGED,), ALL)


def check(seed, kinds):
    """Hold one replay to the truth; says how many numbers were restated."""
    shop, later, published, now, found = replayed(seed, kinds)
    moved, last = reckoned(shop, later)
    for which, number in last.items():
        assert now[which] == pytest.approx(number, abs=1e-6), (seed, which)
    for (which, kind), size in moved.items():
        if which not in found:
            continue  # unmoved, or moved there and back, which is looked at below
        parts = found[which].parts
        if found[which].difference is None:
            assert parts, (seed, which)  # no number on one side, and why
            continue
        assert parts.get(kind, 0.0) == pytest.approx(size, abs=0.005), (seed, which, kind)
    for which, one in found.items():
        assert REST not in one.parts, (seed, one)
        assert (one.published, one.now) == (published[which], now[which])
        if one.difference is not None and None not in one.parts.values():
            assert sum(one.parts.values()) == pytest.approx(one.difference, abs=1e-9)
    for which, number in published.items():
        other = now[which]
        one_sided = (number is None) != (other is None)
        moved_on = one_sided or abs((number or 0.0) - (other or 0.0)) > 1e-9
        assert (which in found) == moved_on, (seed, which)
    return len(found)


CASES = [*enumerate((*KINDS, ALL))]
"""Forty replayed months: five shops of eight."""


@pytest.mark.parametrize(("seed", "kinds"), CASES)
def test_every_restated_unit_is_attributed_to_the_cent(seed, kinds):
    check(seed, kinds)


def test_a_rule_alone_moves_only_what_reads_it():
    *_, found = replayed(3, (DEFINITION,))
    assert {one.which[1] for one in found.values()} <= {"customers_active", "churn_rate"}
    assert found and all(one.parts.keys() == {DEFINITION} for one in found.values())


def test_the_steps_end_in_the_rows_there_are_now():
    draw = random.Random(7)
    shop = begun(draw)
    old, new = rows_of(shop.base(THEN)), rows_of(gone_on(shop, draw, ALL).base(LATER))
    last = steps(old, new)[-1].tables
    for name, table in new.tables.items():
        names = list(table.columns)
        ended = last[name].sort_values(names, ignore_index=True)
        pd.testing.assert_frame_equal(ended[names], table, check_dtype=False)
