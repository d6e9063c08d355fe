"""The KPIs, one module per family."""
