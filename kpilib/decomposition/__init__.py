"""A change taken apart: what it consists of, in parts that add up to it exactly.

What is asked of a customer base stands in `questions`; here are the sums that it needs and the
arithmetic of the parts. May import `activity`, `engines`, `registry`, `statistics` and `words`.
"""
