"""Referral from hand-made rows: who was brought, who invites, trees with circles, earned growth."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.contacts.referrals import generations
from kpilib.questions.values import Status
from tests import quick
from tests.kpis.test_bounds import ratio

MARCH = "2026-03"


def opened(orders, referrals=None, customers=None, **options):
    rows = pd.DataFrame(orders, columns=["customer_id", "ordered_at", "amount"])
    tables = {"orders": rows.assign(ordered_at=pd.to_datetime(rows["ordered_at"], format="mixed"))}
    if referrals is not None:
        heads = ["referrer_customer_id", "invited_at", "converted_customer_id", "converted_at"]
        table = pd.DataFrame(referrals, columns=heads)
        for name in ("invited_at", "converted_at"):
            table[name] = pd.to_datetime(table[name], format="mixed")
        tables["referrals"] = table
    if customers is not None:
        heads = ["customer_id", "referred_by_customer_id"]
        tables["customers"] = pd.DataFrame(customers, columns=heads)
    settings = {"lapse_window": 45, "as_of": date(2026, 6, 1), "time_zone": "UTC"} | options
    return quick.opened(**tables, **settings)


NEW = [("A", "2026-03-02", 10.0), ("B", "2026-03-05", 20.0), ("C", "2026-03-09", 40.0)]


def test_either_record_tells_who_was_brought_and_nobody_brings_themselves():
    referrals = [("Z", "2026-02-01", "A", "2026-03-02"), ("B", "2026-02-01", "B", "2026-03-05")]
    shop = opened(NEW, referrals, [("A", None), ("B", None), ("C", "A")])
    found = shop.kpi("referral_rate", MARCH)
    assert (found.numerator, found.denominator) == (2, 3)
    assert (
        opened(NEW, customers=[("A", "A"), ("B", "A"), ("C", None)])
        .kpi("referral_rate", MARCH)
        .numerator
        == 1
    )


def test_without_a_record_of_referrals_there_is_no_rate():
    found = opened(NEW).kpi("referral_rate", MARCH)
    assert found.status is Status.UNAVAILABLE
    assert "customers" in found.reason.en


def test_who_invites_counts_once_and_conversions_by_their_own_day():
    referrals = [
        ("A", "2026-03-31 23:00", None, None),
        ("A", "2026-03-20", None, None),
        ("B", "2026-04-01", None, None),
        ("C", "2026-01-20", "B", "2026-03-05"),
        ("Q", "2026-03-20", None, None),
    ]
    found = opened(NEW, referrals).kpi("referrer_share", MARCH)
    assert (found.numerator, found.denominator) == (1, 3)
    assert found.details["converted_share"] == pytest.approx(1 / 3)


def test_a_test_account_neither_refers_nor_is_won():
    people = pd.DataFrame({"customer_id": ["A", "T"], "is_test": [False, True]})
    sent = pd.DataFrame(
        {
            "referrer_customer_id": ["A", "T"],
            "invited_at": pd.Timestamp("2026-03-02"),
            "converted_customer_id": ["T", "B"],
            "converted_at": pd.Timestamp("2026-03-05"),
        }
    )
    orders = pd.DataFrame(NEW, columns=["customer_id", "ordered_at", "amount"])
    orders["ordered_at"] = pd.to_datetime(orders["ordered_at"])
    settings = {"lapse_window": 45, "as_of": date(2026, 6, 1), "time_zone": "UTC"}
    shop = quick.opened(orders=orders, customers=people, referrals=sent, **settings)
    found = shop.kpi("referrer_share", MARCH)
    assert (found.numerator, found.details["converted_share"]) == (0, 0)
    assert shop.kpi("referral_rate", MARCH).numerator == 0


def test_growth_earned_is_of_old_buyers_and_those_they_brought():
    orders = [("A", "2026-02-10", 100.0), ("B", "2026-02-11", 50.0), ("A", "2026-03-02", 80.0),
              ("C", "2026-03-05", 30.0), ("D", "2026-03-06", 500.0)]  # fmt: skip
    shop = opened(orders, customers=[("A", None), ("C", "A"), ("D", None)])
    found = shop.kpi("earned_growth", MARCH)
    assert (found.numerator, found.denominator) == (80 + 30 - 150, 150)
    # D was new and came by herself: with no money in either sum she says nothing of it.
    assert found.n == 3


def test_growth_earned_against_plain_pandas():
    """Sixty customers over two months, some brought by others, some with money back."""
    rng = np.random.default_rng(7)
    names = np.array([f"c{place}" for place in range(60)])
    orders = pd.DataFrame(
        {
            "customer_id": rng.choice(names, 90),
            "ordered_at": pd.Timestamp("2026-02-01")
            + pd.to_timedelta(rng.integers(0, 59, 90), "D"),
            "amount": rng.gamma(2, 10, 90).round(2),
        }
    )
    refunds = pd.DataFrame(
        {
            "customer_id": rng.choice(names, 12),
            "refunded_at": pd.Timestamp("2026-02-01")
            + pd.to_timedelta(rng.integers(0, 59, 12), "D"),
            "amount": 3.0,
        }
    )
    by = rng.choice(["c0", "c1", None], 60)
    people = pd.DataFrame({"customer_id": names, "referred_by_customer_id": by})
    shop = quick.opened(
        orders=orders, refunds=refunds, customers=people, lapse_window=45,
        as_of=date(2026, 6, 1), time_zone="UTC",
    )  # fmt: skip
    money = pd.concat(
        [
            orders.set_axis(["who", "at", "paid"], axis=1).assign(bought=1),
            refunds.set_axis(["who", "at", "paid"], axis=1).assign(paid=-3.0, bought=0),
        ]
    )
    sums = money.groupby(["who", money["at"].dt.month])[["paid", "bought"]].sum().unstack()
    sums = sums.reindex(names).fillna(0)
    had, has = (sums["bought"][month] > 0 for month in (2, 3))
    brought = pd.Series(by, index=names)
    came = ~had & has & brought.notna() & (brought.index != brought)
    kept = sums["paid"][3].where(had | came, 0.0)[had | has]
    before = sums["paid"][2][had | has]
    assert (~(had | has) & (sums["paid"][2] < 0)).any()
    found = shop.kpi("earned_growth", MARCH)
    assert (found.numerator, found.denominator) == pytest.approx(
        (kept.sum() - before.sum(), before.sum())
    )
    says = (kept != 0) | (before != 0)
    assert found.n == says.sum()
    assert (found.low, found.high) == pytest.approx(ratio((kept - before)[says], before[says]))
    rows = shop.rows("earned_growth", MARCH).set_index("customer_id")
    assert rows["kept"].to_dict() == pytest.approx(kept.to_dict())


def test_of_several_referrers_one_counts_and_the_one_recorded_goes_first():
    """An invited B before A did; with the customers' own column Q goes before both."""
    orders = [*NEW, ("Q", "2025-01-01", 1.0)]
    sent = [("C", "2026-02-01", "B", "2026-03-05"), ("A", "2026-02-02", "B", "2026-03-05")]
    mouth = opened(orders, sent).analysis("word_of_mouth", "2026-04").set_index("generation")
    assert mouth.loc[0, "customers"] == 3 and mouth.loc[1, "customers"] == 1
    people = [("A", "B"), ("B", "Q"), ("C", None), ("Q", None)]
    mouth = opened(orders, sent, people).analysis("word_of_mouth", "2026-04")
    # Q brought B, and B brought A: else A and B had brought each other.
    assert mouth["customers"].tolist() == [2, 1, 1, 4]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({"b": "a", "c": "b"}, [0, 1, 2]),
        ({"a": "x"}, [0, 0, 0]),
        ({"a": "c", "b": "a", "c": "b"}, [0, 1, 2]),
        ({"a": "b", "b": "a", "c": "a"}, [0, 1, 1]),
        ({"b": "c", "c": "b"}, [0, 0, 1]),
    ],
)
def test_generations_with_circles_cut_above_their_earliest(links, expected):
    names = ["a", "b", "c"]
    table = pd.DataFrame(
        {"customer_id": names, "referrer": [links.get(n) for n in names], "first_day": [1, 2, 3]}
    )
    assert generations(table).tolist() == expected


