"""Amounts that a line's end must not part from their sign, currency or unit, as spans of HTML.

A character that joins would not be seen, and a search of the page would miss the amount over it.
"""

import re

_WHOLE = re.compile(r"(<(svg|style|title|pre|code|math)\b.*?</\2>|<[^>]*>)", re.DOTALL)
"""What is no text of the page: tags, and elements whose text is not broken into lines here."""
_SIGNED = r"[▲▼] \S*\d\S*|[+−][^\s\d+−]{1,4}\d[^\s…]*"
_CHINESE = r"[^\s\d，。：；、（）]?\d[\d,.]*[万亿]"
_AMOUNTS = {lang: re.compile(f"{_SIGNED}|{_CHINESE}" if lang == "zh" else _SIGNED)
            for lang in ("en", "vi", "zh")}  # fmt: skip


def unbroken(page: str, lang: str) -> str:
    """The page with its amounts kept on one line each; what can be read and found is the same.

    >>> unbroken("<td>▲ +£67.1k</td><td>−£60.8k … +£195k</td>", "en")
    '<td><span class="unbroken">▲ +£67.1k</span></td><td><span class="unbroken">−£60.8k</span> … \
<span class="unbroken">+£195k</span></td>'
    """
    pieces = _WHOLE.split(page)
    for place in range(0, len(pieces), 3):
        pieces[place] = _AMOUNTS[lang].sub(r'<span class="unbroken">\g<0></span>', pieces[place])
    return "".join(pieces[place] for place in range(len(pieces)) if place % 3 < 2)
