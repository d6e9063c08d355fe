"""The panel: menus where ipywidgets is, the answer as it is elsewhere."""

import pytest

from kpilib.demo import tiny_shop
from kpilib.errors import InputError
from kpilib.lessons.shown import shop
from kpilib.questions.lab.panel import VIEW
from kpilib.questions.values import MIME
from kpilib.show.reason import Reason


def test_without_widgets_it_is_the_answer_to_what_was_asked(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    base = tiny_shop()
    bundle = base.panel("churn_rate", "2026-04")._repr_mimebundle_()
    asked = base.kpi("churn_rate", "2026-04")._repr_mimebundle_()
    assert bundle == asked and bundle[MIME][0]["value"] == 0.5


def test_with_widgets_it_is_menus_and_for_a_page_still_the_answer():
    pytest.importorskip("ipywidgets")
    bundle = tiny_shop().panel("churn_rate", "2026-04")._repr_mimebundle_()
    assert VIEW in bundle and "50.0%" in bundle["text/html"] and MIME in bundle


def test_the_answer_follows_the_menus():
    widgets = pytest.importorskip("ipywidgets")
    base = tiny_shop()
    menus, shown = base.panel("churn_rate", "2026-04").box(widgets).children
    kpi, period, by, window = menus.children
    assert "50.0%" in shown.value
    window.value = 90
    assert "16.7%" in shown.value
    window.value, by.value = 45, "acquisition_channel"
    assert "<th" in shown.value and "web" in shown.value
    kpi.value = "revenue"
    assert by.value == "acquisition_channel" and "Net revenue" in shown.value
    by.value = ""
    period.value = "2026-03"
    assert "2026-03" in shown.value
    assert (base.lapse_window.days, base.lapse_window.half, 90) == (45, 22, 90)
    assert {days for _text, days in window.options} >= {22, 45, 90}


def test_a_segment_that_a_kpi_does_not_know_is_let_go():
    widgets = pytest.importorskip("ipywidgets")
    menus, shown = tiny_shop().panel("churn_rate", by="acquisition_channel").box(widgets).children
    menus.children[0].value = "cac"
    assert menus.children[2].value in dict(menus.children[2].options).values()
    assert shown.value


def test_what_cannot_be_answered_says_why():
    panel = tiny_shop().panel("lost_customer_mix", by="acquisition_channel")
    assert isinstance(panel.answer(), Reason) and "breakdown" in repr(panel)
    with pytest.raises(InputError, match="did you mean 'churn_rate'"):
        tiny_shop().panel("chrun_rate")


def test_its_menus_speak_the_language_of_the_base():
    base = shop("vi")
    options = base.panel("churn_rate").options()
    assert ("45 ngày (đang dùng)", 45) in options["window"]
    assert any(text.startswith("tháng") for text, _ in options["period"])
