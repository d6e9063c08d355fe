"""`kpilib report`: options, exit codes, what goes to stdout and what to stderr."""

import io
import json
import os
import re
import signal
import time

import pytest

from kpilib.cli import main
from kpilib.cli._progress import Live, Plain, told_on
from kpilib.errors import InputError, KpilibError, QualityGateError
from kpilib.report import run as running
from kpilib.report.run import Outcome
from kpilib.report.running.execute import Execution, Failure
from kpilib.report.running.watch import Plan

GOOD = Execution("01-overview", {}, {}, 2.04, 1)
DIED = Execution("03-retention", {}, {}, 9.96, 2, Failure("kernel", 4, "DeadKernelError", "died"))


@pytest.fixture
def ordered(monkeypatch, tmp_path):
    """The orders that the command placed; the report itself is a stand-in."""
    orders, result = [], {"status": "good", "carried": ""}

    def make(order, watch):
        orders.append(order)
        if isinstance(result["status"], BaseException):
            raise result["status"]
        facts = type(
            "Facts", (), {"data": order.data, "period": type("P", (), {"label": "1998-06"})}
        )
        watch.begins(facts, Plan(2, (), 1, 8.2, result["carried"]))
        executions = [GOOD] if result["status"] == "good" else [GOOD, DIED]
        for execution in executions:
            watch.starts(execution.name)
            watch.cell(execution.name, 0, 5)
            watch.left(3.5)
            watch.ends(execution)
        notebooks = [{"name": e.name, "status": e.status} for e in executions]
        run = {"status": result["status"], "notebooks": notebooks}
        return Outcome(tmp_path / "1998-06", run, [{"id": "churn_rate"}])

    monkeypatch.setattr(running, "make_report", make)
    return orders, result


def test_options_become_the_order(ordered, tmp_path):
    orders, _ = ordered
    line = "report --data shop.toml --period 2026-10 --lang vi --only 03-retention "
    line += "--only 01-overview --set months=6 --set a=b=c --timeout 60"
    assert main([*line.split(), "--out", str(tmp_path)]) == 0
    (order,) = orders
    assert (order.data, order.period, order.lang) == ("shop.toml", "2026-10", "vi")
    assert order.only == ("03-retention", "01-overview")
    assert order.settings == ("months=6", "a=b=c")
    assert (order.timeout, order.out) == (60.0, tmp_path)


def test_without_a_terminal_progress_is_plain_lines_and_the_last_says_where(ordered, capsys):
    assert main(["report", "--data", "cdnow"]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "cdnow, 1998-06: 2 notebooks, about 9 s",
        "01-overview: good, 2.0 s",
    ]
    assert captured.out.startswith("Report: ") and captured.out.endswith("index.html\n")


@pytest.mark.parametrize("teller", [Plain, Live])
def test_what_was_taken_over_of_earlier_periods_is_told(monkeypatch, ordered, teller):
    ordered[1]["carried"] = "6 of 9 values were taken over [b]"
    screen = Terminal() if teller is Live else io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    assert main(["report", "--data", "cdnow"]) == 0
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert shown.index("about 9 s\n") < shown.index("6 of 9 values were taken over [b]\n")


def test_a_failed_notebook_is_exit_code_1_and_is_named(ordered, capsys):
    ordered[1]["status"] = "failed"
    assert main(["report", "--data", "cdnow"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("Failed: 03-retention. What was made is in ")
    last = captured.err.splitlines()[-1]
    assert last == "03-retention: failed at attempt 2, 10.0 s: DeadKernelError in cell 5: died"


def test_json_is_all_that_goes_to_stdout(ordered, capsys):
    assert main(["report", "--data", "cdnow", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["status"] == "good" and printed["values"] == [{"id": "churn_rate"}]
    assert printed["folder"].endswith("1998-06")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("no such file"), 2),
        (QualityGateError("too much left out"), 3),
        (KpilibError("held by another run"), 1),
        (KeyboardInterrupt(), 130),
        (SystemExit(143), 143),
        (RuntimeError("what"), 1),
    ],
)
def test_exit_codes(ordered, capsys, error, code):
    ordered[1]["status"] = error
    assert main(["report", "--data", "cdnow"]) == code
    captured = capsys.readouterr()
    assert captured.out == "" and "Traceback" not in captured.err
    assert len(captured.err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["report", "--data", "cdnow", "--lang", "fr"], ("'fr'", "en, vi, zh")),
        (["report", "--data", "cdnow", "--timeout", "soon"], ("soon", "--timeout")),
        (["report", "--data", "cdnow", "--onyl", "x"], ("--onyl", "--only")),
        (["report", "--data", "cdnow", "extra"], ("extra",)),
    ],
)
def test_wrong_options_are_bad_input(ordered, capsys, args, words):
    assert main(args) == 2
    err = capsys.readouterr().err
    for word in words:
        assert word in err
    assert len(err.splitlines()) <= 2 and ordered[0] == []


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_teller_suits_the_stream():
    assert type(told_on(io.StringIO())) is Plain
    assert type(told_on(Terminal())) is Live


def test_in_a_terminal_every_notebook_leaves_a_line(monkeypatch, ordered, capsys):
    screen = Terminal()
    ordered[1]["status"] = "failed"
    monkeypatch.setattr("sys.stderr", screen)
    assert main(["report", "--data", "cdnow"]) == 1
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert "✓ 01-overview: good, 2.0 s" in shown
    assert "✗ 03-retention: failed" in shown and "DeadKernelError in cell 5" in shown


def test_whoever_called_the_command_keeps_its_own_way_to_end(ordered):
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        for status in ("good", KeyboardInterrupt()):
            ordered[1]["status"] = status
            main(["report", "--data", "cdnow"])
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_request_to_end_ends_the_run_in_order(ordered, monkeypatch, capsys):
    def stopped(order, watch):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr(running, "make_report", stopped)
    assert main(["report", "--data", "cdnow"]) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("--jobs 3", "jobs", 3),
        ("--force", "force", True),
        ("--strict", "strict", True),
        ("--publish-partial", "publish_partial", True),
    ],
)
def test_what_is_asked_of_a_run_reaches_it(ordered, line, name, value):
    assert main(["report", "--data", "cdnow", *line.split()]) == 0
    assert getattr(ordered[0][0], name) == value
    assert main(["report", "--data", "cdnow", "--jobs", "0"]) == 2


def test_a_month_published_in_part_says_without_what(ordered, capsys):
    ordered[1]["status"] = "partial"
    assert main(["report", "--data", "cdnow"]) == 1
    assert capsys.readouterr().out.startswith("Published without 03-retention: ")


def test_a_notebook_as_before_is_told_apart(ordered, monkeypatch, capsys):
    plain = Plain()
    plain.ends(Execution("01-overview", {}, {}, 2.0, 1, reused=True))
    assert capsys.readouterr().err == "01-overview: good, as it was executed before\n"
