"""The commands for who wants to understand a number: a module each, as in `kpilib.cli`."""
