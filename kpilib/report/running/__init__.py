"""How notebooks are executed: which, how many at a time, with what left by whom, told to whom.

May import `kernels`.
"""
