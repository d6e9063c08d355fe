"""The lines of the table `targets`, and which of them are for a period."""

from typing import Any

import pandas as pd

from kpilib.activity.business import Business
from kpilib.periods import Period


def given(value: Any) -> Any:
    """A cell of the table, None where it is missing."""
    return None if value is None or value != value or value == "" else value


def lines_for(base: Business, period: Period) -> pd.DataFrame:
    """The lines for a period, and those that name none and so are for every one."""
    lines = base.target_lines
    mine = [
        given(text) is None or Period.parse(str(text).strip()) == period for text in lines["period"]
    ]
    return lines[mine]


def target_of(base: Business, kpi_id: str, period: Period) -> float | None:
    """What a KPI as a whole is to be in a period.

    The line of `targets` for it without a segment, one for this very period going before one for
    every period; else the settings' `targets`.
    """
    wanted = {}
    if "targets" in base.tables:
        wanted = base.remember(("targets", period), lambda: _of_all(lines_for(base, period)))
    return wanted[kpi_id] if kpi_id in wanted else base.settings.targets.get(kpi_id)


def _of_all(lines: pd.DataFrame) -> dict[str, float]:
    """KPI → target of the whole: its last line, those of a period going before."""
    whole = lines[lines["segment"].isna()]
    ordered = pd.concat([whole[whole["period"].isna()], whole[whole["period"].notna()]])
    return {str(kpi_id): float(target) for kpi_id, target in ordered[["kpi_id", "target"]].values}
