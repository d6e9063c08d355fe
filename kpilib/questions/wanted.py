"""The lines of the table `targets`, and which of them are for a period."""

import re
from typing import Any

import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contract.settings import Settings
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.registry import definition

_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/]0?1(?:[ T]00:00(?::00(?:\.0+)?)?)?)?")


def check_watched(settings: Settings) -> None:
    """Raises InputError where a target or an alert of the settings is for what is no KPI."""
    for section, watched in (("targets", settings.targets), ("alerts", settings.alerts)):
        for kpi_id in watched:
            try:
                definition(kpi_id)
            except InputError as error:
                raise InputError(f"{section}: {error}") from None


def given(value: Any) -> Any:
    """A cell of the table, None where it is missing."""
    return None if value is None or value != value or value == "" else value


def lines_for(base: Business, period: Period) -> pd.DataFrame:
    """The lines for a period, and those that name none and so are for every one."""
    lines = base.target_lines
    starts = base.settings.week_starts
    mine = [
        given(text) is None or period_of(str(text), starts) == period for text in lines["period"]
    ]
    return lines[np.array(mine, bool)]


def period_of(text: str, week_starts: str = "monday") -> Period | None:
    """The period that a line names, None where there is none of that name.

    A day that begins a month is the month: workbooks make it so.

    >>> period_of("2026-03-01 00:00:00") == Period.month("2026-03")
    True
    """
    if match := _MONTH.fullmatch(text.strip()):
        text = f"{match[1]}-{int(match[2]):02d}"
    try:
        return Period.parse(text, week_starts)
    except InputError:
        return None


def target_of(base: Business, kpi_id: str, period: Period) -> float | None:
    """What a KPI as a whole is to be in a period.

    The line of `targets` for it without a segment, one for this very period going before one for
    every period; else the settings' `targets`.
    """
    wanted = {}
    if "targets" in base.tables:
        wanted = base.remember(("targets", period), lambda: _of_all(lines_for(base, period)))
    return wanted[kpi_id] if kpi_id in wanted else base.settings.targets.get(kpi_id)


def holding(lines: pd.DataFrame) -> pd.DataFrame:
    """Of the lines for a period the one that holds for each KPI and segment, in their order.

    It is the last one, and one for this very period goes before those for every period.
    """
    ordered = pd.concat([lines[lines["period"].isna()], lines[lines["period"].notna()]])
    return ordered[~ordered.duplicated(["kpi_id", "segment"], keep="last")].sort_index()


def _of_all(lines: pd.DataFrame) -> dict[str, float]:
    """KPI → target of the whole."""
    whole = holding(lines[lines["segment"].isna()])
    return {str(kpi_id): float(target) for kpi_id, target in whole[["kpi_id", "target"]].values}
