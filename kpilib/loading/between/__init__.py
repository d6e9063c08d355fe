"""What one row or table says of another: ids that nearly agree, times, circles, overlaps, hours."""
