"""In what currency and by which clock a proposed file's records are, where they say so."""

import re
from collections.abc import Sequence

from kpilib.sources.recognise.guess import Guess
from kpilib.sources.recognise.sample import Sample

_SIGNS = {"€": "EUR", "£": "GBP", "₫": "VND", "đ": "VND", "VNĐ": "VND", "₩": "KRW", "₹": "INR"}
_CODE = re.compile(r"\b(EUR|USD|GBP|VND|CNY|RMB|JPY|AUD|CAD|CHF|SGD|HKD|TWD|INR|KRW)\b")
_MONEY = ("amount", "mrr", "gross_amount")


def currency_of(tables: Sequence[tuple[Guess, Sample]]) -> tuple[str | None, str]:
    """The reporting currency and where it is from; None where no file says it, or several."""
    said = {
        code.upper()
        for guess, sample in tables
        if "currency" in guess.columns and guess.columns["currency"] in sample.columns
        for code in sample.columns[guess.columns["currency"]].texts
    }
    if len(said) == 1:
        return said.pop(), "the only one in the file"
    if said:
        return None, f"the files have {', '.join(sorted(said)[:5])}: write the one to report in"
    for guess, sample in tables:
        if guess.platform and guess.platform.currency:
            return guess.platform.currency, f"as {guess.platform.name} is in"
        for ours in _MONEY:
            column = guess.columns.get(ours, "")
            if (code := _in_name(column) or _in_values(sample, column)) is not None:
                return code, f"as {column} says"
    return None, "the files do not say it: write the ISO code of your currency"


def _in_name(column: str) -> str | None:
    found = _CODE.search(column)
    code = found[1] if found else next((c for s, c in _SIGNS.items() if f"({s})" in column), None)
    return {"RMB": "CNY"}.get(code, code) if code else None


def _in_values(sample: Sample, column: str) -> str | None:
    """The currency whose sign all amounts carry; $ and ¥ are those of several."""
    values = sample.columns.get(column)
    if values is None or not values.texts:
        return None
    for sign, code in _SIGNS.items():
        if all(sign in text for text in values.texts):
            return code
    codes = {found[1] if (found := _CODE.search(text)) else "" for text in values.texts}
    return codes.pop() if len(codes) == 1 and codes != {""} else None


def zone_of(guesses: Sequence[Guess]) -> tuple[str | None, str]:
    """The business's time zone, where a platform always writes in one."""
    for guess in guesses:
        if guess.platform and guess.platform.time_zone not in (None, "UTC"):
            return guess.platform.time_zone, f"as {guess.platform.name} is in"
    return None, "the files do not say it (UTC unless you do): write where a day begins"
