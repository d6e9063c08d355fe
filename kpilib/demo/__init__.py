"""Small businesses to try things on.

Stands on top of `questions`; nothing below imports it.
"""

from kpilib.demo.model import Model, Shock
from kpilib.demo.tiny import tiny_orders, tiny_shop, tiny_tables
from kpilib.demo.write import business, write_business

__all__ = [
    "Model",
    "Shock",
    "business",
    "tiny_orders",
    "tiny_shop",
    "tiny_tables",
    "write_business",
]
