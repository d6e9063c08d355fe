"""The rules by which a business is measured: the tables of `kpilib.toml`, with their defaults.

Words of the data (channels, types, surveys …) are kept trimmed and in small letters, as they are
compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, ClassVar, Literal, get_args

from kpilib.contract.checks import (
    above,
    an_id,
    any_names,
    check_keys,
    choice,
    countries,
    flag,
    hours,
    names,
    setting,
    weights,
    whole,
    word,
    words,
)
from kpilib.errors import InputError

ValueModel = Literal["BGNBD", "MBGNBD", "ParetoNBD", "SBG"]
Attribution = Literal["recorded", "first", "last", "linear", "time_decay", "markov", "shapley"]
VALUE_MODELS: tuple[str, ...] = get_args(ValueModel)
ATTRIBUTIONS: tuple[str, ...] = get_args(Attribution)

COMPONENTS = MappingProxyType(
    {
        "source3": ("satisfaction", "repurchase", "referral"),
        "source2": ("repurchase", "recommendation"),
        "source3_faq": ("repurchase", "referral", "renewal"),
    }
)
"""What the loyalty index is made of, by preset."""

QUALITIES = ("completeness", "cleanliness", "specificity", "continuity")
"""What the data quality score is made of."""


@dataclass(frozen=True)
class Rule:
    """One table of settings; every value is checked when it is made."""

    section: ClassVar[str]
    """The table's name in `kpilib.toml`, and the keyword of `kpilib.open`."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = item.metadata["check"](f"{self.section}.{item.name}", getattr(self, item.name))
            object.__setattr__(self, item.name, value)


@dataclass(frozen=True)
class LoyaltyRule(Rule):
    """When a customer counts as loyal: at least so many purchases in so many days."""

    section: ClassVar[str] = "loyalty"
    purchases: int = setting(3, whole(1))
    """Purchase days needed."""
    days: int = setting(365, whole(1))
    """Within how many days."""


@dataclass(frozen=True)
class ValueRule(Rule):
    """How the value that customers will still bring is reckoned."""

    section: ClassVar[str] = "value"
    months: int = setting(12, whole(1, 1200))
    """How far ahead, in calendar months."""
    discount_rate: float = setting(0.10, above(-1, "0.10 for 10% a year"))
    """A year's; 0.10 is 10%."""
    margin: float = setting(1.0, above(0, "0.30 for 30% of revenue", 1))
    """The part of revenue that is kept; 1 values revenue."""
    model: ValueModel | None = setting(None, choice(None, *VALUE_MODELS))
    """The lifetime model; None: SBG where contracts say who is active, else BGNBD."""


@dataclass(frozen=True)
class AcquisitionRule(Rule):
    """What winning customers costs, and which channel a customer is put down to."""

    section: ClassVar[str] = "acquisition"
    cost_types: tuple[str, ...] = setting(("marketing", "sales"), words)
    """The `cost_type` of spend that counts; spend without one is marketing."""
    ad_cost_types: tuple[str, ...] = setting(("marketing",), words)
    """The `cost_type` of spend on advertising."""
    lag_days: int = setting(0, whole(0))
    """How many days earlier than its customers money was spent."""
    attribution: Attribution = setting("recorded", choice(*ATTRIBUTIONS))
    """By the channel recorded with the customer, or by touches before the first order: the first,
    the last, all alike, later ones more, how much a channel is missed, channels alike."""
    touch_days: int = setting(30, whole(0))
    """How many days before the first order a touch may lie."""
    half_life_days: float = setting(7, above(0, "7"))
    """With `time_decay`: in how many days a touch loses half its weight."""


@dataclass(frozen=True)
class CampaignRule(Rule):
    """How long after a campaign reached them customers are watched."""

    section: ClassVar[str] = "campaigns"
    days: int = setting(30, whole(1))
    """Within how many days of it a purchase counts."""


@dataclass(frozen=True)
class SurveyRule(Rule):
    """How surveys and their main questions are named, and how long an answer may take."""

    section: ClassVar[str] = "surveys"
    csat: str = setting("csat", word)
    """The survey of satisfaction."""
    nps: str = setting("nps", word)
    """The survey of recommendation."""
    ces: str = setting("ces", word)
    """The survey of effort."""
    overall: str = setting("overall", word)
    """The main question of the satisfaction survey."""
    recommend: str = setting("recommend", word)
    """The main question of the recommendation survey."""
    effort: str = setting("effort", word)
    """The main question of the effort survey."""
    repurchase: str = setting("repurchase", word)
    """The question whether a customer means to buy again, in any survey."""
    answer_days: int = setting(14, whole(1))
    """Within how many days of its sending an invitation may be answered."""
    rake_by: tuple[str, ...] = setting(("segment",), names)
    """Attributes of customers to whose mix among those invited answers are weighted."""


