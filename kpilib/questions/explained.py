"""What `base.why` gives back: a change taken apart, with the sentence that it supports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from kpilib.contract.tables import SCHEMAS
from kpilib.errors import InputError, near_miss
from kpilib.questions.values import KPIValue
from kpilib.words import MISSING, Amount, Text, Unit, _
from kpilib.words.columns import head
from kpilib.words.text import Listed, spoken
from kpilib.words.units import Change, Number
from kpilib.words.values import value_text

SURE = 0.05
"""Below this corrected p-value a segment is named."""

_MOVED = _("{kpi} went from {old} in {before} to {new} in {now}: {change}.")
_STILL = _("{kpi} is {new} in {now}, as in {before}.")
_GOES_WITH = _(
    "It goes with {dimension} {segment}, which went from {old} to {new}: {part} of the change "
    "(95%: {low} … {high}; {p} after {looks} looks)."
)
_GOES_WITH_MIX = _(
    "It goes with the weight of {dimension} {segment}, which went from {old} to {new}: {part} of "
    "the change (95%: {low} … {high}; {p} after {looks} looks)."
)
_NONE = _("There is no segment to look at.")
_NOTHING = _(
    "No segment stands out after {looks} looks at {dimensions}: the change is spread over all, or "
    "too small to tell where it is."
)


@dataclass(frozen=True, eq=False)
class Why:
    """A change from the like period before, taken apart by every dimension that the rows know.

    It says what a change goes with, never what brought it about: customers of a segment may have
    changed for a reason that has nothing to do with the segment.
    """

    value: KPIValue
    """The value of the period; `value.previous` is the one it is compared with, and the limits of
    the whole change are its `change_low` and `change_high`."""
    change: float
    table: pd.DataFrame
    """`dimension`, `segment`, `component`, `contribution` with `contribution_low` and `…_high`.

    The contributions of a dimension add up to the change. Components are those of
    `decomposition.effects.Effects`; the last row of a dimension, of no segment, is what stays
    `unexplained`."""
    segments: pd.DataFrame
    """A row per segment: its value and its share of the whole (of what is under the line, or of the
    sum), how many rows, before and now, and its whole contribution."""
    looked_at: pd.DataFrame
    """Every test of a segment, the clearest first; see `decomposition.looks.looked_at`."""
    left_out: Mapping[str, int]
    """Dimensions with too many segments to be looked at unasked → how many they have."""
    kept_back: tuple[str, ...]
    """Dimensions with segments of fewer cases than `privacy.least`."""
    find_rows: "Callable[[str, str, str | None], pd.DataFrame]" = field(repr=False)

    @property
    def dimension(self) -> str | None:
        """The dimension that explains most beyond chance, or None where none does."""
        return None if self._named is None else str(self._named["dimension"])

    @property
    def clearest(self) -> str:
        """The dimension proposed, else the one that comes nearest; the first where none could."""
        first = self.looked_at if len(self.looked_at) else self.segments
        return str(first["dimension"].iloc[0])

    @property
    def segment(self) -> str | None:
        """The segment of `dimension` that the change goes with."""
        return None if self._named is None else str(self._named["segment"])

    @property
    def effect(self) -> str | None:
        """Whether it is that segment's own `rate` that changed, or the `mix`: its weight."""
        return None if self._named is None else str(self._named["effect"])

    @property
    def p_value(self) -> float:
        """That of the clearest segment, corrected for all looks; NaN where none could be had."""
        return float(self.looked_at["p_holm"].iloc[0]) if len(self.looked_at) else float("nan")

    @property
    def attrs(self) -> dict[str, Any]:
        """Language and currency, as tables carry them for a picture."""
        return {"lang": self.value.lang, "currency": self.value.currency}

    @property
    def sentence(self) -> str:
        """What can be said of it, in the language of the base."""
        return self.told(self.value.lang)

    def told(self, lang: str) -> str:
        """The sentence in any language."""
        return spoken(self.sentences(lang), lang)

    def sentences(self, lang: str = "en") -> tuple[Text, ...]:
        """What happened, and what it goes with; dimensions are named in `lang`."""
        value = self.value
        said = {
            "kpi": value.name,
            "before": value.period.previous(),
            "now": value.period,
            "old": self._amount(value.previous),
            "new": self._amount(value.value),
            "change": self._change(self.change),
        }
        happened = (_MOVED if self.change else _STILL).format(**said)
        return (happened, self._goes_with(lang)) if self.change else (happened,)

    def rows(self, dimension: str, segment: str, component: str | None = None) -> pd.DataFrame:
        """The rows of both periods behind a segment, with what each adds to either side.

        `component` keeps those of the customers it is about: `same`, `joined`, `left`, `unknown`.
        """
        known = self.segments[self.segments["dimension"] == dimension]
        if known.empty:
            offered = list(dict.fromkeys(self.segments["dimension"]))
            hint = near_miss(dimension, offered)
            raise InputError(f"dimension {dimension!r} was not looked at; {hint}")
        if segment not in set(known["segment"]):
            hint = near_miss(segment, list(known["segment"]))
            raise InputError(f"{dimension} has no segment {segment!r}; {hint}")
        return self.find_rows(dimension, segment, component)

    def frame(self, dimension: str | None = None) -> pd.DataFrame:
        """The table of one dimension, by default of the clearest."""
        dimension = dimension or self.clearest
        return self.table[self.table["dimension"] == dimension].reset_index(drop=True)

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """All of it as plain JSON types."""
        lang = lang or self.value.lang
        plain = self.table.astype(object).where(self.table.notna(), None)
        return {
            "id": self.value.id,
            "period": self.value.period.to_dict(),
            "compared_with": self.value.period.previous().to_dict(),
            "value": self.value.value,
            "previous": self.value.previous,
            "change": self.change,
            "change_low": self.value.change_low,
            "change_high": self.value.change_high,
            "dimension": self.dimension,
            "segment": self.segment,
            "p_value": self.p_value if self.p_value == self.p_value else None,
            "looks": len(self.looked_at),
            "sentence": self.told(lang),
            "left_out": dict(self.left_out),
            "kept_back": list(self.kept_back),
            "parts": plain.to_dict("records"),
        }

    def __str__(self) -> str:
        shown = self.frame()
        shown["segment"] = [self.segment_name(one) for one in shown["segment"]]
        return f"{self.sentence}\n\n{shown.to_string(index=False, na_rep='–')}"

    def _repr_html_(self) -> str:
        from html import escape

        from kpilib.show.style import opened
        from kpilib.show.tables import table_html

        table = table_html(self.frame(), self.value.lang)
        return (
            f'{opened()}<article class="kpi wide"><p>{escape(self.sentence)}</p>'
            f'<div class="scroll" tabindex="0">{table}</div></article></div>'
        )

    def segment_name(self, segment: str | None, lang: str | None = None) -> str:
        """A segment as a reader sees it."""
        if segment is None or segment != segment:
            return ""
        known = segment == MISSING
        return value_text(segment).of(lang or self.value.lang) if known else segment

    @property
    def _named(self) -> "pd.Series | None":
        sure = len(self.looked_at) and self.p_value < SURE
        return self.looked_at.iloc[0] if sure else None

    def of_segment(self, dimension: str, segment: str) -> pd.Series:
        """The row of `segments` of one of them."""
        table = self.segments
        return table[(table["dimension"] == dimension) & (table["segment"] == segment)].iloc[0]

    def _goes_with(self, lang: str) -> Text:
        named, looks = self._named, len(self.looked_at)
        if not looks:
            return _NONE
        if named is None:
            dimensions = Listed(tuple(dimension_name(one, lang) for one in self._dimensions()))
            return _NOTHING.format(looks=looks, dimensions=dimensions)
        mine = self.of_segment(str(named["dimension"]), str(named["segment"]))
        mix = self.effect == "mix"
        column, unit = ("share", Unit.SHARE) if mix else ("value", self.value.unit)
        old, new = (
            Amount(mine[f"{column}_{when}"], unit, self.value.currency)
            for when in ("before", "now")
        )
        return (_GOES_WITH_MIX if mix else _GOES_WITH).format(
            dimension=dimension_name(str(named["dimension"]), lang),
            segment=self.segment_name(str(named["segment"]), lang),
            old=old,
            new=new,
            part=self._change(mine["contribution"]),
            low=self._change(mine["contribution_low"]),
            high=self._change(mine["contribution_high"]),
            p=_probability(float(named["p_holm"])),
            looks=looks,
        )

    def _dimensions(self) -> list[str]:
        return list(dict.fromkeys(self.segments["dimension"]))

    def _amount(self, number: float | None) -> Amount:
        return Amount(number, self.value.unit, self.value.currency)

    def _change(self, number: float) -> Change:
        return Change(float(number), self.value.unit, self.value.currency)


def dimension_name(name: str, lang: str) -> str:
    """A dimension as a reader sees it: a column that sources are known by, or the user's own word.

    >>> dimension_name("acquisition_channel", "en"), dimension_name("size", "en")
    ('acquisition channel', 'size')
    """
    ours = name == "customers" or any(
        name == column.name for table in SCHEMAS.values() for column in table.columns
    )
    return head(name, lang) if ours else name


def _probability(p_value: float) -> Text:
    """A p-value to be read, with three decimals."""
    if p_value < 0.001:
        return Text("p < {p}").format(p=Number(0.001, 3))
    return Text("p = {p}").format(p=Number(p_value, 3))
