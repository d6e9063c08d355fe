"""A generated business with every table, small enough to be asked everything."""

import pytest

import kpilib
from kpilib.demo import Model, write_business


@pytest.fixture(scope="session")
def small_business(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lessons") / "business"
    write_business(Model(customers=300, months=15), folder)
    return kpilib.open(str(folder))
