"""The title of the revenue bridge says no more than its steps do."""

import pytest

from kpilib.report.month.bridge import Step, Steps, _title


def bridged(*amounts, before=1000.0):
    keys = ("new", "customers", "orders_each", "order_size", "refunds")
    steps = tuple(Step(key, one, 1.0, 1.0) for key, one in zip(keys, amounts, strict=False))
    return Steps(before, before + sum(amounts), steps)


@pytest.mark.parametrize(
    ("amounts", "title"),
    [
        ((90.0, 0.0, 0.0, -30.0), "New customers outweighed smaller orders"),
        ((50.0, 40.0, 0.0, -70.0), "What drove the rise most: new customers"),
        ((-50.0, -40.0, 0.0, 70.0), "What drove the fall most: fewer or smaller first orders"),
        ((90.0, 0.0, 0.0, -3.0), "What drove the rise most: new customers"),
        ((50.0, -50.0), "Revenue came to the same"),
        ((0.0, 0.0), "Revenue came to the same"),
    ],
)
def test_a_step_outweighs_another_only_where_it_is_larger(amounts, title):
    assert _title(bridged(*amounts)).of("en") == title