@dataclass(frozen=True)
class EngagementRule(Rule):
    """Where customers are met, and how their visits are told apart."""

    section: ClassVar[str] = "engagement"
    site_channels: tuple[str, ...] = setting(("web", "website", "site"), words)
    """Channels of interactions that are visits of the site."""
    social_channels: tuple[str, ...] = setting(
        ("social", "facebook", "instagram", "x", "twitter", "tiktok", "youtube", "linkedin", "zalo",
         "wechat", "weibo"),
        words,
    )  # fmt: skip
    """Channels of interactions on social media."""
    session_minutes: int = setting(30, whole(1))
    """Minutes of silence after which a new session begins."""
    open_days: int = setting(7, whole(1))
    """Within how many days of its delivery an opened e-mail counts."""


@dataclass(frozen=True)
class ServiceRule(Rule):
    """Which tickets are complaints, and what service is promised."""

    section: ClassVar[str] = "service"
    complaint_types: tuple[str, ...] = setting(("complaint",), words)
    """The ticket types that are complaints."""
    calendar: str = setting("", an_id)
    """The `calendar_id` of tickets that name none; nothing: the only calendar there is."""
    response_hours: float | Mapping[str, float] = setting(8, hours)
    """Promised hours to the first response: a number, or one by priority with a `default`."""
    resolution_hours: float | Mapping[str, float] = setting(40, hours)
    """Promised hours to the resolution: a number, or one by priority with a `default`."""
    waiting_events: tuple[str, ...] = setting(("waiting",), words)
    """Ticket events that begin a wait for the customer."""
    subtract_waiting: bool = setting(False, flag)
    """Whether waits for the customer are taken off the time to resolution."""
    holidays: str | Mapping[str, str] = setting("", countries)
    """The country whose public holidays are no working days, an ISO 3166 code like VN: one for all
    calendars, or one by `calendar_id`."""

    def promised(self, hours: float | Mapping[str, float]) -> dict[str, float]:
        """The hours promised, by priority, with a `default` for all others."""
        return dict(hours) if isinstance(hours, Mapping) else {"default": hours}

    def country(self, calendar: str) -> str:
        """The country whose public holidays a calendar keeps; nothing for none."""
        return self.holidays if isinstance(self.holidays, str) else self.holidays.get(calendar, "")


@dataclass(frozen=True)
class RenewalRule(Rule):
    """When a contract whose term has ended counts as renewed or not."""

    section: ClassVar[str] = "renewal"
    grace_days: int = setting(30, whole(0))
    """How many days after the end of a term it may still be renewed."""


@dataclass(frozen=True)
class ReferralRule(Rule):
    """How long an invitation may take to convert, and where its costs are booked."""

    section: ClassVar[str] = "referral"
    days: int = setting(30, whole(1))
    """Within how many days of being sent an invitation must convert."""
    channel: str = setting("referral", word)
    """The channel of marketing spend that pays for referrals."""


@dataclass(frozen=True)
class LoyaltyIndexRule(Rule):
    """What the loyalty index is made of."""

    section: ClassVar[str] = "loyalty_index"
    preset: str = setting("source3", choice(*COMPONENTS))
    """Which components; see `COMPONENTS`."""
    weights: Mapping[str, float] = setting({}, lambda name, value: value)
    """Weights of the components by name; none: all alike."""

    def __post_init__(self) -> None:
        super().__post_init__()
        weights(*COMPONENTS[self.preset])("loyalty_index.weights", self.weights)


@dataclass(frozen=True)
class DataQualityRule(Rule):
    """Which columns of customers must be filled, how fresh records must be, what counts more."""

    section: ClassVar[str] = "data_quality"
    columns: tuple[str, ...] = setting(
        ("created_at", "acquisition_channel", "segment", "country"), names
    )
    """Columns of customers that should not be missing."""
    max_age_days: int = setting(365, whole(1))
    """After how many days without an update a record is out of date."""
    weights: Mapping[str, float] = setting({}, weights(*QUALITIES))
    """Weights of the four parts of the score by name; none: all alike."""


@dataclass(frozen=True)
class PrivacyRule(Rule):
    """What customers' consent is asked for, and what is not told of them."""

    section: ClassVar[str] = "privacy"
    purposes: tuple[str, ...] = setting(("marketing",), words)
    """The purposes of which a consent counts."""
    columns: tuple[str, ...] = setting((), any_names)
    """Columns of the sources that speak of persons, beside those that are recognised."""
    least: int = setting(1, whole(1))
    """The fewest cases that a number of a segment, a cohort or a cell may rest on to be shown."""


RULES: MappingProxyType[str, type[Rule]] = MappingProxyType(
    {
        rule.section: rule
        for rule in (
            LoyaltyRule,
            ValueRule,
            AcquisitionRule,
            CampaignRule,
            SurveyRule,
            EngagementRule,
            ServiceRule,
            RenewalRule,
            ReferralRule,
            LoyaltyIndexRule,
            DataQualityRule,
            PrivacyRule,
        )
    }
)
"""Every table of rules, by its name in the settings."""


def read_rule(section: str, given: Any, where: str) -> Rule:
    """A rule from a mapping, as a toml file holds it, or as it is."""
    rule = RULES[section]
    if isinstance(given, rule):
        return given
    if not isinstance(given, Mapping):
        raise InputError(f"{where}: {section} = {given!r} must be a table of settings")
    check_keys(given, (item.name for item in fields(rule)), f"{where}: {section}")
    return rule(**given)
