"""A small panel to choose a KPI, its period, its segments and the lapse window.

With ipywidgets, in a running notebook, the choices are menus and the answer changes with them.
Everywhere else, on a report's page too, the answer to the first choice stands there as it is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kpilib.activity.business import Business
from kpilib.errors import InputError
from kpilib.periods import Period, as_periods
from kpilib.questions import ask, compare
from kpilib.questions.lab.complete import dimensions, periods
from kpilib.questions.values import KPITable, KPIValue
from kpilib.registry.definitions import definition, registry
from kpilib.show.cards import card_html
from kpilib.show.reason import Reason
from kpilib.words import _
from kpilib.words.columns import head
from kpilib.words.text import capital

WINDOWS = (30, 60, 90, 120, 180, 270, 365)
"""Lapse windows in days to choose from, beside the base's own, half of it and double."""
MONTHS = 12
VIEW = "application/vnd.jupyter.widget-view+json"

_NAMES = {
    "kpi_id": _("KPI"), "period": _("Period"), "by": _("Segments"), "window": _("Lapse window"),
}  # fmt: skip
_ALL, _DAYS, _OWN = _("all customers"), _("{days} days"), _("{days} days (as set)")

Answer = KPIValue | KPITable | Reason


class Panel:
    """A KPI of a base, to be looked at by period, segment and lapse window."""

    def __init__(
        self,
        base: Business,
        vary: Callable[[int], Business],
        kpi_id: str,
        period: Period,
        by: str | None = None,
    ) -> None:
        self.base, self._vary = base, vary
        self.days = base.lapse_window.days if base.activity_rule == "purchases" else None
        self._bases: dict[int | None, Business] = {self.days: base}
        self.chosen: dict[str, Any] = {
            "kpi_id": definition(kpi_id).id,
            "period": period.label,
            "by": by or "",
            "window": self.days,
        }

    def choose(self, **choices: Any) -> "Panel":
        """The panel with other choices: `kpi_id`, `period`, `by`, `window`."""
        self.chosen |= choices
        return self

    def answer(self) -> Answer:
        """What the base says to the choices; the reason where it can say nothing."""
        chosen = self.chosen
        try:
            asked = as_periods(chosen["period"])
            return compare.kpi(self._base(), chosen["kpi_id"], asked, chosen["by"] or None)
        except InputError as error:
            return Reason(error.told(self.base.lang), self.base.lang)

    def html(self) -> str:
        """The answer as a table, or as a card with a line of the months before."""
        found = self.answer()
        shown = found._repr_mimebundle_()["text/html"]
        if not isinstance(found, KPIValue):
            return shown
        before = found.period.previous().trailing(MONTHS - 1)
        past = ask.trend(self._base(), found.id, before, None)
        return card_html([value.to_dict() for value in (*past, found)], self.base.lang)

    def options(self) -> dict[str, list[tuple[str, Any]]]:
        """What can be chosen, each as a reader sees it and as it is asked."""
        base, lang = self.base, self.base.lang
        some = dimensions(base, definition(self.chosen["kpi_id"]))
        months = dict.fromkeys([self.chosen["period"], *periods(base)])
        found: dict[str, list[tuple[str, Any]]] = {
            "kpi_id": [(one.name.of(lang), name) for name, one in registry().items()],
            "period": [(base.period(label).of(lang), label) for label in months],
            "by": [(_ALL.of(lang), ""), *((capital(head(one, lang)), one) for one in some)],
        }
        if (own := self.days) is not None:
            days = sorted({*WINDOWS, base.lapse_window.half, own, base.lapse_window.double})
            texts = {one: _OWN if one == own else _DAYS for one in days}
            found["window"] = [(text.format(days=one).of(lang), one) for one, text in texts.items()]
        return found

    def box(self, ipywidgets: Any) -> Any:
        """The menus, and the answer below them, which follows them."""
        lang, options = self.base.lang, self.options()
        menus = {
            name: ipywidgets.Dropdown(
                options=some, value=self.chosen[name], description=_NAMES[name].of(lang),
                style={"description_width": "initial"},
            )
            for name, some in options.items()
        }  # fmt: skip
        shown = ipywidgets.HTML(self.html())

        def follow(change: Mapping[str, Any], name: str) -> None:
            self.choose(**{name: change["new"]})
            if name == "kpi_id":
                some = self.options()["by"]
                by = self.chosen["by"] if self.chosen["by"] in dict(some).values() else ""
                menus["by"].options = some
                menus["by"].value = by
            shown.value = self.html()

        for name, menu in menus.items():
            menu.observe(lambda change, name=name: follow(change, name), names="value")
        layout = ipywidgets.Layout(flex_flow="row wrap")
        return ipywidgets.VBox([ipywidgets.HBox([*menus.values()], layout=layout), shown])

    def _base(self) -> Business:
        """The base with the window that was chosen; made once for each."""
        window = self.chosen["window"]
        if window not in self._bases:
            self._bases[window] = self._vary(window)
        return self._bases[window]

    def __repr__(self) -> str:
        return str(self.answer())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle = self.answer()._repr_mimebundle_()
        try:
            import ipywidgets
        except ImportError:
            return bundle
        view = self.box(ipywidgets)._repr_mimebundle_() or {}
        return bundle | {VIEW: view[VIEW]} if VIEW in view else bundle
