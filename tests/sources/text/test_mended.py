"""CSV files that lose their place: every line is a row or left out for a reason, and named."""

import pytest

from kpilib.errors import InputError
from kpilib.loading import load
from kpilib.sources.text import mended

HEAD = "customer_id,ordered_at,amount,item\n"
RAGGED = "the line has more or fewer fields than the header"


def row(number, item="x"):
    return f"c{number},2025-01-{number % 27 + 1:02d},{number}.5,{item}\n"


def read(tmp_path, text, **options):
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    loaded = load(path, gate=False, **options)
    return loaded.engine.collect(loaded.tables["orders"]), loaded.accounts["orders"]


def rows(count, **at):
    return "".join(row(n, at.get(f"r{n}", "x")) for n in range(1, count + 1))


@pytest.mark.parametrize(
    ("at", "lines"),
    [
        ({"r5": '"24 inch frame'}, "line 6"),
        ({"r5": '"24 inch frame', "r9": '"20 inch frame'}, "lines 6, 10"),
        ({"r5": '"24" frame'}, "line 6"),
        ({"r40": '"last'}, "line 41"),
    ],
)
def test_a_stray_quote_costs_no_row_and_is_named(tmp_path, at, lines):
    kept, account = read(tmp_path, HEAD + rows(40, **at))
    assert (account.read, account.kept) == (40, 40)
    assert kept["amount"].sum() == sum(n + 0.5 for n in range(1, 41))
    note = next(note for note in account.notes if "stray quote" in note)
    assert any(part in note for part in lines.split("|"))


def test_two_lines_that_could_be_rows_or_one_value_are_named(tmp_path):
    text = HEAD + rows(40, r5='"a', r6='b"')
    with pytest.raises(InputError, match="a quote opens in line 6 and closes in line 7"):
        read(tmp_path, text)
    whole = HEAD + rows(40, r5='"a\nb, c"', r6='"two\nlines, 3, 4"')
    _, account = read(tmp_path, whole)
    assert account.kept == 40


def test_quotes_that_are_right_are_not_touched(tmp_path):
    at = {"r3": '"a, b"', "r4": '"say ""hi"""', "r5": '"two\nlines"', "r6": '5" tube', "r7": '""'}
    kept, account = read(tmp_path, HEAD + rows(10, **at))
    assert (account.read, account.kept, account.notes) == (10, 10, ())
    assert kept["item"].tolist()[2:6] == ["a, b", 'say "hi"', "two\nlines", '5" tube']


def test_a_quote_over_two_lines_stays_one_row_beside_a_stray_one(tmp_path):
    at = {"r3": '"two\nlines"', "r8": '"stray'}
    kept, account = read(tmp_path, HEAD + rows(10, **at))
    assert (account.read, account.kept) == (10, 10)
    assert kept["item"].tolist()[2] == "two\nlines"
    assert "orders.csv: a stray quote in line 10 was read as a letter" in account.notes


def test_ragged_lines_are_counted_with_their_lines_beside_quotes(tmp_path):
    text = HEAD + rows(3, r2='"a, b"') + "c9,2025-01-09\n" + "c8,2025-01-09,1,x,y\n" + row(4)
    _, account = read(tmp_path, text)
    assert (account.read, account.kept, account.left_out) == (6, 4, {RAGGED: 2})
    assert account.samples[RAGGED]["line"].tolist() == [5, 6]


def test_fields_too_many_that_are_empty_are_dropped(tmp_path):
    text = HEAD + "".join(line + ",,\n" for line in rows(5).splitlines())
    _, account = read(tmp_path, text)
    assert (account.read, account.kept) == (5, 5)


