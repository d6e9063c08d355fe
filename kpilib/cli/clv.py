"""`kpilib clv`: what the customers are worth over a horizon, with the model behind it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpilib.cli._options import data_option, json_option, print_json
from kpilib.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@data_option
@click.option(
    "--model",
    metavar="MODEL",
    help="BGNBD, MBGNBD, ParetoNBD or SBG; not given: the settings', or SBG for contracts, BGNBD.",
)
@click.option("--horizon", metavar="TIME",
              help="'90 days', '3 years', a date; the settings', or 12 months.")  # fmt: skip
@click.option("--until", metavar="DATE", help="Look from this day on; the data's end if not given.")
@click.option("--discount-rate", type=float, metavar="RATE",
              help="A year's; the settings', or 0.10 for 10%.")  # fmt: skip
@click.option("--margin", type=float, metavar="SHARE",
              help="The part of revenue kept; the settings', or 1.")  # fmt: skip
@click.option("--acquisition-cost", type=float, metavar="AMOUNT",
              help="What a new customer costs, for net value and payback.")  # fmt: skip
@click.option("--by", metavar="DIMENSION", help="Break it down by an attribute of the customers.")
@click.option("--draws", default=1000, show_default=True, type=click.IntRange(min=0),
              help="Draws behind the intervals; 0 for none.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write one row per customer to a .csv or .parquet file.")  # fmt: skip
@json_option
def clv(
    data: str,
    model: str | None,
    horizon: str | None,
    until: str | None,
    discount_rate: float | None,
    margin: float | None,
    acquisition_cost: float | None,
    by: str | None,
    draws: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Fit a lifetime model and value every customer.

    Prints the parameters, what the doctor found, and the totals with their intervals.
    """
    import kpilib
    from kpilib.clv.check.checkup import diagnose_base
    from kpilib.clv.value.value import customer_lifetime_value

    if out is not None:
        _check_out(out)
    base = kpilib.open(data)
    value = customer_lifetime_value(
        base,
        _as_horizon(horizon),
        discount_rate,
        margin,
        model=model,
        acquisition_cost=acquisition_cost,
        by=by,
        until=until,
        draws=draws,
    )
    ordered = _by_severity([*diagnose_base(base, until, model=value.model), *value.findings])
    result = value.to_dict()
    result["currency"] = base.currency
    result["diagnosis"] = [finding.to_dict() for finding in ordered]
    if out is not None:
        _write(value.customers, out)
    if as_json:
        print_json(result)
        return
    _print(result, value, by)
    for finding in ordered:
        click.echo(finding.of(base.lang))
    if out is not None:
        click.echo(f"{len(value.customers):,} customers written to {out}")


def _as_horizon(horizon: str | None) -> Any:
    """A horizon as a number of months or a date where it is one, else as it was written."""
    from datetime import date

    if horizon is None or horizon.isdigit():
        return horizon and int(horizon)
    try:
        return date.fromisoformat(horizon)
    except ValueError:
        return horizon


def _by_severity(findings: list[Any]) -> list[Any]:
    """Each finding once, the most serious first."""
    from kpilib.clv.fitting.finding import SEVERITIES

    named: dict[str, Any] = {}
    for finding in findings:
        named.setdefault(finding.name, finding)
    return sorted(named.values(), key=lambda one: -SEVERITIES.index(one.severity))


def _check_out(out: Path) -> None:
    import os

    if out.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"--out {out}: name a file that ends in .csv or .parquet")
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: the folder {out.parent} does not exist")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise _unwritable(out, "permission denied")


def _write(table: "pd.DataFrame", out: Path) -> None:
    import os

    from kpilib.report.handoff.plain import in_csv

    part = out.with_name(f".{out.name}.part")
    try:
        if out.suffix.lower() == ".csv":
            safe = table.copy()
            texts = safe.select_dtypes(["object", "str"]).columns
            safe[texts] = safe[texts].map(in_csv)
            safe.to_csv(part, index=False)
        else:
            table.to_parquet(part, index=False)
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritable(out, error.strerror or str(error)) from error


def _unwritable(out: Path, why: str) -> InputError:
    return InputError(f"--out {out}: cannot be written ({why.lower()}); name another file")


def _print(result: dict[str, Any], value: Any, by: str | None) -> None:
    parameters = ", ".join(f"{name} {number:.4g}" for name, number in result["parameters"].items())
    click.echo(f"{result['model']}, time in {result['time_unit']}: {parameters}")
    if result["log_likelihood"] is not None:
        click.echo(f"log-likelihood {result['log_likelihood']:,.4f}, AIC {result['aic']:,.2f}")
    if result["spend_parameters"]:
        spend = ", ".join(f"{k} {v:.4g}" for k, v in result["spend_parameters"].items())
        click.echo(f"{result['spend_model']}: {spend}")
    click.echo(str(value).split("\n  note:")[0].split("\n  warning:")[0].split("\n  serious:")[0])
    shown = ["customers", "value", "low", "high", "predicted_low", "predicted_high"]
    for table, column in ((value.segments, by), (value.cohorts, "cohort")):
        if table is not None:
            click.echo("")
            columns = [column, *(name for name in shown if name in table)]
            click.echo(table[columns].to_string(index=False, float_format="{:,.2f}".format))
    new = result["new_customer"]
    click.echo(f"\na new customer: {new['value']:,.2f}, the first purchase included")
    if new["acquisition_cost"] is not None:
        months = new["payback_months"]
        back = "not within the horizon" if months is None else f"in month {months:g}"
        click.echo(f"  net of {new['acquisition_cost']:,.2f}: {new['net']:,.2f}, paid back {back}")
    click.echo("")
