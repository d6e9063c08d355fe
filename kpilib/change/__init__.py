"""How far two periods lie apart, and whether that is more than such periods usually do.

Knows statistics and periods, and no KPI. May import `engines`, `periods`, `statistics`, `words`.
"""
