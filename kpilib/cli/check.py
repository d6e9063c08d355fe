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
    needs = kpi_needs(set(loaded.tables))
    if as_json:
        print_json(_as_json(loaded, needs))
    else:
        _print(loaded, needs, samples)
    for failure in loaded.failures:
        click.echo(f"kpilib: {failure}", err=True)
    return 3 if loaded.failures else 0


def kpi_needs(tables: set[str]) -> dict[str, tuple[str, ...]]:
    """KPI id → the tables that it needs and that are not there; empty where it can be computed."""
    from kpilib.registry.definitions import registry

    return {
        name: tuple(table for table in definition.tables if table not in tables)
        for name, definition in registry().items()
    }


def _print(loaded: "Loaded", needs: dict[str, tuple[str, ...]], samples: bool) -> None:
    """The account as text, one table after the other."""
    from kpilib.periods import day_date

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
    click.echo()
    ready = sum(not missing for missing in needs.values())
    click.echo(f"{ready} of {len(needs)} KPIs have the tables they need")
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
