"""The kinds of statistic, their intervals, and how they are summed in the engine.

May import `engines` and `words`; nothing here knows what a customer is.
"""

from kpilib.statistics.kinds import Count, Mean, Net, Rate, Ratio, Share, Source, Statistic, Total
from kpilib.statistics.several import DiscountedProfit, Duration, Flow, Mix, Predicted, SimpleValue

__all__ = [
    "Count",
    "DiscountedProfit",
    "Duration",
    "Flow",
    "Mean",
    "Mix",
    "Net",
    "Predicted",
    "Rate",
    "Ratio",
    "Share",
    "SimpleValue",
    "Source",
    "Statistic",
    "Total",
]
