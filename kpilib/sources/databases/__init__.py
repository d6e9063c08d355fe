"""Database servers: what tables they have, and their rows read into DuckDB or left to Spark.

May import `contract`, `engines` and `errors`; drivers are imported where they are used.
"""
