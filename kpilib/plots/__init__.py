"""Pictures: `plot_…(table, ax=None) -> Axes`, each of the finished table of the same name.

A plot computes nothing but its own words. Without `ax` it makes a figure in the house style, which
JupyterLab shows; with `ax` it draws there.

Alt text travels inside the picture: every plot ends in `style.finish(ax, finding, description)`,
which adds an invisible artist. `style.alt_text(ax)` reads it back in Python; in any SVG, the
notebook's inline one included, it is a `<g class="kpilib-alt">` holding `<title>` (the finding)
and `<desc>` (the description). A page lifts those two to the top of the `<svg>` with `role="img"`.
"""

from kpilib.plots.bridges import plot_revenue_bridge, plot_why
from kpilib.plots.clv_check import (
    plot_deciles,
    plot_demand_forecast,
    plot_holdout_by_frequency,
    plot_purchase_tracking,
)
from kpilib.plots.clv_model import (
    plot_customer_life,
    plot_frequency_recency,
    plot_heterogeneity,
    plot_iso_value,
)
from kpilib.plots.clv_value import plot_payback, plot_value_concentration, plot_value_distribution
from kpilib.plots.cohorts import plot_cohort_curves, plot_cohorts
from kpilib.plots.kpis import plot_segments, plot_small_multiples, plot_trend
from kpilib.plots.movements import (
    plot_flows,
    plot_movements,
    plot_revenue_retention,
    plot_window_sensitivity,
)
from kpilib.plots.segments import (
    plot_concentration,
    plot_rfm_movement,
    plot_rfm_segments,
    plot_tier_movement,
    plot_value_tiers,
)
from kpilib.plots.survival import (
    plot_contract_projection,
    plot_survival_curves,
    plot_survival_summary,
)
from kpilib.plots.warning import plot_warning_calibration, plot_warning_lift

__all__ = [
    "plot_cohort_curves",
    "plot_cohorts",
    "plot_concentration",
    "plot_contract_projection",
    "plot_customer_life",
    "plot_deciles",
    "plot_demand_forecast",
    "plot_flows",
    "plot_frequency_recency",
    "plot_heterogeneity",
    "plot_holdout_by_frequency",
    "plot_iso_value",
    "plot_movements",
    "plot_payback",
    "plot_purchase_tracking",
    "plot_revenue_bridge",
    "plot_revenue_retention",
    "plot_rfm_movement",
    "plot_rfm_segments",
    "plot_segments",
    "plot_small_multiples",
    "plot_survival_curves",
    "plot_survival_summary",
    "plot_tier_movement",
    "plot_trend",
    "plot_value_concentration",
    "plot_value_distribution",
    "plot_value_tiers",
    "plot_warning_calibration",
    "plot_warning_lift",
    "plot_why",
    "plot_window_sensitivity",
]
