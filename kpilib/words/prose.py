"""Texts that stand elsewhere than in `_("…")`: docstrings, the words of formulas, Markdown.

The extractor and the reader see them through the same functions, so that one finds what the other
put into the catalogues.
"""

import re
from collections.abc import Iterator

from kpilib.words.text import Text

_FORMULA_TEXT = re.compile(r"\\text\{(\s*)([^{}]*?)(\s*)\}")
_FENCE = re.compile(r"^(```|~~~)")
_HEADING = re.compile(r"^(#{1,6} +)(.*)$", re.DOTALL)


def first_paragraph(docstring: str | None) -> Text:
    """What a docstring says first, on one line.

    >>> first_paragraph("Of the customers,\\n    the part lost.\\n\\n    More.").en
    'Of the customers, the part lost.'
    """
    return Text(" ".join((docstring or "").strip().split("\n\n")[0].split()))


def formula_words(latex: str) -> list[str]:
    r"""The words in a LaTeX formula, which stand in `\text{…}`.

    >>> formula_words(r"\frac{\text{lost}}{\text{opening}}")
    ['lost', 'opening']
    """
    return [words for _before, words, _after in _FORMULA_TEXT.findall(latex)]


def say_formula(latex: str, lang: str) -> str:
    r"""A LaTeX formula with its words in a language.

    >>> say_formula(r"\frac{\text{buyers}}{2}", "en")
    '\\frac{\\text{buyers}}{2}'
    """

    def said(found: re.Match) -> str:
        words = Text(found[2], context="formula").of(lang)
        return rf"\text{{{found[1]}{words}{found[3]}}}"

    return _FORMULA_TEXT.sub(said, latex)


def markdown_texts(source: str) -> list[str]:
    """The headings and paragraphs of a Markdown text, in order, as the catalogues have them.

    >>> markdown_texts("# Churn\\n\\nWho left,\\nand when.")
    ['Churn', 'Who left,\\nand when.']
    """
    return [text for _lead, text in _blocks(source) if text]


def say_markdown(source: str, lang: str) -> str:
    """A Markdown text in a language, block by block; code and blank lines stay.

    >>> say_markdown("# No such heading\\n\\n    code", "vi")
    '# No such heading\\n\\n    code'
    """
    return "".join(lead + (Text(text).of(lang) if text else "") for lead, text in _blocks(source))


def _blocks(source: str) -> Iterator[tuple[str, str]]:
    """(what stands before and is kept as it is, a text or nothing); joined they are the source."""
    lead, fenced = "", False
    for piece in re.split(r"(\n\s*\n|\n+$)", source):
        if _FENCE.match(piece):
            fenced = not piece.rstrip().endswith(("```", "~~~")) or piece.count("\n") == 0
            lead += piece
        elif fenced or not piece.strip() or piece.startswith(("    ", "\t", "$$")):
            fenced = fenced and not piece.rstrip().endswith(("```", "~~~"))
            lead += piece
        elif heading := _HEADING.match(piece):
            head, *rest = heading[2].split("\n", 1)
            yield lead + heading[1], head
            lead = ""
            if rest:
                yield "\n", rest[0]
        else:
            yield lead, piece
            lead = ""
    if lead:
        yield lead, ""
