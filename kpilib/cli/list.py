"""`kpilib list`: the KPIs and analyses there are."""

import click

from kpilib.cli._options import json_option, lang_option, print_json


@click.command()
@click.option("--family", metavar="FAMILY", help="Only those of this family.")
@lang_option
@json_option
def list_(family: str | None, lang: str, as_json: bool) -> None:
    """Print the id and name of every KPI and analysis, family by family."""
    from kpilib.registry.definitions import catalogue

    found = list(catalogue(family or "all").values())
    if as_json:
        print_json([one.to_dict() for one in found])
        return
    width = max(len(one.id) for one in found)
    current = None
    for one in found:
        if one.family != current:
            click.echo(f"{'' if current is None else chr(10)}{one.family}")
            current = one.family
        click.echo(f"  {one.id:<{width}}  {one.name.of(lang)}")
