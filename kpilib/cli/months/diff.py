"""`kpilib diff A B`: two published months set beside each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpilib.cli._options import json_option, lang_option, print_json

if TYPE_CHECKING:
    from kpilib.report.history.compare import Compared
    from kpilib.report.history.published import Published


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--out",
    default="reports",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder that holds one report per month.",
)
@click.option("--page", is_flag=True, help="Write the comparison as a page into that folder.")
@click.option("--all", "everything", is_flag=True, help="Print also what did not change.")
@lang_option
@json_option
def diff(
    first: str, second: str, out: Path, page: bool, everything: bool, lang: str, as_json: bool
) -> None:
    """Say what differs between two months, like 2026-09 and 2026-10: the most surprising first.

    The months are read as they were published. Each change comes with the interval of the
    difference; what may be chance, is too early or cannot be compared is said to be so. What moved
    beyond chance from the month just before is taken apart, as the later one was published.
    """
    from kpilib.report.history.compare import compare
    from kpilib.report.history.published import find_month

    months = find_month(first, out), find_month(second, out)
    compared = compare(*months)
    if page:
        from kpilib.report.history.pages import write_difference

        click.echo(str(write_difference(out, *months, compared, lang)), err=as_json)
    if as_json:
        print_json(_as_json(months, compared, lang))
    elif not page:
        _print(months, compared, everything, lang)


def _as_json(
    months: "tuple[Published, Published]", compared: "list[Compared]", lang: str
) -> dict[str, Any]:
    from kpilib.report.history.told import remarks, tell
    from kpilib.report.history.why import published_reasons

    first, second = (
        {
            "period": month.label,
            "folder": str(month.folder),
            "data": month.run["data"],
            "status": month.run["status"],
        }
        for month in months
    )
    said = [remark.of(lang) for remark in remarks(*months)]
    whys = published_reasons(*months)
    changes = [one.to_dict(lang) | {"why": tell(one, lang, whys)["why"]} for one in compared]
    return {"a": first, "b": second, "remarks": said, "changes": changes}


def _print(
    months: "tuple[Published, Published]", compared: "list[Compared]", everything: bool, lang: str
) -> None:
    """The comparison as a table, as wide as the terminal."""
    from rich.table import Table

    from kpilib.cli._console import console
    from kpilib.report.history.compare import NEITHER, SAME
    from kpilib.report.history.told import HEADS, grouped, remarks
    from kpilib.report.history.why import published_reasons

    to = console()
    for remark in remarks(*months):
        to.print(remark.of(lang), markup=False)
    for group in grouped(compared, lang, published_reasons(*months)):
        if group["kinds"] in ((SAME,), (NEITHER,)) and not everything:
            to.print(f"{group['title']}: {len(group['lines'])}")
            continue
        table = Table(title=group["title"], title_justify="left", box=None, pad_edge=False)
        table.add_column(HEADS["name"].of(lang))
        for month in months:
            table.add_column(month.period.of(lang), justify="right")
        for name in ("change", "interval", "verdict"):
            table.add_column(HEADS[name].of(lang))
        for line in group["lines"]:
            said = line["reason"] or line["verdict"]
            cells = (line["name"], line["before"], line["now"], line["change"], line["interval"])
            table.add_row(*map(_plain, (*cells, said)))
        to.print(table)
        for line in group["lines"]:
            if line["why"]:
                to.print(_plain(line["why"]))
        to.print()


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)
