"""The schemas: every table of the catalogue, every column with a type and a meaning."""

import re
from pathlib import Path

import pytest

from kpilib.contract.tables import SCHEMAS, schema
from kpilib.errors import InputError

CATALOGUE = Path(__file__).resolve().parents[3] / "shared" / "kpis.yaml"
ALL = [pytest.param(table, id=name) for name, table in SCHEMAS.items()]


def test_every_table_of_the_catalogue_has_its_columns():
    if not CATALOGUE.is_file():
        pytest.skip("the catalogue is not beside this checkout")
    found = set(re.findall(r"^  - (\w+)\(([\w, ]+)\)$", CATALOGUE.read_text("utf-8"), re.M))
    tables = {name: columns for name, columns in found if name in SCHEMAS or name.endswith("s")}
    assert len(tables) >= 17
    for name, columns in tables.items():
        assert set(columns.split(", ")) <= set(schema(name).names), name


@pytest.mark.parametrize("table", ALL)
def test_a_schema_is_consistent(table):
    assert len(set(table.names)) == len(table.names)
    outputs = [output for column in table.columns for output in column.outputs]
    assert len(set(outputs)) == len(outputs)
    assert set(table.key) <= set(table.names)
    assert not table.event or table.column(table.event).kind in ("time", "date")
    assert all(table.column(name).kind == "number" for name in table.money)
    assert not table.money or "currency" in table.names
    for column in table.columns:
        assert column.meaning.endswith(".")
        assert bool(column.names) == (column.kind == "id")


def test_only_three_columns_of_orders_are_required():
    assert SCHEMAS["orders"].required == ("customer_id", "ordered_at", "amount")


def test_the_schemas_cannot_be_changed():
    with pytest.raises(TypeError):
        SCHEMAS["orders"] = SCHEMAS["refunds"]
    with pytest.raises(AttributeError):
        SCHEMAS["orders"].columns[0].required = False


def test_an_unknown_column_is_met_with_the_nearest():
    with pytest.raises(InputError, match="orders has no column 'order_at'; did you mean"):
        schema("orders").column("order_at")
