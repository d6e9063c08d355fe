"""What the loyalty index is made of: each component as a part and a whole per customer."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts.answers import answers, main_scale
from kpilib.contacts.referrals import inviting
from kpilib.contacts.renewals import due
from kpilib.contract.rules import COMPONENTS
from kpilib.contract.tables import schema
from kpilib.periods import Period

NEEDS: Mapping[str, str] = {
    "satisfaction": "survey_responses.score",
    "recommendation": "survey_responses.score",
    "repurchase": "orders.amount",
    "referral": "referrals.invited_at",
    "renewal": "subscriptions.term_end_at",
}
"""Component → the column it cannot do without."""


def components(base: Business) -> dict[str, float]:
    """The components of the index by the settings, with their weights."""
    return weights_of(base, base.settings.loyalty_index.preset)


def weights_of(base: Business, preset: str) -> dict[str, float]:
    """The components of a preset, with the weights that the settings give them; else 1."""
    given = base.settings.loyalty_index.weights
    return {name: given.get(name, 1.0) for name in COMPONENTS[preset]}


def answerable(base: Business) -> tuple[str, ...]:
    """The presets whose components' columns were given: the settings' own first."""
    own = base.settings.loyalty_index.preset
    others = (name for name in COMPONENTS if name != own and _given(base, COMPONENTS[name]))
    return (own, *others)


def _given(base: Business, names: tuple[str, ...]) -> bool:
    """Whether the column that each component cannot do without was given."""
    needed = [NEEDS[name].split(".") for name in names]
    return all(
        table in base.tables
        and schema(table).column(name).outputs[0] in base.tables[table].collect_schema().names()
        for table, name in needed
    )


def component_columns(base: Business) -> tuple[str, ...]:
    """What the components of the index read."""
    return tuple(NEEDS[name] for name in components(base))


def parts(base: Business, periods: tuple[Period, ...], names: tuple[str, ...]) -> nw.LazyFrame:
    """One row per period and customer, or unnamed answer: `x_<name>` and `y_<name>` each.

    Satisfaction: the score moved to 0 … 1, of answers; repurchase: buying on two days, of buyers;
    referral: inviting, of active customers; recommendation: the score over 10; renewal: of
    contracts due.
    """
    found, keys = [], ["period", "customer_id"]
    for name in names:
        rows, x = _component(base, periods, name)
        both = {f"{side}_{one}": nw.lit(0.0) for one in names for side in ("x", "y")}
        both |= {f"x_{name}": x.cast(nw.Float64), f"y_{name}": nw.lit(1.0)}
        found.append(rows.select(*keys, **both))
    every = nw.concat(found, how="vertical")
    nobody = nw.col("customer_id").is_null()
    sums = [nw.col(f"{side}_{name}").sum() for name in names for side in ("x", "y")]
    named = every.filter(~nobody).group_by(*keys).agg(*sums)
    columns = [*keys, *(f"{side}_{name}" for name in names for side in ("x", "y"))]
    return nw.concat(
        [named.select(*columns), every.filter(nobody).select(*columns)], how="vertical"
    )


def _component(
    base: Business, periods: tuple[Period, ...], name: str
) -> tuple[nw.LazyFrame, nw.Expr]:
    """The rows of a component, and what each of them adds to its numerator."""
    if name in ("satisfaction", "recommendation"):
        item = "csat" if name == "satisfaction" else "nps"
        found = answers(base, periods, item)
        scale = main_scale(found, item)
        return found.rows, (nw.col("score") - scale.low) / (scale.high - scale.low)
    if name == "repurchase":
        return base.buyers(periods), _one(nw.col("purchases") >= 2)
    if name == "referral":
        return inviting(base, periods), _one(nw.col("invited"))
    return due(base, periods), _one(nw.col("renewed"))


def _one(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
