"""What goes by the names of repurchase, loyalty, and customer lifetime value."""

from typing import Any

import pandas as pd

from kpilib.lessons.compare.facts import Facts, among
from kpilib.lessons.compare.retention import _retained, _totals
from kpilib.lessons.compare.rule import Counts, Rule, Topic, counts
from kpilib.questions.values import KPIValue
from kpilib.words import Unit, _


def _of_buyers(facts: Facts, flag: pd.Series) -> Counts:
    buyers = facts.buyers
    return counts(buyers, flag.astype(float), pd.Series(1.0, index=buyers.index))


def _next_period(facts: Facts) -> Counts:
    later, buyers = facts.later_buyers, facts.buyers
    over = [i for i, one in enumerate(facts.periods) if one.shift(1).end_day <= facts.base.as_of]
    seen = buyers["period"].isin(over)
    return counts(buyers, (among(buyers, later) & seen).astype(float), seen.astype(float))


REPURCHASE = Topic(
    "repurchase",
    _("repurchase"),
    (
        Rule(
            "days",
            _("buyers with purchases on two days or more, over buyers"),
            lambda facts: _of_buyers(facts, facts.buyers["purchases"] >= 2),
            texts=(3,),
            kpi="repeat_purchase_rate",
            windowed=False,
        ),
        Rule(
            "orders",
            _("buyers with two orders or more, over buyers"),
            lambda facts: _of_buyers(facts, facts.buyers["orders"] >= 2),
            texts=(3,),
            windowed=False,
        ),
        Rule(
            "next",
            _("buyers who buy again in the next period, over buyers"),
            _next_period,
            texts=(2,),
            kpi="next_window_repurchase_rate",
            windowed=False,
        ),
        Rule(
            "returning",
            _("buyers who had bought before the period, over buyers"),
            lambda facts: _of_buyers(facts, facts.buyers["first_day"] < facts.buyers["opens"]),
            texts=(0,),
            others=("Shopify",),
            kpi="returning_customer_rate",
            windowed=False,
        ),
        Rule(
            "printed",
            _("closing less new customers, over opening customers"),
            _totals,
            texts=(3,),
        ),
    ),
)


def _loyal(purchases: int, over_closing: bool) -> Any:
    """Customers with so many purchases in the loyalty rule's days, over customers."""

    def count(facts: Facts) -> Counts:
        led = facts.ledger
        recent = facts.base.engine.collect(facts.base.frequent(facts.periods, purchases))
        merged = led.merge(recent, on=["period", "customer_id"], how="left")
        loyal = merged["loyal"].eq(True) & merged["closing"]
        under = merged["closing"] if over_closing else pd.Series(True, index=merged.index)
        return counts(merged, loyal.astype(float), under.astype(float))

    return count


def _index(preset: str) -> Any:
    """The loyalty index of a preset as a share, to stand beside the others."""

    def count(facts: Facts) -> Counts:
        base = facts.base.varied({}, loyalty_index={"preset": preset})
        return _kpi("loyalty_index", 0.01)(Facts(base, facts.periods))

    return count


def _kpi(kpi_id: str, scale: float = 1.0) -> Any:
    """The value of a KPI of kpilib, without its customers."""

    def count(facts: Facts) -> Counts:
        values: dict[int, float] = {}
        for place, period in enumerate(facts.periods):
            found = facts.base.kpi(kpi_id, period)
            if isinstance(found, KPIValue) and found.value is not None:
                values[place] = found.value * scale
        return Counts(_NOBODY, values or {-1: float("nan")})

    return count


_NOBODY = pd.DataFrame({"period": [], "customer_id": [], "over": [], "under": []})

LOYALTY = Topic(
    "loyalty",
    _("loyalty"),
    (
        Rule(
            "three",
            _("closing customers with three purchases or more in a year, over closing customers"),
            _loyal(3, True),
        ),
        Rule(
            "two",
            _("closing customers with two purchases or more in a year, over closing customers"),
            _loyal(2, True),
        ),
        Rule(
            "source3",
            _("index of satisfaction, repurchase and referral"),
            _index("source3"),
            texts=(3,),
            kpi="loyalty_index",
            windowed=False,
        ),
        Rule(
            "source2",
            _("index of repurchase and recommendation"),
            _index("source2"),
            texts=(2,),
            windowed=False,
        ),
        Rule(
            "source3_faq",
            _("index of repurchase, referral and renewal"),
            _index("source3_faq"),
            texts=(3,),
            windowed=False,
        ),
        Rule(
            "kept",
            _("opening customers still there at the close, over opening customers"),
            _retained,
            texts=(1,),
        ),
    ),
    axes=("window",),
    stacks=False,
)


def _revenue_over_churn(facts: Facts) -> Counts:
    """Revenue per closing customer over the churn of the opening ones: ARPU / churn."""
    led, buyers = facts.ledger, facts.buyers
    values: dict[int, float] = {}
    for place in range(len(facts.periods)):
        mine = led[led["period"] == place]
        lost = float((mine["lost"] & mine["opening"]).sum())
        closing, opening = float(mine["closing"].sum()), float(mine["opening"].sum())
        revenue = float(buyers.loc[buyers["period"] == place, "amount"].sum())
        if lost and closing:
            values[place] = revenue / closing / (lost / opening)
    return Counts(_NOBODY, values or {-1: float("nan")})


def _value_times_life(facts: Facts) -> Counts:
    """Average purchase value times the relationship in years, without how often one buys."""
    values: dict[int, float] = {}
    for place, period in enumerate(facts.periods):
        found = facts.base.kpi("clv_simple", period)
        assert isinstance(found, KPIValue)
        each = found.details.get("average_purchase_value")
        years = found.details.get("lifetime_years")
        if each is not None and years is not None:
            values[place] = each * years
    return Counts(_NOBODY, values or {-1: float("nan")})


_MONEY: dict[str, Any] = {"unit": Unit.MONEY, "windowed": False}

CLV = Topic(
    "clv",
    _("customer lifetime value"),
    (
        Rule(
            "predicted",
            _("what a customer is expected to bring over the horizon"),
            _kpi("clv_predicted"),
            texts=(1,),
            kpi="clv_predicted",
            **_MONEY,
        ),
        Rule(
            "simple",
            _("average purchase value × purchases a year × years of lifetime"),
            _kpi("clv_simple"),
            texts=(3,),
            kpi="clv_simple",
            **_MONEY,
        ),
        Rule(
            "text 1",
            _("average purchase value × years of lifetime"),
            _value_times_life,
            texts=(1,),
            **_MONEY,
        ),
        Rule(
            "arpu over churn",
            _("revenue per customer and period over the period's churn rate"),
            _revenue_over_churn,
            others=("Baremetrics", "ChartMogul", "ProfitWell"),
            unit=Unit.MONEY,
        ),
        Rule(
            "historical",
            _("what a customer has spent so far"),
            _kpi("clv_historical"),
            texts=(1,),
            kpi="clv_historical",
            **_MONEY,
        ),
        Rule(
            "profit",
            _("profit within the horizon, by the survival curve, discounted"),
            _kpi("clv_net_profit"),
            texts=(3,),
            kpi="clv_net_profit",
            **_MONEY,
        ),
    ),
    axes=("window", "refunds"),
    stacks=False,
)
