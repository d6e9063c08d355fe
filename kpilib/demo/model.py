"""The demo business written down: every true parameter, as frozen values.

A scenario is another model: `replace(Model(), shocks=(Shock(...),))`. Money is in the reporting
currency, times in days unless a name says otherwise, probabilities and shares in [0, 1].
"""

from dataclasses import dataclass, field
from datetime import date

from kpilib.demo.laws import (
    Buying,
    Campaign,
    Channel,
    Club,
    Country,
    Mail,
    Opinion,
    Reason,
    Referring,
    Season,
    Segment,
    Spending,
    Visits,
)
from kpilib.errors import InputError


@dataclass(frozen=True)
class Desk:
    """A service desk's hours."""

    name: str
    zone: str
    hours: tuple[tuple[str, str, str], ...]
    """Weekdays (`1-5`), opening and closing time."""
    holidays: str
    """Whose holidays it keeps: VN or FR."""


@dataclass(frozen=True)
class Service:
    """Tickets; times are business hours of the desk."""

    questions: float = 0.09
    """Chance of a question, return or technical request per purchase."""
    complaints: float = 0.012
    """Chance of a complaint per purchase that was no bad experience."""
    complains: float = 0.7
    """Chance of a complaint per bad experience."""
    response: tuple[tuple[str, float, float], ...] = (
        ("urgent", 0.08, 0.6), ("high", 0.2, 1.5), ("normal", 0.52, 3.0), ("low", 0.2, 6.0),
    )  # fmt: skip
    """Priority, its share, and the median hours to the first answer."""
    spread: float = 0.8
    """Standard deviation of the log of those hours, and of those to the solution."""
    slower: float = 4.0
    """How much longer the answer takes where the customer then leaves because of the service."""
    solution: float = 3.0
    """Median hours from the answer to the solution, over those to the answer."""
    unanswered: float = 0.03
    unsolved: float = 0.04
    """Share of answered tickets that are never solved."""
    reopened: float = 0.09
    waiting: float = 0.2
    """Share of tickets that wait for the customer for a day or two."""
    by_agent: float = 0.04
    nameless: float = 0.04
    desks: tuple[Desk, ...] = (
        Desk(
            "hcm",
            "Asia/Ho_Chi_Minh",
            (("1-5", "08:00", "12:00"), ("1-5", "13:00", "18:00"), ("6", "08:00", "12:00")),
            "VN",
        ),
        Desk("paris", "Europe/Paris", (("1-5", "09:00", "18:00"),), "FR"),
    )


@dataclass(frozen=True)
class Costs:
    """What serving customers costs, and what is spent beside the channels."""

    margin: float = 0.45
    """Part of revenue left after goods; written to kpilib.toml."""
    delivery: float = 22_000.0
    ticket: float = 35_000.0
    payment: float = 0.012
    """Of the amount."""
    unattributed: float = 0.06
    """Spend of no channel, over that of the channels."""
    elasticity: float = 0.7
    """Arrivals by a paid channel move with its spend to this power."""
    weekly_noise: float = 0.35
    """Standard deviation of the log of weekly spend."""


@dataclass(frozen=True)
class Records:
    """How well the records are kept; shares of records unless said otherwise."""

    duplicates: float = 0.02
    """Second records of a customer, merged into the first."""
    tests: float = 0.004
    """Test accounts, over customers."""
    missing: tuple[tuple[str, float], ...] = (
        ("acquisition_channel", 0.02), ("segment", 0.015), ("country", 0.01),
    )  # fmt: skip
    """Columns of customers left empty or with a placeholder."""
    vague: tuple[tuple[str, float], ...] = (("acquisition_channel", 0.02), ("segment", 0.03))
    """Columns of customers that say only *other*."""
    wrong: float = 0.05
    """Values of segment or country that are not true."""
    stale: float = 0.12
    """Records nobody has touched since they were made."""
    audited: int = 400
    """Values checked in the audit."""
    unreachable: float = 0.06
    consent: float = 0.82
    """Customers who consent to marketing when they come."""
    late: float = 0.015
    """Orders that reach the records one to twenty days late."""
    faults: float = 0.004
    """Faulty rows of each kind, over the rows of their table."""


