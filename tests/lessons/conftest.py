"""A generated business with every table, small enough to be asked everything."""

import tomllib

import pytest

from kpilib.demo import Model, business
from kpilib.demo.write import settings_text
from tests import quick


@pytest.fixture(scope="session")
def small_business():
    model = Model(customers=300, months=15)
    return quick.opened(**business(model)[0], **tomllib.loads(settings_text(model)))
