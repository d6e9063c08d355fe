"""Which statistics are sums, or one sum over another, and what each row adds to the two."""

from dataclasses import dataclass
from functools import singledispatch

import narwhals.stable.v2 as nw

from kpilib.engines.expressions import known
from kpilib.statistics import (
    Beside,
    ByPart,
    Census,
    Count,
    Known,
    Mean,
    Net,
    Quotient,
    Rate,
    Ratio,
    Share,
    Statistic,
    Total,
)
from kpilib.statistics.kinds import CUSTOMER


@dataclass(frozen=True, eq=False)
class Term:
    """Rows, and what each of them adds above the line (`x`) and under it (`y`)."""

    rows: nw.LazyFrame
    x: nw.Expr
    y: nw.Expr
    exact: bool = False
    """Whether the sums are known and not estimated."""


@dataclass(frozen=True, eq=False)
class Terms:
    """A statistic as `scale` × Σx / Σy; without an under-line (`additive`) as `scale` × Σx."""

    terms: tuple[Term, ...]
    additive: bool = False
    scale: float = 1.0
    cluster: str = CUSTOMER
    """The column that tells whose rows belong together; rows without it stand each for itself."""
    part: str | None = None
    """The column that is the only breakdown there is, where the statistic is a breakdown itself."""


_ONE, _NONE = nw.lit(1.0), nw.lit(0.0)


def _where(condition: nw.Expr, value: nw.Expr = _ONE) -> nw.Expr:
    return nw.when(condition).then(value).otherwise(_NONE)


@singledispatch
def terms_of(statistic: Statistic) -> Terms | None:
    """The sums that a statistic is made of, or None where it is no sum and no ratio of sums.

    A duration, a mix, a prediction or an index is none: there is no exact way to share its change
    out among segments.
    """
    return None


@terms_of.register
def _(statistic: Beside) -> Terms | None:
    return terms_of(statistic.main)


@terms_of.register
def _(statistic: Share) -> Terms:
    base = known(statistic.where)
    if statistic.among is not None:
        base = base & statistic.among
    return Terms((Term(statistic.rows, _where(base & statistic.where), _where(base)),))


@terms_of.register
def _(statistic: Count) -> Terms:
    counted = _ONE if statistic.where is None else _where(statistic.where)
    if statistic.weight is not None:
        here = known(statistic.weight)
        here = here if statistic.where is None else here & statistic.where
        counted = _where(here, statistic.weight)
    return Terms((Term(statistic.rows, counted, _NONE),), additive=True)


@terms_of.register(Total)
@terms_of.register(Known)
def _(statistic: Total | Known) -> Terms:
    one = Term(
        statistic.rows, _where(known(statistic.of), statistic.of), _NONE, exact=statistic.exact
    )
    cluster = statistic.cluster if isinstance(statistic, Total) else None
    return Terms((one,), additive=True, cluster=cluster or CUSTOMER)


@terms_of.register
def _(statistic: Mean) -> Terms:
    seen = known(statistic.of)
    one = Term(statistic.rows, _where(seen, statistic.of), _where(seen))
    return Terms((one,), cluster=statistic.cluster or CUSTOMER)


@terms_of.register(Ratio)
@terms_of.register(Census)
def _(statistic: Ratio | Census) -> Terms:
    seen = known(statistic.over) & known(statistic.under)
    one = Term(
        statistic.rows,
        _where(seen, statistic.over),
        _where(seen, statistic.under),
        exact=statistic.exact,
    )
    cluster = statistic.cluster if isinstance(statistic, Ratio) else CUSTOMER
    return Terms((one,), scale=statistic.scaling(), cluster=cluster)


@terms_of.register
def _(statistic: Rate) -> Terms:
    seen = known(statistic.events) & known(statistic.exposure)
    one = Term(statistic.rows, _where(seen, statistic.events), _where(seen, statistic.exposure))
    return Terms((one,), scale=statistic.scale)


@terms_of.register
def _(statistic: Net) -> Terms:
    seen = known(statistic.plus) & known(statistic.minus)
    side = _where(seen & statistic.plus) - _where(seen & statistic.minus)
    return Terms((Term(statistic.rows, side, _where(seen)),), scale=statistic.scale)


@terms_of.register
def _(statistic: Quotient) -> Terms | None:
    over, under = terms_of(statistic.over), terms_of(statistic.under)
    if over is None or under is None or not (over.additive and under.additive):
        return None
    above = tuple(Term(one.rows, one.x, _NONE, one.exact) for one in over.terms)
    below = tuple(Term(one.rows, _NONE, one.x, one.exact) for one in under.terms)
    return Terms((*above, *below), scale=statistic.scale)


@terms_of.register
def _(statistic: ByPart) -> Terms | None:
    found = terms_of(statistic.of)
    if found is None:
        return None
    return Terms(found.terms, found.additive, found.scale, found.cluster, statistic.part)
