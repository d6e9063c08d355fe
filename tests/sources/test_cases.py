"""The small files of the issue that go wrong in their layout, each with its right value."""

import pytest

from kpilib.errors import InputError
from kpilib.loading import load


def written(tmp_path, text, name="orders.csv"):
    (tmp_path / name).write_bytes(text.encode())
    return tmp_path / name


def test_unclosed_quote(tmp_path):
    lines = [f"c{n},2025-01-{n:02d},{n}.25,item {n}\n" for n in range(1, 29)]
    lines[20] = lines[20].replace("item 21", '"24 inch frame')
    loaded = load(written(tmp_path, "customer_id,ordered_at,amount,item\n" + "".join(lines)))
    account = loaded.accounts["orders"]
    assert (account.read, account.kept) == (28, 28)
    assert account.notes[0] == "orders.csv: a stray quote in line 22 was read as a letter"
    rows = loaded.engine.collect(loaded.tables["orders"])
    assert rows["amount"].sum() == sum(range(1, 29)) + 28 * 0.25
    assert '"24 inch frame' in rows["item"].tolist()


def test_mixed_line_ends(tmp_path):
    text = "customer_id,ordered_at,amount\na,2025-01-01,3\r\nb,2025-01-02,4\r\n"
    loaded = load(written(tmp_path, text))
    assert loaded.engine.collect(loaded.tables["orders"])["amount"].tolist() == [3, 4]


def test_title(tmp_path):
    path = written(tmp_path, 'Sales 2024,,\n,,\nOrder,Customer,Total\n1,a,"$1,000.00"\n')
    with pytest.raises(InputError, match="has no column customer_id and no column ordered_at"):
        load(path)
    text = path.read_text().replace("Total", "Total,Order date").replace('.00"', '.00",2024-01-05')
    loaded = load(written(tmp_path, text))
    account = loaded.accounts["orders"]
    assert "orders.csv: the header was found in line 3; 1 line above it is no rows" in account.notes
    assert loaded.engine.collect(loaded.tables["orders"])["amount"].tolist() == [1000]
