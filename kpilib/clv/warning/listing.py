"""The early warning itself: whom to call first, and why."""

from typing import TYPE_CHECKING

import pandas as pd

from kpilib.clv.warning.features import snapshot
from kpilib.clv.warning.reasons import reasons
from kpilib.clv.warning.training import train
from kpilib.periods import Period
from kpilib.show.reason import answering

if TYPE_CHECKING:
    from kpilib.activity.business import Business


@answering
def churn_early_warning(
    base: "Business", period: str | Period | None = None, *, days: int = 90
) -> pd.DataFrame:
    """Every customer's chance of buying nothing in the `days` after the period, and why.

    Columns: `customer_id`; `probability` of no purchase in the next `days`; `value`, the net
    revenue expected in them if the customer is there to buy (lifetime model and spend); `at_risk` =
    probability × value, highest first; `recency`, days since the last purchase; `reasons`, what
    raises the chance above the usual, the weightiest first.

    A logistic regression on smooth terms that add up: the customer's own rhythm with BG/NBD's
    chance, purchases so far and of late, and where the tables are there interactions, complaints,
    scores, opened e-mails and contracts. It learns from stretches of `days` that ended before the
    period's close, each with what was known when it began; nothing dated on or after the close
    changes the list. `evaluate_early_warning` says how good it is.

    Raises InputError where there is too little to train on.
    """
    asked = base.period(period)
    closes = min(asked.end_day, base.as_of)
    model = train(base, closes, days)
    now = snapshot(base, closes, days)
    probability, value = model.probability(now.columns), now.value(days)
    table = pd.DataFrame(
        {
            "customer_id": now.customers,
            "probability": probability,
            "value": value,
            "at_risk": probability * value,
            "recency": now.table["recency"].astype("int64"),
            "reasons": reasons(model, now, days, base.lang),
        }
    )
    return table.sort_values(["at_risk", "customer_id"], ascending=[False, True], ignore_index=True)
