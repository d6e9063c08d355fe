"""Orders written in every combination of layout come back the same, or an error: no other money."""

import csv
import io
import json
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpilibError
from kpilib.loading import load
from tests.searching import examples

quiet = examples(15)
orders = st.lists(
    st.tuples(
        st.sampled_from(["An", "Bình", "Đạt", "O'Neil, P", 'Mai "M"', "Zoë"]),
        st.integers(0, 700).map(lambda days: date(2024, 1, 1) + timedelta(days)),
        st.integers(1, 9_999_999).map(lambda cents: cents / 100),
    ),
    min_size=2,
    max_size=12,
)


def money(value, decimal, thousands):
    text = f"{value:,.2f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


@quiet
@given(
    rows=orders,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    marks=st.sampled_from([(".", ""), (".", ","), (",", ""), (",", "."), (",", " ")]),
    days=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y%m%d", "%d-%b-%Y"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_the_same_orders_or_an_error(
    tmp_path_factory, rows, encoding, delimiter, marks, days, quoting, ends
):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    writer.writerow(["customer_id", "ordered_at", "amount"])
    for who, day, amount in rows:
        writer.writerow([who, day.strftime(days), money(amount, *marks)])
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    try:
        loaded = load(path, options={"orders": {"encoding": encoding}}, as_of="2026-12-31")
    except KpilibError:
        return
    account = loaded.accounts["orders"]
    assert account.read == len(rows) == account.kept + sum(account.left_out.values())
    kept = loaded.engine.collect(loaded.tables["orders"])
    epoch = date(1970, 1, 1)
    found = [(r.customer_id, epoch + timedelta(r.ordered_day), r.amount) for r in kept.itertuples()]
    wanted = list(rows)
    for one in found:
        assert one in wanted
        wanted.remove(one)
    assert len(wanted) == sum(account.left_out.values())


def files(tmp_path_factory, name, content):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    return path


@quiet
@given(text=st.text('[]{}",:0123 \nanulltrue.e-\\', max_size=60))
def test_whatever_stands_in_a_json_file_is_read_or_refused(tmp_path_factory, text):
    for name in ("orders.json", "orders.jsonl"):
        try:
            load(files(tmp_path_factory, name, text.encode()))
        except KpilibError:
            continue


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "orders.xlsx"
    rows = {"customer_id": ["a", "b"], "ordered_at": ["2026-01-05"] * 2, "amount": [1.5, 2]}
    pd.DataFrame(rows).to_excel(path, index=False, engine="xlsxwriter")
    return path.read_bytes()


@quiet
@given(place=st.integers(0, 5000), byte=st.integers(0, 255), cut=st.integers(1, 6000))
def test_a_workbook_with_a_wrong_byte_is_read_or_refused(
    tmp_path_factory, workbook, place, byte, cut
):
    content = bytearray(workbook)
    content[place % len(content)] = byte
    try:
        load(files(tmp_path_factory, "orders.xlsx", bytes(content[:cut])))
    except KpilibError:
        return


@quiet
@given(
    key=st.sampled_from(["file", "table", "sheet", "header", "join", "delimiter", "encoding"]),
    value=st.one_of(
        st.integers(-2, 9), st.booleans(), st.text(max_size=8), st.lists(st.text(max_size=3)),
        st.dictionaries(st.sampled_from(["file", "on", "sum", "x"]), st.text(max_size=4)),
    ),
)  # fmt: skip
def test_whatever_a_layout_key_says_there_are_rows_or_an_error(tmp_path_factory, key, value):
    folder = tmp_path_factory.mktemp("toml")
    (folder / "orders.csv").write_text("customer_id,ordered_at,amount\n1,2026-01-05,2\n")
    said = {"file": "orders.csv", key: value}
    lines = "".join(f"{name} = {_toml(one)}\n" for name, one in said.items())
    (folder / "kpilib.toml").write_text(f"[orders]\n{lines}", encoding="utf-8")
    try:
        load(folder / "kpilib.toml")
    except KpilibError:
        return


def _toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value).replace("\x7f", "\\u007f")
