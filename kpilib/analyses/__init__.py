"""What is a table and no single number: cohorts, lifespans, movements, RFM, tiers.

May import `activity`, `statistics` and `registry`.
"""

from kpilib.analyses.cohorts import cohorts, triangle
from kpilib.analyses.lifespans import fit_survival, survival_curves, survival_summary
from kpilib.analyses.movements import flows, moved_customers, movements, window_sensitivity
from kpilib.analyses.rfm import (
    find_cut_points,
    rfm_customers,
    rfm_movement,
    rfm_scores,
    rfm_segments,
)
from kpilib.analyses.tiers import concentration, gini, tier_movement, value_tiers

__all__ = [
    "cohorts",
    "concentration",
    "find_cut_points",
    "fit_survival",
    "flows",
    "gini",
    "moved_customers",
    "movements",
    "rfm_customers",
    "rfm_movement",
    "rfm_scores",
    "rfm_segments",
    "survival_curves",
    "survival_summary",
    "tier_movement",
    "triangle",
    "value_tiers",
    "window_sensitivity",
]
