"""`kpilib init FILE…`: a kpilib.toml proposed for files that nobody has described."""

import click

from kpilib.errors import InputError


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--to", default="kpilib.toml", show_default=True, help="Where it is written; - prints it."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=COLUMN",
    help='A decision, like amount="Net Sales"; may be given several times.',
)
@click.option("--currency", metavar="CODE", help="The reporting currency, like EUR.")
@click.option("--time-zone", metavar="ZONE", help="Where a day begins, like Europe/Berlin.")
@click.option("--date-format", metavar="CODES", help='How days are written, like "%d/%m/%Y".')
@click.option("--force", is_flag=True, help="Write in the place of a file that is there.")
def init(
    files: tuple[str, ...],
    to: str,
    columns: tuple[str, ...],
    currency: str | None,
    time_zone: str | None,
    date_format: str | None,
    force: bool,
) -> int:
    """Look at files of records and write a kpilib.toml that reads them.

    Says what each file was taken for, what is left to decide, and shows the first rows as they
    will be read. Exits with 2 where the file cannot be used before something is decided.
    """
    from kpilib.loading.proposal import init as propose

    named = {"currency": currency, "time_zone": time_zone, "date_format": date_format}
    settings = {name: value for name, value in named.items() if value is not None}
    proposal = propose(
        files, None if to == "-" else to, dict(map(_decision, columns)), settings, force
    )
    if to == "-":
        click.echo(proposal.toml, nl=False)
        click.echo(str(proposal), err=True)
    else:
        click.echo(str(proposal))
        click.echo(f"\nwritten: {to}" + ("" if proposal.runs else " (to be completed)"))
    return 0 if proposal.runs else 2


def _decision(text: str) -> tuple[str, str]:
    name, sign, column = text.partition("=")
    if not sign or not name.strip() or not column.strip():
        raise InputError(f'--column {text!r}: write it like amount="Net Sales"')
    return name.strip(), column.strip()