@pytest.mark.parametrize(
    "ends",
    [("\n", "\n"), ("\r\n", "\r\n"), ("\r", "\r"), ("\r\n", "\n"), ("\n", "\r"), ("\r", "\r\n")],
)
@pytest.mark.parametrize("last", [True, False])
def test_lines_may_end_in_any_way(tmp_path, ends, last):
    lines = (HEAD + rows(6)).splitlines()
    text = "".join(line + ends[place % 2] for place, line in enumerate(lines))
    kept, account = read(tmp_path, text if last else text.rstrip("\r\n"))
    assert (account.read, account.kept) == (6, 6)
    assert kept["item"].tolist() == ["x"] * 6


def test_blank_lines_are_no_rows_and_cost_none(tmp_path):
    text = HEAD + "\n" + rows(3) + "\n\n" + row(4) + "   \n"
    _, account = read(tmp_path, text)
    assert (account.read, account.kept) == (4, 4)


def test_a_nul_spoils_no_more_than_its_value_and_is_named(tmp_path):
    text = HEAD + row(1) + "c2,2025-01-03,1\x002,x\n" + row(3, "a\x00b")
    kept, account = read(tmp_path, text)
    assert (account.read, account.kept) == (3, 2)
    assert kept["amount"].tolist() == [1.5, 3.5]
    note = "orders.csv has 2 NUL characters, shown as \ufffd, the first of them in line 3"
    assert note in account.notes


def test_the_header_again_and_totals_are_counted_as_such(tmp_path):
    text = HEAD + rows(3) + HEAD + rows(2) + "Total,,12.50,\n"
    kept, account = read(tmp_path, text)
    assert account.left_out == {"the header once more": 1, "a line of totals": 1}
    assert (account.read, account.kept, len(kept)) == (7, 5, 5)
    text = HEAD + rows(3) + "合计,,7.5,\n" + "Total,2025-01-04,1,x\n"
    _, account = read(tmp_path, text)
    assert account.left_out == {"a line of totals": 1}


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("Sales 2025,,,\n,,,\n", 3),
        ("Sales 2025\n\nmade on 2025-02-01\n", 4),
        ('"Sales, all"\n', 2),
        ("Shop:,An\nFrom:,2025-01-01\n\n", 4),
    ],
)
def test_titles_above_the_header_are_no_rows(tmp_path, above, line):
    _, account = read(tmp_path, above + HEAD + rows(4))
    assert (account.read, account.kept) == (4, 4)
    assert any(f"the header was found in line {line}" in note for note in account.notes)


def test_the_header_may_be_told(tmp_path):
    text = "a,b,c,d\n" + HEAD + rows(2)
    _, account = read(tmp_path, text, options={"orders": {"header": 2}})
    assert (account.read, account.kept) == (2, 2)
    columns = {"customer_id": "column_1", "ordered_at": "column_2", "amount": "column_3"}
    told = {"orders": {"header": 0, "columns": columns}}
    _, account = read(tmp_path, rows(3), options=told)
    assert (account.read, account.kept) == (3, 3)
    with pytest.raises(InputError, match=r"looks like a row.* write header = 0"):
        read(tmp_path, rows(3))


def test_excel_may_say_its_delimiter_first(tmp_path):
    text = "sep=|\n" + (HEAD + rows(3)).replace(",", "|")
    _, account = read(tmp_path, text)
    assert (account.read, account.kept) == (3, 3)


def test_a_line_beyond_all_measure_is_named(tmp_path):
    for size in (1_999_000, 2_000_001, 5_000_000, 40_000_000):
        _, account = read(tmp_path, HEAD + rows(2) + row(3, "y" * size) + row(4))
        reason = {"the line has more than 2 million bytes": 1} if size > 2_000_000 else {}
        assert (account.read, account.left_out) == (4, reason)


def test_a_quote_reaches_only_so_far(tmp_path, monkeypatch):
    monkeypatch.setattr(mended, "REACH", 3)
    at = {"r2": '"' + "long\n" * 8 + 'end"'}
    _, account = read(tmp_path, HEAD + rows(3, **at) + row(5, '"stray'))
    assert account.read == account.kept + sum(account.left_out.values())
    assert account.kept >= 3
