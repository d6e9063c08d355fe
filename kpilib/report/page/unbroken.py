"""Text as it is set: a minus that is one, Chinese without gaps, amounts and dates in one piece.

A character that joins would not be seen, and a search of the page would miss the amount over it; so
what belongs together stands in a span.
"""

import re

from kpilib.words.text import closed_up

_WHOLE = re.compile(r"(<(svg|style|title|pre|code|math)\b.*?</\2>|<[^>]*>)", re.DOTALL)
"""What is no text of the page: tags, and elements whose text is not broken into lines here."""
_HYPHEN = re.compile(r"(?<![\w.)-])-(?=[^\s\w-]?\d)")
"""A hyphen that is a minus."""
_ARROW = re.compile(r"([▲▼]) (?=<span class=\"unbroken\">[+−])")
"""An arrow before a signed amount, which a phone has no room for: the sign says the same."""
_NUMBER = r"[^\s\d+−]{0,4}\d(?:[\d.,]*\d)?(?:[A-Za-z%]+|[万亿])?"
_SIGNED = rf"[+−]{_NUMBER}|[▲▼] {_NUMBER}"
_DATE = r"\b\d{4}-\d\d-\d\d\b(?![\w-])"
_CHINESE = r"[₫¥£$€]?\d(?:[\d.,]*\d)?[万亿]|\d{4}年\d{1,2}月(?:\d{1,2}日)?"
_CHINESE += r"|\d(?:[\d.,]*\d)?(?:小时|个月|个百分点|天|次(?:/[年月]|/百人)?|位|条|行)"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_OWN = {
    "en": rf"\b(?:{_MONTHS}) \d{{4}}\b",
    "vi": r"\btháng \d{1,2}(?:/\d{4})?",
    "zh": _CHINESE,
}
"""How each language writes a month, and what else of it is no place for a new line."""
_TOGETHER = {lang: re.compile("|".join((_DATE, _SIGNED, own))) for lang, own in _OWN.items()}


def unbroken(page: str, lang: str) -> str:
    """The page with amounts and dates kept on one line each; what is read and found is the same.

    >>> unbroken("<td>▲ +£67.1k</td><td>-£60.8k</td>", "en")
    '<td><span class="arrow">▲\xa0</span><span class="unbroken">+£67.1k</span></td>\
<td><span class="unbroken">−£60.8k</span></td>'
    """
    pieces = _WHOLE.split(page)
    for place in range(0, len(pieces), 3):
        text = _HYPHEN.sub("−", pieces[place])
        text = closed_up(text) if lang == "zh" else text
        text = _TOGETHER[lang].sub(r'<span class="unbroken">\g<0></span>', text)
        pieces[place] = _ARROW.sub('<span class="arrow">\\1\N{NO-BREAK SPACE}</span>', text)
    return "".join(pieces[place] for place in range(len(pieces)) if place % 3 < 2)
