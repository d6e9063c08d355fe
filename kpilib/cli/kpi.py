"""`kpilib kpi ID`: one KPI of one period, whole or broken down."""

from datetime import date
from typing import TYPE_CHECKING

import click

from kpilib.cli._options import data_option, json_option, lang_option, period_option, print_json
from kpilib.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.argument("kpi_id", metavar="ID")
@data_option
@period_option
@lang_option
@click.option("--by", metavar="DIMENSION", help="Break it down by an attribute of the customers.")
@click.option(
    "--months",
    type=click.IntRange(min=1),
    metavar="N",
    help="That many months, the period's the last.",
)
@click.option("--rows", "rows", is_flag=True, help="Print the rows behind the number, as CSV.")
@json_option
def kpi(
    kpi_id: str,
    data: str,
    period: str | None,
    lang: str,
    by: str | None,
    months: int | None,
    rows: bool,
    as_json: bool,
) -> None:
    """Print a KPI's value with its interval, formula and status.

    `kpilib list` prints the ids.
    """
    from kpilib.registry.definitions import definition

    definition(kpi_id)
    if rows and (by or months):
        raise InputError("--rows are those of one number; leave out --by and --months")

    import kpilib
    from kpilib.periods import Period
    from kpilib.questions.values import KPITable, KPIValue

    if period is not None:
        Period.parse(period)
    base = kpilib.open(data, lang=lang)
    asked = base.period(period)
    if rows:
        _print_rows(base.rows(kpi_id, asked), as_json)
        return
    if months:
        found: KPIValue | KPITable = base.trend(kpi_id, asked.trailing(months), by)
    else:
        found = base.kpi(kpi_id, asked, by)
    table = found if isinstance(found, KPITable) else KPITable((found,))
    if as_json:
        print_json(table.to_list() if table is found else table[0].to_dict())
        return
    click.echo(str(found))
    for note in dict.fromkeys(note.of(lang) for value in table for note in value.notes):
        click.echo(f"  {note}")


def _print_rows(rows: "pd.DataFrame", as_json: bool) -> None:
    if not as_json:
        click.echo(rows.to_csv(index=False), nl=False)
        return
    plain = rows.astype(object).where(rows.notna(), None).to_dict("records")
    print_json(
        [
            {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in row.items()
            }
            for row in plain
        ]
    )
