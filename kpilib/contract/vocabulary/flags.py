"""How yes and no are written, in exports and by people: true and false, in small letters."""

import unicodedata

_YES = (
    *("true", "t", "yes", "y", "1", "1.0", "on", "x", "✓", "✔"),
    *("có", "co", "đúng", "rồi", "是", "是的", "有", "真", "对"),
    *("ja", "wahr", "oui", "vrai", "sí", "si", "sì", "sim", "verdadero"),
)
_NO = (
    *("false", "f", "no", "n", "0", "0.0", "off"),
    *("không", "khong", "không có", "sai", "chưa", "否", "不是", "没有", "无", "假", "错"),
    *("nein", "falsch", "non", "faux", "não", "falso"),
)


def _both_ways(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words with their marks set in one character and in two, as files have them."""
    forms = (unicodedata.normalize(form, word) for word in words for form in ("NFC", "NFD"))
    return tuple(dict.fromkeys(forms))


YES, NO = _both_ways(_YES), _both_ways(_NO)
"""What a flag that is set says, and one that is not."""