def test_a_long_circle_and_a_long_chain_end():
    n = 1000
    names = np.arange(n)
    ring = pd.DataFrame(
        {"customer_id": names, "referrer": (names + 1) % n, "first_day": np.arange(n)[::-1]}
    )
    found = generations(ring)
    assert sorted(found) == list(range(n))
    assert found[n - 1] == 0


def test_several_circles_with_tails_are_cut_each_at_its_earliest():
    """Two circles, of which the later names are the earlier customers, with chains below them."""
    links = {"a": "c", "b": "a", "c": "b", "d": "c", "e": "d", "p": "q", "q": "p", "r": "q",
             "s": "nobody", "t": "s", "u": "t"}  # fmt: skip
    begun = {"a": 5, "b": 3, "c": 4, "d": 1, "e": 2, "p": 9, "q": 9, "r": 1, "s": 8, "t": 8, "u": 2}
    for names in (list(links), list(links)[::-1]):
        table = pd.DataFrame({"customer_id": names, "referrer": [links[name] for name in names],
                              "first_day": [begun[name] for name in names]})  # fmt: skip
        found = dict(zip(names, generations(table).tolist(), strict=True))
        # b is the earliest of its circle; of p and q, who began on one day, the first row's.
        first, second = ("p", "q") if names[0] == "a" else ("q", "p")
        circle = {first: 0, second: 1}
        expected = {"b": 0, "c": 1, "a": 2, "d": 2, "e": 3, **circle, "r": circle["q"] + 1,
                    "s": 0, "t": 1, "u": 2}  # fmt: skip
        assert found == expected


