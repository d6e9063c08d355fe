"""Files, frames and databases, found and handed to an engine.

May import `contract` and `engines`.
"""
