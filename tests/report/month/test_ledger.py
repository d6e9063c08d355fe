"""The ledger's picture: what its words say and where they stand."""

import re
from datetime import date
from types import SimpleNamespace

import pytest

from kpilib.periods import Period
from kpilib.report.month.ledger import ledger
from kpilib.words import LANGUAGES

PARTS = ("opening", "new", "reactivated", "lost", "closing")
WORDS = {"en": "losses cannot be seen yet", "vi": "chưa thể thấy", "zh": "尚看不到流失"}


def drawn(unseen, lang, periods=12, period="2026-12"):
    lines = {part: [10.0] * periods for part in PARTS}
    lost = [None] * unseen + [4.0] * (periods - unseen)
    asked = SimpleNamespace(
        ledger=lines, period=Period.parse(period), line=lambda _kpi, _segment=None: lost
    )
    return ledger(asked, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("unseen", "within"), [(0, None), (2, False), (8, False), (9, True)])
def test_words_stand_in_the_shade_where_they_have_room_and_below_the_title_where_not(
    unseen, within, lang
):
    found = drawn(unseen, lang)
    assert (WORDS[lang] in found["svg"]) == (within is True)
    assert (WORDS[lang] in found["sub"]) == (within is False)
    shade = re.findall(r'class="unseen" x="0" y="[\d.]+" width="([\d.]+)"', found["svg"])
    assert [float(width) for width in shade] == pytest.approx(
        [unseen * 262 / 12] if unseen else [], abs=0.1
    )


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-12", "Jan 2026", "Dec 2026"),
        ("2026-Q4", "2024-Q1", "2026-Q4"),
        ("2026", "2015", "2026"),
    ],
)
def test_the_first_and_the_last_period_are_named_below(period, first, last):
    svg = drawn(0, "en", period=period)["svg"]
    assert re.findall(r">([^<>]+)</text>", svg)[-2:] == [first, last]


def test_periods_of_so_many_days_have_names_too_long_to_stand_there():
    days = Period(date(2026, 12, 1), date(2026, 12, 11))
    svg = drawn(0, "en", period=days.label)["svg"]
    assert len(re.findall("</text>", svg)) == 3