@dataclass(frozen=True)
class Shock:
    """Something that changes for some customers from one day to another.

    `where` holds the channel, segment and country it is about; one left out means all of them.
    """

    since: date
    until: date | None = None
    """The first day on which it is over; None: it stays."""
    where: tuple[tuple[str, str], ...] = ()
    buying: float = 1.0
    """Multiplies the purchase rate."""
    leaving: float = 0.0
    """Added to the log odds of leaving after a purchase."""
    price: float = 1.0
    """Multiplies order sizes."""
    response: float = 1.0
    """Multiplies the hours to the first answer."""
    arrivals: float = 1.0
    """Multiplies new customers."""
    lost: tuple[tuple[str, float], ...] = ()
    """Tables with the share of their rows of these days that never arrived: a broken feed."""

    def __post_init__(self) -> None:
        known = ("acquisition_channel", "segment", "country")
        for name, _ in self.where:
            if name not in known:
                raise InputError(f"shock.where: {name!r} is not one of {', '.join(known)}")


CHANNELS = (
    Channel("search", 0.25, 190_000, 5),
    Channel("facebook", 0.24, 150_000, 9, buying=-0.25, leaving=0.55),
    Channel("zalo", 0.12, 90_000, 7, buying=0.1),
    Channel("marketplace", 0.14, 120_000, 2, buying=-0.15, leaving=0.3),
    Channel("store", 0.08, 260_000, 0, buying=0.25, leaving=-0.4, cost_type="sales"),
    Channel("referral", 0.12, 60_000, 0, buying=0.15, leaving=-0.55),
    Channel("direct", 0.05),
)
SEGMENTS = (
    Segment("household", 0.62),
    Segment("student", 0.23, buying=-0.3, spend=0.7),
    Segment("office", 0.15, buying=0.35, spend=1.9),
)
COUNTRIES = (
    Country("VN", 0.85),
    Country("FR", 0.09, foreign=True, desk="paris"),
    Country("DE", 0.06, foreign=True, desk="paris"),
)
REASONS = (
    Reason("service", 0.34, "service", "poor service"),
    Reason("price", 0.2, "price", "too expensive"),
    Reason("product", 0.16, "product", "product not right"),
    Reason("competitor", 0.16, "price", "went to a competitor"),
    Reason("moved", 0.14, "", "moved away"),
)
CAMPAIGNS = (
    Campaign("win-back", tuple(range(1, 13)), 120, 420, 0.3, 0.09, within=25, reach=0.4),
    Campaign("tet-gift", (1,), 0, 110, 0.3, 0.1, reach=0.5, cost=6_000),
    Campaign("mid-year", (6,), 0, 110, 0.3, 0.06, reach=0.5),
    Campaign("care-call", (2, 5, 8, 10), 85, 119, 0.5, 0.14, within=20, cost=15_000),
    Campaign("new-catalogue", (4, 10), 0, 150, 0.3, 0.0, reach=0.4, cost=9_000),
    Campaign("autumn-fair", (9,), 0, 90, 0.0, 0.08, reach=0.4),
)


@dataclass(frozen=True)
class Model:
    """A whole business: its size and span, and the laws its customers follow.

    >>> Model(customers=0)
    Traceback (most recent call last):
    kpilib.errors.InputError: customers = 0 must be a whole number of at least 1
    """

    customers: int = 5_000
    months: int = 36
    end: date = date(2026, 10, 31)
    """The last day."""
    seed: int = 1
    time_zone: str = "Asia/Ho_Chi_Minh"
    currency: str = "VND"
    foreign_currency: str = "EUR"
    rate: float = 27_500.0
    """What one unit of it is worth at the beginning."""
    rate_volatility: float = 0.004
    """Standard deviation of the log of its daily change."""
    lapse_window: int = 120
    """Written to kpilib.toml."""
    buying: Buying = field(default_factory=Buying)
    spending: Spending = field(default_factory=Spending)
    season: Season = field(default_factory=Season)
    channels: tuple[Channel, ...] = CHANNELS
    segments: tuple[Segment, ...] = SEGMENTS
    countries: tuple[Country, ...] = COUNTRIES
    reasons: tuple[Reason, ...] = REASONS
    campaigns: tuple[Campaign, ...] = CAMPAIGNS
    opinion: Opinion = field(default_factory=Opinion)
    referring: Referring = field(default_factory=Referring)
    club: Club = field(default_factory=Club)
    visits: Visits = field(default_factory=Visits)
    mail: Mail = field(default_factory=Mail)
    service: Service = field(default_factory=Service)
    costs: Costs = field(default_factory=Costs)
    records: Records = field(default_factory=Records)
    shocks: tuple[Shock, ...] = ()

    def __post_init__(self) -> None:
        for name, least in (("customers", 1), ("months", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InputError(f"{name} = {value!r} must be a whole number of at least {least}")
        if self.months > 12 * 20:
            raise InputError(f"months = {self.months} is more than 240; ask for fewer")
