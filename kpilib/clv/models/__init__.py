"""The models of the BG/NBD family, frozen values with the papers' symbols.

May import `clv.fitting`.
"""
