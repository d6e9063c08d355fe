"""Pictures of finished tables, one `plot_…(table, ax=None) -> Axes` each."""
