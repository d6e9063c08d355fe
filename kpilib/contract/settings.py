"""What the user decides about a business: its clock, money, rules, and how to read its tables."""

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from kpilib.contract.alerts import AlertRule, read_alerts
from kpilib.contract.checks import (
    as_day,
    as_written,
    check_country,
    check_keys,
    choice,
    is_number,
    whole,
)
from kpilib.contract.layout import Join, Place, read_place
from kpilib.contract.rules import (
    RULES,
    AcquisitionRule,
    CampaignRule,
    DataQualityRule,
    EngagementRule,
    LoyaltyIndexRule,
    LoyaltyRule,
    PrivacyRule,
    ReferralRule,
    RenewalRule,
    ServiceRule,
    SurveyRule,
    ValueRule,
    read_rule,
)
from kpilib.contract.tables import SCHEMAS
from kpilib.contract.vocabulary.places import check_zone
from kpilib.errors import InputError, near_miss
from kpilib.periods import WEEKDAYS

Activity = Literal["purchases", "subscriptions"]
Ids = Literal["exact", "casefold", "unpadded"]

_MOST_BYTES, _DEEPEST, _MOST_RULES, _MOST_FORMATS = 2**18, 12, 200, 20
_QUOTED = re.compile(r'''""".*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'''', re.DOTALL)
_DEEP = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{_DEEPEST}}}")
"""Keys in parts cost the square of their number to read."""

_FORMULA = re.compile(r"[()+*/|<>=]")
"""What an SQL expression has and a column's name has not."""


