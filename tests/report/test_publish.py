"""Publishing: the old report or the new one, whole, whatever happens and whoever else runs."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kpilib.errors import InputError, KpilibError
from kpilib.report import publish
from kpilib.report.publish import MonthFolder, write_whole

ROOT = Path(__file__).resolve().parents[2]

RUN = {
    "status": "good",
    "data": "cdnow",
    "period": {"start": "2026-10-01", "end": "2026-11-01", "label": "2026-10"},
    "notebooks": [{"name": "01-overview", "status": "good", "kpis": 1}],
}


def build(folder, words):
    (folder / "index.html").write_text(words)
    (folder / "run.json").write_text(json.dumps(RUN))


def release(month, words):
    with month.claimed() as building:
        build(building, words)
        return month.publish()


@pytest.fixture(params=["exchange", "rename"])
def month(tmp_path, request, monkeypatch):
    """A month's folder, where the system can exchange folders and where it cannot."""
    if request.param == "rename":
        monkeypatch.setattr(publish, "_exchange", lambda first, second: False)
    return MonthFolder(tmp_path / "reports", "2026-10")


def names(month):
    return sorted(path.name for path in month.out.iterdir())


def test_a_month_is_published_and_nothing_is_left_beside_it(month):
    assert release(month, "first") == month.target
    assert (month.target / "index.html").read_text() == "first"
    assert names(month) == ["2026-10"]


def test_a_good_run_takes_the_place_of_the_month_and_of_a_failed_run(month):
    release(month, "first")
    with month.claimed() as building:
        build(building, "bad")
        month.keep_failed()
    assert names(month) == ["2026-10", "2026-10.failed"]
    release(month, "second")
    assert (month.target / "index.html").read_text() == "second"
    assert names(month) == ["2026-10"]


def test_a_failed_run_is_kept_beside_and_the_month_stays(month):
    release(month, "good")
    for words in ("bad", "worse"):
        with month.claimed() as building:
            build(building, words)
            assert month.keep_failed() == month.failed
    assert (month.target / "index.html").read_text() == "good"
    assert (month.failed / "index.html").read_text() == "worse"


def test_an_error_while_building_leaves_the_month_and_no_trace(month):
    release(month, "good")
    with pytest.raises(FileNotFoundError), month.claimed() as building:
        build(building / "nowhere", "half")
    assert (month.target / "index.html").read_text() == "good"
    assert names(month) == ["2026-10"]


def test_a_reader_never_sees_a_month_that_is_not_whole(tmp_path):
    month = MonthFolder(tmp_path, "2026-10")
    release(month, "0")
    if not publish._exchange(month.target, month.target):
        pytest.skip("this system cannot exchange two folders at one stroke")
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            seen.append((month.target / "index.html").read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 40):
        release(month, str(number))
    stop.set()
    reader.join()
    assert seen and set(seen) <= {str(number) for number in range(40)}


def script(month, then):
    """A run in another process that does `then` while it holds the month."""
    return (
        "import sys, os, time; from pathlib import Path\n"
        "from kpilib.report.publish import MonthFolder\n"
        f"month = MonthFolder(Path({str(month.out)!r}), '2026-10')\n"
        "with month.claimed() as building:\n"
        "    (building / 'index.html').write_text('half')\n"
        "    print('holding', flush=True)\n"
        f"    {then}\n"
    )


def run(month, then):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", script(month, then)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_a_second_run_is_refused_and_a_killed_one_is_in_nobodys_way(month):
    release(month, "good")
    with run(month, "time.sleep(60)") as other:
        assert other.stdout.readline() == "holding\n"
        with pytest.raises(KpilibError, match=f"being made by process {other.pid} since") as caught:
            release(month, "mine")
        assert not isinstance(caught.value, InputError) and "wait" in str(caught.value)
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert (month.target / "index.html").read_text() == "good"
    release(month, "mine")
    assert (month.target / "index.html").read_text() == "mine"
    assert names(month) == ["2026-10"]


def test_a_run_killed_between_two_renames_is_put_right(tmp_path):
    month = MonthFolder(tmp_path, "2026-10")
    release(month, "good")
    month.target.rename(month.old)
    with month.claimed():
        assert (month.target / "index.html").read_text() == "good"
    assert names(month) == ["2026-10"]


def test_what_a_killed_run_left_is_cleared(tmp_path):
    month = MonthFolder(tmp_path, "2026-10")
    release(month, "good")
    month.building.mkdir()
    month.old.mkdir()
    with month.claimed() as building:
        assert list(building.iterdir()) == []
    assert names(month) == ["2026-10"]


def test_a_folder_that_is_no_report_is_not_touched(month):
    month.target.mkdir(parents=True)
    (month.target / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="is no report of kpilib"):
        release(month, "x")
    assert (month.target / "thesis.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written.*another --out"):
        release(MonthFolder(tmp_path / "file", "2026-10"), "x")


def test_a_span_of_days_is_one_folder(tmp_path):
    month = MonthFolder(tmp_path, "2026-10-05/2026-11-05")
    assert release(month, "x") == tmp_path / "2026-10-05_2026-11-05"


def test_a_file_is_written_whole(tmp_path):
    write_whole(tmp_path / "index.html", "流失")
    assert (tmp_path / "index.html").read_bytes() == "流失".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