@pytest.mark.parametrize(
    ("invited", "converted", "counts"),
    [
        ("2026-04-01", "2026-04-30", (0, 0)),
        ("2026-03-31", "2026-04-30", (1, 1)),
        ("2026-03-31", "2026-05-01", (1, 0)),
        ("2026-03-20", "2026-03-20", (1, 1)),
        ("2026-03-20", "2026-03-19", (1, 0)),
        ("2026-03-20", None, (1, 0)),
    ],
)
def test_an_invitation_is_taken_up_within_thirty_days_and_counts_after_them(
    invited, converted, counts
):
    """April closes on the first of May, thirty-one days after the last of March."""
    sent = [("A", invited, None if converted is None else "X", converted),
            ("A", "2026-03-01", "A", "2026-03-02")]  # fmt: skip
    table = opened(NEW, sent).analysis("word_of_mouth", "2026-04").set_index("generation")
    assert tuple(table.loc["all", ["invitations", "converted"]]) == counts


def test_word_of_mouth_counts_old_invitations_and_conversions_in_time():
    orders = [("A", "2026-03-02", 10.0), ("B", "2026-03-20", 20.0)]
    referrals = [("A", "2026-03-02", "B", "2026-03-20"), ("A", "2026-03-01", "X", "2026-04-01"),
                 ("A", "2026-04-02", None, None), ("B", "2026-03-31", None, None)]  # fmt: skip
    table = opened(orders, referrals).analysis("word_of_mouth", "2026-04")
    rows = table.set_index("generation")
    assert rows.loc[0, ["customers", "invitations", "converted"]].tolist() == [1, 2, 1]
    assert rows.loc[1, ["customers", "invitations", "converted"]].tolist() == [1, 1, 0]
    assert rows.loc["all", "k"] == 0.5
    assert rows.loc["all", "value"] == 15.0
