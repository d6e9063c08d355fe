"""A month of the tiny shop, and values made by hand, asked as the month's page asks."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from kpilib.demo import tiny_shop
from kpilib.periods import Period
from kpilib.questions.values import KPIValue, Status
from kpilib.report.month.asked import Asked
from kpilib.words import Text, Unit

MONTH = Period.month("2026-10")


def value(kpi="churn_rate", now=0.05, before=0.08, **changes):
    """A KPI's value with a change that is told by `signal`."""
    made = KPIValue(
        id=kpi,
        family=changes.pop("family", "churn"),
        name=Text(changes.pop("name", "Churn rate (matched)")),
        unit=changes.pop("unit", Unit.SHARE),
        better=changes.pop("better", "lower"),
        period=MONTH,
        definition="abc",
        formula="x",
        summary=Text("Churn."),
        status=changes.pop("status", Status.COMPLETE),
        value=now,
        previous=before,
    )
    if before is not None and now is not None and made.status is not Status.INCOMPLETE:
        made = replace(made, change=now - before)
    if (signal := changes.get("signal")) in ("up", "down") and made.better != "none":
        made = replace(made, good=(signal == "up") == (made.better == "higher"))
    return replace(made, **changes)


class Stand(Asked):
    """Answers given by the test instead of by a base."""

    def __init__(self, *values, lines=None, bridge=None, tested=None, **base):
        known = {"accounts": {}, "currency": "GBP", "activity_rule": "purchases",
                 "as_of": MONTH.end_day, "first_day": MONTH.shift(-40).start_day,
                 "lapse_window": SimpleNamespace(days=90)}  # fmt: skip
        super().__init__(SimpleNamespace(**(known | base)), MONTH)
        self.now = {one.id: one for one in values}
        self.lines, self.bridge, self.tested = lines or {}, bridge, tested

    def line(self, kpi, segment=None):
        return self.lines.get(kpi if segment is None else (kpi, segment), [])


@pytest.fixture(scope="session")
def shop():
    """The tiny shop's last month."""
    base = tiny_shop()
    return Asked(base, base.period("2026-04"))
