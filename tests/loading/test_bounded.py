"""Expressions of a stranger's settings that want too much at once, or do not come to an end."""

import time

import pytest

from kpilib.errors import InputError
from kpilib.loading import bounded, load

ROWS = 4_000


def shop(folder, rows, note, **expressions):
    """A folder of orders that have a note, and settings with expressions over it."""
    lines = [f"{n},2026-01-05,{n % 7},{note}" for n in range(rows)]
    text = "\n".join(["customer_id,ordered_at,amount,note", *lines])
    (folder / "orders.csv").write_text(text + "\n")
    said = [f"{name} = '''{one}'''" for name, one in expressions.items()]
    (folder / "kpilib.toml").write_text("\n".join(["[orders.columns]", *said]) + "\n")
    return folder


def patterns(steps):
    """An expression of so many that are no two alike."""
    ends = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(steps)]
    made = [f"strlen(regexp_replace(note, 'b[x{end}]*', '', 'g'))" for end in ends]
    return " + ".join(["strlen(note)", *made])


def test_an_expression_that_does_not_come_to_an_end_is_stopped_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(bounded, "LONGEST", 0.2)
    monkeypatch.setattr(bounded, "A_ROW", 0.0)
    upper = "upper(left(note, 3))"
    folder = shop(tmp_path, 60_000, "ab" * 50, channel=upper, size=patterns(25))
    began = time.process_time()
    message = r"orders\.csv: columns\.size = .*strlen\(note\).* takes too long: reading was stopped"
    with pytest.raises(InputError, match=message):
        load(folder)
    assert time.process_time() - began < 15


def test_one_that_comes_to_an_end_is_left_alone(tmp_path):
    loaded = load(shop(tmp_path, 3_000, "abab", channel="upper(note)", size=patterns(2)))
    rows = loaded.engine.collect(loaded.tables["orders"])
    assert set(rows["channel"]) == {"ABAB"}
    assert set(rows["size"].astype(int)) == {4 + 2 + 2}


def test_texts_that_would_take_gigabytes_at_once_are_refused_before_they_are_made(tmp_path):
    growing = "left(replace(note, 'a', '" + "b" * 49 + "'), 5)"
    loaded = load(shop(tmp_path, 100, "ab" * 8_000, channel=growing))
    assert "channel" in loaded.tables["orders"].collect_schema().names()
    message = (
        r"orders\.csv: columns\.channel = .* cannot be used: its columns have cells of 16,000 "
        r"bytes, of which it could make texts 49 times as long"
    )
    with pytest.raises(InputError, match=message):
        load(shop(tmp_path, 2_500, "ab" * 8_000, channel=growing))


def test_cells_too_long_for_what_is_done_with_them_are_refused(tmp_path):
    """What is done with some rows at once cannot be stopped."""
    load(shop(tmp_path, 5, "ab" * 500_000, size=patterns(1)))
    message = r"columns\.size = .*cells of 1,000,000 bytes, too long for so many steps"
    with pytest.raises(InputError, match=message):
        load(shop(tmp_path, 5, "ab" * 500_000, size=patterns(90)))
