"""Text as it is set: a minus that is one, Chinese without gaps, amounts and dates in one piece.

A character that joins would not be seen, and a search of the page would miss the amount over it; so
what belongs together stands in a span.
"""

import re

_WHOLE = re.compile(r"(<(svg|style|title|pre|code|math)\b.*?</\2>|<[^>]*>)", re.DOTALL)
"""What is no text of the page: tags, and elements whose text is not broken into lines here."""
_HYPHEN = re.compile(r"(?<![\w.)-])-(?=[^\s\w-]?\d)")
"""A hyphen that is a minus."""
_GAPS = re.compile(
    r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) "
    r"(?=[₫¥£$€▲▼≤≥<>\u4e00-\u9fff]|[+−]?\d(?![0-9a-f]*[a-f]))"
    r"|(?<=[\d%]) (?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])"
)
"""Spaces between Chinese and numbers, of which some texts have some and others none; the hash of a
definition is no number."""
_ARROW = re.compile(r"([▲▼] )(?=<span class=\"unbroken\">[+−])")
"""An arrow before a signed amount, which a phone has no room for: the sign says the same."""
_NUMBER = r"[^\s\d+−]{0,4}\d(?:[\d.,]*\d)?(?:[A-Za-z%]+|[万亿])?"
_SIGNED = rf"[+−]{_NUMBER}|[▲▼] {_NUMBER}"
_DATE = r"\b\d{4}-\d\d-\d\d\b(?![\w-])"
_CHINESE = r"[₫¥£$€]?\d(?:[\d.,]*\d)?[万亿]|\d{4}年\d{1,2}月(?:\d{1,2}日)?"
_TOGETHER = {lang: re.compile("|".join((_DATE, _SIGNED, *([_CHINESE] if lang == "zh" else []))))
           for lang in ("en", "vi", "zh")}  # fmt: skip


def unbroken(page: str, lang: str) -> str:
    """The page with amounts and dates kept on one line each; what is read and found is the same.

    >>> unbroken("<td>▲ +£67.1k</td><td>-£60.8k</td>", "en")
    '<td><span class="arrow">▲ </span><span class="unbroken">+£67.1k</span></td>\
<td><span class="unbroken">−£60.8k</span></td>'
    """
    pieces = _WHOLE.split(page)
    for place in range(0, len(pieces), 3):
        text = _HYPHEN.sub("−", pieces[place])
        text = _GAPS.sub("", text) if lang == "zh" else text
        text = _TOGETHER[lang].sub(r'<span class="unbroken">\g<0></span>', text)
        pieces[place] = _ARROW.sub(r'<span class="arrow">\1</span>', text)
    return "".join(pieces[place] for place in range(len(pieces)) if place % 3 < 2)
