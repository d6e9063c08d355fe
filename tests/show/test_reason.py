"""Reasons in the place of results: told in words, passed on, never hiding a bug."""

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot

from kpilib.clv import customer_lifetime_value
from kpilib.clv.value.views import concentration
from kpilib.errors import InputError
from kpilib.plots.clv_value import plot_value_distribution
from kpilib.report.page.evidence import count_figures
from kpilib.show.reason import MIME, Reason, attempt
from tests.quick import tiny_shop


def refuse(base=None, **options):
    raise InputError("nobody has bought <twice>")


def test_what_the_data_do_not_allow_is_told_in_the_language_of_the_base():
    shown = attempt(refuse, Reason)  # a class is no reason
    assert isinstance(shown, Reason)
    base = tiny_shop()
    html = attempt(refuse, base, lang="vi")._repr_mimebundle_()["text/html"]
    assert "nobody has bought &lt;twice&gt;" in html and "Not available" in html
    html = attempt(plot_value_distribution, attempt(refuse).customers, lang="vi")
    assert "Không có dữ liệu" in html._repr_mimebundle_()["text/html"]


def test_a_reason_is_passed_on_through_all_that_would_follow():
    first = attempt(refuse)
    for later in (
        first.customers["value"].max(),
        first.payback(),
        attempt(concentration, first.customers["value"]),
        attempt(first.payback),
        attempt(dict, one=first),
    ):
        assert isinstance(later, Reason)
        assert repr(later) == "not available: nobody has bought <twice>"


def test_a_reason_has_no_private_parts_that_displays_would_call():
    with pytest.raises(AttributeError):
        _ = Reason("x")._ipython_display_
    assert not hasattr(Reason("x"), "__array__")


def test_results_come_back_and_pictures_only_show_themselves():
    value = attempt(customer_lifetime_value, tiny_shop(), draws=0)
    assert len(value.customers)
    assert attempt(plot_value_distribution, value.customers) is None
    assert pyplot.get_fignums()
    pyplot.close("all")


def test_other_errors_are_raised():
    with pytest.raises(ZeroDivisionError):
        attempt(lambda: 1 / 0)


def test_a_reason_stands_for_the_picture_that_it_replaces():
    data = attempt(refuse)._repr_mimebundle_()
    notebook = {"cells": [{"outputs": [{"data": {MIME: data[MIME]}}]}, {"outputs": []}]}
    assert count_figures(notebook) == 1
