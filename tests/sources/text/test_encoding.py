"""Encodings are recognised from bytes, and the text comes through."""

import pytest

from kpilib.errors import InputError
from kpilib.loading import load

VIETNAMESE = "Nguyễn Văn Đạt,Trần Thị Hương,Phạm Quốc Cường,Lê Thị Thủy Ngọc"
SIMPLIFIED = "王小明,李雷,北京市朝阳区,交易成功的订单"
TRADITIONAL = "王小明,陳大文,臺北市信義區,已完成的訂單"
FRENCH = "Hélène,Noël Brûlé,Façade,Cœur"
ITALIAN = "può darsi,così è,perché più,città"
GERMAN = "Müller,Größe,Jürgen Weiß,Straße"


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", VIETNAMESE),
        ("utf-8-sig", SIMPLIFIED),
        ("utf-16", VIETNAMESE),
        ("gbk", SIMPLIFIED),
        ("gb18030", SIMPLIFIED),
        ("big5", TRADITIONAL),
        ("cp1258", VIETNAMESE),
        ("cp1252", FRENCH),
        ("cp1252", ITALIAN),
        ("latin-1", GERMAN),
    ],
)
def test_names_come_through_whatever_they_were_saved_in(tmp_path, encoding, names):
    text = "customer_id,ordered_at,amount\n"
    text += "".join(f"{name},2026-01-05,{place}\n" for place, name in enumerate(names.split(",")))
    if encoding == "cp1258":  # it has letters and tone marks apart
        text = decomposed(text)
    (tmp_path / "orders.csv").write_bytes(text.encode(encoding))
    loaded = load(tmp_path / "orders.csv")
    rows = loaded.engine.collect(loaded.tables["orders"]).sort_values("amount")
    assert rows["customer_id"].tolist() == names.split(",")


def decomposed(text):
    """Tone marks apart from their letters, as windows-1258 wants them."""
    import unicodedata

    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = ""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in tones)
        base = "".join(mark for mark in parts if mark not in tones)
        out += unicodedata.normalize("NFC", base) + tone
    return out


def test_a_few_broken_bytes_do_not_make_utf_8_another_encoding(tmp_path):
    text = f"customer_id,ordered_at,amount\n{VIETNAMESE.replace(',', ' ')},2026-01-05,1\n".encode()
    (tmp_path / "orders.csv").write_bytes(text + b"caf\xe9,2026-01-06,2\n")
    loaded = load(tmp_path / "orders.csv")
    ids = loaded.engine.collect(loaded.tables["orders"])["customer_id"].tolist()
    assert ids == [VIETNAMESE.replace(",", " "), "caf\ufffd"]
    assert "bytes that are not UTF-8" in loaded.accounts["orders"].notes[0]
    assert "in line 3" in loaded.accounts["orders"].notes[0]


@pytest.mark.parametrize("encoding", ["zlib", "rot13", "base64", "utf-99", "a\0b"])
def test_what_is_no_encoding_of_text_is_refused(tmp_path, encoding):
    (tmp_path / "orders.csv").write_text("customer_id,ordered_at,amount\n1,2026-01-05,1\n")
    with pytest.raises(InputError, match=r"encoding .* is not known"):
        load(tmp_path / "orders.csv", options={"orders": {"encoding": encoding}})


def test_an_encoding_that_fails_far_down_is_named(tmp_path):
    text = "customer_id,ordered_at,amount\n" + "1,2026-01-05,1\n" * 20_000
    (tmp_path / "orders.csv").write_bytes(text.encode() + "é,2026-01-05,1\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"is not utf-8 in line .*set encoding"):
        load(tmp_path / "orders.csv", options={"orders": {"encoding": "utf-8"}})
