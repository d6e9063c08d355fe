"""A run's private folder, and what is left of runs that were killed."""

import os
import stat
import tempfile

import pytest

from kpilib.errors import InputError
from kpilib.report.running import private
from kpilib.report.running.locks import Lock
from kpilib.report.running.private import LOCK, PREFIX, private_folder, remove, sweep


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
