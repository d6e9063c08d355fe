"""The customer base that users hold: questions in, values with their status out.

May import all below it: `loading`, `activity`, `kpis`, `analyses`, `show`.
"""
