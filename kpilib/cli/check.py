"""`kpilib check`: what became of every row of the source, and what each KPI still needs."""

from typing import TYPE_CHECKING, Any

import click

from kpilib.cli._options import data_option, json_option, print_json

if TYPE_CHECKING:
    from kpilib.loading import Loaded


@click.command()
@data_option
@click.option("--samples/--no-samples", default=True, help="Show sample rows, or not.")
@json_option
def check(data: str, samples: bool, as_json: bool) -> int:
    """Say per table how many rows were read and kept, why others were not, and what KPIs need.

    Exits with 3 when more of a table than max_loss had to be left out for faults; the account is
    printed all the same.
    """
    from kpilib.loading import load

    loaded = load(data, gate=False)
    needs = kpi_needs(loaded)
    if as_json:
        print_json(_as_json(loaded, needs))
    else:
        _print(loaded, needs, samples)
    for failure in loaded.failures:
        click.echo(f"kpilib: {failure}", err=True)
    return 3 if loaded.failures else 0


def kpi_needs(loaded: "Loaded") -> dict[str, tuple[str, ...]]:
    """Id of each KPI and analysis → what it needs and was not given; empty where it can be asked.

    Tables by their name, columns of tables that were given as `table.column`.
    """
    from kpilib.questions.availability import needs
    from kpilib.questions.base import CustomerBase
    from kpilib.registry.definitions import catalogue

    base = CustomerBase(loaded)
    return {name: needs(base, one) for name, one in catalogue().items()}


def _print(loaded: "Loaded", needs: dict[str, tuple[str, ...]], samples: bool) -> None:
    """The account as text, one table after the other."""
    from kpilib.periods import day_date
    from kpilib.questions.quality import quality_notes

    settings = loaded.settings
    click.echo(
        f"{loaded.source}: complete before {day_date(loaded.as_of)}, "
        f"time zone {settings.time_zone}, currency {settings.currency or 'not given'}"
    )
    for note in loaded.notes:
        click.echo(f"note: {note}")
    for account in loaded.accounts.values():
        click.echo()
        click.echo(account.text(samples))
        for line in quality_notes({account.table: account}, [account.table], settings.currency):
            click.echo(f"  beside every number: {line.en}")
    click.echo()
    ready = sum(not missing for missing in needs.values())
    click.echo(f"{ready} of {len(needs)} KPIs and analyses have what they need")
    for name, missing in needs.items():
        if missing:
            click.echo(f"  {name} needs {', '.join(missing)}")


def _as_json(loaded: "Loaded", needs: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The account as one JSON object."""
    from kpilib.periods import day_date

    return {
        "source": loaded.source,
        "as_of": day_date(loaded.as_of).isoformat(),
        "time_zone": loaded.settings.time_zone,
        "currency": loaded.settings.currency,
        "tables": [account.to_dict() for account in loaded.accounts.values()],
        "failures": list(loaded.failures),
        "notes": list(loaded.notes),
        "kpis": [{"id": name, "needs": list(missing)} for name, missing in needs.items()],
    }
