"""A second reckoning of the KPIs, written from their definitions alone, in plain Python.

`shop` reckons the KPIs of purchases, `lives` those of contracts, day by day and row by row, with
nothing shared with the library; `businesses` draws random businesses to ask both.
"""
