"""kpilib: customer KPIs with their value, interval, formula and rows."""

from kpilib.errors import InputError, KpilibError, QualityGateError
from kpilib.periods import Period

__version__ = "0.1.0"
__all__ = ["InputError", "KpilibError", "Period", "QualityGateError", "__version__"]
