"""Month after month, what is taken over of earlier runs is what is computed anew, to the digit."""

import json
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.periods import Period, day_number
from kpilib.questions.base import prepare_base
from kpilib.questions.compare import compared
from kpilib.questions.shared import answers, earlier
from kpilib.report.history.restated import asked_again

FIRST = Period.month("2025-01")
QUICK = {
    name: one
    for name, one in asked_again().items()
    if "orders" in one.tables and one.family not in earlier.IN_ANY_ORDER
}
FITTED = {name: one for name, one in asked_again().items() if one.family in earlier.IN_ANY_ORDER}
"""KPIs of which a model may have to be fitted for each period."""


class Shop:
    """A shop whose orders come in a file a month, whose refunds lie in one file."""

    def __init__(self, folder, seed):
        self.folder, self.rng = folder, np.random.default_rng(seed)
        self.months, self.refunds = {}, []
        (folder / "orders").mkdir(parents=True)
        self.settings(lapse_window=45)
        self.number = 0

    def settings(self, **said):
        self.said = {"currency": "EUR", "time_zone": "UTC", **said}
        lines = (f"{name} = {json.dumps(value)}\n" for name, value in self.said.items())
        (self.folder / "kpilib.toml").write_text("".join(lines))

    def orders(self, month, size):
        days = self.rng.integers(0, month.days, size)
        days[-1] = month.days - 1
        number = np.arange(self.number, self.number + size)
        self.number += size
        return pd.DataFrame(
            {
                "order_id": [f"o{one}" for one in number],
                "customer_id": self.rng.integers(1, 60, size),
                "ordered_at": [pd.Timestamp(month.start) + pd.Timedelta(days=int(d)) for d in days],
                "amount": self.rng.gamma(2.0, 17.3, size).round(2),
            }
        )

    def add(self, month):
        self.months[month.label] = self.orders(month, 60)

    def refund(self, label, at, part=1.0):
        """A refund of an order of one month, paid back in another."""
        order = self.months[label].iloc[0 if label == at else 1]
        day = Period.month(at).start
        self.refunds.append((order["order_id"], day, round(order["amount"] * part, 2)))
        return order["ordered_at"]

    def write(self):
        for label, table in self.months.items():
            table.to_parquet(self.folder / "orders" / f"{label}.parquet", index=False)
        self.refund_table().to_csv(self.folder / "refunds.csv", index=False)

    def refund_table(self):
        return pd.DataFrame(self.refunds, columns=["order_id", "refunded_at", "amount"])


class Run:
    """A run of a month: what it was asked, what it took over, what it keeps."""

    def __init__(self, shop, month, folder, before=None, definitions=QUICK):
        shop.write()
        base = prepare_base(str(shop.folder), folder)
        self.ground = earlier.ground(base, "")
        self.until = before and self.ground.same_until(before.ground)
        self.taken = 0
        if self.until is not None:
            self.taken = earlier.lay_earlier(base, before.kept, self.until)
        known = {}
        self.values = compared(base, definitions, month, None, keep=known)
        for key in sorted(known, key=str):
            self.values += [known[key][one] for one in sorted(known[key], key=str)]
        back = month.previous().trailing(3)
        self.back = answers.values(base, definitions, back, exactly=False)
        self.kept = earlier.noted(base)


def exact(values):
    """All of the values but how to find their rows."""
    named = [one.name for one in fields(values[0]) if one.name != "find_rows"]
    return [{name: getattr(value, name) for name in named} for value in values]


def kept_of(run):
    """KPI → how many values are kept for the next run."""
    return {name: len(values["rows"]) for name, values in run.kept.items()}


def assert_alike(values, others):
    """The very same, but for the last digits of what is summed up in any order."""
    for one, other in zip(exact(values), exact(others), strict=True):
        if one["family"] in earlier.IN_ANY_ORDER:
            for name in ("value", "low", "high", "numerator"):
                number, expected = one.pop(name), other.pop(name)
                assert number == (expected and pytest.approx(expected, rel=1e-12))
        assert one == other


def late(shop, month):
    more = shop.orders(month.shift(-3), 4)
    shop.months[month.label] = pd.concat([shop.months[month.label], more])
    return more["ordered_at"].min()


def corrected(shop, month):
    table = shop.months[month.shift(-2).label]
    table.loc[table.index[3], "amount"] += 0.01
    return table["ordered_at"].iloc[3]


