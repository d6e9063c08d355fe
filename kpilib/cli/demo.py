"""`kpilib demo`: a generated business with every source table, and the truth beside it."""

from datetime import datetime
from pathlib import Path

import click

from kpilib.cli._options import json_option, print_json


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--customers", default=5_000, show_default=True, type=click.IntRange(min=1))
@click.option("--months", default=36, show_default=True, type=click.IntRange(1, 240))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--end",
    default="2026-10-31",
    show_default=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day.",
)
@click.option(
    "--format",
    "format_",
    default="parquet",
    show_default=True,
    type=click.Choice(["parquet", "csv"]),
    help="How tables are written; CSV is the same byte for byte on every machine.",
)
@json_option
def demo(
    folder: Path,
    customers: int,
    months: int,
    seed: int,
    end: datetime,
    format_: str,
    as_json: bool,
) -> None:
    """Make a business whose true parameters are known, into the folder DIR.

    Every source table is there, with faulty rows as real records have them; truth.json says how it
    was made and what is true of it. The same options give the same rows on every machine.
    """
    from kpilib.demo import Model, write_business

    model = Model(customers=customers, months=months, seed=seed, end=end.date())
    truth = write_business(model, folder, format_)
    if as_json:
        print_json({"folder": str(folder), **truth})
        return
    width = max(len(name) for name in truth["rows"])
    for name, rows in truth["rows"].items():
        click.echo(f"{name:<{width}}  {rows:>12,}")
    click.echo(f"open it with: kpilib.open({str(folder)!r}), or kpilib check --data {folder}")
