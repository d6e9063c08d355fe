"""A run's private folder, and what is left of runs that were killed."""

import gzip
import os
import stat
import subprocess
import sys
import tempfile

import pytest

from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError
from kpilib.scratch import private
from kpilib.scratch.locks import Lock
from kpilib.scratch.private import (
    LOCK,
    PREFIX,
    own_folder,
    private_folder,
    remove,
    room_for,
    sweep,
)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_its_owners_alone_and_goes_at_the_end(temporary):
    with private_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and folder.parent == temporary
        (folder / "data").mkdir()
    assert list(temporary.iterdir()) == []


def test_it_goes_when_the_run_is_stopped(temporary):
    with pytest.raises(KeyboardInterrupt), private_folder():
        raise KeyboardInterrupt
    assert list(temporary.iterdir()) == []


def test_the_folders_of_dead_runs_are_swept_and_those_of_others_stay(temporary):
    dead, alive, new, old, other = (
        temporary / f"{PREFIX}{name}" for name in ("dead", "alive", "new", "old", "other")
    )
    for folder in (dead, alive, new, old):
        folder.mkdir()
    other.write_text("a file")
    (dead / LOCK).touch()
    (dead / "data").write_text("customers")
    lock = Lock(alive / LOCK)
    assert lock.take()
    os.utime(old, (1, 1))
    sweep()
    lock.release()
    assert {path.name for path in temporary.iterdir()} == {alive.name, new.name, other.name}


def test_a_folder_of_another_user_is_let_be(temporary, monkeypatch):
    dead = temporary / f"{PREFIX}dead"
    dead.mkdir()
    (dead / LOCK).touch()
    monkeypatch.setattr(private, "_own", lambda state: False)
    sweep()
    assert dead.exists()


def test_a_temporary_folder_that_cannot_be_written_is_bad_input(temporary, monkeypatch):
    def refuse(prefix):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(InputError, match=r"No space left on device.*TMPDIR"), private_folder():
        raise AssertionError("it must not begin")


def test_a_read_only_folder_and_a_link_are_removed_and_what_it_leads_to_stays(tmp_path):
    (tmp_path / "month" / "notebooks").mkdir(parents=True)
    (tmp_path / "month" / "notebooks" / "page").touch()
    for folder in (tmp_path / "month" / "notebooks", tmp_path / "month"):
        folder.chmod(0o500)
    remove(tmp_path / "month")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    remove(tmp_path / "link")
    remove(tmp_path / "nothing")
    assert [path.name for path in tmp_path.iterdir()] == ["real"]


def test_a_process_has_one_folder_of_its_own_and_rooms_in_it(temporary):
    own = own_folder()
    assert own_folder() == own and stat.S_IMODE(own.stat().st_mode) == 0o700
    with room_for("unpacked") as room:
        assert room.parent == own
        (room / "copy.csv").touch()
    assert {path.name for path in own.iterdir()} == {LOCK}
    remove(own)
    assert own_folder() != own


def test_without_a_place_to_spill_a_database_opens_all_the_same(temporary, monkeypatch):
    def refuse(prefix):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    assert DuckEngine().connection.execute("SELECT 1").fetchall() == [(1,)]


LEAVES = """
import os, signal, sys
from pathlib import Path
from kpilib.engines.duck import DuckEngine
from kpilib.sources.formats.packed import unpacked

engine = DuckEngine()
engine.connection.execute("SET memory_limit = '30MB'; SET threads = 1")
made = "CREATE TABLE t AS SELECT range AS a, hash(range) AS b FROM range(2000000)"
engine.connection.execute(made)
with unpacked(Path(sys.argv[1])):
    print("holding", flush=True)
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("end", ["killed", "ended"])
def test_what_was_spilled_and_unpacked_is_private_and_goes_with_the_next_process(tmp_path, end):
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(b"customer_id\nsecret\n"))
    place = tmp_path / "tmp"
    place.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", LEAVES, str(tmp_path / "orders.csv.gz"), end],
        env=os.environ | {"TMPDIR": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "holding\n" and (done.returncode == 0) == (end == "ended"), done.stderr
    left = list(place.iterdir())
    if end == "ended":
        assert left == []
        return
    assert [stat.S_IMODE(one.stat().st_mode) for one in left] == [0o700]
    names = {path.name.partition("-")[0] for path in left[0].iterdir()}
    assert names == {LOCK, "unpacked", "spilled"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(place))
        sweep()
    assert list(place.iterdir()) == []
