"""A KPI has one verdict in a run, whoever asks for it, and with whatever others beside it."""

import re
import shutil
import threading
import time
from types import SimpleNamespace

import pytest

import kpilib
from kpilib.contract.prepared import PREPARED
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.base import prepare_base
from kpilib.questions.shared import together
from kpilib.registry import definitions as registry
from kpilib.report.month.asked import Asked
from kpilib.scratch.locks import Lock
from tests.questions.shared.test_answers import asked, exact  # noqa: F401

MONTH = "2026-08"
PERIOD = Period.month(MONTH)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The folder of a shop that sold much more in `MONTH`, and what is prepared of it for a run."""
    folder, data = (tmp_path_factory.mktemp(name) for name in ("shop", "prepared"))
    spent = [month * (9 if month == 8 else 1) for month in range(10)]
    lines = [
        f"{month}-{day}-{who},{who},2026-{month:02}-{day:02},{7.35 * day + spent[month]}"
        for who in range(1, 41)
        for month in range(1, 10)
        for day in range(1 + who % 4, 28, 2 if month == 8 else 5 + (who * month) % 9)
    ]
    head = "order_id,customer_id,ordered_at,amount\n"
    (folder / "orders.csv").write_text(head + "\n".join(lines) + "\n")
    (folder / "kpilib.toml").write_text('currency = "EUR"\nlapse_window = 20\n')
    prepare_base(str(folder), data / "data")
    return str(folder), data / "data"


@pytest.fixture
def run(shop, tmp_path, monkeypatch):
    """The shop's folder, prepared for a run about `MONTH` of which nothing was asked yet."""
    folder, prepared = shop
    monkeypatch.setenv(PREPARED, str(shutil.copytree(prepared, tmp_path / "data")))
    together.announce(kpilib.open(folder), PERIOD)
    return folder


def alone(source, lang="en"):
    base = kpilib.open(source, lang=lang)
    base.answered = None
    return base


@pytest.fixture(scope="module")
def everything(shop):
    """Every KPI of the month, as a base that shares nothing is answered: by language."""
    return {lang: alone(shop[0], lang).scorecard("all", MONTH) for lang in ("en", "zh")}


@pytest.fixture
def few(monkeypatch):
    """A registry of two families, for what is about who asks and not about what is asked."""
    every = {
        name: one for family in ("sales", "churn") for name, one in registry.family(family).items()
    }
    monkeypatch.setattr(together, "registry", SimpleNamespace(registry=lambda: every))


def told(values):
    """All that is said of the values, numbers to ten digits: sums may come in another order."""
    return [[re.sub(r"\d+\.\d+", _shorter, text) for text in fields] for fields in exact([*values])]


def _shorter(found):
    return f"{float(found[0]):.10g}"


def by_id(values):
    return {(value.id, value.segment): value for value in values}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_chapter_says_of_each_kpi_what_all_say(run, everything, lang):
    every = by_id(everything[lang])
    chapter = kpilib.open(run, lang=lang)
    for family in sorted({value.family for value in every.values()}):
        for key, value in by_id(chapter.scorecard(family, MONTH)).items():
            assert told([value]) == told([every[key]])
    found = [chapter.kpi("revenue", MONTH), chapter.kpi("churn_rate", MONTH)]
    assert told(found) == told([every["revenue", None], every["churn_rate", None]])


def test_judged_within_its_family_a_change_would_be_seen_from_elsewhere(run, everything):
    """Otherwise there were nothing to share, and the test before this one would show nothing."""
    base, every = alone(run), by_id(everything["en"])
    families = {value.family for value in every.values()}
    within = by_id(value for name in families for value in base.scorecard(name, MONTH))
    assert any(within[key].visible != value.visible for key, value in every.items())


def test_the_month_asks_nothing_again_and_has_the_lines(run, everything, asked):  # noqa: F811
    kpilib.open(run).kpi("revenue", MONTH)
    names = sorted(name for some in asked for name in some)
    assert names == sorted(registry.registry())  # each of them once
    asked.clear()
    month = Asked(kpilib.open(run), PERIOD)
    assert told(month.scorecard) == told(everything["en"])
    asked.clear()
    forecasts = [one.id for one in registry.registry().values() if one.statistic.forecast]
    for name in ("revenue", *forecasts):
        month.line(name)
    assert not any(asked)


def test_another_period_is_judged_as_it_is_asked(run, asked):  # noqa: F811
    other = kpilib.open(run).kpi("revenue", "2026-07")
    assert asked == [["revenue"]]
    assert told([other]) == told([alone(run).kpi("revenue", "2026-07")])


def test_two_processes_share_the_work_and_ask_nothing_twice(run, everything, monkeypatch):
    counted, answers = [], ask.answers

    def slow(base, definitions, *rest):
        counted.extend(definitions)
        time.sleep(0.02)  # so that they come upon each other
        return answers(base, definitions, *rest)

    monkeypatch.setattr(ask, "answers", slow)
    found, bases = {}, [kpilib.open(run) for _ in range(2)]
    families = ("sales", "churn")

    def work(place):
        found[place] = bases[place].scorecard(families[place], MONTH)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == sorted(registry.registry())
    for place in range(2):
        assert told(found[place]) == told(
            value for value in everything["en"] if value.family == families[place]
        )


def test_what_a_process_that_has_died_had_in_hand_is_taken_over(run, few):
    base = kpilib.open(run)
    for name in ("sales", "churn"):
        path = base.answered / together.file_of(name, "asked", together._written(PERIOD))
        path.with_suffix(".lock").write_text("4711")  # left behind; nobody holds it
    assert base.kpi("revenue", MONTH).signal is not None


def test_what_another_has_in_hand_is_waited_for(run, few):
    base = kpilib.open(run)
    path = base.answered / together.file_of("sales", "asked", together._written(PERIOD))
    lock, found = Lock(path.with_suffix(".lock")), []
    assert lock.take()
    thread = threading.Thread(target=lambda: found.append(base.kpi("revenue", MONTH)))
    thread.start()
    thread.join(1.5)
    assert not found and thread.is_alive()
    lock.release()
    thread.join()
    assert found[0].id == "revenue"


def test_a_folder_that_takes_nothing_stops_nobody(run, few, monkeypatch):
    wanted = alone(run).scorecard("churn", MONTH)
    base = kpilib.open(run)
    monkeypatch.setattr(together, "lay", lambda place, found: None)
    monkeypatch.setattr(Lock, "take", lambda self: (_ for _ in ()).throw(OSError("full")))
    found = base.scorecard("churn", MONTH)
    assert [(value.id, value.value) for value in found] == [(v.id, v.value) for v in wanted]


def test_without_a_run_nothing_is_announced(run, monkeypatch):
    monkeypatch.delenv(PREPARED)
    base = kpilib.open(run)
    together.announce(base, PERIOD)
    assert not together.is_announced(base, PERIOD)
