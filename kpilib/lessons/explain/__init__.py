"""One KPI explained with one month's numbers: for a terminal, a notebook, a page."""
