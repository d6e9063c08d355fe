"""The kinds of statistic, their intervals, and how they are summed in the engine.

May import `engines` and `words`; nothing here knows what a customer is.
"""

from kpilib.statistics.kinds import Count, Mean, Net, Rate, Ratio, Share, Total
from kpilib.statistics.known import Census, Known
from kpilib.statistics.raked import Raked
from kpilib.statistics.several import (
    DiscountedProfit,
    Duration,
    Flow,
    Mix,
    Predicted,
    SimpleValue,
)
from kpilib.statistics.statistic import Source, Statistic
from kpilib.statistics.together import Beside, ByPart, Parts, Quotient
from kpilib.statistics.waiting import Wait

__all__ = [
    "Beside",
    "ByPart",
    "Census",
    "Count",
    "DiscountedProfit",
    "Duration",
    "Flow",
    "Known",
    "Mean",
    "Mix",
    "Net",
    "Parts",
    "Predicted",
    "Quotient",
    "Raked",
    "Rate",
    "Ratio",
    "Share",
    "SimpleValue",
    "Source",
    "Statistic",
    "Total",
    "Wait",
]
