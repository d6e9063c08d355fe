"""BG/NBD and its family: customer lifetime value from purchase histories."""
