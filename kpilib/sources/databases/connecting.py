"""From a URL to the tables of its database that make ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kpilib.contract.layout import Place
from kpilib.contract.tables import SCHEMAS
from kpilib.errors import InputError, near_miss
from kpilib.sources.databases.address import Address
from kpilib.sources.databases.alchemy import Alchemy
from kpilib.sources.databases.postgres import Postgres
from kpilib.sources.databases.server import Asked, Server
from kpilib.sources.databases.spark import SparkServer


@dataclass(frozen=True)
class Remote:
    """One table that lies in a database."""

    server: Server
    """Where."""
    address: Address
    """What the server is called."""
    table: str | None = None
    """Its name there, where it is named after the table it makes."""

    def asked(self, name: str, place: Place) -> Asked:
        """What makes the table `name`, as its settings say; InputError where there is no such."""
        if place.query is not None:
            if place.table is not None:
                raise InputError(f"[{name}] has both table and query; keep one of them")
            return Asked(f"{self.address.url}: [{name}] query", query=place.query)
        wanted = place.table or self.table or name
        names = self.server.names()
        if wanted not in names:
            hint = near_miss(wanted, names) if names else "it has none that this user may read"
            raise InputError(f"{self.address.url} has no table {wanted!r}; {hint}")
        return Asked(f"{self.address.url}:{wanted}", table=wanted)


def tables_on(server: Server, address: Address, named: Mapping[str, Place]) -> dict[str, Remote]:
    """The tables that the settings name, and those of the server that are named after ours."""
    ours: dict[str, str] = {}
    for name in server.names():
        ours.setdefault(name.strip().lower(), name)
    found = {name: Remote(server, address, ours[name]) for name in SCHEMAS if name in ours}
    said = {name for name, one in named.items() if one.table is not None or one.query is not None}
    found |= {name: Remote(server, address) for name in said}
    if not found:
        names = server.names()
        has = f"it has {', '.join(names[:20])}" if names else "it has none that this user may read"
        first = names[0] if names else "…"
        raise InputError(
            f"{address.url} has no table named after ours, like orders: {has}.\n"
            f'Write a kpilib.toml: data = "{address.url}", and under [orders] table = "{first}"'
        )
    return found


def connect(address: Address) -> Server:
    """A connection to a database; InputError where its driver is missing or it cannot be had."""
    if address.is_postgres:
        return Postgres(address)
    return SparkServer(address) if address.is_spark else Alchemy(address)


@contextmanager
def let_go(specs: Mapping[str, Any]) -> Iterator[None]:
    """The connections of what is read from databases are closed at the end."""
    try:
        yield
    finally:
        for server in {id(one.server): one.server for one in _remotes(specs)}.values():
            server.close()


def _remotes(specs: Mapping[str, Any]) -> list[Remote]:
    return [spec for spec in specs.values() if isinstance(spec, Remote)]
