"""What goes by the names of response time, complaint rate, and satisfaction."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from kpilib.lessons.compare.facts import Facts, among
from kpilib.lessons.compare.rule import Counts, Rule, Topic, counts
from kpilib.statistics.survival import KaplanMeier
from kpilib.words import Unit, _


def _complaints_over(facts: Facts, customers: pd.DataFrame, weight: pd.Series) -> Counts:
    """Complaints above; below, what each customer weighs."""
    came = facts.complaints.assign(over=1.0, under=0.0)
    there = customers[["period", "customer_id"]].assign(over=0.0, under=weight.astype(float))
    both = pd.concat([came, there[there["under"] != 0]], ignore_index=True)
    return counts(both, both["over"], both["under"])


def _complainants(facts: Facts) -> Counts:
    led = facts.ledger
    return counts(led, among(led, facts.complaints).astype(float), pd.Series(1.0, index=led.index))


def _complaints_over_orders(facts: Facts) -> Counts:
    return _complaints_over(facts, facts.buyers, facts.buyers["orders"])


_RATE: dict[str, Any] = {"unit": Unit.PER_CUSTOMER}

COMPLAINTS = Topic(
    "complaints",
    _("complaint rate"),
    (
        Rule(
            "average",
            _("complaints over customers on an average day"),
            lambda facts: _complaints_over(facts, facts.active, facts.active["days"]),
            kpi="complaint_rate",
            **_RATE,
        ),
        Rule(
            "opening",
            _("complaints over opening customers"),
            lambda facts: _complaints_over(facts, facts.ledger, facts.ledger["opening"]),
            **_RATE,
        ),
        Rule(
            "closing",
            _("complaints over closing customers"),
            lambda facts: _complaints_over(facts, facts.ledger, facts.ledger["closing"]),
            texts=(3,),
            **_RATE,
        ),
        Rule(
            "complainants",
            _("customers with a complaint over customers active in the period"),
            _complainants,
            kpi="complainant_share",
        ),
        Rule(
            "orders",
            _("complaints over orders"),
            _complaints_over_orders,
            windowed=False,
            **_RATE,
        ),
    ),
)


def _scores(facts: Facts, of: Callable[[pd.DataFrame], pd.Series]) -> Counts:
    answers = facts.satisfaction
    return counts(answers, of(answers).astype(float), pd.Series(1.0, index=answers.index))


def _normalised(answers: pd.DataFrame) -> pd.Series:
    low, high = answers["scale_min"], answers["scale_max"]
    return (answers["score"] - low) / (high - low)


def _net(answers: pd.DataFrame) -> pd.Series:
    top = answers["score"] >= answers["scale_max"] - 1
    bottom = answers["score"] <= answers["scale_min"] + 1
    return top.astype(int) - bottom.astype(int)


_CSAT: dict[str, Any] = {"windowed": False}

SATISFACTION = Topic(
    "csat",
    _("satisfaction (CSAT)"),
    (
        Rule(
            "mean",
            _("mean of the scores"),
            lambda facts: _scores(facts, lambda answers: answers["score"]),
            texts=(3,),
            kpi="csat_mean",
            unit=Unit.POINTS,
            **_CSAT,
        ),
        Rule(
            "top two",
            _("answers in the two highest boxes, over answers"),
            lambda facts: _scores(facts, lambda a: a["score"] >= a["scale_max"] - 1),
            kpi="csat_top2",
            **_CSAT,
        ),
        Rule(
            "top one",
            _("answers in the highest box, over answers"),
            lambda facts: _scores(facts, lambda a: a["score"] >= a["scale_max"]),
            **_CSAT,
        ),
        Rule(
            "normalised",
            _("mean of the scores, moved to 0 to 100%"),
            lambda facts: _scores(facts, _normalised),
            texts=(2,),
            **_CSAT,
        ),
        Rule(
            "net",
            _("the two highest boxes less the two lowest, over answers"),
            lambda facts: _scores(facts, _net),
            **_CSAT,
        ),
    ),
    axes=("zone", "bounds"),
    stacks=False,
)


def _waits(
    facts: Facts, hours: str, ended: str, value: Callable[[pd.DataFrame], float | None]
) -> Counts:
    """Tickets with their hours above; the value is read off them as told."""
    tickets = facts.tickets.assign(hours=facts.tickets[hours], ended=facts.tickets[ended])
    found = counts(tickets, tickets["ended"].astype(float), pd.Series(1.0, index=tickets.index))
    values = {
        place: read
        for place in range(len(facts.periods))
        if (read := value(tickets[tickets["period"] == place])) is not None
    }
    return Counts(found.rows, values or {-1: float("nan")})


def _median_with_open(tickets: pd.DataFrame) -> float | None:
    if not len(tickets):
        return None
    by = tickets.groupby("hours")["ended"].agg(["sum", "size"])
    ended = by["sum"].to_numpy(float)
    curve = KaplanMeier.from_counts(by.index.to_numpy(float), ended, by["size"].to_numpy() - ended)
    return curve.quantile(0.5).value


def _median_of_ended(tickets: pd.DataFrame) -> float | None:
    ended = tickets.loc[tickets["ended"], "hours"]
    return float(ended.median()) if len(ended) else None


def _mean_of_ended(tickets: pd.DataFrame) -> float | None:
    ended = tickets.loc[tickets["ended"], "hours"]
    return float(ended.mean()) if len(ended) else None


_HOURS: dict[str, Any] = {"unit": Unit.HOURS, "windowed": False}

RESPONSE = Topic(
    "response",
    _("response time"),
    (
        Rule(
            "first answer",
            _("median hours to the first answer, unanswered tickets waiting on"),
            lambda facts: _waits(facts, "response_hours", "answered", _median_with_open),
            texts=(1,),
            kpi="first_response_time",
            **_HOURS,
        ),
        Rule(
            "answered alone",
            _("median hours to the first answer, of the answered alone"),
            lambda facts: _waits(facts, "response_hours", "answered", _median_of_ended),
            **_HOURS,
        ),
        Rule(
            "mean",
            _("mean hours to the first answer, of the answered alone"),
            lambda facts: _waits(facts, "response_hours", "answered", _mean_of_ended),
            **_HOURS,
        ),
        Rule(
            "resolution",
            _("median hours to the resolution for good, open tickets going on"),
            lambda facts: _waits(facts, "resolution_hours", "resolved", _median_with_open),
            texts=(1,),
            **_HOURS,
        ),
        Rule(
            "first resolution",
            _("median hours to the first resolution, of the resolved alone"),
            lambda facts: _waits(facts, "first_hours", "first_resolved", _median_of_ended),
            **_HOURS,
        ),
    ),
    axes=("zone", "bounds"),
    stacks=False,
)
