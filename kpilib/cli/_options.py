"""The options that several commands share, and how they print data."""

import json
from typing import Any

import click

from kpilib.words import LANGUAGES, check_language


def _language(ctx: click.Context, param: click.Parameter, value: str) -> str:
    return check_language(value)


data_option = click.option(
    "--data",
    required=True,
    metavar="SOURCE",
    help="A folder of CSV or Parquet files, one such file, a DuckDB file, a kpilib.toml, or the "
    "built-in cdnow.",
)
period_option = click.option(
    "--period",
    metavar="YYYY-MM",
    help="The month to report on; the last one the data cover to its end, where not given.",
)
lang_option = click.option(
    "--lang",
    default="en",
    show_default=True,
    metavar="|".join(LANGUAGES),
    callback=_language,
    help="The language of names and words.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(data: Any) -> None:
    """Print `data` as JSON on stdout, its letters as they are and never a NaN."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False))
