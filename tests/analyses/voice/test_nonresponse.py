"""Those invited beside those who answered, counted by hand."""

import numpy as np
import pytest

from kpilib.statistics import intervals
from tests.contacts.test_asked import APRIL, INVITED, SCORES, SEGMENTS, asked


def test_the_mix_of_those_who_answered_beside_that_of_those_invited():
    table = asked(SCORES, [*INVITED, "b6", "b7", "z"], SEGMENTS).analysis(
        "survey_nonresponse", APRIL
    )
    assert table["segment"].tolist() == ["all", "b", "a", "(missing)"]
    assert table["invited"].tolist() == [13, 7, 5, 1]
    assert table["answered"].tolist() == [4, 1, 3, 0]
    assert table["invited_share"].tolist() == pytest.approx([1, 7 / 13, 5 / 13, 1 / 13])
    assert table["answered_share"].tolist() == pytest.approx([1, 1 / 4, 3 / 4, 0])
    expected = [1, 28 / 13, 20 / 39, np.nan]
    assert table["weight"].tolist() == pytest.approx(expected, nan_ok=True)
    low, high = intervals.wilson([4, 1, 3, 0], [13, 7, 5, 1])
    assert table["low"].tolist() == pytest.approx(low.tolist())
    assert table["high"].tolist() == pytest.approx(high.tolist())


def test_a_survey_nobody_was_invited_to_has_no_rows():
    table = asked(SCORES, INVITED, SEGMENTS).analysis("survey_nonresponse", APRIL, survey="Other ")
    assert table["invited"].sum() == 0


def test_an_invitation_is_watched_before_it_counts():
    base = asked(SCORES, INVITED, SEGMENTS, surveys={"answer_days": 57})
    # Sent on the 5th of April: 57 days later is the first of June, where the data end.
    assert base.analysis("survey_nonresponse", APRIL)["invited"].sum() == 0
