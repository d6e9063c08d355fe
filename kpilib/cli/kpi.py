"""`kpilib kpi ID`: one KPI or analysis of one period, whole or broken down."""

from typing import TYPE_CHECKING, Any

import click

from kpilib.cli._options import (
    check_period,
    data_option,
    json_option,
    lang_option,
    period_option,
    plain_rows,
    print_json,
)
from kpilib.errors import InputError
from kpilib.words.values import value_text

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.periods import Period
    from kpilib.questions.base import CustomerBase

    Found = tuple[dict[str, Any], pd.DataFrame]


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
@click.option(
    "--why", "why", is_flag=True, help="Take its change from the period before apart by segment."
)
@json_option
def kpi(
    kpi_id: str,
    data: str,
    period: str | None,
    lang: str,
    by: str | None,
    months: int | None,
    rows: bool,
    why: bool,
    as_json: bool,
) -> None:
    """Print a KPI's value with its interval, formula and status, or the table of an analysis.

    `kpilib list` prints the ids.
    """
    from kpilib.registry.definitions import analyses, definition

    if (analysis := analyses().get(kpi_id)) is None:
        definition(kpi_id)
    elif rows or months or why or (by and "by" not in analysis.options):
        raise InputError(
            f"{kpi_id} is a table of one period; leave out --rows, --months, --why and --by"
        )
    if why and (rows or months):
        raise InputError("--why is of one period's change; leave out --rows and --months")
    if rows and (by or months):
        raise InputError("--rows are those of one number; leave out --by and --months")

    import kpilib
    from kpilib.questions.values import KPITable, KPIValue

    check_period(period)
    base = kpilib.open(data, lang=lang)
    asked = base.period(period)
    if analysis:
        if by is not None:
            base.attribute(by)
        found = _analysis(kpi_id, base, asked, by)
        _print_analysis(found, f"{analysis.name.of(lang)}, {asked.of(lang)}", lang, as_json)
        return
    if why:
        explained = base.why(kpi_id, asked, by)
        print_json(explained.to_dict()) if as_json else click.echo(str(explained))
        return
    if rows:
        _print_rows(base.rows(kpi_id, asked), as_json)
        return
    if months:
        value: KPIValue | KPITable = base.trend(kpi_id, asked.trailing(months), by)
    else:
        value = base.kpi(kpi_id, asked, by)
    table = value if isinstance(value, KPITable) else KPITable((value,))
    if as_json:
        print_json(table.to_list() if table is value else table[0].to_dict())
        return
    click.echo(str(value))
    for note in dict.fromkeys(note.of(lang) for one in table for note in one.notes):
        click.echo(f"  {note}")


def _analysis(analysis_id: str, base: "CustomerBase", period: "Period", by: str | None) -> "Found":
    """An analysis as JSON has it, and its table; empty, with the reason, where there is none."""
    import pandas as pd

    from kpilib.questions.availability import state
    from kpilib.questions.values import Status
    from kpilib.registry.definitions import analysis_of

    asked = analysis_of(analysis_id)
    status, reason = state(base, asked, period)
    table, why = pd.DataFrame(), reason.of(base.lang) if reason else None
    if status is not Status.UNAVAILABLE:
        try:
            table = base.analysis(analysis_id, period, **({"by": by} if by else {}))
        except InputError as error:
            status, why = Status.UNDEFINED, error.told(base.lang)
    said = {name: asked.to_dict()[name] for name in ("id", "family", "kind", "name")}
    said |= {"period": period.to_dict(), "status": str(status), "reason": why}
    return said | {"table": plain_rows(table)}, table


def _print_analysis(found: "Found", title: str, lang: str, as_json: bool) -> None:
    said, table = found
    if as_json:
        print_json(said)
        return
    status = said["status"] if lang == "en" else value_text(said["status"]).of(lang)
    why = f"  [{status}: {said['reason']}]" if said["reason"] else ""
    click.echo(f"{title}{why}")
    if len(table):
        click.echo(table.to_string(index=False, na_rep="–"))


def _print_rows(rows: "pd.DataFrame", as_json: bool) -> None:
    if as_json:
        print_json(plain_rows(rows))
    else:
        from kpilib.report.handoff.plain import in_csv

        safe = rows.rename(columns=in_csv)
        texts = safe.select_dtypes(["object", "str"]).columns
        safe[texts] = safe[texts].map(in_csv)
        click.echo(safe.to_csv(index=False), nl=False)
