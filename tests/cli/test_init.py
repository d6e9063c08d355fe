"""`kpilib init`: what it writes, prints and asks, and what it does not overwrite."""

import pytest

import kpilib
from kpilib.cli import main

SHOP = "Kundennummer;Bestelldatum;Gesamtbetrag\nK1;05.01.2026;12,50\nK2;31.01.2026;1.000,00\n"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    (tmp_path / "verkauf.csv").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_writes_a_file_that_runs_and_shows_what_it_read(shop, capsys):
    assert main(["init", "verkauf.csv", "--currency", "EUR"]) == 0
    said = capsys.readouterr().out
    assert "verkauf.csv: orders. customer_id = Kundennummer, ordered_at = Bestelldatum" in said
    assert "K2 2026-01-31 00:00:00  1000.0" in said
    assert "orders: 2 rows read, 2 kept, 0 left out" in said
    assert "written: kpilib.toml" in said
    base = kpilib.open("kpilib.toml")
    assert base.settings.currency == "EUR"
    assert base.engine.collect(base.tables["orders"])["amount"].sum() == 1012.5


def test_a_file_that_is_there_stays(shop, capsys):
    (shop / "kpilib.toml").write_text("mine")
    assert main(["init", "verkauf.csv"]) == 2
    assert "kpilib.toml is there already" in capsys.readouterr().err
    assert (shop / "kpilib.toml").read_text() == "mine"
    assert main(["init", "verkauf.csv", "--force"]) == 0


