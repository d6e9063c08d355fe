"""The CDNOW purchase log, from the files that the lifetimes package carries."""

import importlib.util
from pathlib import Path

import pandas as pd

from kpilib.errors import InputError

LOGS = {"cdnow": "CDNOW_master.txt", "cdnow-sample": "CDNOW_sample.txt"}
"""The log of all 23,570 customers, and of the 2,357 on whom the papers' numbers were computed."""

SETTINGS = {
    "currency": "USD",
    "orders": {
        "columns": {"ordered_at": "date", "amount": "dollar_value"},
        "date_format": "%Y%m%d",
    },
}
"""How it is read: its columns' names for ours, how it writes a day, and that it counts dollars."""


def read(name: str) -> pd.DataFrame:
    """One row per purchase: customer_id, date, number_of_cds, dollar_value.

    A customer has the same number in both logs; the sample adds `sample_id`, the number 1 to
    2,357 that the papers give.

    >>> len(read("cdnow")), len(read("cdnow-sample"))
    (69659, 6919)
    """
    spec = importlib.util.find_spec("lifetimes")
    path = Path(spec.origin).parent / "datasets" / LOGS[name] if spec and spec.origin else None
    if path is None or not path.exists():
        raise InputError(
            f"{name} comes with the lifetimes package; install it: pip install lifetimes"
        )
    names = ["customer_id", "date", "number_of_cds", "dollar_value"]
    if name == "cdnow-sample":
        names.insert(1, "sample_id")
    return pd.read_csv(
        path,
        sep=r"\s+",
        names=names,
        skiprows=1 if name == "cdnow" else 0,
        dtype={"date": "str"},
    )
