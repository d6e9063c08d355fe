"""The customer base: one business's records as of one moment, and the tables KPIs share."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from kpilib.activity.business import Business
from kpilib.activity.kept import Kept
from kpilib.contract.prepared import ANSWERS, prepared_folder
from kpilib.errors import KpilibError
from kpilib.loading import Loaded, load
from kpilib.loading.snapshots.snapshot import (
    PREPARED,
    laid_beside,
    lay_beside,
    snapshot_of,
    take_snapshot,
)
from kpilib.periods import Period, Periods, day_date
from kpilib.questions import ask, compare
from kpilib.questions.lab.ids import tell_ids
from kpilib.questions.lab.known import base_html, known_kpis
from kpilib.questions.lab.setting_up import set_up
from kpilib.questions.wanted import check_watched
from kpilib.show.marked import mark
from kpilib.show.reason import answering
from kpilib.words import check_language

if TYPE_CHECKING:
    from pathlib import Path

    import narwhals.stable.v2 as nw

    from kpilib.questions.explained import Why
    from kpilib.questions.lab.panel import Panel
    from kpilib.questions.values import KPITable, KPIValue

__all__ = ["PREPARED", "CustomerBase", "open_base", "prepare_base"]


_Method = TypeVar("_Method", bound=Callable[..., Any])


def _one_at_a_time(method: _Method) -> _Method:
    """Several threads may ask one base: its database answers one of them after the other."""

    @wraps(method)
    def asked(self: "CustomerBase", *given: Any, **options: Any) -> Any:
        with self._asking:
            return method(self, *given, **options)

    return asked  # type: ignore[return-value]


class CustomerBase(Business):
    """All source tables of one business, in one time zone and one currency, as of one moment.

    Made by `kpilib.open`. Frames are narwhals lazy frames in the engine where the rows live; what
    several KPIs share is computed once and kept.
    """

    def __init__(self, loaded: Loaded, lang: str = "en") -> None:
        self.engine = loaded.engine
        self._tables = loaded.tables
        self.accounts = loaded.accounts
        self._settings = loaded.settings
        self.source = loaded.source
        self._loaded = loaded
        self.as_of = loaded.as_of
        self.lang = lang
        self._kept = Kept(loaded.engine)
        self._asking = RLock()
        self._opened: tuple[Any, dict[str, Any]] | None = None
        set_up()
        tell_ids(CustomerBase)

    def read_anew(self, options: Mapping[str, Mapping[str, Any]]) -> "CustomerBase | None":
        """The same source read once more, with `options` per table beside those it was opened with.

        None where it is not known how it was opened, as within a report.
        """
        if self._opened is None:
            return None
        source, given = self._opened
        said = {name: dict(some) for name, some in given.get("options", {}).items()}
        for table, some in options.items():
            mine = said.setdefault(table, {})
            for name, value in some.items():
                whole = isinstance(value, Mapping) and isinstance(mine.get(name), Mapping)
                mine[name] = {**mine[name], **value} if whole else value
        return open_base(source, lang=self.lang, **{**given, "options": said})

    def varied(
        self, tables: "Mapping[str, nw.LazyFrame | None]", **settings: Any
    ) -> "CustomerBase":
        """The same business with some tables in the place of others and settings changed.

        A table that is None is taken away. Nothing is read or checked again.

        >>> from kpilib.demo import tiny_shop
        >>> tiny_shop().varied({}, lapse_window=90).kpi("churn_rate", "2026-04").value
        0.16666666666666666
        """
        kept = {name: one for name, one in {**self._tables, **tables}.items() if one is not None}
        changed = self._settings.replace(**settings)
        loaded = replace(self._loaded, tables=kept, settings=changed)
        return CustomerBase(loaded, self.lang)

    def __reduce__(self) -> Any:
        """An open database is no other process's: a KpilibError says what to do instead."""
        raise KpilibError(
            f"{self!r} holds an open database and cannot be copied or handed to another process; "
            "hand over the source, and kpilib.open it there"
        )

    @property
    def fingerprints(self) -> dict[str, str]:
        """Table → a text that changes when its input does."""
        return self._loaded.fingerprints

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing about the source as a whole."""
        return self._loaded.notes

    def __repr__(self) -> str:
        table = "orders" if "orders" in self.accounts else "subscriptions"
        rows = self.accounts[table].kept
        return (
            f"CustomerBase({self.source!r}: {rows:,} {table} from {day_date(self.first_day)} "
            f"to {day_date(self.as_of - 1)}, {self.time_zone})"
        )

    def coverage(self) -> pd.DataFrame:
        """What became of every source row: `table, outcome, rows, share, money`, kept rows first.

        `money` is the sum of the table's amount (of subscriptions the monthly revenue), refunds
        below zero; NaN where the table has none, and for lines that are no rows.

        >>> from kpilib.demo import tiny_shop
        >>> tiny_shop().coverage().iloc[0].to_dict()
        {'table': 'orders', 'outcome': 'kept', 'rows': 12, 'share': 1.0, 'money': 415.0}
        """
        none = float("nan")
        lines = [
            (
                account.table,
                outcome,
                rows,
                rows / account.read if account.read else none,
                (account.money or {}).get(outcome, none),
            )
            for account in self.accounts.values()
            for outcome, rows in {"kept": account.kept, **account.left_out}.items()
        ]
        table = pd.DataFrame(lines, columns=["table", "outcome", "rows", "share", "money"])
        table.attrs["heads"] = {"money": "amount"}
        return mark(table, self.lang, self.currency)

    @property
    def kpis(self) -> pd.DataFrame:
        """Everything that can be asked, under its id, and what each still lacks.

        >>> from kpilib.demo import tiny_shop
        >>> kpis = tiny_shop().kpis
        >>> kpis.loc["email_open_rate", "needs"]
        'email_events'
        """
        return known_kpis(self)

    def _repr_html_(self) -> str:
        return base_html(self, self.notes)

    # Questions

    @answering
    @_one_at_a_time
    def kpi(
        self, kpi_id: str, period: Periods | None = None, by: str | None = None
    ) -> "KPIValue | KPITable":
        """One KPI: a value for one period, a table for several periods, segments or parts.

        `kpi_id` is one of those that `base.kpis` lists, like `"churn_rate"`; `period` a month
        (`"2026-10"`), quarter, year or several of them, the last complete month where not given;
        `by` an attribute of the customers or a column of the rows.

        >>> from kpilib.demo import tiny_shop
        >>> tiny_shop().kpi("buyers", "2026-04").value
        2.0
        """
        return compare.kpi(self, kpi_id, self._asked(period), by)

    @answering
    @_one_at_a_time
    def scorecard(self, family: str = "all", period: str | Period | None = None) -> "KPITable":
        """Every KPI of a family (or of all), beside the like period before."""
        return compare.scorecard(self, family, self.period(period))

    @answering
    @_one_at_a_time
    def trend(self, kpi_id: str, periods: Periods | int = 12, by: str | None = None) -> "KPITable":
        """A KPI over several periods; a number means so many months up to the last complete one."""
        asked = self.period().trailing(periods) if isinstance(periods, int) else self.asked(periods)
        return ask.trend(self, kpi_id, asked, by)

    @answering
    @_one_at_a_time
    def analysis(
        self, analysis_id: str, period: str | Period | None = None, **options: Any
    ) -> pd.DataFrame:
        """What is a table and no single number, asked by its id; `kpilib list` names them.

        `options` are the keywords of the analysis itself. Raises InputError where it needs a table
        that was not given, and where there is too little to tell.

        >>> from kpilib.demo import tiny_shop
        >>> tiny_shop().analysis("value_tiers", "2026-04")["customers"].tolist()
        [4, 2, 0]
        """
        return ask.analysis(self, analysis_id, self.period(period), options)

    @answering
    @_one_at_a_time
    def why(self, kpi_id: str, period: str | Period | None = None, by: str | None = None) -> "Why":
        """The change of a KPI from the like period before, shared out among segments, exactly.

        By every dimension that its rows know, or the one of `by`. For shares, means, ratios, rates,
        nets, counts and totals; raises InputError for what is no sum and no ratio of sums, and
        where the two periods do not compare. See `kpilib.questions.explained.Why`.

        >>> from kpilib.demo import tiny_shop
        >>> why = tiny_shop().why("revenue", "2026-04", by="acquisition_channel")
        >>> why.segments[["segment", "value_before", "value_now", "contribution"]]
          segment  value_before  value_now  contribution
        0     ads          60.0       30.0         -30.0
        1     web         105.0       25.0         -80.0
        """
        from kpilib.questions.why import why

        return why(self, kpi_id, self.period(period), by)

    @answering
    @_one_at_a_time
    def rows(self, kpi_id: str, period: str | Period | None = None) -> pd.DataFrame:
        """The rows behind a KPI's number, with a column `counted` where only some are counted."""
        return ask.rows(self, kpi_id, self.period(period))

    def panel(
        self, kpi_id: str = "revenue", period: str | Period | None = None, by: str | None = None
    ) -> "Panel":
        """A KPI with menus for its period, its segments and the lapse window, where ipywidgets is.

        Elsewhere, and on a report's page, it is the answer to what is asked here.

        >>> from kpilib.demo import tiny_shop
        >>> print(tiny_shop().panel("churn_rate", "2026-04").choose(window=90))
        Customer churn rate, 2026-04: 16.7% (95%: 3.0% … 56.4%)  = 1 / 6
          ...
        """
        from kpilib.questions.lab.panel import Panel

        def vary(days: int) -> Business:
            return self.varied({}, lapse_window=days)

        return Panel(self, vary, kpi_id, self.period(period), by)

    def _asked(self, period: Periods | None) -> tuple[Period, ...]:
        return (self.period(),) if period is None else self.asked(period)


def open_base(
    source: Any = None,
    /,
    *,
    lang: str = "en",
    trust: bool = False,
    personal_data: bool = False,
    **options: Any,
) -> CustomerBase:
    """Read and check a business's records; see `kpilib.open`."""
    loaded = snapshot_of(source, options)
    if loaded is None:
        base = CustomerBase(
            load(source, trust=trust, personal_data=personal_data, **options), check_language(lang)
        )
        check_watched(base.settings)
        base._opened = (source, {**options, "trust": trust})
        return base
    base = CustomerBase(loaded, check_language(lang))
    if (made := laid_beside(base.engine)) is not None:  # type: ignore[arg-type]
        base.take_over(*made)
    folder = prepared_folder()
    base.answered = folder and folder / ANSWERS
    return base


def prepare_base(source: str, folder: "Path", lang: str = "en") -> CustomerBase:
    """Read and check a source once, for all processes whose environment names `folder`.

    `folder` is made; see `kpilib.loading.snapshots`. Purchases are made of the orders once, too.
    """
    base = CustomerBase(take_snapshot(source, folder), check_language(lang))
    lay_beside(base.engine, folder, *base.made())  # type: ignore[arg-type]
    base.answered = folder / ANSWERS
    return base
