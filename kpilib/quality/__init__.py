"""What is missing, vague, stale or wrong in the records, as the data quality KPIs read it.

May import `activity`; every function takes a `Business`.
"""
