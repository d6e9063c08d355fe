"""Which encoding a text file is in, from its bytes."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from kpilib.errors import InputError, near_miss

COMMON = ("utf-8", "utf-16", "gb18030", "gbk", "big5", "cp1258", "cp1252", "latin-1", "shift_jis")
"""The encodings that an error offers."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIMPLIFIED = (
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家"
    "订单号客户金额日期时间编号价状态付款已完成交易关闭退货取消买卖会员名称商品数量总计实际支付货收手机电话城市北京"
    "上海广州深圳元张王李刘陈杨赵黄周吴省区路店铺备注类型邮件电子地址渠道用户下单"
)
_TRADITIONAL = (
    "的一是不了在人有我他這為之大來以個中上們到說國和地也子時道出而要於就下得可你年生自會那後能對著事其裡所去行過家"
    "訂單號客戶金額日期時間編號價狀態付款已完成交易關閉退貨取消買賣會員名稱商品數量總計實際支付貨收手機電話城市臺北"
    "高雄台中新元張王李劉陳楊趙黃周吳省區路店鋪備註類型郵件電子地址渠道用戶下單"
)
_VOWELS = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VIETNAMESE = re.compile("[ăơưđĂƠƯĐ₫]")
_SOME = 2**16


def from_mark(head: bytes) -> str | None:
    """The encoding that a byte-order mark names, or that every second byte being 0 shows."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if max(odd, even) > len(head) / 5:
        return "utf-16-le" if odd >= even else "utf-16-be"
    return None


def likeliest(sample: bytes, possible: Iterable[str]) -> str:
    """The encoding of a text that is not UTF-8, among those that can read all of it.

    Chinese is told by how many of its characters are among the commonest ones, Vietnamese by
    tone marks that all stand on vowels beside letters that no other language has.

    >>> likeliest("订单编号,买家会员名,实际支付金额".encode("gbk"), ["gb18030", "big5", "cp1252"])
    'gb18030'
    >>> likeliest("訂單編號,客戶名稱,金額".encode("big5"), ["gb18030", "big5", "cp1252"])
    'big5'
    >>> likeliest("café, crème brûlée".encode("cp1252"), ["gb18030", "cp1258", "cp1252"])
    'cp1252'
    """
    possible = list(possible)
    commonness = {"gb18030": _SIMPLIFIED, "big5": _TRADITIONAL}
    found = {
        name: _share(sample.decode(name, "replace"), letters)
        for name, letters in commonness.items()
        if name in possible
    }
    best = max(found, key=lambda name: found[name], default="")
    if best and found[best] >= 0.25:
        return best
    if "cp1258" in possible and _is_vietnamese(sample.decode("cp1258", "replace")):
        return "cp1258"
    return next(name for name in ("cp1252", "latin-1") if name in possible)


def _share(text: str, letters: str) -> float:
    """The part of a text's non-ASCII characters that are among some letters."""
    wide = [letter for letter in text if ord(letter) > 0x2E7F and ord(letter) < 0xFF00]
    alien = sum(ord(letter) > 0x7F for letter in text)
    return sum(letter in letters for letter in wide) / alien if alien else 0.0


def _is_vietnamese(text: str) -> bool:
    toned = [place for place, letter in enumerate(text) if letter in _TONES]
    on_vowels = all(place and text[place - 1] in _VOWELS for place in toned)
    return bool(toned) and on_vowels and _VIETNAMESE.search(text) is not None


def mostly_utf8(sample: bytes) -> bool:
    """Whether a text that is not all UTF-8 is so but for a few broken bytes."""
    text = sample.decode("utf-8", "replace")
    alien = sum(ord(letter) > 0x7F for letter in text)
    return alien > 0 and text.count("\ufffd") <= alien / 10


def known(path: Path, encoding: str) -> str:
    """The encoding that a user named, as Python names it; refused where it is none of text."""
    try:
        found = codecs.lookup(encoding)
    except (LookupError, ValueError):
        found = None
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise InputError(
            f"{path}: encoding {encoding!r} is not known; {near_miss(encoding, COMMON)}"
        )
    return found.name


def composed(text: str) -> str:
    """Letters and the marks on them as one character, as everyone else writes them.

    >>> len(composed("a\\u0302\\u0301"))
    1
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)
