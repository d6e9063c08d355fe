"""Cohorts of customers by when they came: the public home of `kpilib.analyses.cohorts`."""

from kpilib.analyses.cohorts import cohorts, triangle

__all__ = ["cohorts", "triangle"]
