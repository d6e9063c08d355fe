"""`kpilib reconcile ID VALUE`: how another tool may have come by its number."""

import click

from kpilib.cli._options import (
    check_period,
    data_option,
    json_option,
    lang_option,
    period_option,
    print_json,
)


@click.command()
@click.argument("kpi_id", metavar="ID")
@click.argument("value", metavar="VALUE")
@data_option
@period_option
@lang_option
@json_option
def reconcile(
    kpi_id: str, value: str, data: str, period: str | None, lang: str, as_json: bool
) -> None:
    """Print which definition of ID, on which reading of the records, gives VALUE.

    VALUE is as the other tool printed it, like 5.8% or 1940: all that rounds to it fits.
    """
    import kpilib
    from kpilib.lessons.compare.printed import read_number
    from kpilib.lessons.compare.reconcile import reconcile as find
    from kpilib.lessons.compare.topics import ours

    read_number(value, ours(kpi_id)[1].unit)
    check_period(period)
    found = find(kpi_id, value, kpilib.open(data, lang=lang), period)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(str(found))
