"""What every engine offers to the code above it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import narwhals.stable.v2 as nw
import pandas as pd


class Engine(Protocol):
    """Where the rows live: narwhals lazy frames go in and out, small results come as pandas."""

    name: str
    data_errors: tuple[type[Exception], ...]
    """What the engine raises when a value is not what an expression wants."""

    def frame(self, table: pd.DataFrame) -> nw.LazyFrame:
        """A small pandas frame, brought into the engine so that it can be joined."""

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The frame computed once and held, so that several questions do not compute it again."""

    def forget(self, frame: nw.LazyFrame) -> None:
        """Let go of a frame that `keep` or `frame` gave; nothing made from it can be asked then."""

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """The frame as pandas: plain int64, float64, bool, str columns; missing numbers as NaN."""

    def adopt(self, table: Any) -> nw.LazyFrame:
        """A user's frame of any known kind, brought into the engine; a copy only where it must."""

    def with_sql(
        self, frame: nw.LazyFrame, expressions: Mapping[str, str], columns: Sequence[str]
    ) -> nw.LazyFrame:
        """The frame with a column added for each SQL expression over some of its columns.

        Raises `ValueError` where one is no scalar expression over these (`engines.scalar`), and
        with the engine's own words where it cannot be used.
        """

    def there(self) -> AbstractContextManager[None]:
        """A context in which a file that is gone meanwhile is named in an `InputError`."""

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """A context whose queries may take so many seconds in all; then a `TimeoutError`.

        CPU seconds where the engine computes in this process, seconds by the clock elsewhere.
        """

    def with_hashed(
        self, frame: nw.LazyFrame, column: str, made: str, pattern: str, key: str
    ) -> nw.LazyFrame:
        """The frame with a text column more: `column`, where it meets the pattern as a hash.

        That is `h-` and twelve digits of the SHA-256 of the key and the text.
        """

    def with_seconds(self, frame: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """Whole seconds since 1970-01-01 for date and time columns, as new name → column.

        A time with a zone counts in UTC, one without as if its clock were UTC.
        """

    def with_parsed_seconds(
        self, frame: nw.LazyFrame, columns: Mapping[str, tuple[str, str]]
    ) -> nw.LazyFrame:
        """Whole seconds since 1970-01-01 for text, as new name → (column, strptime codes).

        Text that does not fit gives null.
        """

    def fingerprint(self, frame: nw.LazyFrame) -> str:
        """Rows, columns and, where it is cheap, a hash that no order of rows changes."""

    def visits(self, rows: nw.LazyFrame) -> nw.LazyFrame:
        """Each `customer_id` and `day` of the rows once, in a frame that is held.

        With `previous_day`, `next_day` (null where there is none) and `first_day` of the customer.
        """

    def purchases(self, rows: nw.LazyFrame) -> nw.LazyFrame:
        """The same of rows with an `amount`: with its sum, and how many `orders` make it."""

    def with_following(self, days: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """Customers' days with columns of the customer's next one, as new name → column."""

    def sessions(self, events: nw.LazyFrame, seconds: int) -> nw.LazyFrame:
        """Events (`customer_id, event_day, event_second`) with the sessions they make.

        `begins` is 1 for an event more than so many seconds after the customer's last, else 0;
        `session` numbers a customer's sessions; `session_day` is the day of the session's first
        event; `begins_day` is 1 for the first event of a customer on a day, else 0.
        """

    def repeated(self, frame: nw.LazyFrame, names: Sequence[str]) -> nw.LazyFrame | None:
        """The values of these columns that several rows have, once each, held; None for none.

        None of the columns has a value that is missing.
        """


def repeated(engine: Engine, frame: nw.LazyFrame, names: Sequence[str]) -> nw.LazyFrame | None:
    """`Engine.repeated` as any engine can answer it: by grouping."""
    groups = frame.group_by(*names).agg(nw.len().alias(_ROWS))
    found = engine.keep(groups.filter(nw.col(_ROWS) > 1).select(*names))
    if engine.collect(found.select(nw.len().alias(_ROWS)))[_ROWS].iloc[0]:
        return found
    engine.forget(found)
    return None


_ROWS = "kpilib__rows"
