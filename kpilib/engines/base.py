"""What every engine offers to the code above it."""

from typing import Protocol

import narwhals.stable.v2 as nw
import pandas as pd


class Engine(Protocol):
    """Where the rows live: narwhals lazy frames go in and out, small results come as pandas."""

    name: str

    def frame(self, table: pd.DataFrame) -> nw.LazyFrame:
        """A small pandas frame, brought into the engine so that it can be joined."""

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The frame computed once and held, so that several questions do not compute it again."""

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """The frame as pandas: plain int64, float64, bool, str columns; missing numbers as NaN."""
