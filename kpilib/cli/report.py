"""`kpilib report`: a month's notebooks executed and laid out as pages that stand on their own."""

import sys
from pathlib import Path

import click

from kpilib.cli._options import data_option, json_option, lang_option, period_option, print_json


@click.command()
@data_option
@period_option
@lang_option
@click.option(
    "--out",
    default="reports",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder that holds one report per month.",
)
@click.option(
    "--notebook",
    "notebooks",
    multiple=True,
    metavar="NAME",
    help="Make only this notebook anew, as 03-retention; may be given again.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a notebook's own parameter; may be given again.",
)
@click.option(
    "--timeout",
    default=900.0,
    show_default=True,
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="How long one cell may take.",
)
@json_option
def report(
    data: str,
    period: str | None,
    lang: str,
    out: Path,
    notebooks: tuple[str, ...],
    settings: tuple[str, ...],
    timeout: float,
    as_json: bool,
) -> int:
    """Make the month's report: pages that open anywhere, and the numbers behind them.

    A run in which a notebook fails ends with 1 and is kept beside the month's last good report.
    """
    from kpilib.cli._progress import told_on
    from kpilib.report.run import Order, make_report

    _end_in_order()
    order = Order(data, period, lang, out, notebooks, settings, timeout)
    with told_on(sys.stderr) as teller:
        try:
            outcome = make_report(order, teller)
        except (KeyboardInterrupt, SystemExit):
            _let_tasks_go()
            raise
    if as_json:
        print_json({"folder": str(outcome.folder), **outcome.run, "values": outcome.kpis})
    else:
        click.echo(_last_line(outcome.folder, outcome.run, outcome.good))
    return 0 if outcome.good else 1


def _last_line(folder: Path, run: dict, good: bool) -> str:
    if good:
        return f"Report: {folder / 'index.html'}"
    failed = [page["name"] for page in run["notebooks"] if page["status"] == "failed"]
    return f"Failed: {', '.join(failed)}. What was made is in {folder / 'index.html'}"


def _end_in_order() -> None:
    """Let a polite request to end (cron, systemd, CI) stop the kernels and clear the folder."""
    import signal
    import threading

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)


def _let_tasks_go() -> None:
    """The cell that was stopped half-way is no news to whoever stopped it."""
    import logging

    logging.getLogger("asyncio").disabled = True
