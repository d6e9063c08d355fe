"""`kpilib new NAME`: a notebook of one's own, in the form of those of the house."""

from pathlib import Path

import click

from kpilib.cli._options import lang_option


@click.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--folder",
    default="kpilib-notebooks",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where it is written: that folder, or notebooks/ beside the data, is in every report.",
)
@click.option("--title", default="", help="Its title; made from the name, where not given.")
@lang_option
def new(name: str, folder: Path, title: str, lang: str) -> None:
    """Make a notebook like 11-wholesale that the report executes and lists with the others."""
    from kpilib.report.house import new_notebook

    click.echo(str(new_notebook(name, folder, title, lang)))
