"""The projection of contracts against survival that is known, at once constant and mixed."""

import numpy as np
import pandas as pd
import pytest

from kpilib import InputError
from kpilib.clv import SBG
from kpilib.clv.value.contract_projection import contract_projection
from tests import quick
from tests.generate import contracts


def base_of(table, as_of):
    orders = table[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    return quick.opened(orders=orders, subscriptions=table, time_zone="UTC", as_of=as_of)


@pytest.fixture(scope="module")
def mixed():
    """Contracts whose chance of not renewing differs by customer: Beta(0.668, 3.806)."""
    rng = np.random.default_rng(50)
    leaving = rng.beta(0.668, 3.806, 6000)
    begun = rng.integers(0, 12, 6000)
    ended = begun + rng.geometric(np.maximum(leaving, 1e-9))
    first = np.datetime64("2024-01", "M")
    late = pd.Series((first + np.minimum(ended, 12)).astype("datetime64[s]")).where(ended < 12)
    return pd.DataFrame(
        {
            "customer_id": np.arange(1, 6001),
            "started_at": (first + begun).astype("datetime64[s]"),
            "ended_at": late,
            "mrr": 10.0,
        }
    )


def test_mixed_contracts_are_projected_three_years_from_one(mixed):
    table = contract_projection(base_of(mixed, "2025-01-01"), 36).set_index("renewals")
    truth = SBG(0.668, 3.806).survival(table.index.to_numpy())
    inside = (table["expected_low"] <= truth + 1e-9) & (truth <= table["expected_high"] + 1e-9)
    assert inside.all()
    seen = table.loc[1:10]
    assert ((seen["low"] <= truth[1:11]) & (truth[1:11] <= seen["high"])).mean() >= 0.8
    assert table.loc[13:, "seen"].isna().all()
    # A constant rate of leaving, taken from the first renewal, would have said far less.
    assert table.loc[36, "expected"] > 3 * table.loc[1, "seen"] ** 36


def test_constant_survival_is_projected_as_constant():
    base = base_of(contracts(5000, 12, monthly_survival=0.9, seed=51), "2025-01-01")
    table = contract_projection(base, 12).set_index("renewals")
    truth = 0.9 ** table.index.to_numpy()
    assert ((table["expected_low"] <= truth) & (truth <= table["expected_high"])).all()


def test_a_period_gives_the_projection_of_its_close(mixed):
    now = contract_projection(base_of(mixed, "2025-01-01"), 12, period="2024-08")
    known = mixed[mixed["started_at"] < "2024-09-01"].copy()
    known["ended_at"] = known["ended_at"].where(known["ended_at"] < "2024-09-01")
    pd.testing.assert_frame_equal(now, contract_projection(base_of(known, "2024-09-01"), 12))


def test_what_cannot_be_is_named(mixed):
    orders = pd.DataFrame({"customer_id": [1], "ordered_at": ["2024-01-05"], "amount": [1.0]})
    with pytest.raises(InputError, match="needs the table subscriptions"):
        contract_projection(quick.opened(orders=orders))
    base = base_of(mixed, "2025-01-01")
    with pytest.raises(InputError, match="horizon of 0 months"):
        contract_projection(base, 0)
    young = base_of(mixed[mixed["started_at"] < "2024-02-01"].assign(ended_at=pd.NaT), "2024-01-09")
    with pytest.raises(InputError, match="no contract has come to a first renewal"):
        contract_projection(young)
