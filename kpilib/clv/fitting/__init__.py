"""Histories as models take them, and the numerics of fitting them.

May import nothing else of `clv`.
"""