@dataclass(frozen=True)
class TableSettings(Place):
    """How one source table is read."""

    join: tuple[Join, ...] = ()
    """Second files whose columns are brought to the rows."""
    columns: Mapping[str, str | Mapping[str, str | int]] = field(default_factory=dict)
    """kpilib's column name → a column of the source, or any SQL expression over its columns. For a
    time also its parts, like `{year = "Y", month = "M", day = 1}` or `{date = "D", time = "T"}`."""
    leave_out: Mapping[str, str] = field(default_factory=dict)
    """Name of an exclusion → an SQL condition on the source's columns; such rows are counted."""
    lines: bool | None = None
    """Orders only: several rows make one order; None tells it from the rows."""
    sold: tuple[str, ...] | None = None
    """Orders only: the statuses that are sales; others are not. None goes by known words."""
    cancelled: tuple[str, ...] | None = None
    """Orders only: the statuses that are no sales; others are. With `sold` beside it, known words
    decide on those that neither names."""
    date_format: str | tuple[str, ...] | None = None
    """How times are written, in strptime codes like `%d/%m/%Y %H:%M`, or several such ways; or
    `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, `excel` for numbers that count."""
    day: str | int | None = None
    """The day of the month that a month alone stands for: `first`, `last`, or 1 to 28."""
    decimal: str | None = None
    """The decimal mark of numbers written as text: `.` or `,`."""
    unit: str | None = None
    """`cents` where amounts are in the smallest unit of their currency."""

    @property
    def meaning(self) -> tuple[Any, ...]:
        """What of it says which rows count and what they say: exclusions, statuses, formulas.

        Where the rows lie and how they are written down is no part of it, nor what a column was
        called: two names for one column mean the same, an SQL expression is a rule.

        >>> TableSettings(columns={"amount": "Price"}).meaning == TableSettings().meaning
        True
        """
        formulas = {
            name: str(sql)
            for name, sql in self.columns.items()
            if not isinstance(sql, str) or _FORMULA.search(sql)
        }
        statuses = tuple(
            None if words is None else tuple(sorted(word.strip().lower() for word in words))
            for words in (self.sold, self.cancelled)
        )
        return (
            sorted(formulas.items()),
            sorted(self.leave_out.items()),
            self.lines,
            self.unit,
            *statuses,
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.decimal not in (None, ".", ","):
            raise InputError(f"decimal = {self.decimal!r} is not a decimal mark; write '.' or ','")
        choice(None, "cents")("unit", self.unit)
        days = ("first", "last", *range(1, 29))
        if self.day is not None and (self.day not in days or isinstance(self.day, bool)):
            raise InputError(f"day = {self.day!r} must be 'first', 'last', or 1 to 28")

    @property
    def date_formats(self) -> tuple[str, ...]:
        """How times are written, in one or several ways; none where nothing was said."""
        given = self.date_format
        return (given,) if isinstance(given, str) else given or ()


@dataclass(frozen=True)
class Settings:
    """Everything a user decides, from `kpilib.toml` or from keyword arguments.

    >>> Settings(time_zone="Europe/London", currency="GBP").lapse_window is None
    True
    >>> Settings(time_zone="Europe/Londn")
    Traceback (most recent call last):
    kpilib.errors.InputError: time_zone = 'Europe/Londn' is not known; did you mean 'Europe/London'?
    """

    time_zone: str = "UTC"
    """The business's time zone, which says where a day begins; an IANA name."""
    currency: str | None = None
    """The reporting currency, an ISO 4217 code; None takes it from the data."""
    country: str | None = None
    """An ISO 3166 code, like `VN`, for its moving holidays; None takes `service.holidays`."""
    lapse_window: int | None = None
    """Days without a purchase after which a customer is lost; None lets the data decide."""
    week_starts: str = "monday"
    """The day on which a week starts: weeks like `2026-W41`, cohorts by week."""
    as_of: date | None = None
    """The data are complete before this day; None means the day after the last event."""
    loyalty: LoyaltyRule = field(default_factory=LoyaltyRule)
    """When a customer counts as loyal."""
    value: ValueRule = field(default_factory=ValueRule)
    """How the value to come is reckoned."""
    acquisition: AcquisitionRule = field(default_factory=AcquisitionRule)
    """What winning customers costs, and which channel won them."""
    campaigns: CampaignRule = field(default_factory=CampaignRule)
    """How long after a campaign customers are watched."""
    surveys: SurveyRule = field(default_factory=SurveyRule)
    """How surveys and their questions are named."""
    engagement: EngagementRule = field(default_factory=EngagementRule)
    """Which channels are the site and social media, and what one session is."""
    service: ServiceRule = field(default_factory=ServiceRule)
    """Which tickets are complaints, and what is promised."""
    renewal: RenewalRule = field(default_factory=RenewalRule)
    """How long after its term a contract may be renewed."""
    referral: ReferralRule = field(default_factory=ReferralRule)
    """How long an invitation may take, and what pays for it."""
    loyalty_index: LoyaltyIndexRule = field(default_factory=LoyaltyIndexRule)
    """What the loyalty index is made of."""
    data_quality: DataQualityRule = field(default_factory=DataQualityRule)
    """Which columns should be filled, and how fresh records must be."""
    privacy: PrivacyRule = field(default_factory=PrivacyRule)
    """What customers' consent is asked for."""
    activity: Activity | None = None
    """What keeps a customer active; None: subscriptions where there are any, else purchases."""
    max_loss: float = 0.35
    """The share of a table's rows that may be left out for faults before loading stops."""
    settle_days: int = 0
    """For how many days after a period its late rows may still come in."""
    nobody: tuple[str, ...] | None = None
    """The customer ids that mean nobody; None goes by known words, like guest, n/a, 0 and -1."""
    ids: Ids = "exact"
    """How ids are compared: `exact`, `casefold` (small and capital letters are one), or `unpadded`
    (zeros in front do not count either)."""
    targets: Mapping[str, float] = field(default_factory=dict)
    """KPI id → the value to reach, in the KPI's own unit."""
    alerts: Mapping[str, AlertRule] = field(default_factory=dict)
    """KPI id → when its value is to raise an alert."""
    tables: Mapping[str, TableSettings] = field(default_factory=dict)
    """Source table → how it is read."""

    def __post_init__(self) -> None:
        check_zone(self.time_zone)
        if self.currency is not None and not (
            isinstance(self.currency, str) and len(self.currency) == 3 and self.currency.isalpha()
        ):
            raise InputError(f"currency = {self.currency!r} is not an ISO 4217 code, like 'EUR'")
        check_country("country", self.country)
        choice(*WEEKDAYS)("week_starts", self.week_starts)
        if self.lapse_window is not None:
            object.__setattr__(self, "lapse_window", whole(1)("lapse_window", self.lapse_window))
        object.__setattr__(self, "settle_days", whole(0)("settle_days", self.settle_days))
        object.__setattr__(self, "as_of", as_day("as_of", self.as_of))
        if self.activity not in (None, *get_args(Activity)):
            hint = near_miss(str(self.activity), get_args(Activity))
            raise InputError(f"activity = {self.activity!r} is not known; {hint}")
        if not is_number(self.max_loss) or not 0 <= self.max_loss <= 1:
            raise InputError(f"max_loss = {self.max_loss!r} is no share; write 0 to 1, like 0.35")
        choice(*get_args(Ids))("ids", self.ids)
        for kpi, target in self.targets.items():
            if not is_number(target):
                raise InputError(f"targets.{kpi} = {target!r} is not a number, like 0.05")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)

    def table(self, name: str) -> TableSettings:
        """How a table is read; the defaults where nothing was said."""
        return self.tables.get(name, TableSettings())

    def replace(self, **changes: Any) -> "Settings":
        """A copy with some fields changed, read as `from_mapping` reads them."""
        if not changes:
            return self
        return dataclasses.replace(self, **_read(changes, "the settings"))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str = "the settings") -> "Settings":
        """Settings from nested mappings, as a toml file holds them.

        >>> Settings.from_mapping({"orders": {"lines": True}}).table("orders").lines
        True
        >>> Settings.from_mapping({"timezone": "UTC"}, "shop.toml")
        Traceback (most recent call last):
        kpilib.errors.InputError: shop.toml: 'timezone' is not a setting; did you mean 'time_zone'?
        """
        plain = {name: value for name, value in values.items() if name not in SCHEMAS}
        tables = {name: value for name, value in values.items() if name in SCHEMAS}
        if "targets" in tables and not _is_table(tables["targets"]):
            plain["targets"] = tables.pop("targets")
        return cls(**_read(plain, where), tables=_read_tables(tables, where))


