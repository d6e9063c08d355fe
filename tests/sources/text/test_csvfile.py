"""CSV files: encodings, delimiters and headers as people really save them."""

import pytest

from kpilib.contract.layout import Place
from kpilib.errors import InputError
from kpilib.sources.text.csvfile import recognise

TEXT = "customer_id,city\n1,Đà Nẵng\n2,café €\n"


def written(tmp_path, content: bytes, name="orders.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "text", "found"),
    [
        ("utf-8", TEXT, "utf-8"),
        ("utf-8-sig", TEXT, "utf-8-sig"),
        ("utf-16", TEXT, "utf-16"),
        ("utf-16-le", "customer_id,city\n1,Bonn\n", "utf-16-le"),
        ("utf-16-be", "customer_id,city\n1,Bonn\n", "utf-16-be"),
        ("cp1252", "customer_id,city\n2,café €\n", "cp1252"),
        ("latin-1", "customer_id,city\n2,caf\xe9 \x81\n", "latin-1"),
    ],
)
def test_an_encoding_is_recognised_and_its_text_comes_through(tmp_path, encoding, text, found):
    file = recognise(written(tmp_path, text.encode(encoding)))
    assert file.encoding == found
    assert file.names == ["customer_id", "city"]
    assert bool(file.notes) == (not found.startswith("utf-8"))
    with file.as_utf8() as path:
        assert path.read_text("utf-8-sig") == text


def test_a_letter_far_down_decides_the_encoding(tmp_path):
    lines = b"customer_id,city\n" + b"1,Bonn\n" * 20_000 + b"2,caf\xe9\n"
    assert recognise(written(tmp_path, lines)).encoding == "cp1252"


def test_a_given_encoding_is_believed_or_refused(tmp_path):
    path = written(tmp_path, "customer_id,city\n1,Łódź\n".encode("cp1250"))
    assert recognise(path, Place(encoding="cp1250")).encoding == "cp1250"
    with pytest.raises(InputError, match="is not utf-8 in line 2; set encoding"):
        recognise(path, Place(encoding="utf-8"))
    with pytest.raises(InputError, match="encoding 'utf-88' is not known; did you mean 'utf-8'"):
        recognise(path, Place(encoding="utf-88"))


@pytest.mark.parametrize(
    ("text", "delimiter", "names"),
    [
        ("a,b,c\n1,2,3\n", ",", ["a", "b", "c"]),
        ("a;b;c\n1,5;2;3,5\n", ";", ["a", "b", "c"]),
        ("a\tb\n1\t2\n", "\t", ["a", "b"]),
        ("a|b\n1|2\n", "|", ["a", "b"]),
        ('"a;x",b\n"1;2;3",2\n', ",", ["a;x", "b"]),
        ('a,b\n"line\nbreak",2\n', ",", ["a", "b"]),
        ("a\n1\n", ",", ["a"]),
        (" a , b \n1,2\n", ",", ["a", "b"]),
        ("a,,b\n1,2,3\n", ",", ["a", "column_2", "b"]),
    ],
)
def test_a_delimiter_is_recognised(tmp_path, text, delimiter, names):
    file = recognise(written(tmp_path, text.encode()))
    assert (file.delimiter, file.names) == (delimiter, names)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; a table needs a header and rows"),
        (b" \n\n", "is empty"),
        (b",,\n1,2,3\n", "the first line has no column names"),
        (b"a,B,b\n1,2,3\n", "two columns are called 'B'"),
    ],
)
def test_a_file_without_a_header_is_refused(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        recognise(written(tmp_path, content))
