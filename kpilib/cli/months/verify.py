"""`kpilib verify FOLDER`: every published number computed again from the same input."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpilib.cli._options import json_option, lang_option, print_json
from kpilib.words import _, ngettext

if TYPE_CHECKING:
    from kpilib.report.proof.again import Verified

SHOWN = 10
"""How many findings are printed."""


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--quick",
    is_flag=True,
    help="Compute the numbers again and execute no notebook; pages are held to their hashes.",
)
@lang_option
@json_option
def verify(folder: Path, quick: bool, lang: str, as_json: bool) -> int:
    """Make a published month again from its input, like reports/2026-10, and say what differs.

    Every number is computed anew, the notebooks are executed and the pages made: all must be the
    same to the last byte. The first that differs is named. Exits with 1 where anything does.
    """
    from kpilib.cli._progress import told_on
    from kpilib.report.proof.again import verify as make_again

    with told_on(sys.stderr) as teller:
        found = make_again(folder, teller, quick=quick)
    if as_json:
        print_json(
            {
                "folder": str(found.folder),
                "good": found.good,
                "numbers": found.compared,
                "seal": found.seal,
                "remarks": [remark.of(lang) for remark in found.remarks],
                "findings": [finding.to_dict(lang) for finding in found.findings],
            }
        )
    else:
        _print(found, lang)
    return 0 if found.good else 1


def _print(found: "Verified", lang: str) -> None:
    for remark in found.remarks:
        click.echo(remark.of(lang))
    if found.good:
        said = ngettext(
            "{folder}: {n} number computed again, and all is as it was published.",
            "{folder}: {n} numbers computed again, and all is as it was published.",
            found.compared,
        )
        click.echo(said.format(folder=str(found.folder)).of(lang))
        click.echo(_("seal: {seal}", seal=found.seal).of(lang))
        return
    for finding in found.findings[:SHOWN]:
        click.echo(finding.said.of(lang))
    if (more := len(found.findings) - SHOWN) > 0:
        said = ngettext("and {n} more difference", "and {n} more differences", more)
        click.echo(said.of(lang))
