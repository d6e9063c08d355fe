"""Whether a month is what was published, and what its input gives: seals, and runs made again.

May import the rest of `report`.
"""
