"""Small businesses to try things on.

Stands on top of `questions`; nothing below imports it.
"""

from kpilib.demo.tiny import tiny_orders, tiny_shop, tiny_tables

__all__ = ["tiny_orders", "tiny_shop", "tiny_tables"]
