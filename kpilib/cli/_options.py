"""The options that several commands share, and how they print data."""

import json
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from kpilib.words import LANGUAGES, check_language
from kpilib.words.languages import read_languages

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Command = Callable[..., Any]


def _language(ctx: click.Context, param: click.Parameter, value: str) -> str:
    return check_language(value)


def _trust(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from kpilib.loading import trusted

        ctx.with_resource(trusted())


def _personal(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from kpilib.loading import with_personal_data

        ctx.with_resource(with_personal_data())


_personal_option = click.option(
    "--with-personal-data",
    is_flag=True,
    expose_value=False,
    callback=_personal,
    help="Keep names, addresses and the like, which are else left behind or hashed.",
)
_source_option = click.option(
    "--data",
    default="demo",
    show_default=True,
    metavar="SOURCE",
    help="A file (CSV, Parquet, Excel, JSON, SQLite, DuckDB, packed or not), a folder of them, a "
    "kpilib.toml, or the built-in demo and cdnow.",
)
_trust_option = click.option(
    "--trust-source",
    is_flag=True,
    expose_value=False,
    callback=_trust,
    help="Let the source name files outside its folder, and views of a database.",
)


def data_option(command: "Command") -> "Command":
    """`--data SOURCE`, and what it may reach and show of persons."""
    return _source_option(_trust_option(_personal_option(command)))


period_option = click.option(
    "--period",
    metavar="YYYY-MM",
    help="The month to report on; the last one the data cover to its end, where not given.",
)


def check_period(period: str | None) -> None:
    """An InputError where no calendar has the period, before any data are opened.

    A year has 52 or 53 weeks by the day on which weeks start, which the settings of the data say.
    """
    from kpilib.errors import InputError
    from kpilib.periods import WEEKDAYS, Period

    refused: list[InputError] = []
    for day in WEEKDAYS if period is not None else ():
        try:
            Period.parse(str(period), day)
            return
        except InputError as error:
            refused.append(error)
    if refused:
        raise refused[0]


lang_option = click.option(
    "--lang",
    default="en",
    show_default=True,
    metavar="|".join(LANGUAGES),
    callback=_language,
    help="The language of names and words.",
)


def _languages(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    return read_languages(value)


languages_option = click.option(
    "--lang",
    "languages",
    default="en",
    show_default=True,
    metavar=f"{'|'.join(LANGUAGES)}|all",
    callback=_languages,
    help="The language of the pages; several, as vi,en, to switch between, the first on top.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(data: Any) -> None:
    """Print `data` as JSON on stdout, its letters as they are and never a NaN."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False))


def plain_rows(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """A table's rows as plain JSON types: what is missing or not finite as None, dates as ISO."""
    known = table.astype(object).where(table.notna(), None)
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in known.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return None
    return value.isoformat() if isinstance(value, date) else value
