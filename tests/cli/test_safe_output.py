"""What is in the data neither reaches a terminal as orders, nor a spreadsheet as a formula."""

import json

import pandas as pd
import pytest

import kpilib
from kpilib.cli import main
from kpilib.contract.vocabulary.personal import names_a_person, veiled
from kpilib.errors import InputError
from kpilib.loading import load

PLANTED = ("an.le@mail.example", "+84 903 555 123", "Nguyen Van Planted", "12 Planted Street")


@pytest.fixture
def persons(tmp_path, monkeypatch):
    """Orders whose customers are e-mail addresses, with names, phones and a street."""
    monkeypatch.chdir(tmp_path)
    days = pd.date_range("2026-01-03", periods=40, freq="3D").strftime("%Y-%m-%d")
    ids = [PLANTED[0], PLANTED[1], "c1", "c2", None] * 8
    rows = {
        "customer_id": ids,
        "ordered_at": [*days[:-1], "never"],
        "amount": 5.0,
        "Billing Name": PLANTED[2],
        "địa chỉ": PLANTED[3],
        "memo": ["fine", f"write to {PLANTED[0]}"] * 20,
        "country": "VN",
    }
    pd.DataFrame(rows).to_csv("orders.csv", index=False)
    return tmp_path / "orders.csv"


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["check", "--json"],
        ["kpi", "new_customers", "--period", "2026-01", "--rows"],
        ["kpi", "new_customers", "--period", "2026-01", "--by", "country"],
        ["kpi", "new_customers", "--period", "2026-01", "--by", "Billing Name"],
        ["kpi", "rfm_segments", "--period", "2026-03"],
        ["kpi", "churn_rate", "--period", "2026-03", "--json"],
    ],
)
def test_no_output_names_a_person(persons, capsys, words):
    main([*words, "--data", "orders.csv"])
    said = capsys.readouterr()
    for planted in PLANTED:
        assert planted not in said.out + said.err


def test_persons_are_shown_where_that_was_asked_for(persons, capsys):
    words = ["kpi", "new_customers", "--period", "2026-01", "--rows", "--data", "orders.csv"]
    assert main([*words, "--with-personal-data"]) == 0
    assert PLANTED[0] in capsys.readouterr().out
    base = kpilib.open("orders.csv", personal_data=True)
    assert "Billing Name" in base.engine.collect(base.tables["orders"]).columns
    assert PLANTED[2] in base.accounts["orders"].text(samples=True)


def test_an_id_is_hashed_alike_in_every_table_and_its_kpis_stay(persons, tmp_path):
    who = pd.DataFrame({"customer_id": [PLANTED[0], "c1"], "country": ["VN", "DE"]})
    orders = pd.read_csv(persons)[["customer_id", "ordered_at", "amount"]].iloc[:-1]
    hidden = kpilib.open(orders=orders, customers=who)
    shown = kpilib.open(orders=orders, customers=who, personal_data=True)
    ask = ("new_customers", "2026-01", "country")
    assert [(v.segment, v.value) for v in hidden.kpi(*ask)] == [
        (v.segment, v.value) for v in shown.kpi(*ask)
    ]
    ids = set(hidden.engine.collect(hidden.tables["orders"])["customer_id"])
    assert {"c1", "c2"} < ids and all(one[:2] in ("c1", "c2", "h-") for one in ids)


def test_columns_may_be_marked_as_personal(tmp_path):
    orders = pd.DataFrame(
        {"customer_id": ["a", "b"], "ordered_at": "2026-01-05", "amount": 1.0, "club": "Planted"}
    )
    load(orders=orders)
    loaded = load(orders=orders, privacy={"columns": ["club"]})
    assert "club" not in loaded.engine.collect(loaded.tables["orders"]).columns


def test_errors_name_no_person_either(tmp_path):
    orders = pd.DataFrame(
        {"customer_id": ["a", "b"], "ordered_at": "2026-01-05", "amount": [PLANTED[0], "x"]}
    )
    with pytest.raises(InputError) as refused:
        load(orders=orders)
    assert PLANTED[0] not in str(refused.value)


@pytest.mark.parametrize(
    ("column", "is_personal"),
    [
        ("email", True),
        ("customer_email", True),
        ("E-Mail", True),
        ("shippingName", True),
        ("Họ và tên", True),
        ("SĐT", True),
        ("收货人姓名", True),
        ("Straße", True),
        ("status", False),
        ("product_name", False),
        ("email_campaign_id_count", True),
        ("street_food", True),
        ("channel", False),
        ("tên sản phẩm", False),
        ("名称", False),
    ],
)
def test_columns_about_persons_are_known_by_name(column, is_personal):
    assert names_a_person(column) is is_personal


def test_days_amounts_and_order_numbers_are_no_phones():
    text = "2026-01-05 10:11:12, 1.234.567,00, order 1000012345, 0.12345678, 20260105"
    assert veiled(text) == text


HOSTILE = "\x1b]0;owned\x07\x1b[2J=HYPERLINK(1)\u202egpj"


def test_a_terminal_shows_control_characters_and_obeys_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    orders = pd.DataFrame(
        {"customer_id": ["a", "b", None], "ordered_at": "2026-01-05", "amount": 1.0}
    )
    orders["shop"] = HOSTILE
    orders.to_csv("orders.csv", index=False)
    for words in (["check"], ["kpi", "new_customers", "--period", "2026-01", "--by", "shop"]):
        main([*words, "--data", "orders.csv"])
    main(["check", "--data", f"no{HOSTILE}.csv"])
    said = capsys.readouterr()
    for stream in (said.out, said.err):
        assert "\\x1b]0;owned\\x07" in stream
        assert not set(stream) & set("\x1b\x07\u202e")


def test_rows_act_in_no_spreadsheet(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    days = [f"2026-01-{day:02}" for day in range(1, 21)]
    ids = ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "plain"] * 4
    pd.DataFrame({"customer_id": ids, "ordered_at": days, "amount": 2.0}).to_csv(
        "orders.csv", index=False
    )
    words = ["kpi", "new_customers", "--period", "2026-01", "--rows", "--data", "orders.csv"]
    assert main(words) == 0
    out = capsys.readouterr().out
    cells = [cell.strip('"') for line in out.splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@")]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)
