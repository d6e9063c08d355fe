"""Files that are neither CSV nor Parquet: workbooks, JSON, SQLite, and what is packed."""