def taken_out(shop, month):
    label = month.shift(-4).label
    gone, shop.months[label] = shop.months[label].iloc[0], shop.months[label].iloc[1:]
    return gone["ordered_at"]


def refunded(shop, month):
    return shop.refund(month.shift(-5).label, month.label)


def refunded_in_part(shop, month):
    return shop.refund(month.shift(-2).label, month.label, 0.3)


def another_lapse(shop, month):
    shop.settings(lapse_window=60)


def found_lapse(shop, month):
    shop.settings()


MOVED = (late, corrected, refunded, taken_out, refunded_in_part)
"""What may happen besides the new month; each tells the day from which all is computed anew."""
OTHER = {another_lapse: {"lapse_window": ["45", "60"]}, found_lapse: {"settings": ["lapse_window"]}}
"""What may happen → why nothing is taken over."""


def months(last):
    return [FIRST.shift(place) for place in range((last.start_day - FIRST.start_day) // 30 + 1)]


def opened(folder, seed, until):
    """A shop with some months of orders, whose first order was paid back at once."""
    shop = Shop(folder, seed)
    for month in months(until):
        shop.add(month)
    shop.refund(FIRST.label, FIRST.label)
    return shop


def ground_of(shop):
    """What the values of the shop's tables rest on, as frames."""
    orders, refunds = pd.concat(shop.months.values()), shop.refund_table()
    return earlier.ground(kpilib.open(orders=orders, refunds=refunds, **shop.said), "")


def test_whatever_happens_moves_the_first_day_that_is_computed_anew(tmp_path):
    month = Period.month("2025-09")
    shop = opened(tmp_path / "shop", 3, month)
    before = ground_of(shop)
    for happens in (None, *MOVED, *OTHER):
        month = month.shift(1)
        shop.add(month)
        day = happens(shop, month) if happens else pd.Timestamp(month.start)
        now = ground_of(shop)
        until = now.same_until(before)
        if happens in OTHER:
            assert until is None
            assert now.differs(before).items() >= OTHER[happens].items()
        else:
            assert until == day_number(day.date()), happens
        before = now


def test_a_month_is_what_it_computed_in_full_gives(tmp_path):
    month = Period.month("2025-09")
    shop = opened(tmp_path / "shop", 1, month)
    before = Run(shop, month, tmp_path / "first")
    month = month.shift(1)
    shop.add(month)
    for happens in (late, corrected, refunded_in_part):
        happens(shop, month)
    run = Run(shop, month, tmp_path / "taken", before)
    full = Run(shop, month, tmp_path / "full")
    assert exact(run.values) == exact(full.values)
    assert exact(run.back) == exact(full.back)
    kept, anew = kept_of(run), kept_of(full)
    assert kept.keys() == anew.keys() and all(kept[name] >= anew[name] for name in anew)
    assert run.taken > 100


def test_sums_in_another_order_are_the_same_but_for_their_last_digits(tmp_path):
    month = Period.month("2025-09")
    shop = opened(tmp_path / "shop", 2, month)
    before = Run(shop, month, tmp_path / "first", None, FITTED)
    month = month.shift(1)
    shop.add(month)
    run = Run(shop, month, tmp_path / "taken", before, FITTED)
    full = Run(shop, month, tmp_path / "full", None, FITTED)
    assert exact(run.values) == exact(full.values)
    assert_alike(run.back, full.back)
    assert run.taken > 10


def test_a_lapse_window_found_anew_is_another_ground(tmp_path):
    grounds = []
    for name, gap in (("short", 10), ("long", 25)):
        days = pd.date_range("2026-01-01", periods=8, freq=f"{gap}D")
        orders = pd.DataFrame({"ordered_at": days, "amount": 5.0})
        (tmp_path / name).mkdir()
        rows = pd.concat([orders.assign(customer_id=who) for who in range(1, 30)])
        rows.to_csv(tmp_path / name / "orders.csv", index=False)
        base = prepare_base(str(tmp_path / name), tmp_path / f"{name}-prepared")
        grounds.append((earlier.ground(base, ""), base.lapse_window.days))
    (one, short), (other, long) = grounds
    assert short < long
    assert other.same_until(one) is None
    assert other.differs(one) == {"lapse_window": [str(short), str(long)]}
    assert one.same_until(replace(one, marks={})) == min(one.marks["orders"])
