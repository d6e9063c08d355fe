"""The laws that the demo business's customers follow: their parameters, as frozen values.

Money is in the reporting currency, times in days unless a name says otherwise, probabilities and
shares in [0, 1].
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Buying:
    """BG/NBD (Fader, Hardie & Lee, *Marketing Science* 24(2), 2005), time in days of demand.

    A customer buys at a rate λ ~ Gamma(r, alpha) and, after every purchase but the first, leaves
    with chance p ~ Beta(a, b). A day of demand is a day of average season.
    """

    r: float = 1.1
    alpha: float = 46.0
    a: float = 0.85
    b: float = 4.65


@dataclass(frozen=True)
class Spending:
    """Gamma-Gamma (Fader & Hardie, note 025, 2013): order size of mean p·ν⁻¹, ν ~ Gamma(q, v)."""

    p: float = 6.25
    q: float = 3.74
    v: float = 154_400.0
    step: float = 1_000.0
    """Amounts are rounded to whole multiples of this in the reporting currency."""
    shipping: float = 25_000.0
    """What a delivery costs the customer; nothing above ten times as much."""
    tax: float = 0.08
    """On top of the amount."""
    discounted: float = 0.18
    """Share of orders with a discount of 5 to 25%."""
    cancelled: float = 0.02
    """Orders called off before delivery, over those that were delivered."""
    refunded: float = 0.035
    """Share of orders refunded wholly or in part."""
    fully: float = 0.3
    """Share of refunds that give everything back."""


@dataclass(frozen=True)
class Channel:
    """A way by which customers come; as in `kpilib.clv`, coefficients are logs of multipliers."""

    name: str
    share: float
    """Of new customers."""
    cost: float = 0.0
    """Spend per new customer."""
    lag: int = 0
    """Days from the spend to the customers it brings."""
    buying: float = 0.0
    """The purchase rate is multiplied by exp of this."""
    leaving: float = 0.0
    """The odds a / b of leaving after a purchase are multiplied by exp of this; a + b stays."""
    cost_type: str = "marketing"


@dataclass(frozen=True)
class Segment:
    """A kind of customer, by the business's own reckoning."""

    name: str
    share: float
    buying: float = 0.0
    spend: float = 1.0
    """Multiplies order sizes."""


@dataclass(frozen=True)
class Country:
    """Where customers live."""

    code: str
    share: float
    foreign: bool = False
    """Whether they pay in the foreign currency."""
    desk: str = "hcm"
    """The calendar of the desk that answers them."""


@dataclass(frozen=True)
class Season:
    """How demand moves over the year; its mean over the span is 1."""

    growth: float = 0.12
    """Of arrivals, a year."""
    swing: float = 0.12
    """Amplitude of the yearly wave, highest in December."""
    weekend: float = 1.25
    before_tet: float = 1.5
    """In the three weeks before the lunar new year."""
    tet: float = 0.4
    """In the week of it."""


@dataclass(frozen=True)
class Reason:
    """Why a customer leaves for good; only the service's fault shows before purchases stop."""

    name: str
    share: float
    aspect: str = ""
    """The survey aspect that suffers."""
    words: str = ""
    """What contracts record as `cancel_reason`."""


@dataclass(frozen=True)
class Opinion:
    """What customers think: θ, a standard normal tied to their chance of leaving."""

    tie: float = 0.6
    """Correlation of θ with the normal score of staying, 1 - p."""
    drop: float = 1.7
    """How far a bad experience lowers what is answered for `sore` days."""
    sore: int = 75
    noise: float = 0.6
    aspects: tuple[tuple[str, float], ...] = (
        ("product", 0.4), ("service", 0.3), ("delivery", 0.2), ("price", 0.1),
    )  # fmt: skip
    """Aspects with their true weights in the overall answer."""
    bad: float = 0.03
    """Chance that a purchase after which the customer stays was a bad experience."""
    invited: float = 0.4
    """Share of orders followed by a satisfaction survey, at most one a customer and month."""
    answers: float = -0.75
    """Log odds of answering at θ = 0."""
    answers_more: float = 0.45
    """Added to them per unit of θ: the satisfied answer more."""
    nps_every: int = 1
    """Months between rounds of the recommendation survey."""
    nps_share: float = 0.18
    """Share of those who bought in the half year before who are asked in a round."""
    wordless: float = 0.02
    """Share of answers that leave a comment and no score."""
    nameless: float = 0.02
    """Share of answers without a customer."""


