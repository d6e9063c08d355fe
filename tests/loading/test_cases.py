"""Small files of kinds that went wrong once, each with what must come out of it."""

import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.loading import load

from .shops import csv, read, rows

VND = """customer_id;ordered_at;amount
a;05.01.2024;45.000
b;15.02.2024;120.000
c;16.02.2024;999.000
"""
HEAD = "customer_id,ordered_at,amount\n"


def days(loaded) -> list[str]:
    return [str(day)[:10] for day in pd.to_datetime(rows(loaded)["ordered_day"], unit="D")]


def test_groups_of_three_behind_every_dot_stop_and_with_the_decimal_comma_are_thousands(tmp_path):
    with pytest.raises(InputError, match=r"like '120\.000' is 120 .* or 120000 with a decimal com"):
        load(csv(tmp_path, VND))
    (tmp_path / "shop.toml").write_text(
        'currency="VND"\ntime_zone="Asia/Ho_Chi_Minh"\n[orders]\nfile="orders.csv"\ndecimal=","\n'
    )
    loaded = load(tmp_path / "shop.toml")
    assert rows(loaded)["amount"].tolist() == [45000, 120000, 999000]
    (tmp_path / "shop.toml").write_text('[orders]\nfile="orders.csv"\n')
    with pytest.raises(InputError, match=r'write decimal = "\."') as caught:
        load(tmp_path / "shop.toml")
    assert str(caught.value).endswith(f"below [orders] in {tmp_path / 'shop.toml'}")


def test_parentheses_are_a_refund_on_its_day(tmp_path):
    text = HEAD + "a,2024-01-05,(12.50)\nb,2024-02-15,20.00\nc,2024-02-16,21.00\n"
    loaded = load(csv(tmp_path, text))
    assert sorted(rows(loaded)["amount"]) == [20, 21]
    (refund,) = rows(loaded, "refunds").to_dict("records")
    assert (refund["customer_id"], refund["amount"], refund["refunded_day"]) == ("a", 12.5, 19727)


def test_two_ways_of_writing_dates_are_both_read_and_told_with_the_number(tmp_path):
    iso = [f"c{n % 9},2025-{n // 20 + 1:02d}-{n % 20 + 1:02d},10\n" for n in range(30)]
    ours = [f"c{n % 9},{day:02d}/03/2025,10\n" for n, day in enumerate(range(5, 22, 2))]
    base = kpilib.open(csv(tmp_path, HEAD + "".join(iso + ours)))
    account = base.accounts["orders"]
    assert (account.kept, account.left_out) == (39, {})
    assert account.notes[0] == (
        "ordered_at is written in 2 ways: 30 like '2025-01-01', 9 like '05/03/2025'"
    )
    assert base.kpi("average_purchase_value", "2025-03").value == 10
    told = [note.en for note in base.kpi("average_purchase_value", "2025-03").notes]
    assert any("9 of 39 rows (23.1%) are mixed" in note for note in told)


def test_month_names_and_years_of_two_digits_are_read(tmp_path):
    loaded = load(csv(tmp_path, HEAD + "a,15-Jan-24,3\nb,03-Feb-24,4\n"))
    assert days(loaded) == ["2024-01-15", "2024-02-03"]


def test_a_month_alone_asks_for_its_day(tmp_path):
    path = csv(tmp_path, HEAD + "a,2024-01,3\nb,2024-02,4\n")
    with pytest.raises(InputError, match=r'write day = "first" or day = "last" or day = 15 below'):
        load(path)
    loaded = load(path, options={"orders": {"day": "last"}})
    assert days(loaded) == ["2024-01-31", "2024-02-29"]


def test_contracts_without_ends_all_run(tmp_path):
    path = tmp_path / "subscriptions.csv"
    path.write_text(
        "customer_id,started_at,mrr\nA,2025-12-01,10\nB,2025-12-05,20\nC,2026-01-10,30\n"
    )
    base = kpilib.open(subscriptions=path, as_of="2026-02-01")
    assert (
        base.kpi("customer_ledger", "2026-01").frame().set_index("segment")["value"]["closing"] == 3
    )
    assert base.accounts["subscriptions"].notes[0].startswith("no ends are recorded")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("GMT+7", r"write Asia/Ho_Chi_Minh or Etc/GMT-7 \(in names of Etc the sign is turned"),
        ("UTC+05:30", "write Asia/Kolkata$"),
        ("-05:00", r"write America/New_York or Etc/GMT\+5"),
        ("Saigon", "did you mean 'Asia/Saigon'"),
    ],
)
def test_a_zone_by_its_offset_is_answered_with_a_place(zone, said):
    with pytest.raises(InputError, match=said):
        load(orders=pd.DataFrame({"customer_id": ["a"]}), time_zone=zone)


def test_a_refunded_order_is_taken_off_once_whichever_way_the_file_says_it(tmp_path):
    head = "order_id,customer_id,ordered_at,amount,status\n"
    keep = "2,b,2026-01-06,30,paid\n"
    ways = {
        "by status": "1,a,2026-01-05,20,refunded\n",
        "by a row": "1,a,2026-01-05,20,paid\n1,a,2026-01-09,-20,refunded\n",
        "by both": "1,a,2026-01-05,20,refunded\n1,a,2026-01-09,-20,refunded\n",
    }
    for name, text in ways.items():
        base = kpilib.open(csv(tmp_path, head + text + keep), as_of="2026-02-01")
        money = base.engine.collect(base.money)
        assert money["amount"].sum() == 30, name
    refund = pd.DataFrame({"order_id": [1], "refunded_at": ["2026-01-09"], "amount": [20.0]})
    for status in ("paid", "refunded"):
        path = csv(tmp_path, head + f"1,a,2026-01-05,20,{status}\n" + keep)
        base = kpilib.open(path, refunds=refund, as_of="2026-02-01")
        assert base.engine.collect(base.money)["amount"].sum() == 30, status


def test_read_and_kept_add_up_in_every_case(tmp_path):
    for text in (HEAD + "a,2024-01-05,(1.5)\nguest,2024-01-06,2\n,2024-01-07,3\n", VND):
        options = {"orders": {"decimal": ","}} if ";" in text else {}
        _, account = read(csv(tmp_path, text), options=options)
        assert account.read == account.kept + sum(account.left_out.values()) == 3
