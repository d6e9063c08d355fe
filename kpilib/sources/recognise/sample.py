"""Some rows of a source as text, and what the values of each column look like."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import narwhals.stable.v2 as nw

from kpilib.contract.vocabulary.flags import NO, YES
from kpilib.engines import Engine
from kpilib.sources.source import Source

ROWS = 2000
"""So many rows are looked at."""

_SIGNS = r"(?:[A-Za-z]{0,3}[$€£¥₫₩₹฿₽]|US\$|[A-Z]{3}|đ|元|VNĐ|kr|zł|Fr\.?)"
_NUMBER = re.compile(
    rf"[-+(]?\s*{_SIGNS}?\s*[-+]?\d[\d.,'’\s\u00a0\u202f]*(?:[eE][-+]?\d+)?\s*{_SIGNS}?\s*\)?-?"
)
_YEAR = r"(?:19|20)\d\d"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"(?:[A-Za-z]{{3,9}},? )?(?:{_YEAR}[-/.年]\s?\d{{1,2}}[-/.月]\s?\d{{1,2}}日?"
    rf"|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:{_YEAR}|\d\d)|{_YEAR}[01]\d[0-3]\d"
    rf"|\d{{1,2}}[-/ ]{_MONTH}[-/ ,]+(?:{_YEAR}|\d\d)|{_MONTH} \d{{1,2}},? {_YEAR})"
    r"(?:[T, ].*)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_CODE = re.compile(r"[A-Za-z]{3}")
_FLAG = {*YES, *NO}
_MOST = 0.9


@dataclass(frozen=True)
class Values:
    """What the values of one column look like."""

    texts: tuple[str, ...]
    """Those that are there, blanks trimmed."""
    rows: int
    """Rows looked at."""

    @property
    def filled(self) -> float:
        """The part of the rows that have a value."""
        return len(self.texts) / self.rows if self.rows else 0.0

    @cached_property
    def distinct(self) -> int:
        """Different values."""
        return len(set(self.texts))

    @cached_property
    def are_times(self) -> bool:
        """Whether they are dates or times."""
        return self._mostly(lambda text: bool(_DATE.fullmatch(text) or _EPOCH.fullmatch(text)))

    @cached_property
    def are_numbers(self) -> bool:
        """Whether they are numbers, with signs of currencies perhaps, and no dates."""
        dates = self._mostly(lambda text: bool(_DATE.fullmatch(text)))
        return not dates and self._mostly(lambda text: bool(_NUMBER.fullmatch(text)))

    @cached_property
    def are_whole(self) -> bool:
        """Whether they are whole numbers."""
        return self._mostly(lambda text: text.removesuffix(".0").lstrip("-").isdigit())

    @cached_property
    def are_codes(self) -> bool:
        """Whether they could be codes of currencies."""
        return self._mostly(lambda text: bool(_CODE.fullmatch(text))) and self.distinct <= 40

    @cached_property
    def are_flags(self) -> bool:
        """Whether they say yes or no."""
        return self._mostly(lambda text: text.lower() in _FLAG)

    @property
    def are_few(self) -> bool:
        """Whether they are few different words, as states and channels are."""
        return not self.are_times and 0 < self.distinct <= max(20, len(self.texts) / 20)

    @property
    def are_unique(self) -> bool:
        """Whether none comes twice."""
        return self.distinct == len(self.texts) > 0

    def fit(self, kind: str) -> bool:
        """Whether they can be a column of that kind; a column without values fits any."""
        if not self.texts:
            return True
        if kind in ("time", "date"):
            return self.are_times
        if kind == "number":
            return self.are_numbers
        if kind == "flag":
            return self.are_flags
        return not self.are_times and not (kind == "id" and self.are_numbers and not self.are_whole)

    def _mostly(self, fits) -> bool:
        return bool(self.texts) and sum(map(fits, self.texts)) >= _MOST * len(self.texts)


@dataclass(frozen=True)
class Sample:
    """Some rows of a source."""

    label: str
    """How the source is named."""
    columns: Mapping[str, Values]
    """Column → its values."""

    @cached_property
    def squashed(self) -> dict[str, str]:
        """The name of a column as `squash` makes it → the column; the first of those alike."""
        found: dict[str, str] = {}
        for name in self.columns:
            found.setdefault(squash(name), name)
        return found


def sample_of(engine: Engine, source: Source) -> Sample:
    """The first rows of a source, as text."""
    texts = [nw.col(name).cast(nw.String).alias(name) for name in source.names]
    table = engine.collect(source.frame.select(*texts).head(ROWS))
    return sample_from(source.label, {str(name): table[name].tolist() for name in table.columns})


def sample_from(label: str, columns: Mapping[str, Sequence[object]]) -> Sample:
    """A sample from columns of values.

    >>> sample_from("o.csv", {"day": ["2026-01-05"]}).columns["day"].are_times
    True
    """
    return Sample(
        label,
        {
            name: Values(
                tuple(t for v in values if isinstance(v, str) and (t := v.strip())), len(values)
            )
            for name, values in columns.items()
        },
    )


def squash(name: str) -> str:
    """A column's name in small letters without marks, blanks and punctuation.

    >>> squash("Mã đơn hàng"), squash("Created (UTC)"), squash("订单 编号")
    ('madonhang', 'createdutc', '订单编号')
    """
    plain = unicodedata.normalize("NFKD", name.lower().replace("đ", "d").replace("ß", "ss"))
    return "".join(letter for letter in plain if letter.isalnum())
