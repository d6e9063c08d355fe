"""Cards and tables as HTML, for notebooks and pages.

May import `words` and `periods`; what is shown comes as plain values and frames.
"""
