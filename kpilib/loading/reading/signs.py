"""The signs and words of currencies that stand beside amounts."""

import re
from collections.abc import Iterable

CODES = {
    "$": ("USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD"),
    "US$": ("USD",), "A$": ("AUD",), "AU$": ("AUD",), "C$": ("CAD",), "CA$": ("CAD",),
    "HK$": ("HKD",), "NT$": ("TWD",), "NZ$": ("NZD",), "R$": ("BRL",), "S$": ("SGD",),
    "€": ("EUR",), "EURO": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"),
    "円": ("JPY",), "元": ("CNY",), "人民币": ("CNY",), "RMB": ("CNY",), "₫": ("VND",),
    "Đ": ("VND",), "VNĐ": ("VND",), "ĐỒNG": ("VND",), "₹": ("INR",),
    "RS.": ("INR", "PKR", "LKR", "NPR"), "RS": ("INR", "PKR", "LKR", "NPR"), "₩": ("KRW",),
    "원": ("KRW",), "₽": ("RUB",), "РУБ.": ("RUB",), "РУБ": ("RUB",), "₺": ("TRY",),
    "TL": ("TRY",), "₴": ("UAH",), "₦": ("NGN",), "฿": ("THB",), "₱": ("PHP",), "₪": ("ILS",),
    "ZŁ": ("PLN",), "KČ": ("CZK",), "FT": ("HUF",), "LEI": ("RON",),
    "KR.": ("DKK", "NOK", "SEK"), "KR": ("DKK", "NOK", "SEK"), "RP": ("IDR",), "RP.": ("IDR",),
    "RM": ("MYR",), "FR.": ("CHF",), "SFR.": ("CHF",),
}  # fmt: skip
"""A currency's sign or word, in capitals → the currencies that it may stand for."""

_ISO = (
    "AED", "ARS", "AUD", "BGN", "BHD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK",
    "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JOD", "JPY", "KES", "KRW",
    "KWD", "KZT", "LKR", "MAD", "MXN", "MYR", "NGN", "NOK", "NPR", "NZD", "OMR", "PEN", "PHP",
    "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TWD",
    "UAH", "USD", "UYU", "VND", "ZAR",
)  # fmt: skip

CODES |= {code: (code,) for code in _ISO}

_WRITTEN = {*CODES, *(word.lower() for word in CODES), "Kč", "Đồng"}

MARK = "(?i)" + "|".join(
    re.escape(word) for word in sorted(_WRITTEN, key=lambda word: (-len(word), word))
)
"""Any of them, as a regular expression; spelled out in small letters for engines that know only
the English alphabet's."""

NO_CENTS = (
    "CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "VUV", "XAF", "XOF", "XPF", "RWF", "GNF",
    "KMF", "DJF", "BIF", "MGA",
)  # fmt: skip
"""Currencies that payment providers count in whole units."""

THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
"""Currencies whose smallest unit is a thousandth."""


def meant(signs: Iterable[str]) -> tuple[str, ...]:
    """The currencies that all of these signs may stand for.

    >>> meant(["$", "US$"]), meant(["¥"]), meant(["€", "£"])
    (('USD',), ('JPY', 'CNY'), ())
    """
    several = [CODES[sign] for sign in signs]
    return tuple(code for code in several[0] if all(code in codes for codes in several))
