"""`kpilib report`: a month's notebooks executed and laid out as pages that stand on their own."""

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpilib.cli._options import (
    data_option,
    json_option,
    languages_option,
    period_option,
    print_json,
)
from kpilib.words import Text, _

if TYPE_CHECKING:
    from kpilib.report.run import Outcome


@click.command()
@data_option
@period_option
@languages_option
@click.option(
    "--out",
    default="reports",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder that holds one report per month.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Look at this notebook alone, as 03-retention; may be given again.",
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
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="How many notebooks are executed at a time; one for each processor, where not given.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Execute also the notebooks for which nothing has changed since they were executed.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Fail on an unfinished period, on notes about the data and on results that lack.",
)
@click.option(
    "--publish-partial",
    is_flag=True,
    help="Publish the month even where a notebook failed; its page says so.",
)
@click.option(
    "--xlsx",
    is_flag=True,
    help="Write kpis.xlsx too: each number a live formula over its rows (needs XlsxWriter).",
)
@click.option(
    "--pdf",
    is_flag=True,
    help="Print the month's pages as report.pdf too (needs Chromium on the PATH).",
)
@click.option("--eml", is_flag=True, help="Write the month as an e-mail beside it, 2026-10.eml.")
@click.option(
    "--mail-to",
    multiple=True,
    metavar="ADDRESS",
    help="Send the month there, by the server that KPILIB_SMTP_HOST names; may be given again.",
)
@click.option(
    "--mail-from",
    envvar="KPILIB_MAIL_FROM",
    metavar="ADDRESS",
    help="Who sends it; KPILIB_MAIL_FROM where not given.",
)
@click.option(
    "--fail-on-alert",
    is_flag=True,
    help="End with 1 where a limit, a target or a change that the settings watch raises an alert.",
)
@json_option
def report(
    as_json: bool,
    fail_on_alert: bool,
    eml: bool,
    mail_to: tuple[str, ...],
    mail_from: str | None,
    languages: tuple[str, ...],
    **options: Any,
) -> int:
    """Make the month's report: pages that open anywhere, and the numbers behind them.

    A run in which a notebook fails ends with 1 and is kept beside the month's last good report.
    """
    from kpilib.report.kernels.settings import compute_alone

    compute_alone()
    from kpilib.cli._progress import told_on
    from kpilib.report.handoff.mail import check_addresses
    from kpilib.report.handoff.summary import alert_lines, raised
    from kpilib.report.order import Order
    from kpilib.report.run import make_report

    check_addresses(mail_to, mail_from)
    lang, also = languages[0], languages[1:]
    with _ended_in_order(), told_on(sys.stderr) as teller:
        outcome = make_report(Order(lang=lang, also=also, **options), teller)
    if as_json:
        print_json(
            {
                "folder": str(outcome.folder),
                **outcome.run,
                "values": outcome.kpis,
                "summary": outcome.summary,
            }
        )
    else:
        for line in alert_lines(outcome.summary.get("alerts", ()), lang):
            click.echo(line)
        click.echo(_last_line(outcome.folder, outcome.run).of(lang))
    if eml or mail_to:
        _mail(outcome, lang, eml, mail_to, mail_from)
    if fail_on_alert and raised(outcome.summary):
        return 1
    return 0 if outcome.good else 1


def _mail(
    outcome: "Outcome", lang: str, eml: bool, recipients: tuple[str, ...], sender: str | None
) -> None:
    """Lay the month's e-mail down beside it, and send it."""
    from kpilib.report.handoff.mail import month_mail, send_mail, write_mail

    message = month_mail(
        outcome.folder, outcome.summary, lang, recipients=recipients, sender=sender
    )
    if eml:
        path = write_mail(message, outcome.folder.with_name(f"{outcome.folder.name}.eml"))
        click.echo(str(path), err=True)
    if recipients:
        send_mail(message)


def _last_line(folder: Path, run: dict) -> Text:
    failed = ", ".join(page["name"] for page in run["notebooks"] if page["status"] == "failed")
    place = str(folder / "index.html")
    match run["status"]:
        case "good":
            return _("Report: {place}", place=place)
        case "partial":
            return _("Published without {failed}: {place}", failed=failed, place=place)
    return _("Failed: {failed}. What was made is in {place}", failed=failed, place=place)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a polite request to end (cron, systemd, CI) stop the kernels and clear the folder."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        logging.getLogger("asyncio").disabled = True  # what was stopped half-way is no news
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
