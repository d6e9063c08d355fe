"""How a column's values are read: ids, numbers, times and flags, whatever the source wrote."""
