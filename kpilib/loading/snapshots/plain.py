"""What of a load is no rows, as plain values that JSON holds, and back."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from kpilib.contract.account import Account, Samples, StatusCount
from kpilib.contract.layout import Join
from kpilib.contract.settings import Settings, read_tables

_WHERE = "a snapshot"


def settings_as_plain(settings: Settings) -> dict[str, Any]:
    """The settings as a `kpilib.toml` would have them, those left at their default left away.

    >>> settings_as_plain(Settings(currency="GBP", as_of=date(2026, 11, 1)))
    {'currency': 'GBP', 'as_of': '2026-11-01'}
    """
    return _plain(settings)


def settings_from_plain(values: Mapping[str, Any]) -> Settings:
    """The settings again, each checked as one that a user wrote."""
    tables = read_tables(values.get("tables", {}), _WHERE)
    others = {name: value for name, value in values.items() if name != "tables"}
    return replace(Settings().replace(**others), tables=tables)


def account_as_plain(account: Account, lay: Callable[[pd.DataFrame], str]) -> dict[str, Any]:
    """An account; its sample rows are laid down by `lay`, which says under what name."""
    return _plain(account) | {
        "samples": {reason: lay(rows) for reason, rows in account.samples.items()},
        "notes": list(account.notes),
    }


def account_from_plain(
    values: Mapping[str, Any], laid: Callable[[str], Callable[[], pd.DataFrame]]
) -> Account:
    """The account again; sample rows are read by what `laid` gives when they are looked at."""
    pairs = {
        name: {key: tuple(pair) for key, pair in values.get(name, {}).items()}
        for name in ("parts", "doubts")
    }
    samples = {reason: laid(name) for reason, name in values["samples"].items()}
    return Account(
        **{
            **values,
            **pairs,
            "samples": Samples(samples),
            "notes": tuple(values["notes"]),
            "wrong": tuple(values.get("wrong", ())),
            "statuses": tuple(StatusCount(*one) for one in values.get("statuses", ())),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Join):
        return _fields(value) | {"on": dict(value.on)}
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _fields(value: Any) -> dict[str, Any]:
    """Field → its plain value, where that is not the field's default."""
    named = {item.name: (item, getattr(value, item.name)) for item in fields(value)}
    lazy = ("samples", "notes") if isinstance(value, Account) else ()
    return {
        name: _plain(own)
        for name, (item, own) in named.items()
        if name not in lazy and own != _default(item)
    }


def _default(item: "Field[Any]") -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()
