"""A model is fitted once for all processes of a run, and is the same as if it were fitted anew."""

import json

import numpy as np
import pytest

from kpilib.clv import BGNBD, SBG, GammaGamma
from kpilib.clv.fitting import optimise
from kpilib.contract.prepared import PREPARED

HISTORIES = ([0, 2, 1, 0, 5, 0], [0, 20, 9, 0, 33, 0], [40, 40, 30, 35, 36, 9])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(PREPARED, str(tmp_path))
    return tmp_path


def fits():
    return [
        BGNBD.fit(*HISTORIES),
        GammaGamma.fit([2, 1, 5, 3], [20.0, 8.0, 33.0, 12.5]),
        SBG.fit([1000, 869, 743, 653]),
    ]


def solves(monkeypatch):
    """How many fits are made from now on."""
    made, solve = [], optimise.solve

    def counted(problem):
        made.append(problem)
        return solve(problem)

    monkeypatch.setattr(optimise, "solve", counted)
    return made


def test_the_second_fit_is_read_and_equal_to_the_digit(folder, monkeypatch):
    monkeypatch.delenv(PREPARED)
    alone = fits()
    monkeypatch.setenv(PREPARED, str(folder))
    made = solves(monkeypatch)
    first = fits()
    assert len(made) == 3 and len(list((folder / "models").iterdir())) == 3
    for one, other, own in zip(first, fits(), alone, strict=True):
        assert one == own and other == own
        assert np.array_equal(one.covariance, own.covariance)
        assert np.array_equal(other.covariance, own.covariance)
        assert other.diagnosis == own.diagnosis
    assert len(made) == 3


def test_other_data_another_weight_and_another_kind_are_fitted_for_themselves(folder, monkeypatch):
    made = solves(monkeypatch)
    BGNBD.fit(*HISTORIES)
    BGNBD.fit(*HISTORIES, weights=[1, 1, 1, 1, 1, 2])
    BGNBD.fit(HISTORIES[0], HISTORIES[1], [40, 40, 30, 35, 36, 10])
    from kpilib.clv import MBGNBD

    MBGNBD.fit(*HISTORIES)
    assert len(made) == 4


def test_a_file_that_is_not_whole_is_made_anew(folder, monkeypatch):
    BGNBD.fit(*HISTORIES)
    (path,) = (folder / "models").iterdir()
    whole = path.read_text()
    made = solves(monkeypatch)
    path.write_text(whole[: len(whole) // 2])
    BGNBD.fit(*HISTORIES)
    assert len(made) == 1 and json.loads(path.read_text()) == json.loads(whole)


def test_nothing_is_kept_outside_of_a_run_nor_where_nothing_can_be_written(tmp_path, monkeypatch):
    monkeypatch.delenv(PREPARED, raising=False)
    BGNBD.fit(*HISTORIES)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv(PREPARED, str(tmp_path / "nowhere"))
    BGNBD.fit(*HISTORIES)
    assert not (tmp_path / "nowhere").exists()
