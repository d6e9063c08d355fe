"""What one process of a run was answered is what the others get: the very same, asked once."""

from dataclasses import fields, replace
from datetime import date

import pandas as pd
import pytest

import kpilib
from kpilib.contract.prepared import PREPARED
from kpilib.questions import ask
from kpilib.questions.base import prepare_base
from kpilib.questions.shared import plain
from kpilib.questions.values import Status
from kpilib.words import Amount, Text, Unit
from kpilib.words.text import Listed

MONTH = "2026-08"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """The folder of a shop's records, prepared for this process."""
    folder = tmp_path / "shop"
    folder.mkdir()
    lines = [
        f"{month}-{day}-{who},{who},2026-{month:02}-{day:02},{7.35 * day + month},{who % 3}"
        for who in range(1, 13)
        for month in range(1, 10)
        for day in range(1 + who % 4, 28, 3 + (who * month) % 9)
    ]
    head = "order_id,customer_id,ordered_at,amount,channel\n"
    (folder / "orders.csv").write_text(head + "\n".join(lines) + "\n")
    (folder / "kpilib.toml").write_text('currency = "EUR"\nlapse_window = 20\n')
    prepare_base(str(folder), tmp_path / "data")
    monkeypatch.setenv(PREPARED, str(tmp_path / "data"))
    return folder


@pytest.fixture
def asked(monkeypatch):
    """How many KPIs were asked of the records, question by question."""
    counted = []
    answers = ask.answers

    def counting(base, definitions, *rest, **options):
        counted.append(sorted(definitions))
        return answers(base, definitions, *rest, **options)

    monkeypatch.setattr(ask, "answers", counting)
    return counted


def alone(shop, lang="en"):
    base = kpilib.open(str(shop), lang=lang)
    base.answered = None
    return base


def exact(values):
    """Every field of every value as it is written, so that 1 is not 1.0, but for the rows."""
    names = [one.name for one in fields(values[0]) if one.name != "find_rows"]
    return [[repr(getattr(value, name)) for name in names] for value in values]


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_second_process_is_answered_the_same_without_asking(shop, asked, lang):
    wanted = alone(shop, lang).scorecard("all", MONTH)
    kpilib.open(str(shop)).scorecard("all", MONTH)
    asked.clear()
    second = kpilib.open(str(shop), lang=lang)
    found = second.scorecard("all", MONTH)
    assert not asked
    assert exact(found) == exact(wanted)
    assert sum(value.signal is not None for value in found) > 20
    place = next(n for n, value in enumerate(found) if value.id == "revenue")
    pd.testing.assert_frame_equal(found[place].rows(), wanted[place].rows())


def test_families_add_up_to_all_and_a_kpi_is_among_them(shop, asked):
    kpilib.open(str(shop)).scorecard("sales", MONTH)
    told = {name for some in asked for name in some}
    asked.clear()
    second = kpilib.open(str(shop))
    assert exact([second.kpi("revenue", MONTH)]) == exact([alone(shop).kpi("revenue", MONTH)])
    second.scorecard("all", MONTH)
    later = {name for some in asked[1:] for name in some}
    assert "revenue" in told and len(later) > 30 and not told & later


@pytest.mark.parametrize("question", ["other month", "segments", "varied"])
def test_another_question_is_asked(shop, asked, question):
    kpilib.open(str(shop)).kpi("revenue", MONTH)
    asked.clear()
    second = kpilib.open(str(shop))
    if question == "other month":
        second.kpi("revenue", "2026-07")
    elif question == "segments":
        second.kpi("revenue", MONTH, by="channel")
    else:
        second.varied({}, lapse_window=90).kpi("revenue", MONTH)
    assert asked


def test_a_file_cut_off_is_as_good_as_none(shop, asked):
    first = kpilib.open(str(shop))
    wanted = first.kpi("churn_rate", MONTH)
    (file,) = first.answered.glob("churn_rate-*.json")
    file.write_text(file.read_text()[:-20])
    asked.clear()
    assert kpilib.open(str(shop)).kpi("churn_rate", MONTH) == wanted
    assert asked == [["churn_rate"]]


def test_nothing_is_shared_outside_of_a_run(shop, monkeypatch):
    monkeypatch.delenv(PREPARED)
    base = kpilib.open(str(shop))
    assert base.answered is None and base.kpi("revenue", MONTH).value > 0


def test_answers_that_cannot_be_laid_down_are_given_all_the_same(shop, monkeypatch):
    base = kpilib.open(str(shop))
    base.answered = shop / "orders.csv" / "answers"
    assert base.kpi("revenue", MONTH) == alone(shop).kpi("revenue", MONTH)


def test_what_is_laid_down_comes_back_as_it_was(shop):
    value = alone(shop).kpi("revenue", MONTH)
    hostile = replace(
        value,
        segment='a "b"\n\u202e{is}',
        numerator=3,
        value=0.1 + 0.2,
        low=float("inf"),
        status=Status.PROVISIONAL,
        reason=Text("{day} {n} {one}").format(
            day=date(2026, 1, 2), n=4, one=Listed((Text("a"), "b", Amount(2.0, Unit.DAYS)), "; ")
        ),
        details={"is": 1.5, "enum": None},
    )
    laid = plain.values_as_plain([value, hostile])
    back = plain.values_from_plain(laid, "en", lambda period: lambda: period)
    assert exact(back) == exact([value, hostile])
    assert back[1].rows() == value.period
    with pytest.raises(TypeError, match="complex"):
        plain.values_as_plain([replace(value, details={"x": 1j})])
