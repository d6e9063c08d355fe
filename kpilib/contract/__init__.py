"""What the source tables and the settings are, and the account of what was read.

May import `words`.
"""
