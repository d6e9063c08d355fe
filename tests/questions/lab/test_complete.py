"""Completion by Tab: what is offered within which argument, by IPython itself."""

import pytest

import kpilib
from kpilib.demo import tiny_shop
from kpilib.questions.lab.complete import complete
from kpilib.questions.lab.setting_up import set_up
from kpilib.registry.definitions import registry

NAMES = {"base": tiny_shop(), "kpilib": kpilib, "other": {"kpi": 1}, "pot": object()}


@pytest.mark.parametrize(
    ("before", "first"),
    [
        ('base.kpi("churn', "churn_rate"),
        ("base.kpi('churn", "churn_rate"),
        ('x = [base.trend(kpi_id="churn', "churn_rate"),
        ('base.kpi("churn_rate", "2026-0', "2026-04"),
        ('base.trend("churn_rate", ["2026-03", "', "2026-04"),
        ('base.kpi("churn_rate", base.period("2026-03"), "acq', "acquisition_channel"),
        ('base.kpi("churn_rate", by="', "acquisition_channel"),
        ('base.kpi(\n    "churn_rate",\n    by="acq', "acquisition_channel"),
        ('base.scorecard("ch', "churn"),
        ('base.analysis("rfm', "rfm_segments"),
        ('kpilib.explain("nps', "nps"),
        ('base.kpi("open_rate', "email_open_rate"),
    ],
)
def test_what_an_argument_may_be(before, first):
    assert complete(before, NAMES)[1][:1] == [first]


@pytest.mark.parametrize(
    "before",
    [
        "base.kpi(",
        'base.kpi("churn_rate")',
        'base.kpi("churn_rate", ',
        'base.rows("churn_rate", "2026-04", "',
        'base.coverage("',
        'base.kpi("churn_rate", lang="',
        'other.kpi("',
        'pot.kpi("',
        'nobody.kpi("',
        'base.source.kpi("',
        'kpilib.kpi("',
        'print("base.kpi(" + "',
    ],
)
def test_nothing_is_offered_elsewhere(before):
    assert complete(before, NAMES)[1] == []


def test_a_kpi_is_broken_down_by_what_it_allows():
    offered = complete('base.kpi("cac", by="', NAMES)[1]
    assert offered == [*registry()["cac"].breakdowns] and offered != [*NAMES["base"].dimensions]


def test_no_property_is_asked_while_it_completes():
    class Loud:
        @property
        def base(self):
            raise AssertionError("asked")

    assert complete('loud.base.kpi("', {"loud": Loud()})[1] == []


def test_ipython_offers_it_in_its_place(shell):
    set_up()
    shell.user_ns["base"] = tiny_shop()
    completer = pytest.importorskip("IPython.core.completer")
    code = 'x = 1\nbase.kpi(\n    "churn_rate", by="acq'
    with completer.provisionalcompleter():
        found = list(shell.Completer.completions(code, len(code)))
    assert [one.text for one in found] == ["acquisition_channel"]
    assert code[: found[0].start] + found[0].text == code[:-3] + "acquisition_channel"
