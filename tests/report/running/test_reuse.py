"""What an earlier run executed is taken over where nothing it depends on has changed."""

import json
from copy import deepcopy

import pytest

from kpilib.report.publish import MonthFolder
from kpilib.report.running.reuse import (
    code_digest,
    digest,
    find_executed,
    last_seconds,
    notebook_key,
)
from tests.report.conftest import RETENTION

GIVEN = {"data": "cdnow", "period": "1998-06", "lang": "en"}
INPUTS = {"fingerprints": {"orders": "0f3c"}, "settings": "ab"}
KEY = notebook_key(RETENTION, GIVEN, INPUTS)


def changed(change):
    notebook = deepcopy(RETENTION)
    change(notebook)
    return notebook


@pytest.mark.parametrize(
    "key",
    [
        notebook_key(changed(lambda n: n["cells"][3].update(source="1")), GIVEN, INPUTS),
        notebook_key(changed(lambda n: n["cells"].pop()), GIVEN, INPUTS),
        notebook_key(changed(lambda n: n["cells"][2]["metadata"].clear()), GIVEN, INPUTS),
        notebook_key(changed(lambda n: n["metadata"]["kpilib"].update(kpis=2)), GIVEN, INPUTS),
        notebook_key(RETENTION, GIVEN | {"lang": "vi"}, INPUTS),
        notebook_key(RETENTION, GIVEN | {"months": 3}, INPUTS),
        notebook_key(RETENTION, GIVEN, INPUTS | {"settings": "cd"}),
        notebook_key(RETENTION, GIVEN, INPUTS | {"fingerprints": {"orders": "0f3d"}}),
    ],
)
def test_the_key_changes_with_whatever_the_result_depends_on(key):
    assert key != KEY


def test_the_key_does_not_change_with_what_it_does_not_depend_on(monkeypatch):
    executed = changed(lambda n: n["cells"][3].update(outputs=[{"x": 1}], execution_count=7))
    assert notebook_key(executed, dict(reversed(GIVEN.items())), INPUTS) == KEY
    assert code_digest() == code_digest()
    monkeypatch.setattr("kpilib.report.running.reuse.code_digest", lambda: "another kpilib")
    assert notebook_key(RETENTION, GIVEN, INPUTS) != KEY


def leave(folder, **changes):
    """A folder in which a run left the notebook executed, and its record."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "03-retention.ipynb").write_text(json.dumps(RETENTION))
    page = {"name": "03-retention", "status": "good", "kpis": 1, "key": KEY}
    page |= {"executed": digest(RETENTION), "parameters": GIVEN, "seconds": 7.5, "attempts": 1}
    run = {
        "status": "good",
        "data": "cdnow",
        "period": {"start": "1998-06-01", "label": "1998-06"},
        "notebooks": [page | changes],
    }
    (folder / "run.json").write_text(json.dumps(run))


@pytest.fixture
def month(tmp_path):
    return MonthFolder(tmp_path, "1998-06")


@pytest.mark.parametrize("place", ["target", "failed"])
def test_a_good_one_is_taken_from_the_month_or_from_a_failed_run(month, place):
    leave(getattr(month, place))
    found = find_executed(month, {"03-retention": KEY, "01-overview": "x"})
    assert found.keys() == {"03-retention"}
    one = found["03-retention"]
    assert one.reused and one.notebook == RETENTION and (one.seconds, one.attempts) == (7.5, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "failed"},
        {"key": "another"},
        {"executed": "tampered with"},
        {"parameters": None, "seconds": "soon"},
    ],
)
def test_another_is_not(month, changes):
    leave(month.target, **changes)
    assert find_executed(month, {"03-retention": KEY}) == {}


def test_a_notebook_that_is_no_longer_there_is_not(month):
    leave(month.target)
    (month.target / "notebooks" / "03-retention.ipynb").unlink()
    assert find_executed(month, {"03-retention": KEY}) == {}
    assert find_executed(MonthFolder(month.out, "1998-05"), {"03-retention": KEY}) == {}


def test_what_they_took_is_known_from_this_month_or_an_earlier_one(month):
    assert last_seconds(month, None) == {}
    leave(month.out / "1998-05", seconds=3.0)
    assert last_seconds(month, "1998-05") == {"03-retention": 3.0}
    leave(month.target, seconds=9.0)
    assert last_seconds(month, "1998-05") == {"03-retention": 9.0}
