"""Models fitted to a customer base, and the purchases they expect of it.

May import `clv.models`.
"""
