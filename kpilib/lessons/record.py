"""What is known of a KPI or an analysis beside its definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpilib.words import Text

TEXTS = (
    ("vi", "Chỉ số KPI về khách hàng trung thành"),
    ("vi", "Top 5 chỉ số quản trị mối quan hệ với khách hàng hiệu quả"),
    ("zh", "客户关系管理中的关键绩效指标解读"),
    ("zh", "常见客户管理指标有什么"),
)
"""The four texts that kpilib comes from, by number: language and title."""


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What a definition does not say: why one asks, what one does with it, how it goes wrong."""

    asks: Text
    """The question it answers, as somebody in the business would put it."""
    decides: Text
    """Who decides what with it."""
    mistakes: tuple[Text, ...]
    """How it is usually got wrong, one sentence each."""
    relatives: Mapping[str, Text]
    """Id of a KPI that is taken for it → how that one differs."""
    texts: tuple[int, ...] = ()
    """The places in `TEXTS` of those that name it."""
    literature: tuple[str, ...] = ()
    """Where it is defined or studied."""
    disagreements: tuple[str, ...] = ()
    """Numbers of `lessons.disagreements` that are about it."""
    formula: str = field(default="")
    """LaTeX, of an analysis: what its main column is. A KPI's stands in its definition."""
    worked: str = field(default="")
    """The formula of an analysis with its columns in square brackets, where rows can be put in."""
    gives: str = field(default="")
    """The column that `worked` makes."""
