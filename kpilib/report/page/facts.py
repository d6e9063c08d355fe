"""What a run is about: the data, the period, the rows read, the versions, the command."""

import hashlib
import os
import platform
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import narwhals.stable.v2 as nw

from kpilib import __version__
from kpilib.contract.vocabulary.endings import without_ending
from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.words import _
from kpilib.words.tables import table_name
from kpilib.words.text import capital

if TYPE_CHECKING:
    from kpilib.questions.base import CustomerBase

PACKAGES = ("pandas", "narwhals", "duckdb", "matplotlib", "papermill", "lifetimes", "holidays")
_SOURCE = _("Source: {business}, {n} {table} up to {day}")
_SECRET = re.compile(r"pass|pwd|secret|token|api_?key", re.IGNORECASE)


@dataclass(frozen=True)
class RowCounts:
    """How many rows of a table were read, and how many of them count."""

    table: str
    read: int
    kept: int

    @property
    def left_out(self) -> int:
        """The rows that do not count."""
        return self.read - self.kept


@dataclass(frozen=True)
class Facts:
    """What the pages say of the data behind their numbers."""

    data: str
    period: Period
    as_of: date
    time_zone: str
    currency: str | None
    lapse_window: int | None
    rows: tuple[RowCounts, ...]
    fingerprints: Mapping[str, Any]
    settings: str = ""
    """A hash of the settings that the data are read with."""
    orders: int | None = None
    """How many orders count, of which several lines of a file may make one."""
    notes: tuple[str, ...] = ()
    """What is worth knowing about the source as a whole."""
    values: Callable[[str], list[dict[str, Any]]] = field(
        default=lambda lang: [], repr=False, compare=False
    )
    """Language → every KPI's values of the period, as JSON has them."""
    say: Callable[[str], dict[str, Any]] = field(default=lambda lang: {}, repr=False, compare=False)
    """Language → what the month's page says; see `report.month.said`."""
    base: "CustomerBase | None" = field(default=None, repr=False, compare=False)
    """The run's data, to be asked for more."""

    @property
    def business(self) -> str:
        """The business, as far as its source names it: a folder, or a file without its ending."""
        if "://" in self.data:
            return self.data.rpartition("/")[2].partition("?")[0] or self.data
        path = Path(os.path.abspath(self.data))
        if path.name == "kpilib.toml":
            return path.parent.name or self.data
        named = path.name if path.is_dir() else without_ending(path.name).removesuffix(".toml")
        return named or self.data

    def source(self, lang: str) -> str:
        """Where the numbers come from, for the line below a figure."""
        counted = {rows.table: rows.kept for rows in self.rows}
        if self.orders is not None:
            counted["orders"] = self.orders
        table = next((name for name in ("orders", "subscriptions") if name in counted), None)
        if table is None:
            return ""
        return _SOURCE.format(
            business=self.business, n=counted[table], table=table_name(table), day=self.complete_to
        ).of(lang)

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return self.period.end - timedelta(days=1)

    @property
    def complete_to(self) -> date:
        """The last day of which everything is known."""
        return self.as_of - timedelta(days=1)

    def inputs(self) -> dict[str, Any]:
        """The inputs as `run.json` records them; equal inputs are equal dictionaries."""
        return {
            "as_of": self.as_of.isoformat(),
            "time_zone": self.time_zone,
            "currency": self.currency,
            "lapse_window": self.lapse_window,
            "tables": {
                rows.table: {"read": rows.read, "kept": rows.kept, "left_out": rows.left_out}
                for rows in self.rows
            },
            "fingerprints": dict(self.fingerprints),
            "settings": self.settings,
        }


def read_facts(data: str, period: str | None, folder: Path) -> Facts:
    """Open the data once, lay them down in `folder` for all notebooks, and settle the period.

    Raises InputError where the data or the period cannot be used.
    """
    from kpilib.questions.base import prepare_base
    from kpilib.questions.shared.together import announce
    from kpilib.report.month.asked import Asked
    from kpilib.report.month.said import say_month

    base = prepare_base(data, folder)
    settled = base.period(period)
    announce(base, settled)
    asked = Asked(base, settled)
    return Facts(
        data=data,
        period=settled,
        as_of=day_date(base.as_of),
        time_zone=str(base.time_zone),
        currency=base.currency,
        lapse_window=base.lapse_window.days,
        rows=tuple(
            RowCounts(table, account.read, account.kept)
            for table, account in sorted(base.accounts.items())
        ),
        fingerprints=base.fingerprints,
        settings=hashlib.sha256(repr(base.settings).encode()).hexdigest()[:16],
        orders=_orders(base),
        notes=base.notes,
        values=lambda lang: [one.to_dict(lang) for one in asked.scorecard],
        say=lambda lang: say_month(asked, lang),
        base=base,
    )


def _orders(base: "CustomerBase") -> int | None:
    if "orders" not in base.tables:
        return None
    counted = base.engine.collect(base.tables["orders"].select(n=nw.len()))
    return int(counted["n"].iloc[0])


def prepared_environment(folder: Path) -> dict[str, str]:
    """What tells `kpilib.open`, in a kernel, that the run's data lie in `folder`."""
    from kpilib.questions.base import PREPARED

    return {PREPARED: str(folder)}


def refuse_secrets(data: str) -> None:
    """An InputError where `data` is a URL with a password: it would stay in every page and file.

    >>> refuse_secrets("postgresql://reader@db/shop")
    """
    parts = urlsplit(data)
    named = [name for name, value in parse_qsl(parts.query) if _SECRET.search(name)]
    if "://" in data and (parts.password or named):
        place = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
        raise InputError(
            f"--data {place} carries a password, which would stay in the report; "
            "leave it out and set it in the environment (PGPASSWORD, for PostgreSQL)"
        )


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that make the numbers."""
    return {"kpilib": __version__, "Python": platform.python_version(), **_packages()}


@cache
def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def month_name(period: Period, lang: str) -> str:
    """The period as one says it: a month by its name, any other as the language writes it.

    >>> [month_name(Period.month("2026-10"), lang) for lang in ("en", "vi", "zh")]
    ['October 2026', 'Tháng 10 năm 2026', '2026年10月']
    >>> [month_name(Period.parse("2026-Q3"), lang) for lang in ("en", "vi")]
    ['2026-Q3', 'Quý 3/2026']
    """
    from babel.dates import format_skeleton

    if period.months != 1:
        return capital(period.of(lang))
    return capital(
        format_skeleton("yMMMM", period.start, locale={"zh": "zh_Hans_CN"}.get(lang, lang))
    )


def command_line(name: str, data: str, options: Iterable[tuple[str, str]], *ids: str) -> str:
    """A command of kpilib's as one pastes it into a shell.

    >>> command_line("report", "my shop", [("period", "2026-10"), ("set", "months=6")])
    "kpilib report --data 'my shop' --period 2026-10 --set months=6"
    """
    words = ["kpilib", name, *ids, "--data", data]
    for option, value in options:
        words += [f"--{option}", value]
    return shlex.join(words)


def kpi_command(value: Mapping[str, Any], data: str) -> str:
    """The command line that computes one KPI's value again."""
    start, end = (date.fromisoformat(value["period"][side]) for side in ("start", "end"))
    return command_line("kpi", data, [("period", Period(start, end).label)], value["id"])
