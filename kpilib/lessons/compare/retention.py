"""What goes by the names of retention, churn, acquisition, and number of customers."""

import pandas as pd

from kpilib.lessons.compare.facts import Facts, among
from kpilib.lessons.compare.rule import Counts, Rule, Topic, counts
from kpilib.words import Unit, _


def _all(table: pd.DataFrame) -> pd.Series:
    return pd.Series(1.0, index=table.index)


def _flags(facts: Facts, over: pd.Series, under: pd.Series) -> Counts:
    return counts(facts.ledger, over.astype(float), under.astype(float))


def _lost_of_opening(facts: Facts) -> Counts:
    led = facts.ledger
    return _flags(facts, led["lost"] & led["opening"], led["opening"])


def _lost_over_opening(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["lost"], facts.ledger["opening"])


def _lost_over_opening_and_new(facts: Facts) -> Counts:
    led = facts.ledger
    return _flags(facts, led["lost"], led["opening"] | led["new"])


def _lost_over_closing(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["lost"], facts.ledger["closing"])


def _lost_over_average(facts: Facts) -> Counts:
    led = facts.ledger
    return _flags(facts, led["lost"], (led["opening"].astype(int) + led["closing"]) / 2)


def _lost_over_days(facts: Facts) -> Counts:
    led = facts.ledger.merge(facts.active, on=["period", "customer_id"], how="left")
    return counts(led, led["lost"], led["days"].fillna(0.0))


def _lost_over_all(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["lost"], _all(facts.ledger))


_AVERAGE = "ProfitWell (adjusted)"

CHURN = Topic(
    "churn",
    _("churn"),
    (
        Rule(
            "opening",
            _("opening customers lost, over opening customers"),
            _lost_of_opening,
            texts=(3,),
            others=("MASB",),
            kpi="churn_rate",
        ),
        Rule(
            "stripe",
            _("all customers lost, over opening and new customers"),
            _lost_over_opening_and_new,
            others=("Stripe",),
        ),
        Rule(
            "closing",
            _("all customers lost, over closing customers"),
            _lost_over_closing,
            texts=(2,),
        ),
        Rule(
            "baremetrics",
            _("all customers lost, over opening customers"),
            _lost_over_opening,
            others=("Baremetrics", "ChartMogul"),
        ),
        Rule(
            "average",
            _("all customers lost, over the mean of opening and closing customers"),
            _lost_over_average,
            others=(_AVERAGE,),
        ),
        Rule(
            "days",
            _("all customers lost, over customers on an average day"),
            _lost_over_days,
            others=("Shopify",),
        ),
        Rule(
            "seen",
            _("all customers lost, over all who were customers at any time in the period"),
            _lost_over_all,
            texts=(2,),
        ),
    ),
)


def _retained(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["retained"], facts.ledger["opening"])


def _totals(facts: Facts) -> Counts:
    led = facts.ledger
    return _flags(facts, led["closing"].astype(int) - led["new"].astype(int), led["opening"])


def _closing_over_opening(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["closing"], facts.ledger["opening"])


def _bought_of_opening(facts: Facts) -> Counts:
    led = facts.ledger
    return _flags(facts, among(led, facts.buyers) & led["opening"], led["opening"])


def _not_lost_at_stripe(facts: Facts) -> Counts:
    led = facts.ledger
    under = led["opening"] | led["new"]
    return _flags(facts, under.astype(int) - led["lost"].astype(int), under)


RETENTION = Topic(
    "retention",
    _("retention"),
    (
        Rule(
            "matched",
            _("opening customers still there at the close, over opening customers"),
            _retained,
            texts=(3,),
            others=("MASB",),
            kpi="retention_rate",
        ),
        Rule(
            "totals",
            _("closing less new customers, over opening customers"),
            _totals,
            texts=(3,),
            kpi="retention_rate_ledger",
        ),
        Rule(
            "growth",
            _("closing customers over opening customers"),
            _closing_over_opening,
            texts=(1,),
        ),
        Rule(
            "bought",
            _("opening customers who bought in the period, over opening customers"),
            _bought_of_opening,
            texts=(2,),
        ),
        Rule(
            "stripe",
            _("one less churn as Stripe reckons it"),
            _not_lost_at_stripe,
            others=("Stripe",),
        ),
    ),
)


def _new_over_closing(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["new"], facts.ledger["closing"])


def _new_over_opening(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["new"], facts.ledger["opening"])


def _new_over_seen(facts: Facts) -> Counts:
    return _flags(facts, facts.ledger["new"], _all(facts.ledger))


def _new_over_buyers(facts: Facts) -> Counts:
    buyers = facts.buyers
    return counts(buyers, (buyers["first_day"] >= buyers["opens"]).astype(float), _all(buyers))


def _growth(facts: Facts) -> Counts:
    led = facts.ledger
    return _flags(facts, led["closing"].astype(int) - led["opening"].astype(int), led["opening"])


ACQUISITION = Topic(
    "acquisition",
    _("acquisition"),
    (
        Rule(
            "closing",
            _("new customers over closing customers"),
            _new_over_closing,
            texts=(2,),
            kpi="acquisition_rate",
        ),
        Rule(
            "opening",
            _("new customers over opening customers"),
            _new_over_opening,
            texts=(2,),
        ),
        Rule(
            "seen",
            _("new customers over all who were customers at any time in the period"),
            _new_over_seen,
        ),
        Rule(
            "buyers",
            _("first-time buyers over buyers of the period"),
            _new_over_buyers,
            others=("Shopify",),
            windowed=False,
        ),
        Rule("growth", _("closing less opening customers, over opening customers"), _growth),
    ),
)


def _count(facts: Facts, flag: pd.Series) -> Counts:
    found = counts(facts.ledger, flag.astype(float), pd.Series(0.0, index=facts.ledger.index))
    return _counted(found)


def _counted(found: Counts) -> Counts:
    return Counts(found.rows, total=True)


def _buyers(facts: Facts) -> Counts:
    none = pd.Series(0.0, index=facts.buyers.index)
    return _counted(counts(facts.buyers, _all(facts.buyers), none))


CUSTOMERS = Topic(
    "customers",
    _("number of customers"),
    (
        Rule(
            "closing",
            _("customers active at the close"),
            lambda facts: _count(facts, facts.ledger["closing"]),
            texts=(1, 3),
            kpi="customers_active",
            unit=Unit.COUNT,
        ),
        Rule(
            "opening",
            _("customers active at the opening"),
            lambda facts: _count(facts, facts.ledger["opening"]),
            texts=(1, 3),
            unit=Unit.COUNT,
        ),
        Rule(
            "seen",
            _("customers active at any time in the period"),
            lambda facts: _count(facts, _all(facts.ledger)),
            unit=Unit.COUNT,
        ),
        Rule(
            "buyers",
            _("customers who bought in the period"),
            _buyers,
            kpi="buyers",
            unit=Unit.COUNT,
            windowed=False,
        ),
        Rule(
            "new",
            _("customers who are new in the period"),
            lambda facts: _count(facts, facts.ledger["new"]),
            kpi="new_customers",
            unit=Unit.COUNT,
        ),
        Rule(
            "lost",
            _("customers lost in the period"),
            lambda facts: _count(facts, facts.ledger["lost"]),
            kpi="lost_customers",
            unit=Unit.COUNT,
        ),
        Rule(
            "lost of opening",
            _("opening customers lost in the period"),
            lambda facts: _count(facts, facts.ledger["lost"] & facts.ledger["opening"]),
            unit=Unit.COUNT,
        ),
    ),
)
