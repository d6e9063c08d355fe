"""Pictures of KPI values: over time, by segment, and both in small multiples."""

from kpilib.plots.kpis.multiples import plot_small_multiples
from kpilib.plots.kpis.segments import plot_segments
from kpilib.plots.kpis.trend import plot_trend

__all__ = ["plot_segments", "plot_small_multiples", "plot_trend"]
