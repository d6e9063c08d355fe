"""The month's page: what it asks of the base, and what it says of it, as plain data.

`asked` asks once, for all languages; `said` puts it into the words of one. Nothing here knows of
notebooks, files or HTML pages, but for the small drawings that a page holds. May import
`clv`, `questions`, `registry`, `words`, and nothing else of `report`.
"""
