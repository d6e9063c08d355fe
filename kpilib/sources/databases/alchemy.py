"""Any other database, read through SQLAlchemy and pandas in batches."""

import os
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError
from kpilib.sources.databases.address import PASSWORD, Address
from kpilib.sources.databases.server import Asked

_BATCH = 200_000


class Alchemy:
    """A connection through SQLAlchemy; the driver for the database is the user's to install."""

    def __init__(self, address: Address) -> None:
        try:
            import sqlalchemy
        except ImportError:
            raise InputError(
                f"{address.url}: databases are read with SQLAlchemy; "
                'pip install "kpilib[databases]" and the driver of yours'
            ) from None
        self._address = address
        self._alchemy = sqlalchemy
        self._errors = (sqlalchemy.exc.SQLAlchemyError, OSError)
        try:
            url = sqlalchemy.make_url(address.url)
            if (password := os.environ.get(PASSWORD)) is not None:
                url = url.set(password=password)
            self._engine = sqlalchemy.create_engine(url)
            self._connection = self._engine.connect()
        except (sqlalchemy.exc.NoSuchModuleError, ImportError) as error:
            raise InputError(
                f"{address.url}: no driver for {address.scheme} is installed ({_reason(error)}); "
                "install one that SQLAlchemy knows, and name it like mysql+pymysql://"
            ) from None
        except self._errors as error:
            raise InputError(f"{address.url}: no connection ({_reason(error)})") from None

    def names(self) -> tuple[str, ...]:
        """Tables and views of the schema that the connection begins in."""
        inspected = self._alchemy.inspect(self._connection)
        return tuple(dict.fromkeys([*inspected.get_table_names(), *inspected.get_view_names()]))

    def read(self, asked: Asked, duck: DuckEngine) -> nw.LazyFrame:
        """The rows as a table of DuckDB."""
        text = self._alchemy.text
        rows: Any = text(asked.query or "")
        if asked.table is not None:
            rows = self._alchemy.select(text("*")).select_from(self._alchemy.table(asked.table))
        streamed = self._connection.execution_options(stream_results=True)
        try:
            batches = [
                pa.Table.from_pandas(batch, preserve_index=False)
                for batch in pd.read_sql(rows, streamed, chunksize=_BATCH, dtype_backend="pyarrow")
            ]
        except self._errors as error:
            raise InputError(f"{asked.label}: {_reason(error)}") from None
        return duck.adopt(_joined(batches))

    def close(self) -> None:
        """The connection and its pool."""
        self._connection.close()
        self._engine.dispose()


def _joined(batches: list[pa.Table]) -> pa.Table:
    """All batches; a column whose types cannot be brought together becomes text."""
    mixed = {name for name in batches[0].column_names if not _agree(batches, name)}
    texts = [
        batch.cast(
            pa.schema(
                field.with_type(pa.string()) if field.name in mixed else field
                for field in batch.schema
            )
        )
        for batch in batches
    ]
    return pa.concat_tables(texts, promote_options="permissive")


def _agree(batches: list[pa.Table], name: str) -> bool:
    columns = [pa.schema([batch.schema.field(name)]) for batch in batches]
    try:
        pa.unify_schemas(columns, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return False
    return True


def _reason(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    return str(original).strip().splitlines()[0]
