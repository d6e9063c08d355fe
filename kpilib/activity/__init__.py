"""Who did what when: purchases, spells, the ledger, and the tables that KPIs share.

May import `contract`, `engines` and `statistics`; nothing that asks questions or knows a KPI.
"""
