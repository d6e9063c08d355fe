"""Reasons in the place of results: told in words, passed on, never hiding a bug."""

import matplotlib
import pytest

matplotlib.use("Agg")

from kpilib.clv.value.views import concentration
from kpilib.errors import InputError, UnknownNameError
from kpilib.plots.clv_value import plot_value_distribution
from kpilib.report.page.evidence import count_figures
from kpilib.show.reason import MIME, Reason, answering
from kpilib.words import _
from tests.quick import opened, tiny_shop, tiny_tables


@answering
def refuse(base=None, **options):
    raise InputError(_("nobody has bought {what}", what="<twice>"))


def test_a_cell_is_told_what_the_data_do_not_allow_and_goes_on(cell):
    shown = cell("asked(base)", asked=refuse, base=tiny_shop())
    assert isinstance(shown, Reason)
    html = shown._repr_mimebundle_()["text/html"]
    assert "nobody has bought &lt;twice&gt;" in html and "Not available" in html
    html = cell("asked(lang='vi')", asked=refuse)._repr_mimebundle_()["text/html"]
    assert "Không có dữ liệu" in html


def test_whoever_is_no_cell_gets_an_error(cell):
    with pytest.raises(InputError, match="bought <twice>"):
        refuse()
    inner = "def inner():\n    return asked()\n"
    space = {"__name__": "user_module", "asked": refuse}
    exec(inner, space)
    with pytest.raises(InputError, match="bought <twice>"):
        cell("inner()", inner=space["inner"])


def test_questions_analyses_and_plots_answer_a_cell_by_themselves(cell):
    base = tiny_shop()
    for code in (
        'base.analysis("promotion_effect")',
        'base.kpi("buyers", by="country")',
        'base.why("average_customer_lifetime")',
        "analyses.survival_curves(base, by='country')",
        "analyses.value_tiers(base, '2020-01')",
        "plots.plot_trend([])",
        "clv.backtest(base, '90 months')",
    ):
        import kpilib.analyses
        import kpilib.clv
        import kpilib.plots

        names = {"analyses": kpilib.analyses, "clv": kpilib.clv, "plots": kpilib.plots}
        assert isinstance(cell(code, base=base, **names), Reason), code


def test_a_name_that_there_is_not_is_an_error_in_a_cell_too(cell):
    base = tiny_shop()
    for code in ('base.kpi("chrun_rate")', 'base.analysis("rfm")', 'base.scorecard("chrun")'):
        with pytest.raises(UnknownNameError):
            cell(code, base=base)


def test_an_error_shows_the_line_of_the_cell_and_no_inner_workings():
    source = "base = open_shop()\nbase.kpi('chrun_rate')\n"
    with pytest.raises(InputError) as caught:
        exec(compile(source, "<cell>", "exec"), {"open_shop": tiny_shop})
    lines = caught.value._render_traceback_()
    assert len(lines) == 2 and lines[0].startswith("----> 2")
    assert lines[1].endswith("did you mean 'churn_rate'?")


def test_a_reason_is_passed_on_through_all_that_would_follow():
    first = Reason("nobody has bought <twice>")
    for later in (
        first.customers["value"].max(),
        first.payback(),
        concentration(first.customers["value"]),
        plot_value_distribution(first.customers),
        refuse(one=first),
    ):
        assert isinstance(later, Reason)
        assert repr(later) == "not available: nobody has bought <twice>"


def test_a_reason_is_false_has_no_parts_and_ends_when_it_is_gone_through():
    assert not Reason("x") and [*Reason("x")] == []


def test_a_reason_has_no_private_parts_that_displays_would_call():
    with pytest.raises(AttributeError):
        _ = Reason("x")._ipython_display_
    assert not hasattr(Reason("x"), "__array__")


def test_other_errors_are_raised(cell):
    with pytest.raises(ZeroDivisionError):
        cell("asked()", asked=answering(lambda: 1 / 0))


def test_a_reason_stands_for_the_picture_that_it_replaces():
    data = Reason("nobody")._repr_mimebundle_()
    notebook = {"cells": [{"outputs": [{"data": {MIME: data[MIME]}}]}, {"outputs": []}]}
    assert count_figures(notebook) == 1


def test_a_reason_in_a_cell_does_not_begin_with_the_id_that_was_asked(cell):
    def bridged(base=None):
        raise InputError.about("revenue_bridge", _("nobody has bought {what}", what="twice"))

    with pytest.raises(InputError, match=r"^revenue_bridge: nobody has bought twice$"):
        answering(bridged)()
    shown = cell("asked(base)", asked=answering(bridged), base=tiny_shop())
    assert repr(shown) == "not available: nobody has bought twice"


def test_a_reason_that_begins_like_an_id_is_told_whole(cell):
    def read(base=None):
        raise InputError("my_shop: there is no customer")

    shown = cell("asked()", asked=answering(read))
    assert repr(shown) == "not available: my_shop: there is no customer"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "needs the period"),
        ("vi", "kỳ sau tháng 4/2026 phải"),
        ("zh", "须等2026年4月的下一期"),
    ],
)
def test_a_reason_of_an_analysis_has_no_id_in_any_language(cell, lang, said):
    base = opened(**tiny_tables(), lapse_window=45, as_of="2026-05-01", lang=lang)
    shown = cell('base.analysis("satisfaction_loyalty_link", "2026-04")', base=base)
    assert repr(shown).startswith(f"not available: {said}")