SETTING_NAMES = tuple(item.name for item in dataclasses.fields(Settings) if item.name != "tables")
"""The settings that may be given as keywords or at the top of `kpilib.toml`."""

TABLE_NAMES = tuple(item.name for item in dataclasses.fields(TableSettings))
"""The settings of one source table."""


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a settings file, its syntax errors named with their line.

    A file of a size, or of names of a depth, that no settings have is refused before it is read.
    """
    with path.open("rb") as file:
        text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise InputError(f"{path}: larger than {_MOST_BYTES:,} bytes, as no settings are")
    try:
        said = text.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
    if _DEEP.search(_QUOTED.sub("q", said)):
        raise InputError(f"{path}: names in {_DEEPEST} parts or more, as no settings have")
    try:
        return tomllib.loads(said)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None


def read_tables(tables: Mapping[str, Any], where: str) -> dict[str, TableSettings]:
    """The settings of several tables, from nested mappings."""
    for name in tables:
        if name not in SCHEMAS:
            raise InputError(f"{where}: {name!r} is not a table; {near_miss(name, SCHEMAS)}")
    return _read_tables(tables, where)


def _read(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Plain settings with their types put right."""
    values = dict(values)
    for name in values:
        if name not in SETTING_NAMES:
            hint = near_miss(name, (*SETTING_NAMES, *SCHEMAS, "data"))
            raise InputError(f"{where}: {name!r} is not a setting; {hint}")
    for name in values.keys() & RULES.keys():
        values[name] = read_rule(name, values[name], where)
    if values.get("nobody") is not None:
        values["nobody"] = as_written("nobody", values["nobody"])
    if "alerts" in values:
        values["alerts"] = read_alerts(values["alerts"], where)
    for name, put in (("country", str.upper), ("currency", str.upper), ("week_starts", str.lower)):
        if isinstance(given := values.get(name), str):
            values[name] = put(given.strip())
    return values


def _read_tables(tables: Mapping[str, Any], where: str) -> dict[str, TableSettings]:
    return {name: _read_table(value, f"{where}: [{name}]") for name, value in tables.items()}


def _read_table(values: Any, where: str) -> TableSettings:
    if isinstance(values, TableSettings):
        return values
    if not isinstance(values, Mapping):
        raise InputError(f"{where} must be a table of settings, not {values!r}")
    check_keys(values, TABLE_NAMES, where)
    values = read_place(values, where)
    for name in ("columns", "leave_out"):
        part = values.get(name, {})
        if not isinstance(part, Mapping) or not all(
            (isinstance(value, str) and value.strip())
            or (name == "columns" and isinstance(value, Mapping))
            for value in part.values()
        ):
            raise InputError(f"{where}: {name} must map names to text, like amount = 'Price'")
        if len(part) > _MOST_RULES:
            raise InputError(f"{where}: {len(part):,} {name}; {_MOST_RULES} at most can be read")
    if not isinstance(values.get("lines"), bool | None):
        raise InputError(f"{where}: lines = {values['lines']!r} must be true or false")
    if "date_format" in values:
        values["date_format"] = _date_formats(values["date_format"], where)
    for name in ("sold", "cancelled"):
        if values.get(name) is not None:
            values[name] = as_written(f"{where}: {name}", values[name])
    return TableSettings(**values)


def _date_formats(given: Any, where: str) -> tuple[str, ...] | None:
    listed = [given] if isinstance(given, str) else given
    if given is None or given == "":
        return None
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise InputError(
            f"{where}: date_format = {given!r} must be text or a list, like '%d/%m/%Y'"
        )
    if len(listed) > _MOST_FORMATS:
        raise InputError(f"{where}: {len(listed):,} date_format; {_MOST_FORMATS} at most are tried")
    return tuple(listed)


def _is_table(value: Any) -> bool:
    return isinstance(value, TableSettings) or (
        isinstance(value, Mapping) and bool(value) and set(value) <= set(TABLE_NAMES)
    )
