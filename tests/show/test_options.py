"""Where a function asks for a number, what is none is refused by name."""

from contextlib import suppress
from decimal import Decimal

import numpy as np
import pytest

from kpilib.clv.value.allocation import clv_allocation
from kpilib.clv.value.contract_projection import contract_projection
from kpilib.errors import InputError, UnknownNameError
from kpilib.periods import Period
from kpilib.registry.definitions import analyses
from kpilib.show.options import check_options
from tests.quick import tiny_shop


def asked(base, of: int, level: float = 0.95, most: int | None = None, deep: bool = False,
          by: str | None = None, cost: float | dict | None = None, *more: int):  # fmt: skip
    """Nothing is done with it."""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"of": "x"}, "of is 'x'; give a whole number"),
        ({"of": 1.0}, "of is 1.0; give a whole number"),
        ({"of": None}, "of is None; give a whole number"),
        ({"of": True}, "of is True; give a whole number"),
        ({"level": "0.9"}, "level is '0.9'; give a number"),
        ({"level": [0.9]}, r"level is \[0.9\]; give a number"),
        ({"level": np.True_}, "level is .*True.*; give a number"),
        ({"most": "x"}, "most is 'x'; give a whole number, or None"),
        ({"deep": 1}, "deep is 1; give True or False"),
    ],
)
def test_what_is_no_number_is_named(options, words):
    with pytest.raises(InputError, match=f"^{words}$"):
        check_options(asked, (), options)


def test_numbers_of_every_kind_are_taken_and_what_may_be_more_is_left_to_the_function():
    for of in (3, np.int64(3), np.uint8(3)):
        check_options(asked, ("base", of), {})
    for level in (1, 0.5, np.float32(0.5), np.int8(1), float("nan"), Decimal("0.5")):
        check_options(asked, ("base", 3, level), {})
    check_options(asked, ("base", 3, 0.9, None, np.False_, 7, "x", "y"), {})
    check_options(asked, (), {"by": 7, "cost": "x", "unheard": "of"})


def test_the_place_of_an_argument_tells_its_name():
    with pytest.raises(InputError, match="level is 'high'; give a number"):
        check_options(asked, ("base", 3, "high"), {})
    with pytest.raises(InputError, match="horizon is '12 months'; give a whole number"):
        contract_projection(tiny_shop(), "12 months")


def numbers():
    """Every option of an analysis that is asked for as a number, or more than one."""
    for name, one in analyses().items():
        yield from ((name, option) for option in one.options)


@pytest.mark.parametrize(("name", "option"), list(numbers()))
def test_no_analysis_ends_in_python_s_own_words(name, option):
    """Refused with a reason, or answered; whatever is written in the place of an option."""
    for value in ("x", -1, [1], 10**12, {}):
        with suppress(InputError):
            tiny_shop().analysis(name, **{option: value})


@pytest.mark.parametrize("given", ["x", [1], {"A": "x", "B": 1, "C": 1}])
def test_what_a_measure_costs_and_brings_is_a_number(given):
    for name, other in (("uplift", "cost"), ("cost", "uplift")):
        with pytest.raises(InputError, match=f"^{name} (must|is)"):
            clv_allocation(tiny_shop(), draws=0, **{name: given, other: 1.0})


@pytest.mark.parametrize(("count", "side"), [(10**9, "after"), (-(10**9), "before")])
@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026-04", "1,000,000,000 months {side} 2026-04-01"),
        ("2026-04-01/2026-04-10", "9,000,000,000 days {side} 2026-04-01"),
    ],
)
def test_a_period_beyond_the_calendar_is_refused(period, told, count, side):
    with pytest.raises(InputError, match=told.format(side=side) + " is beyond the calendar"):
        Period.parse(period).shift(count)


@pytest.mark.parametrize("given", [["churn_rate"], 7, None, {}])
def test_what_is_no_id_is_named(given):
    for ask, kind in ((tiny_shop().kpi, "KPI"), (tiny_shop().analysis, "analysis")):
        with pytest.raises(UnknownNameError, match=f"^{kind} .* is no id; ask for one at a time"):
            ask(given)
