"""The topics there are, and which of them a KPI belongs to."""

from kpilib.errors import InputError, near_miss
from kpilib.lessons.compare.contacts import COMPLAINTS, RESPONSE, SATISFACTION
from kpilib.lessons.compare.purchases import CLV, LOYALTY, REPURCHASE
from kpilib.lessons.compare.retention import ACQUISITION, CHURN, CUSTOMERS, RETENTION
from kpilib.lessons.compare.rule import Rule, Topic

TOPICS = {
    one.id: one
    for one in (
        RETENTION,
        CHURN,
        CLV,
        REPURCHASE,
        LOYALTY,
        RESPONSE,
        COMPLAINTS,
        SATISFACTION,
        ACQUISITION,
        CUSTOMERS,
    )
}


def topic(name: str) -> Topic:
    """The topic of that name; an InputError that offers the nearest where there is none."""
    asked = " ".join(name.lower().replace("-", " ").split())
    for one in TOPICS.values():
        if asked in {said.lower() for said in one.name.to_dict().values()}:
            return one
    word = asked.split(" ")[0]
    for one in TOPICS.values():
        if word and (one.id.startswith(word) or one.id == f"{word}s"):
            return one
    raise InputError(f"topic {name!r} is not known; {near_miss(name, TOPICS)}")


def ours(kpi_id: str) -> tuple[Topic, Rule]:
    """The topic that a KPI belongs to, and the rule that is the KPI itself.

    >>> ours("churn_rate")[1].id
    'opening'

    Raises InputError for a KPI that no topic has.
    """
    known: dict[str, tuple[Topic, Rule]] = {}
    for one in TOPICS.values():
        for rule in one.rules:
            if rule.kpi:
                known.setdefault(rule.kpi, (one, rule))
    if kpi_id not in known:
        raise InputError(
            f"{kpi_id!r} has no other definitions to search; {near_miss(kpi_id, known)}"
        )
    return known[kpi_id]
