"""How the names of files end that can be read."""

from collections.abc import Iterable

TEXTS = (".csv", ".tsv", ".tab", ".txt")
PARQUETS = (".parquet", ".pq")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
DOCUMENTS = (".json", ".jsonl", ".ndjson")
DATABASES = (".duckdb", ".ddb", ".db", ".sqlite", ".sqlite3")
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")

TABLE_ENDINGS = tuple(
    ending + packed
    for ending in (*PARQUETS, *TEXTS, *WORKBOOKS, *DOCUMENTS)
    for packed in ("", *PACKED)
)
"""How the name of a file that may be one table ends."""

ENDINGS = (*TABLE_ENDINGS, *DATABASES, *PACKED)
"""How the name of a file that can be read ends."""

PLAIN = tuple(sorted({end for end in TABLE_ENDINGS if end.count(".") == 1}, key=len))[::-1]
"""How the name of a file of one table ends that is not packed, the longest first."""


def without_ending(name: str, plain: Iterable[str] = (*PLAIN, *DATABASES)) -> str:
    """The name of a file without the ending of its kind, and of how it is packed; no other.

    >>> [without_ending(name) for name in ("Orders.csv.gz", "shop.v2.parquet", "shop.v2")]
    ['Orders', 'shop.v2', 'shop.v2']
    """
    endings = (*PACKED, *plain)
    for _ in range(2):
        ending = next((end for end in endings if name.lower().endswith(end)), "")
        name = name[: len(name) - len(ending)]
    return name
