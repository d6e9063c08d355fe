"""Which aspects go together with overall satisfaction, and how well each is done."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.contacts.answers import answers
from kpilib.engines.expressions import known
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics.models.drivers import importance
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

PER_ASPECT = 10
"""How many respondents there must be for each aspect."""
_NO_ASPECTS = _(
    "no answers to '{survey}' in {period} have both the question '{question}' and "
    "aspects beside it; set surveys.csat and surveys.overall"
)
_TOO_FEW = _(
    "{n} respondents answered all {count} aspects ({aspects}) and '{question}' in "
    "{period}; {needed} are needed, so ask over a longer period"
)


@analysis(
    name=_("Satisfaction key drivers"),
    family="satisfaction",
    tables=("survey_responses",),
    columns=("survey_responses.customer_id", "survey_responses.question"),
)
def key_drivers(
    base: "Business", period: str | Period | None = None, *, replicates: int = 1000
) -> pd.DataFrame:
    """The aspects of the satisfaction survey, those that explain most of the overall score first.

    Columns: `aspect`; `importance`, its share of the variance that all aspects explain together
    (Lindeman, Merenda and Gold; above twelve aspects Johnson's relative weights), with percentile
    bootstrap limits `low` and `high` over respondents; `performance`, the mean answer; and in every
    row how many `respondents` answered everything and the `r2` that is shared out. An aspect that
    matters much and is done badly is where to begin; that it is the cause is not shown.

    A respondent is a customer in one wave of the survey, with the overall answer and one on every
    aspect; answers without a customer are left out. Raises InputError where there are fewer than
    ten respondents per aspect, or nothing varies.
    """
    asked = base.period(period)
    rule = base.settings.surveys
    table = base.engine.collect(_scores(base, asked))
    wide = table.pivot(index=["customer_id", "wave"], columns="item", values="score")
    aspects = sorted(set(wide.columns) - {rule.overall})
    if rule.overall not in wide or not aspects:
        raise InputError.about(
            "key_drivers", _NO_ASPECTS.format(survey=rule.csat, period=asked, question=rule.overall)
        )
    complete = wide.dropna()
    if len(complete) < PER_ASPECT * len(aspects):
        raise InputError.about(
            "key_drivers",
            _TOO_FEW.format(
                n=len(complete),
                count=len(aspects),
                aspects=", ".join(aspects),
                question=rule.overall,
                period=asked,
                needed=PER_ASPECT * len(aspects),
            ),
        )
    scores = complete[aspects]
    found = importance(complete[rule.overall], scores, replicates=replicates)
    drivers = pd.DataFrame(
        {
            "aspect": aspects,
            "importance": found.share,
            "low": found.low,
            "high": found.high,
            "performance": scores.mean().to_numpy(),
            "respondents": len(complete),
            "r2": found.r2,
        }
    )
    return drivers.sort_values(["importance", "aspect"], ascending=[False, True], ignore_index=True)


def _scores(base: "Business", period: Period) -> nw.LazyFrame:
    """The overall answers and those on aspects, of known customers."""
    both = [answers(base, (period,), item).rows for item in ("csat", "aspects")]
    columns = ["customer_id", "wave", "item", "score"]
    rows = nw.concat([one.select(columns) for one in both], how="vertical")
    return rows.filter(known(nw.col("customer_id")))
