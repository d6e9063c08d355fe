"""Who answered of those who were asked: the mix of both, and what would set it right."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.asked import invitations, margins
from kpilib.engines.expressions import count_where
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics.intervals import wilson
from kpilib.words import MISSING, _

ALL = "all"


def _answers_over(base: Business, period: Period) -> int:
    return period.end_day + base.settings.surveys.answer_days


@analysis(
    name=_("Those invited and those who answered"),
    family="satisfaction",
    tables=("survey_invitations", "survey_responses"),
    until=_answers_over,
)
def survey_nonresponse(
    base: Business, period: str | Period | None = None, *, survey: str | None = None
) -> pd.DataFrame:
    """Who answered a survey of those invited to it in the period, segment by segment.

    A row `all`, then a row per value of each attribute that `surveys.rake_by` names, largest first.
    `survey` is one of the data's; without it the recommendation survey.

    Columns: `dimension, segment`; `invited` and `answered` (invitations as in
    `survey_response_rate`); `response_rate` with Wilson's `low` and `high`; `invited_share` and
    `answered_share`, their parts of all; `weight` = the one over the other, by which an answer
    counts that is to speak for its segment, NaN where nobody answered. Weights mend a different mix
    and no different mind: within a segment those who are silent may still think otherwise.
    """
    asked = (base.period(period),)
    wanted = (survey or base.settings.surveys.nps).strip().lower()
    rows = invitations(base, asked).filter(nw.col("survey") == wanted)
    found = [_counted(base, rows.with_columns(segment=nw.lit(ALL)), ALL)]
    for name in margins(base):
        attribute = base.attribute(name).select("customer_id", segment=nw.col(name))
        found.append(_counted(base, rows.join(attribute, on="customer_id", how="left"), name))
    return pd.concat(found, ignore_index=True)


def _counted(base: Business, rows: nw.LazyFrame, dimension: str) -> pd.DataFrame:
    """The invitations of each value of one dimension."""
    segment = nw.col("segment").cast(nw.String).fill_null(MISSING)
    grouped = rows.with_columns(segment=segment).group_by("segment")
    table = base.engine.collect(
        grouped.agg(invited=nw.len(), answered=count_where(nw.col("answered")))
    ).sort_values(["invited", "segment"], ascending=[False, True], ignore_index=True)
    n, k = (table[name].to_numpy(float) for name in ("invited", "answered"))
    low, high = wilson(k, n)
    of_asked = n / n.sum()
    of_answers = k / k.sum() if k.sum() else np.full(len(k), np.nan)
    weight = np.divide(of_asked, of_answers, out=np.full(len(k), np.nan), where=k > 0)
    return pd.DataFrame(
        {
            "dimension": dimension,
            "segment": table["segment"],
            "invited": table["invited"].astype("int64"),
            "answered": table["answered"].astype("int64"),
            "response_rate": k / n,
            "low": low,
            "high": high,
            "invited_share": of_asked,
            "answered_share": of_answers,
            "weight": weight,
        }
    )
