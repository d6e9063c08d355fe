"""Month after month, what is taken over of earlier runs is what is computed anew, to the digit."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from kpilib.periods import Period
from kpilib.questions.base import prepare_base
from kpilib.questions.compare import compared
from kpilib.questions.shared import answers, earlier
from kpilib.report.history.restated import asked_again

FIRST, LAST = Period.month("2025-01"), Period.month("2026-05")
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
        self.settings("lapse_window = 45\n")
        self.number = 0

    def settings(self, text):
        (self.folder / "kpilib.toml").write_text('currency = "EUR"\ntime_zone = "UTC"\n' + text)

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

    def write(self):
        for label, table in self.months.items():
            table.to_parquet(self.folder / "orders" / f"{label}.parquet", index=False)
        if self.refunds:
            names = ["order_id", "refunded_at", "amount"]
            pd.DataFrame(self.refunds, columns=names).to_csv(
                self.folder / "refunds.csv", index=False
            )


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


def corrected(shop, month):
    table = shop.months[month.shift(-2).label]
    table.loc[table.index[3], "amount"] += 0.01


def taken_out(shop, month):
    label = month.shift(-4).label
    shop.months[label] = shop.months[label].iloc[1:]


def refunded(shop, month):
    shop.refund(month.shift(-5).label, month.label)


def refunded_in_part(shop, month):
    shop.refund(month.shift(-2).label, month.label, 0.3)


def another_lapse(shop, month):
    shop.settings("lapse_window = 60\n")


def found_lapse(shop, month):
    shop.settings("")


HAPPENS = {
    "2025-10": late,
    "2025-11": corrected,
    "2025-12": refunded,
    "2026-01": taken_out,
    "2026-02": refunded_in_part,
    "2026-03": another_lapse,
    "2026-05": found_lapse,
}
"""Month → what its run finds besides the new month; the others find that alone."""
MOVED = {
    late: -3, corrected: -2, refunded: -5, taken_out: -4, refunded_in_part: -2,
}  # fmt: skip


def months():
    return [FIRST.shift(place) for place in range((LAST.start_day - FIRST.start_day) // 30 + 1)]


def test_a_year_of_months_is_what_each_month_computed_in_full_gives(tmp_path):
    shop, before, took = Shop(tmp_path / "shop", 1), None, {}
    for month in months():
        shop.add(month)
        if month == FIRST:
            shop.refund(month.label, month.label)
        if month.label < "2025-09":
            continue
        happens = HAPPENS.get(month.label)
        if happens:
            happens(shop, month)
        run = Run(shop, month, tmp_path / f"{month.label}-taken", before)
        full = Run(shop, month, tmp_path / f"{month.label}-full")
        assert exact(run.values) == exact(full.values)
        assert exact(run.back) == exact(full.back)
        took[month.label] = run.taken
        if happens in MOVED:
            first = month.shift(MOVED[happens])
            assert first.start_day <= run.until < first.end_day
        elif happens:
            assert run.until is None
        elif before:
            assert run.until == month.start_day
        before = run
    assert min(took[label] for label in ("2025-10", "2026-02", "2026-04")) > 100
    assert took["2026-03"] == took["2026-05"] == 0


def test_sums_in_another_order_are_the_same_but_for_their_last_digits(tmp_path):
    shop, before = Shop(tmp_path / "shop", 2), None
    for month in (one for one in months() if one.label < "2025-11"):
        shop.add(month)
        if month.label >= "2025-09":
            run = Run(shop, month, tmp_path / f"{month.label}-taken", before, FITTED)
            full = Run(shop, month, tmp_path / f"{month.label}-full", None, FITTED)
            assert exact(run.values) == exact(full.values)
            assert_alike(run.back, full.back)
            before = run
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
    assert one.same_until(replace(one, marks={})) == min(one.marks["orders"])
