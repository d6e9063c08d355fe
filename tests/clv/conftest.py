"""The published data, read from inside the lifetimes wheel without importing the package."""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest


def wheel_file(name: str) -> Path:
    spec = find_spec("lifetimes")
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / "datasets" / name


@pytest.fixture(scope="session")
def cdnow_log() -> pd.DataFrame:
    """The 1/10 sample of CDNOW: one row per customer and day, day 0 is 1 January 1997."""
    log = pd.read_csv(
        wheel_file("CDNOW_sample.txt"),
        sep=r"\s+",
        header=None,
        names=["master", "customer", "date", "discs", "spend"],
    )
    dates = pd.to_datetime(log["date"].astype(str), format="%Y%m%d")
    log["day"] = (dates - pd.Timestamp("1997-01-01")).dt.days
    return log.groupby(["customer", "day"], as_index=False)["spend"].sum()


@pytest.fixture(scope="session")
def cdnow(cdnow_log) -> pd.DataFrame:
    """Frequency, recency, T (exact days over the first 39 weeks) and mean repeat spend."""
    end = 272
    log = cdnow_log[cdnow_log["day"] <= end]
    first = log.groupby("customer")["day"].transform("min")
    by = log.groupby("customer")["day"]
    out = pd.DataFrame(
        {"frequency": by.size() - 1, "recency": by.max() - by.min(), "T": end - by.min()}
    )
    repeat = log[log["day"] > first].groupby("customer")["spend"].mean()
    out["monetary_value"] = repeat.reindex(out.index).fillna(0.0)
    return out


@pytest.fixture(scope="session")
def donations() -> pd.DataFrame:
    return pd.read_csv(wheel_file("donations.csv"))
