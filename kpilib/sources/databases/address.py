"""The URL of a database: which server it means, and that no secret stands in it."""

import os
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from kpilib.errors import InputError

PASSWORD, HOST = "KPILIB_DATABASE_PASSWORD", "KPILIB_DATABASE_HOST"
"""Environment variables: the password for a database read through SQLAlchemy, and whose it is."""

POSTGRES = ("postgresql", "postgres")
SPARK = ("spark", "sc")
FILES = ("sqlite", "duckdb")
LOCAL = ("", "localhost", "127.0.0.1", "::1")
_SECRETS = ("password", "passwd", "pwd", "sslpassword", "token")


@dataclass(frozen=True)
class Address:
    """A database by its URL, without credentials.

    >>> Address("postgresql://analyst@db.example/shop").scheme
    'postgresql'
    >>> Address("postgresql://analyst:secret@db.example/shop")
    Traceback (most recent call last):
    kpilib.errors.InputError: postgresql://analyst:…@db.example/shop: a password does not belong ...
    """

    url: str
    """As it was written."""
    from_toml: bool = False
    """Whether a settings file names it, and not the user."""

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            secret = parts.password is not None
            host = parts.hostname or ""
        except ValueError as error:
            raise InputError(f"this is no URL of a database: {error}") from None
        shown = self.url
        if secret:
            user = f"{parts.username or ''}:…@"
            shown = f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}{parts.path}"
        named = [name for name, _ in parse_qsl(parts.query) if name.lower() in _SECRETS]
        if named:
            shown = f"{shown.split('?')[0]}?{named[0]}=…"
        if secret or named:
            raise InputError(
                f"{shown}: a password does not belong in a URL, which is printed and kept; "
                f"leave it away there and {self._remedy()}"
            )
        if self.from_toml:
            self._check_named_by_toml(host)

    def _check_named_by_toml(self, host: str) -> None:
        """A settings file may come from a stranger: no host of its choice gets a password."""
        if self.scheme in FILES:
            raise InputError(f"{self.url}: write the path of the file itself as data = …")
        password, where = ("PGPASSWORD", "PGHOST") if self.is_postgres else (PASSWORD, HOST)
        if password in os.environ and host not in (*LOCAL, os.environ.get(where)):
            raise InputError(
                f"{self.url}: the settings file would have {password} sent to {host}; "
                f"if that is meant, set {where}={host} as well"
            )

    @property
    def scheme(self) -> str:
        """The kind of database, before `://` and before any `+driver`."""
        return self.url.split("://")[0].split("+")[0].lower()

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL, without a driver of the user's choice."""
        return self.url.split("://")[0].lower() in POSTGRES

    @property
    def is_spark(self) -> bool:
        """Whether it is a Spark Connect server."""
        return self.scheme in SPARK

    def _remedy(self) -> str:
        if self.is_postgres:
            return "set PGPASSWORD, or write it into ~/.pgpass"
        if self.is_spark:
            return "set SPARK_CONNECT_AUTHENTICATE_TOKEN"
        return f"set {PASSWORD}, or use the driver's own file"


def is_url(text: str) -> bool:
    """Whether a text is the URL of a database and no path.

    >>> is_url("mysql+pymysql://shop"), is_url("orders.csv")
    (True, False)
    """
    return "://" in text
