"""Publishing: the old report or the new one, whole, whatever happens and whoever else runs."""

import errno
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
from kpilib.report.archive import list_months
from kpilib.report.publish import (
    OURS,
    MonthFolder,
    check_index,
    read_run,
    write_index,
    write_whole,
)

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
    for name in ("building", "building-0badcafe"):
        (month.out / f".2026-10.{name}").mkdir()
        (month.out / f".2026-10.{name}" / "page").touch()
    month.old.mkdir()
    with month.claimed() as building:
        assert list(building.iterdir()) == []
    assert names(month) == ["2026-10"]


@pytest.mark.parametrize("place", ["target", "failed"])
def test_a_folder_that_is_no_report_is_not_touched(month, place):
    folder = getattr(month, place)
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="is no report of kpilib"):
        release(month, "x")
    assert (folder / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("text", ["[]", "{}", "not json", '{"period": {"start": "soon"}}'])
def test_a_foreign_run_json_makes_no_report(month, text):
    release(month, "good")
    other = month.out / "notes"
    other.mkdir()
    (other / "run.json").write_text(text)
    assert read_run(other) is None
    assert [found["folder"] for found in list_months(month.out)] == ["2026-10"]


def test_a_read_only_month_is_replaced_and_is_in_nobodys_way(month):
    release(month, "old")
    (month.target / "notebooks").mkdir()
    (month.target / "notebooks" / "page").touch()
    for folder in (month.target / "notebooks", month.target):
        folder.chmod(0o500)
    for words in ("new", "newer"):
        assert release(month, words) == month.target
    assert (month.target / "index.html").read_text() == "newer"
    assert names(month) == ["2026-10"]


def test_what_cannot_be_removed_is_left_and_the_next_runs_go_on(month, monkeypatch):
    release(month, "old")
    monkeypatch.setattr(publish, "remove", lambda path: None)
    for words in ("new", "newer"):
        release(month, words)
        assert (month.target / "index.html").read_text() == words
    monkeypatch.undo()
    release(month, "last")
    assert names(month) == ["2026-10"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_the_months_place_goes_and_what_it_leads_to_stays(month, tmp_path, there):
    month.out.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    if there:
        elsewhere.mkdir()
        build(elsewhere, "kept")
    month.target.symlink_to(elsewhere)
    for words in ("new", "newer"):
        release(month, words)
    assert not month.target.is_symlink() and (month.target / "index.html").read_text() == "newer"
    assert not there or (elsewhere / "index.html").read_text() == "kept"
    assert names(month) == ["2026-10"]


def test_a_month_that_cannot_be_replaced_leaves_the_new_one_beside_it(month, monkeypatch):
    release(month, "old")

    def refuse(new, target, old):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(publish, "_replace", refuse)
    with pytest.raises(KpilibError, match=r"cannot be replaced \(Operation not permitted\)"):
        release(month, "new")
    assert (month.target / "index.html").read_text() == "old"
    assert (month.failed / "index.html").read_text() == "new"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_is_said_and_leaves_the_month(month, number):
    release(month, "good")

    def fill():
        with month.claimed() as building:
            build(building, "half")
            raise OSError(number, os.strerror(number))

    with pytest.raises(InputError, match=r"cannot be written \(.*\); free space or"):
        fill()
    assert (month.target / "index.html").read_text() == "good"
    assert names(month) == ["2026-10"]


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written.*another --out"):
        release(MonthFolder(tmp_path / "file", "2026-10"), "x")


ANOTHER = """
import os, sys, traceback
from pathlib import Path
from kpilib.errors import InputError
from kpilib.report.publish import MonthFolder

month = MonthFolder(Path(sys.argv[1]), "2026-10")
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    with month.claimed():
        print("claimed")
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs to be another user")
def test_another_user_of_a_project_is_told_and_changes_nothing(tmp_path):
    out = tmp_path / "reports"
    month = MonthFolder(out, "2026-10")
    release(month, "good")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER, str(out)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cannot be written (Permission denied)" in done.stdout, done.stderr
    assert (month.target / "index.html").read_text() == "good" and names(month) == ["2026-10"]


def test_a_span_of_days_is_one_folder(tmp_path):
    month = MonthFolder(tmp_path, "2026-10-05/2026-11-05")
    assert release(month, "x") == tmp_path / "2026-10-05_2026-11-05"


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    write_whole(tmp_path / "index.html", "流失")
    monkeypatch.setattr(os, "replace", None)
    with pytest.raises(TypeError):
        write_whole(tmp_path / "index.html", "new")
    assert (tmp_path / "index.html").read_bytes() == "流失".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_an_index_that_is_not_ours_is_not_replaced(tmp_path):
    check_index(tmp_path / "nowhere")
    write_index(tmp_path, lambda: {"index.html": f"<head>{OURS}<p>first"})
    write_index(tmp_path, lambda: {"index.html": f"<head>{OURS}<p>second"})
    assert (tmp_path / "index.html").read_text().endswith("second")
    (tmp_path / "index.html").write_text("<h1>My own page</h1>")
    with pytest.raises(InputError, match=r"index\.html is there and is no page of kpilib"):
        write_index(tmp_path, lambda: {"index.html": OURS})
    assert (tmp_path / "index.html").read_text() == "<h1>My own page</h1>"
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_runs_of_different_months_write_the_list_one_after_the_other(tmp_path):
    """Each reads the months only when it is its turn, so that none is lost."""

    def run(number):
        def months():
            (tmp_path / f"month-{number}").touch()
            found = sorted(path.name for path in tmp_path.glob("month-*"))
            return {"index.html": OURS + " ".join(found)}

        write_index(tmp_path, months)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "index.html").read_text().count("month-") == 6
    assert not list(tmp_path.glob(".*"))