@dataclass(frozen=True)
class Campaign:
    """An offer to some customers, others held back by chance to compare with."""

    name: str
    months: tuple[int, ...]
    """The calendar months on whose `day` it goes out."""
    since: int
    until: int
    """Days since the last purchase of those it is for, both included."""
    control: float
    """Share held back; 0 for a campaign without a control group."""
    lift: float
    """The chance that it makes someone buy who was reached, beside what they buy anyway."""
    day: int = 1
    within: int = 14
    """Days in which the extra purchase falls."""
    reach: float = 1.0
    """Share of those it is for who are drawn, to be reached or held back."""
    cost: float = 4_000.0
    """Per customer reached."""
    pause: int = 150
    """Days for which a customer drawn is left alone by the same campaign."""


@dataclass(frozen=True)
class Referring:
    """Invitations between customers; those who came by referral have one that converted."""

    converts: float = 0.3
    """Chance that an invitation brings a customer."""
    keenness: float = 0.6
    """The chance of inviting grows as exp(keenness · θ)."""
    days: int = 28
    """Longest time from the invitation to the first purchase."""


@dataclass(frozen=True)
class Club:
    """A paid membership, cut into terms: sBG (Fader & Hardie, 2007), alpha and beta per term."""

    share: float = 0.4
    """Of customers who ever join."""
    joins: float = 60.0
    """Mean days from the first purchase to joining."""
    terms: tuple[tuple[int, float, float], ...] = (
        (1, 0.6, 90_000),
        (3, 0.25, 80_000),
        (12, 0.15, 70_000),
    )
    """Months of a term, the share who choose it, and its monthly price."""
    alpha: float = 0.9
    beta: float = 9.0
    gap: float = 0.08
    """Chance that a renewal comes 2 to 20 days late."""
    failed: float = 0.15
    """Share of ends that are failed payments, not notices."""
    unsaid: float = 0.2
    """Share of notices without a reason."""
    early: float = 0.1
    """Share of notices that end the contract before its term does; who leaves the business, always
    does, about when they lapse."""
    upgrade: float = 0.03
    downgrade: float = 0.02
    """Chance per renewal of 50% more, or 30% less, a month."""


@dataclass(frozen=True)
class Visits:
    """What customers do between purchases."""

    monthly: float = 0.8
    """Mean visits a month of a customer who has not left."""
    spread: float = 1.5
    """Shape of the gamma law of visits among customers."""
    gone: float = 0.08
    """What is left of them after leaving."""
    pages: float = 1.1
    """Mean further events after the first of a visit."""
    channels: tuple[tuple[str, float], ...] = (
        ("web", 0.5), ("app", 0.32), ("facebook", 0.12), ("zalo", 0.06),
    )  # fmt: skip
    touches: float = 0.9
    """Mean further advertisements clicked before the first order, beside the recorded one."""


@dataclass(frozen=True)
class Mail:
    """Newsletters and what becomes of them."""

    monthly: float = 0.5
    """Share of those who may be written to who get a month's newsletter."""
    delivered: float = 0.97
    opened: tuple[float, float] = (1.6, 4.4)
    """Beta law of a person's chance of opening."""
    machine: float = 0.3
    """Share of customers whose mail program opens everything at once."""
    clicked: float = 0.16
    """Of messages that a person opened."""
    unsubscribed: float = 0.004
    """Of messages delivered."""
