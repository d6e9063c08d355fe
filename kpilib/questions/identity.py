"""Which definition a number comes from: a hash of what it is made of and what it has read."""

from kpilib.activity.business import Business
from kpilib.activity.kept import Reads
from kpilib.periods import Period
from kpilib.registry.definitions import Definition
from kpilib.statistics.statistic import Statistic
from kpilib.words import Unit


def read_statistic(
    base: Business, definition: Definition, periods: tuple[Period, ...]
) -> Statistic:
    """The statistic of a definition for some periods; what it reads on the way is held."""
    with base.reading() as read:
        statistic = definition.function(base, periods)
        if definition.until:
            definition.until(base, periods[0])
    if definition.unit is Unit.MONEY:
        read["currency"] = base.currency
    base.remember(_key(definition), lambda: read)
    return statistic


def identity(base: Business, definition: Definition, *, unavailable: bool = False) -> str:
    """Twelve hex digits that change with the definition and the settings it reads, and only then.

    Of a KPI that cannot be asked nothing is read, so that only its code counts.
    """
    if unavailable:
        return definition.hash({})
    if _key(definition) not in base._kept:
        read_statistic(base, definition, (base.period(),))
    read: Reads = base.remember(_key(definition), dict)
    return definition.hash(read)


def tables_read(base: Business, definition: Definition) -> frozenset[str] | None:
    """The source tables that a definition has read; None where it has not been asked."""
    if _key(definition) not in base._kept:
        return None
    read: Reads = base.remember(_key(definition), dict)
    return frozenset(name[1:-1] for name in read if name.startswith("["))


def _key(definition: Definition) -> tuple:
    return ("read", definition.id, definition.function)
