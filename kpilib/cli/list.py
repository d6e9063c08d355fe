"""`kpilib list`: the KPIs there are."""

import click

from kpilib.cli._options import json_option, lang_option, print_json


@click.command()
@click.option("--family", metavar="FAMILY", help="Only the KPIs of this family.")
@lang_option
@json_option
def list_(family: str | None, lang: str, as_json: bool) -> None:
    """Print every KPI's id and name, family by family."""
    from kpilib.registry import definitions as kpi

    found = list(kpi.family(family or "all").values())
    if as_json:
        print_json([definition.to_dict() for definition in found])
        return
    width = max(len(definition.id) for definition in found)
    current = None
    for definition in found:
        if definition.family != current:
            click.echo(f"{'' if current is None else chr(10)}{definition.family}")
            current = definition.family
        click.echo(f"  {definition.id:<{width}}  {definition.name.of(lang)}")
