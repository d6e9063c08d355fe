"""The purchase summary handed to pymc-marketing's models, for those who want full Bayesian fits.

The extra `kpilib[pymc]`: nothing else needs it, and nothing is imported before it is asked for.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.clv.expected.summary import Until, purchase_summary
from kpilib.errors import InputError, near_miss

if TYPE_CHECKING:
    from kpilib.activity.business import Business

MODELS = {
    "BGNBD": "BetaGeoModel",
    "MBGNBD": "ModifiedBetaGeoModel",
    "ParetoNBD": "ParetoNBDModel",
    "GammaGamma": "GammaGammaModel",
}
"""Our name of a model → theirs, in `pymc_marketing.clv`."""


def pymc_marketing_data(
    base: "Business", model: str = "BGNBD", until: Until = None
) -> pd.DataFrame:
    """The customers as pymc-marketing's model of that kind wants them.

    `customer_id, frequency, recency, T, monetary_value` in days; without those of T = 0, and for
    `GammaGamma` only repeat buyers with a spend above 0.

    >>> from kpilib.demo import tiny_shop
    >>> pymc_marketing_data(tiny_shop(), "GammaGamma")["customer_id"].tolist()
    ['An', 'Chen', 'Dana', 'Eve']
    """
    if model not in MODELS:
        raise InputError(f"model {model!r} is not known; {near_miss(model, MODELS)}")
    table = purchase_summary(base, until)
    keep = table["T"] > 0
    if model == "GammaGamma":
        keep = (table["frequency"] > 0) & (table["monetary_value"] > 0)
    if not keep.any():
        raise InputError(f"no customer has a history that {model} could be fitted to")
    return table[keep].reset_index(drop=True)


def fit_with_pymc_marketing(
    base: "Business", model: str = "BGNBD", until: Until = None, **options: Any
) -> Any:
    """pymc-marketing's model of that kind, fitted to the base; `options` go to its `fit`.

    What comes back is theirs, with their methods; times are in days. Raises InputError where
    pymc-marketing is not installed.
    """
    data = pymc_marketing_data(base, model, until)
    if find_spec("pymc_marketing") is None:
        raise InputError(
            'pymc-marketing is not installed; pip install "kpilib[pymc]", or fit with '
            f"kpilib.clv.{model}, which has intervals of its own"
        )
    from pymc_marketing import clv

    fitted = getattr(clv, MODELS[model])()
    fitted.fit(data=data, **options)
    return fitted
