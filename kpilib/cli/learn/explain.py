"""`kpilib explain ID`: what a KPI means, with one month's numbers."""

from pathlib import Path

import click

from kpilib.cli._options import (
    check_period,
    data_option,
    json_option,
    lang_option,
    period_option,
    print_json,
)
from kpilib.errors import InputError


@click.command()
@click.argument("kpi_id", metavar="ID", required=False)
@data_option
@period_option
@lang_option
@click.option("--all", "everything", is_flag=True, help="The glossary of all KPIs, into --to FILE.")
@click.option("--to", type=click.Path(path_type=Path), help="A file: .html or .md.")
@json_option
def explain(
    kpi_id: str | None,
    data: str,
    period: str | None,
    lang: str,
    everything: bool,
    to: Path | None,
    as_json: bool,
) -> None:
    """Print what a KPI answers, its formula with a month's numbers, its mistakes and relatives.

    `kpilib list` prints the ids; `kpilib explain --all --to glossary.html` writes them all.
    """
    if everything == (kpi_id is not None):
        raise InputError("name one KPI, like churn_rate, or ask for --all; kpilib list has the ids")
    if everything:
        _write_glossary(to, lang)
        return
    if to is not None:
        raise InputError("--to is for the glossary; leave it out, or ask for --all")

    import kpilib
    from kpilib.lessons.knowledge import knowledge

    assert kpi_id is not None
    knowledge(kpi_id)
    check_period(period)
    said = kpilib.explain(kpi_id, kpilib.open(data, lang=lang), period)
    if as_json:
        print_json(said.to_dict())
    else:
        click.echo(str(said))


def _write_glossary(to: Path | None, lang: str) -> None:
    from kpilib.lessons.glossary import glossary_text

    if to is None:
        raise InputError("--all writes a file; say which with --to, like --to glossary.html")
    text = glossary_text(to.suffix, lang)
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{to} cannot be written ({error.strerror}); choose another") from None
    click.echo(f"{to}")
