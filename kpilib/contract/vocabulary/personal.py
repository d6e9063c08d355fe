"""What speaks of a person: names of columns, and values that reach somebody."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

EMAIL = r"[^\s@,;<>()\"']{1,64}@[^\s@,;<>()\"']{1,255}\.[A-Za-z]{2,}"
"""An address, of the lengths that RFC 5321 allows: without a bound a long cell is searched anew
from each of its letters."""
PHONE = r"(\+|\b00?)[1-9][0-9]{1,3}[ ().-]{0,2}[0-9][0-9 ().-]{4,}[0-9]"
REACHES = f"({EMAIL})|^\\s*({PHONE})\\s*$"
"""A value by which somebody is reached, in the regular expressions that every engine knows."""

HIDDEN = "(personal)"
"""What stands where a personal value stood."""

_FINDS = re.compile(f"{EMAIL}|(?<![\\w.,-]){PHONE}(?![\\w-])")

_PARTS = (
    *("email", "e mail", "mail address", "phone", "telephone", "mobile number", "whatsapp", "zalo"),
    *("wechat", "passport", "tax id", "national id", "birth date", "date of birth", "birthday"),
    *("first name", "last name", "full name", "surname", "given name", "family name", "nickname"),
    *("customer name", "client name", "buyer name", "recipient", "consignee", "billing name"),
    *("shipping name", "contact name", "user name", "username", "street", "address line"),
    *("address1", "address2", "shipping address", "billing address", "ip address"),
    *("thu dien tu", "dien thoai", "so dt", "sdt", "ho ten", "ho va ten", "ten khach"),
    *("nguoi nhan", "nguoi mua", "dia chi", "ngay sinh", "cccd", "cmnd"),
    *("邮箱", "郵箱", "电子邮件", "電子郵件", "电话", "電話", "手机", "手機", "姓名", "客户名称"),
    *(
        "客户姓名",
        "客戶姓名",
        "收货人",
        "收貨人",
        "收件人",
        "昵称",
        "地址",
        "生日",
        "身份证",
        "微信",
    ),
    *("telefon", "handynummer", "vorname", "nachname", "strasse", "anschrift", "geburtsdatum"),
)
_WHOLE = ("name", "ten", "名字", "address", "adresse", "phone", "mobile", "tel", "dob", "birthdate")

_GIVEN: ContextVar[bool] = ContextVar("personal data given", default=False)


@contextmanager
def with_personal_data(value: bool = True) -> Iterator[None]:
    """Sources loaded meanwhile keep what speaks of persons."""
    token = _GIVEN.set(value or _GIVEN.get())
    try:
        yield
    finally:
        _GIVEN.reset(token)


def keeps_personal_data() -> bool:
    """Whether sources loaded now keep what speaks of persons."""
    return _GIVEN.get()


def names_a_person(column: str) -> bool:
    """Whether a column of that name holds names, addresses or the like of persons.

    >>> [names_a_person(name) for name in ("Billing Name", "customerEmail", "Số điện thoại", "SKU")]
    [True, True, True, False]
    """
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    bare = unicodedata.normalize("NFD", split.lower().replace("đ", "d").replace("ß", "ss"))
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    words = " ".join(re.sub(r"[\W_]+", " ", bare).split())
    padded, joined = f" {words} ", words.replace(" ", "")
    if words in _WHOLE:
        return True
    return any(
        f" {part} " in padded
        or part.replace(" ", "") == joined
        or (part[0] > "\u2e80" and part in words)
        for part in _PARTS
    )


def veiled(text: str) -> str:
    """A text without the e-mail addresses and phone numbers in it.

    >>> veiled("2 rows of an.le@mail.vn, +84 903 123 456, from 2026-01-05")
    '2 rows of (personal), (personal), from 2026-01-05'
    """
    return text if keeps_personal_data() else _FINDS.sub(HIDDEN, text)
