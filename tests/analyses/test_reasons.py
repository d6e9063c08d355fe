"""Where the data do not allow an analysis, the reason is told in the reader's language."""

import pandas as pd
import pytest

from kpilib import analyses
from kpilib.analyses.rfm import find_cut_points
from kpilib.clv import (
    contract_projection,
    customer_life,
    customer_lifetime_value,
    holdout_by_frequency,
)
from kpilib.errors import InputError
from tests import quick
from tests.quick import tiny_shop


def bought(*days):
    orders = pd.DataFrame({"customer_id": "An", "ordered_at": pd.Series(days, dtype=str)})
    orders = orders.assign(amount=5.0)
    return quick.opened(orders=orders, as_of="2026-05-01", lapse_window=30, time_zone="UTC")


ASKED = {
    "nobody in the window": lambda: find_cut_points(GAP, "2026-03", months=1),
    "nobody in the tiers": lambda: analyses.value_tiers(GAP, "2026-03", months=1),
    "nobody to follow": lambda: analyses.survival_curves(bought()),
    "no cohort": lambda: analyses.cohorts(bought()),
    "no contracts": lambda: contract_projection(tiny_shop()),
    "no such customer": lambda: customer_life(tiny_shop(), "Nobody"),
    "nothing held out": lambda: holdout_by_frequency(tiny_shop(), tiny_shop().as_of),
    "no contract to value": lambda: customer_lifetime_value(GAP, "3 months", model="SBG"),
}
GAP = bought("2026-01-05", "2026-04-20")


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_reason_has_words_in_every_language(asked):
    with pytest.raises(InputError) as raised:
        asked()
    said = {lang: raised.value.told(lang) for lang in ("en", "vi", "zh")}
    assert len({*said.values()}) == 3
    assert " the " not in said["vi"] and any("一" <= letter <= "鿿" for letter in said["zh"])
