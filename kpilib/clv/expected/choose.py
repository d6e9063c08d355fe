"""Which model a customer base is asked with, and its fit."""

from typing import TYPE_CHECKING, Any

from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.spend import Spend
from kpilib.clv.models.bgbb import BGBB
from kpilib.clv.models.bgnbd import BGNBD, MBGNBD
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.models.model import Model
from kpilib.clv.models.pareto_nbd import ParetoNBD
from kpilib.contract.rules import VALUE_MODELS
from kpilib.errors import InputError, near_miss
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

PURCHASE_MODELS: dict[str, Any] = {"BGNBD": BGNBD, "MBGNBD": MBGNBD, "ParetoNBD": ParetoNBD}
MODELS = VALUE_MODELS
"""The models that a customer base can be valued with, by name."""

OPPORTUNITIES = _(
    "BGBB counts opportunities (one a season, yes or no), not days, so it has no value at a date; "
    "choose BGNBD, MBGNBD or ParetoNBD here, or count the opportunities of each customer and use "
    "BGBB.fit(frequency, recency, T).expected_purchases(opportunities, frequency, recency, T)"
)

_NO_SPEND = _(
    "no customer has bought again with a spend above 0, so spend cannot be modelled; give "
    "spend=GammaGamma(...), or ask demand_forecast for purchases"
)
_INFINITE = _(
    "the spend model has q = {q}, under which the mean spend is infinite; look for outliers in "
    "amount, or give spend=GammaGamma(...) with q above 1"
)
_PURCHASES = _("{what} follows purchases; choose from {models}")

ModelChoice = str | Model | None
"""A model's name, a fitted model, or None: the one that the settings name; where they name none,
SBG where contracts say who is active, else BGNBD."""


def chosen(base: "Business", model: ModelChoice) -> str | Model:
    """The model's name as `MODELS` has it, or the fitted model given.

    >>> from kpilib.demo import tiny_shop
    >>> chosen(tiny_shop(), None), chosen(tiny_shop(), "mbg/nbd")
    ('BGNBD', 'MBGNBD')
    """
    if model is None:
        contracts = base.activity_rule == "subscriptions"
        return base.settings.value.model or ("SBG" if contracts else "BGNBD")
    if isinstance(model, str):
        plain = {name.lower(): name for name in MODELS}
        asked = "".join(letter for letter in model.lower() if letter.isalnum())
        if asked == "bgbb":
            raise InputError(OPPORTUNITIES)
        if asked not in plain:
            raise InputError(f"model {model!r} is not known; {near_miss(model, MODELS)}")
        return plain[asked]
    if isinstance(model, BGBB):
        raise InputError(OPPORTUNITIES)
    if not isinstance(model, Model) or model.kind not in MODELS:
        raise InputError(f"model {model!r} cannot value a customer base; choose from {MODELS}")
    return model


def chosen_purchases(base: "Business", model: ModelChoice, what: str) -> str | Model:
    """The same for what follows purchases: SBG is an InputError, and BGNBD where nobody asked."""
    name = chosen(base, model)
    if model is None and name == "SBG":
        return "BGNBD"
    if name == "SBG" or getattr(name, "kind", "") == "SBG":
        raise InputError(_PURCHASES.format(what=what, models=", ".join(PURCHASE_MODELS)))
    return name


def fitted_purchases(model: str | Model, counts: Counts) -> Any:
    """The purchase model in days: fitted to the counts where it was named, else as given."""
    if isinstance(model, str):
        return PURCHASE_MODELS[model].fit_counts(counts)
    return model.in_unit("days")


def fitted_spend(spend: GammaGamma | None, found: Spend | None) -> GammaGamma:
    """The spend model; fitted where none was given.

    Raises InputError where a mean spend does not exist under it.
    """
    if spend is None:
        if found is None:
            raise InputError(_NO_SPEND)
        spend = GammaGamma.fit_counts(found)
    if spend.q <= 1:
        raise InputError(_INFINITE.format(q=f"{spend.q:.3g}"))
    return spend
