"""The kernels that a report's notebooks run in: how they start, and what is set up in them."""
