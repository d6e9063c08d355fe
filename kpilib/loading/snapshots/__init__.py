"""What was loaded, laid down for other processes: rows in DuckDB and Parquet, the rest as JSON."""
