"""A value shows how it came about: its formula with the numbers put in, scale and all."""

import copy
import pickle

import pytest

from kpilib.errors import InputError, KpilibError
from kpilib.words import LANGUAGES
from tests.quick import tiny_shop


def test_a_rate_a_year_keeps_its_scale_in_formula_and_text():
    value = tiny_shop().kpi("purchase_frequency", "2026-03")
    assert (value.scale, value.numerator, value.denominator) == (365.25, 3, 120)
    assert value.filled().endswith(r" = 365.25 \times \frac{3}{120} = 9.13 a year")
    assert r"365{,}25 \times \frac{3}{120}" in value.filled("vi")
    assert str(value).splitlines()[0].endswith("  = 365.25 × 3 / 120")
    assert "scale" not in value.to_dict()


def test_points_are_a_hundred_times_the_share():
    value = tiny_shop().kpi("nps", "2026-04")
    assert value.scale == 100
    assert "100 × 1 / 3" in str(value)


def test_without_a_scale_nothing_is_put_before_the_fraction():
    value = tiny_shop().kpi("churn_rate", "2026-04")
    assert value.filled().endswith(r"} = \frac{2}{4} = 50.0\%")


@pytest.mark.parametrize("period", ["2026-03", "2026-04"])
def test_what_stands_in_every_formula_makes_the_value(period):
    known = [
        value
        for value in tiny_shop().scorecard("all", period)
        if value.value is not None and value.denominator
    ]
    assert len(known) >= 20
    for value in known:
        made = value.scale * value.numerator / value.denominator
        assert made == pytest.approx(value.value), value.id
        assert all(value.filled(lang) for lang in LANGUAGES)


def test_values_and_tables_go_to_another_process_and_their_rows_stay():
    base = tiny_shop()
    value, table = base.kpi("buyers", "2026-04"), base.scorecard("sales", "2026-04")
    assert len(value.rows()) == value.n
    back = pickle.loads(pickle.dumps(value))
    assert back == value and str(back) == str(value)
    assert pickle.loads(pickle.dumps(table)).to_list() == table.to_list()
    with pytest.raises(InputError, match=r"stayed in the process.*base\.rows\('buyers', '2026-04'"):
        back.rows()
    assert pickle.loads(pickle.dumps(back)) == value


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_an_open_base_cannot_be_copied_and_says_what_can(copied):
    with pytest.raises(KpilibError, match=r"holds an open database .* kpilib\.open it there"):
        copied(tiny_shop())
