"""A sentence that stands in English in the code and is read in any language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from numbers import Integral, Real
from string import Formatter
from typing import Any, Protocol, runtime_checkable

from kpilib.words.dates import format_day
from kpilib.words.languages import LANGUAGES, catalogue, check_language
from kpilib.words.numbers import plain_number

MISSING = "(missing)"
"""The segment of what has none."""


@runtime_checkable
class Worded(Protocol):
    """What reads differently in each language: a `Text`, a `Period`, an `Amount`."""

    def of(self, lang: str) -> str:
        """The wording in one language."""
        ...


@dataclass(frozen=True)
class Text:
    """A wording that is looked up in the catalogue of a language when it is read.

    Made by `_`, `ngettext` or `pgettext`, which the catalogues are filled from; made by hand, it
    is a text from elsewhere (a name of the user's own) and reads alike in all languages.

    >>> Text("Churn so far").of("vi")
    'Churn so far'
    """

    message: str
    """The English wording: the singular where there is a plural."""
    plural: str | None = None
    context: str | None = None
    values: tuple[tuple[str, Any], ...] = ()
    """What stands in the place of each `{name}`."""

    @property
    def en(self) -> str:
        """The wording in English."""
        return self.of("en")

    def of(self, lang: str) -> str:
        """The wording in one of `LANGUAGES`; in English where the catalogue has none.

        Raises InputError for a language there is not.
        """
        wording = self._wording(check_language(lang))
        if not self.values:
            return wording
        told = {name: written(value, lang) for name, value in self.values}
        return _without_gaps(wording, told) if lang == "zh" else wording.format(**told)

    def format(self, **values: Any) -> "Text":
        """The text with `{names}` filled in, each value written as the language writes it.

        >>> Text("{share} of {n}").format(share="half", n=1234).of("vi")
        'half of 1.234'
        """
        known = dict(self.values) | values
        return replace(self, values=tuple(known.items()))

    def to_dict(self) -> dict[str, str]:
        """The wordings keyed by language code."""
        return {lang: self.of(lang) for lang in LANGUAGES}

    def __str__(self) -> str:
        return self.en

    def _wording(self, lang: str) -> str:
        found = catalogue(lang)
        if self.plural is None:
            if self.context is None:
                return found.gettext(self.message) if self.message else ""
            return found.pgettext(self.context, self.message)
        n = dict(self.values)["n"]
        if self.context is None:
            return found.ngettext(self.message, self.plural, n)
        return found.npgettext(self.context, self.message, self.plural, n)


_HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def _without_gaps(wording: str, told: Mapping[str, str]) -> str:
    """The wording filled in, with no space left between Chinese characters where a value ends.

    A catalogue keeps the space around `{values}` that numbers and Latin words call for.
    """
    found = ""
    for literal, name, _spec, _conversion in Formatter().parse(wording):
        for piece in (literal, told[name] if name else ""):
            spaced = found.endswith(" ") or piece.startswith(" ")
            before, after = found.rstrip(" ")[-1:], piece.lstrip(" ")[:1]
            if spaced and _HAN.match(before) and _HAN.match(after):
                found, piece = found.rstrip(" "), piece.lstrip(" ")
            found += piece
    return found


_GAPS = re.compile(
    r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) "
    r"(?=[₫¥£$€▲▼≤≥<>\u4e00-\u9fff]|[+−]?\d(?![0-9a-f]*[a-f]))"
    r"|(?<=[\d%]) (?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])"
)
"""Spaces between Chinese and numbers, of which some texts have some and others none; the hash of a
definition is no number."""


def closed_up(text: str) -> str:
    """A text without spaces between Chinese and numbers.

    >>> closed_up("色带：95% 区间，另有 3 个"), closed_up("n = 3 customers")
    ('色带：95%区间，另有3个', 'n = 3 customers')
    """
    return _GAPS.sub("", text)


def written(value: Any, lang: str) -> str:
    """A value within a sentence: a number, a day, another text, or what says itself by `of`.

    Whole numbers get their separators and others at most three decimals; a string stays as it is,
    and so does a year or an identifier that is given as one.

    >>> [written(date(2026, 10, 5), lang) for lang in ("en", "zh")], written(0.25, "vi")
    (['2026-10-05', '2026年10月5日'], '0,25')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Worded):
        return value.of(lang)
    if isinstance(value, date):
        return format_day(value, lang)
    if isinstance(value, Integral):
        return plain_number(int(value), lang)
    if isinstance(value, Real):
        return plain_number(float(value), lang)
    return str(value)


def capital(text: str) -> str:
    """A word as it begins a line.

    >>> capital("at risk")
    'At risk'
    """
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Listed:
    """Texts one after another, with what the language puts between.

    >>> Listed((Text("a"), "b")).of("zh")
    'a、b'
    """

    texts: "tuple[Worded | str, ...]"
    between: str = ", "

    def of(self, lang: str) -> str:
        """All of them."""
        between = {", ": "、", "; ": "；"}[self.between] if lang == "zh" else self.between
        return between.join(written(text, lang) for text in self.texts)


def labelled(name: str, value: str, lang: str) -> str:
    """A name and what it is of, where both are there.

    >>> labelled("n", "5", "en"), labelled("人数", "5", "zh"), labelled("", "5", "vi")
    ('n: 5', '人数：5', '5')
    """
    return ("：" if lang == "zh" else ": ").join(filter(None, (name, value)))


def spoken(sentences: "Iterable[Worded | str]", lang: str) -> str:
    """Sentences one after another; Chinese has no space between them.

    >>> spoken(("Ja.", "Ja."), "vi"), spoken(("是。", "是。"), "zh")
    ('Ja. Ja.', '是。是。')
    """
    return ("" if lang == "zh" else " ").join(written(one, lang) for one in sentences)


_MARKS = {": ": "：", "; ": "；", ", ": "，"}


def punctuated(text: str) -> str:
    """What code has put together, with the marks of Chinese where that is what it speaks.

    >>> punctuated("Oct: 5; Nov: 6"), punctuated("十月: 5; 十一月: 6.")
    ('Oct: 5; Nov: 6', '十月：5；十一月：6。')
    """
    if not _HAN.search(text):
        return text
    for mark, chinese in _MARKS.items():
        text = text.replace(mark, chinese)
    return f"{text[:-1]}。" if text.endswith(".") else text


def _(message: str, **values: Any) -> Text:
    """A sentence for a reader, with the values of its `{names}`.

    >>> _("within {days} days", days=90).en
    'within 90 days'
    """
    return Text(message, values=tuple(values.items()))


def pgettext(context: str, message: str, **values: Any) -> Text:
    """A text that means more than one thing in English: the context tells the translations apart.

    >>> pgettext("customers in a month", "new").en
    'new'
    """
    return Text(message, context=context, values=tuple(values.items()))


def ngettext(singular: str, plural: str, n: int, **values: Any) -> Text:
    """A text that depends on a number, which is `{n}` in it.

    >>> ngettext("{n} row", "{n} rows", 1).en, ngettext("{n} row", "{n} rows", 1200).en
    ('1 row', '1,200 rows')
    """
    return Text(singular, plural, values=(("n", n), *values.items()))
