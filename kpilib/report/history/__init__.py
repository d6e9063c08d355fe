"""Months that were published: read, set beside each other, and held against what data now say.

May import what `report` may, and the rest of `report` but its runs.
"""