def test_a_dash_prints_the_toml_alone_on_stdout(shop, capsys):
    assert main(["init", "verkauf.csv", "--to", "-"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("# Proposed by kpilib init") and "[orders.columns]" in said.out
    assert "To decide" not in said.err
    assert not (shop / "kpilib.toml").exists()


def test_what_it_may_not_decide_it_asks_and_takes_as_an_answer(shop, capsys):
    text = "customer,when,total,amount\na,01/02/2026,1,2.5\nb,03/02/2026,2,3\n"
    (shop / "open.csv").write_text(text)
    assert main(["init", "open.csv"]) == 2
    said = capsys.readouterr().out
    assert 'amount: choose "amount" or "total"' in said and "(to be completed)" in said
    assert '# amount = "total"' in (shop / "kpilib.toml").read_text()
    answer = ["init", "open.csv", "--force", "--column", "amount=total"]
    assert main(answer) == 2
    asked = capsys.readouterr().out
    assert 'date_format = "%d/%m/%Y" or date_format = "%m/%d/%Y"' in asked
    assert main([*answer, "--date-format", "%d/%m/%Y"]) == 0
    base = kpilib.open("kpilib.toml")
    assert base.engine.collect(base.tables["orders"])["amount"].sum() == 3


def test_paths_are_relative_to_where_the_toml_is_to_stand(shop):
    (shop / "conf").mkdir()
    proposal = kpilib.init("verkauf.csv", to="conf/kpilib.toml")
    assert proposal.runs and 'file = "../verkauf.csv"' in proposal.toml
    assert "lie outside" in str(proposal) and "--trust-source" in str(proposal)
    with pytest.raises(kpilib.InputError, match=r"verkauf.csv lies outside .*--trust-source"):
        kpilib.open("conf/kpilib.toml")
    assert kpilib.open("conf/kpilib.toml", trust=True).accounts["orders"].kept == 2


def test_several_files_become_several_tables_or_parts_of_one(shop):
    (shop / "kunden.csv").write_text("id,created_at,country\nK1,2026-01-01,DE\nK2,2026-01-01,VN\n")
    (shop / "verkauf2.csv").write_text(SHOP.replace("2026", "2025"))
    proposal = kpilib.init("verkauf.csv", "verkauf2.csv", "kunden.csv", to="kpilib.toml")
    assert proposal.runs, str(proposal)
    base = kpilib.open("kpilib.toml")
    assert base.accounts["orders"].parts == {"verkauf.csv": (2, 2), "verkauf2.csv": (2, 2)}
    assert base.accounts["customers"].kept == 2


def test_items_are_joined_to_orders_that_have_no_amount(shop):
    (shop / "orders.csv").write_text(
        "order_id,customer_id,order_date\n1,a,2026-01-05\n2,b,2026-01-06\n"
    )
    (shop / "order_items.csv").write_text("order_id,item,price\n1,x,2.5\n1,y,3\n2,x,4\n")
    proposal = kpilib.init("orders.csv", "order_items.csv", to="kpilib.toml")
    assert proposal.runs, str(proposal)
    base = kpilib.open("kpilib.toml")
    rows = base.engine.collect(base.tables["orders"]).sort_values("order_id")
    assert rows["amount"].tolist() == [5.5, 4.0]


def test_no_file_is_left_away_without_a_word(shop):
    head = "order_id,customer_id,order_date\n"
    (shop / "orders.csv").write_text(f"{head}1,a,2026-01-05\n2,b,2026-01-06\n")
    (shop / "order_items.csv").write_text("order_id,item,price\n1,x,2.5\n2,x,4\n")
    proposal = kpilib.init("verkauf.csv", "orders.csv", "order_items.csv")
    assert 'file = "verkauf.csv"' in proposal.toml
    unused = " ".join(proposal.questions)
    assert "orders.csv: not used" in unused and "order_items.csv: not used" in unused


def test_what_cannot_be_looked_at_is_named(shop, capsys):
    assert main(["init", "nowhere.csv"]) == 2
    assert "nowhere.csv: there is no nowhere.csv" in capsys.readouterr().err
    assert main(["init", "verkauf.csv", "--column", "amount"]) == 2
    assert "write it like amount=" in capsys.readouterr().err
    assert main(["init", "verkauf.csv", "--column", "amout=x"]) == 2
    assert "did you mean 'amount'" in capsys.readouterr().err


def test_check_offers_init_for_a_file_it_cannot_map(shop, capsys):
    (shop / "odd.csv").write_text("a,b\n1,2\n")
    assert main(["check", "--data", "odd.csv"]) == 2
    assert "kpilib init odd.csv" in capsys.readouterr().err


def test_the_tables_of_a_database_are_looked_at_each(shop):
    import sqlite3

    import pandas as pd

    connection = sqlite3.connect(shop / "shop.sqlite")
    sales = pd.DataFrame({"sale_id": [1], "client_id": ["a"], "sale_date": ["2026-01-05"]})
    sales.assign(total=[2.5]).to_sql("sales", connection, index=False)
    people = pd.DataFrame({"client_id": ["a"], "created": ["2026-01-01"], "country": ["VN"]})
    people.to_sql("people", connection, index=False)
    pd.DataFrame({"x": [1], "y": [2]}).to_sql("zones", connection, index=False)
    pd.DataFrame({"x": []}).to_sql("empty", connection, index=False)
    connection.close()
    proposal = kpilib.init("shop.sqlite", to="kpilib.toml")
    assert proposal.runs, str(proposal)
    base = kpilib.open("kpilib.toml")
    assert {name: account.kept for name, account in base.accounts.items()} == {
        "orders": 1,
        "customers": 1,
    }
    assert "shop.sqlite:zones: not used; " in str(proposal)


def test_the_sheets_of_a_workbook_are_looked_at_each(shop):
    import pandas as pd

    with pd.ExcelWriter(shop / "shop.xlsx", engine="xlsxwriter") as writer:
        pd.DataFrame({"Mã đơn hàng": [1], "Ngày mua": ["2026-01-05"], "Khách hàng": ["An"]}).assign(
            **{"Tổng tiền": [45000]}
        ).to_excel(writer, sheet_name="Bán hàng", index=False)
        pd.DataFrame().to_excel(writer, sheet_name="Ghi chú", index=False)
    proposal = kpilib.init("shop.xlsx", to="kpilib.toml")
    assert proposal.runs, str(proposal)
    assert 'sheet = "Bán hàng"' in proposal.toml
    assert kpilib.open("kpilib.toml").accounts["orders"].kept == 1
