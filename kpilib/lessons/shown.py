"""What lessons show: the tiny shop in a language, and a setting moved by a slider or as a table."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from kpilib.demo import tiny_shop
from kpilib.errors import InputError
from kpilib.questions.base import CustomerBase
from kpilib.questions.values import KPIValue
from kpilib.show.style import opened
from kpilib.words import Amount
from kpilib.words.columns import head


def shop(lang: str = "en", **settings: Any) -> CustomerBase:
    """The tiny shop, its answers in a language, with settings changed where any are given.

    >>> shop("vi").kpi("churn_rate", "2026-04").lang
    'vi'
    """
    base = tiny_shop().varied({}, **settings)
    base.lang = lang
    return base


class Moved:
    """A KPI for several values of one setting: a slider where ipywidgets is there, and a table."""

    def __init__(
        self, base: CustomerBase, kpi_id: str, period: str, setting: str, values: Sequence[Any]
    ) -> None:
        self.kpi_id, self.setting, self.lang = kpi_id, setting, base.lang
        self.found = [(_label(one), _asked(base, kpi_id, period, setting, one)) for one in values]

    @property
    def table(self) -> pd.DataFrame:
        """`setting, value, low, high`: a row for each value of the setting."""
        rows = [(label, one.value, one.low, one.high) for label, one in self.found]
        return pd.DataFrame(rows, columns=[self.setting, "value", "low", "high"])

    def _repr_html_(self) -> str:
        heads = (self.setting, "value", "low", "high")
        first = "".join(f'<th scope="col">{escape(head(name, self.lang))}</th>' for name in heads)
        rows = "".join(self._row(label, one) for label, one in self.found)
        name = escape(self.found[0][1].name.of(self.lang))
        return (
            f'{opened()}<article class="kpi wide">'
            f'<p class="name">{name}</p><div class="scroll" tabindex="0">'
            f"<table><tr>{first}</tr>{rows}</table>"
            "</div></article></div>"
        )

    def _row(self, label: str, one: KPIValue) -> str:
        numbers = (
            Amount(number, one.unit, one.currency).of(self.lang)
            for number in (one.value, one.low, one.high)
        )
        cells = "".join(f"<td>{escape(number)}</td>" for number in numbers)
        return f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>'

    def __repr__(self) -> str:
        return self.table.to_string(index=False, na_rep="–")


def slide(base: CustomerBase, kpi_id: str, period: str, **setting: Sequence[Any]) -> Any:
    """A KPI as one setting moves: `slide(base, "churn_rate", "2026-04", lapse_window=(30, 60))`.

    With ipywidgets it is a slider over the values with the KPI's card below it; without, and on a
    page, a table of them all. Raises InputError unless exactly one setting is given.

    >>> Moved(shop(), "churn_rate", "2026-04", "lapse_window", (30, 45, 90)).table["value"].tolist()
    [0.6666666666666666, 0.5, 0.16666666666666666]
    """
    if len(setting) != 1:
        raise InputError("slide moves one setting; give one, like lapse_window=(30, 60, 90)")
    ((name, values),) = setting.items()
    moved = Moved(base, kpi_id, period, name, values)
    try:
        import ipywidgets
    except ImportError:
        return moved
    return _slider(ipywidgets, moved)


def _slider(ipywidgets: Any, moved: Moved) -> Any:
    """A slider, and below it the card of the value chosen."""
    cards = dict(moved.found)
    chosen = ipywidgets.SelectionSlider(
        options=list(cards), description=head(moved.setting, moved.lang)
    )
    shown = ipywidgets.HTML()

    def show(change: Mapping[str, Any]) -> None:
        shown.value = cards[change["new"]]._repr_mimebundle_()["text/html"]

    chosen.observe(show, names="value")
    show({"new": chosen.value})
    return ipywidgets.VBox([chosen, shown])


def _asked(base: CustomerBase, kpi_id: str, period: str, setting: str, one: Any) -> KPIValue:
    found = base.varied({}, **{setting: one}).kpi(kpi_id, period)
    if not isinstance(found, KPIValue):
        raise InputError(f"{kpi_id} has several parts; slide one that is a single number")
    return found


def _label(one: Any) -> str:
    if isinstance(one, Mapping):
        return "; ".join(_label(value) for value in one.values())
    return ", ".join(map(str, one)) if isinstance(one, list | tuple) else str(one)


def sample_sizes(share: float, sizes: Sequence[int]) -> pd.DataFrame:
    """What is known of a share from so many answers: `answers, share, low, high` (Wilson).

    >>> sample_sizes(0.5, (10, 1000))["low"].round(2).tolist()
    [0.24, 0.47]
    """
    from kpilib.statistics.intervals import wilson

    n = pd.Series(sizes, dtype=float)
    low, high = wilson((share * n).round(), n)
    return pd.DataFrame({"answers": sizes, "share": share, "low": low, "high": high})
