"""A LaTeX formula as one reads it in a terminal."""

import re

_SIGNS = {
    r"\times": " × ",
    r"\cdot": "·",
    r"\int": "∫",
    r"\sum": "Σ",
    r"\min": "min",
    r"\approx": "≈",
    r"\ge": "≥",
    r"\le": "≤",
    r"\tau": "τ",
    r"\,": " ",
    r"\ ": " ",
    r"\{": "{",
    r"\}": "}",
    r"\%": "%",
    r"\$": "$",
    "{,}": ",",
}

_SUM = re.compile(r"\\sum_(\{[^{}]*\}|\w)(?:\^(\{[^{}]*\}|\w))?")


def plain_formula(latex: str) -> str:
    r"""The formula on one line, with its words as they are and fractions as divisions.

    >>> plain_formula(r"\frac{\text{closing} - \text{new}}{\text{opening}} = \frac{9}{10} = 90\%")
    '(closing − new) / opening = 9 / 10 = 90%'
    >>> plain_formula(r"\sum_{t=1}^{H} \frac{\text{value}_t}{(1+d)^{t-1}}")
    'Σ(t=1…H) value_t / (1+d)^(t-1)'
    """
    text = _SUM.sub(_sum, _fractions(latex))
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    text = re.sub(r"\\text\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"_\{([^{}]*)\}", r"_\1", text)
    text = re.sub(r"\^\{([^{}]*)\}", _power, text)
    text = text.replace(" - ", " − ")
    return " ".join(text.split()).replace("( ", "(")


def _sum(found: re.Match[str]) -> str:
    """A sum with what runs, and from where to where."""
    runs, until = (part.strip("{}") if part else "" for part in found.groups())
    return rf" \sum({runs}{'…' + until if until else ''}) "


def _power(found: re.Match[str]) -> str:
    """An exponent, in brackets where it is more than one sign."""
    power = found.group(1)
    return f"^{power}" if power.isalnum() else f"^({power})"


def _fractions(latex: str) -> str:
    start = latex.find(r"\frac")
    if start < 0:
        return latex
    over, place = _group(latex, start + len(r"\frac"))
    under, place = _group(latex, place)
    over, under = (_bracketed(_fractions(part)) for part in (over, under))
    return f"{latex[:start]}{over} / {under}{_fractions(latex[place:])}"


def _group(latex: str, place: int) -> tuple[str, int]:
    """What stands in the braces that open at a place, and the place after them."""
    depth, start = 0, place + 1
    for at in range(place, len(latex)):
        if latex[at] in "{}" and latex[at - 1] != "\\":
            depth += 1 if latex[at] == "{" else -1
            if depth == 0:
                return latex[start:at], at + 1
    raise ValueError(f"a brace is not closed in {latex!r}")


def _bracketed(part: str) -> str:
    bare = re.sub(r"\\text\{[^{}]*\}", "", part)
    return f"({part})" if re.search(r" [-+/]|\\times|\\cdot", bare) else part
