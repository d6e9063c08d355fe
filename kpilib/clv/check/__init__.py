"""How far a model can be believed: backtests, comparisons, the doctor asked of a base.

May import `clv.value`.
"""
