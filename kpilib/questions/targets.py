"""What the business wants its KPIs to be, beside what they are."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from kpilib.activity.business import Business
from kpilib.periods import Period
from kpilib.questions import compare
from kpilib.questions.values import KPIValue, Status
from kpilib.questions.wanted import given, holding, lines_for
from kpilib.registry.analysis_definitions import analysis
from kpilib.registry.definitions import definition
from kpilib.statistics.intervals import normal_quantile
from kpilib.words import _

MET, WARN, MISSED = "met", "warn", "missed"
SEGMENT = "segment"
"""The attribute of customers that a target's segment is a value of."""


@analysis(name=_("KPI targets by customer segment"), family="targets", tables=("targets",))
def kpi_targets(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """Every target of the period beside the value, a row per KPI and segment with one.

    Columns: `kpi_id`, `segment` (a value of the customers' attribute of that name), `period`,
    `value`, `low`, `high`, `target`, `warn`, `gap` = value − target; `status`: `met` at or beyond
    the target in the KPI's good direction, `warn` at or beyond the warning, else `missed`, None
    where there is no final value or no good direction; `probability` that the true value is beyond
    the target, by the normal law on the interval; `previous`, `owner`. Raises InputError where a
    target names no KPI.
    """
    asked = base.period(period)
    lines = holding(lines_for(base, asked))
    found: dict[tuple[Any, str | None], KPIValue] = {}
    for kpi_id, parts in {
        kpi_id: tuple(some["segment"].notna()) for kpi_id, some in lines.groupby("kpi_id")
    }.items():
        definition(str(kpi_id))
        for segmented in set(parts):
            by = SEGMENT if segmented else None
            answer = compare.kpi(base, str(kpi_id), (asked,), by)
            values = [answer] if isinstance(answer, KPIValue) else list(answer)
            found |= {(kpi_id, value.segment): value for value in values}
    rows = [
        _row(line, found.get((line["kpi_id"], given(line["segment"]))), asked)
        for line in lines.to_dict("records")
    ]
    columns = [
        *("kpi_id", "segment", "period", "value", "low", "high", "target", "warn", "gap", "status"),
        *("probability", "previous", "owner"),
    ]
    table = pd.DataFrame(rows, columns=columns)
    known = (definition(str(kpi_id)) for kpi_id in dict.fromkeys(lines["kpi_id"]))
    table.attrs["heads"] = {"value": "kpi_value", "probability": "chance_to_meet"}
    table.attrs["kpis"] = {one.id: (one.name, one.unit) for one in known}
    return table


def _row(line: dict[Any, Any], value: KPIValue | None, period: Period) -> dict[str, Any]:
    target, warn = float(line["target"]), line["warn"]
    number = value.value if value is not None else None
    final = value is not None and value.status in (Status.COMPLETE, Status.PROVISIONAL)
    sign = {"higher": 1.0, "lower": -1.0}.get(value.better if value else "", 0.0)
    status = None
    if number is not None and final and sign:
        beyond = sign * (number - target) >= 0
        near = given(warn) is not None and sign * (number - float(warn)) >= 0
        status = MET if beyond else WARN if near else MISSED
    return {
        "kpi_id": line["kpi_id"],
        "segment": given(line["segment"]),
        "period": period.label,
        "value": number,
        "low": value.low if value else None,
        "high": value.high if value else None,
        "target": target,
        "warn": warn,
        "gap": None if number is None else number - target,
        "status": status,
        "probability": _probability(value, target, sign),
        "previous": value.previous if value else None,
        "owner": line["owner"],
    }


def _probability(value: KPIValue | None, target: float, sign: float) -> float | None:
    """How likely the true value lies beyond the target, the interval read as a normal law."""
    if value is None or value.value is None or value.low is None or value.high is None or not sign:
        return None
    spread = (value.high - value.low) / 2 / normal_quantile(0.95)
    if spread <= 0:
        return None
    return float(ndtr(sign * (value.value - target) / spread)) if np.isfinite(spread) else None
