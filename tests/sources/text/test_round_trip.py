"""Orders written in any layout come back as they were, or an error: never other rows."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError
from kpilib.sources.text.csvfile import recognise
from kpilib.sources.text.read import read_csv
from tests.searching import examples

NAMES = ["order_id", "customer", "note", "amount"]
LETTERS = "ab 7.,;|\t'\"\néĐ订₫-=#"
cells = st.text(LETTERS, max_size=8).map(str.strip).filter(lambda t: t not in ("",))
orders = st.lists(
    st.tuples(st.integers(0, 999).map(str), cells, cells, st.integers(0, 99999).map(str)),
    min_size=1,
    max_size=8,
)


@examples(40)
@given(
    rows=orders,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
)
def test_the_same_rows_come_back(tmp_path_factory, rows, encoding, delimiter, quoting, ends, last):
    text = io.StringIO(newline="")
    if ends == "\r":  # the writer would leave a line feed within a value without quotes
        quoting = csv.QUOTE_ALL
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    writer.writerow(NAMES)
    writer.writerows(rows)
    content = text.getvalue() if last else text.getvalue().removesuffix(ends)
    path = tmp_path_factory.mktemp("trip") / "orders.csv"
    path.write_bytes(content.encode(encoding))
    duck = DuckEngine()
    try:
        read = read_csv(duck, recognise(path))
    except InputError:
        return
    found = duck.connection.sql(f"SELECT * FROM {read.name}").fetchall()
    wanted = [tuple(row) for row in rows]
    left = sum(lines.rows for lines in read.left_out)
    assert len(found) + left == len(wanted)
    assert set(found) <= set(wanted)
    if not left:
        assert found == wanted


@examples(50)
@given(body=st.binary(max_size=120))
def test_whatever_the_bytes_are_there_is_an_answer_or_an_input_error(tmp_path_factory, body):
    path = tmp_path_factory.mktemp("any") / "orders.csv"
    path.write_bytes(b"customer_id,ordered_at,amount\n" + body)
    duck = DuckEngine()
    try:
        read = read_csv(duck, recognise(path))
    except InputError:
        return
    rows = duck.count(read.name) + sum(lines.rows for lines in read.left_out)
    assert rows >= 0


@pytest.mark.parametrize("text", ['a,b\n"', 'a,b\n"\n"', 'a,b\n1,"2\n3,"4\n', '"a",b\n1,2"\n'])
def test_quotes_alone_end_in_rows_or_named_lines(tmp_path, text):
    (tmp_path / "o.csv").write_text(text)
    duck = DuckEngine()
    read = read_csv(duck, recognise(tmp_path / "o.csv"))
    lines = len(text.strip("\n").split("\n")) - 1
    assert duck.count(read.name) + sum(one.rows for one in read.left_out) == lines
