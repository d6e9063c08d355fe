"""Models of a result by several columns: what drives it, the chance of it, how well it is told."""
