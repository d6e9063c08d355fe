"""`kpis.json`: every value of the registry once, and what pages show beside them."""

from dataclasses import replace
from pathlib import Path

from kpilib.demo import tiny_shop
from kpilib.periods import Period
from kpilib.registry.definitions import registry
from kpilib.report.page.facts import read_facts
from kpilib.report.record import kpi_records
from tests.report.conftest import FACTS, MIME, VALUE


class Shown:
    """An execution that displayed these values, one cell each."""

    def __init__(self, name, *values):
        self.name = name
        outputs = [[{"output_type": "display_data", "data": {MIME: [one]}}] for one in values]
        cells = [{"cell_type": "code", "outputs": one} for one in outputs]
        self.notebook = {"cells": cells}


def test_values_come_from_the_registry_and_pages_say_where_they_are_shown():
    other = {**VALUE, "id": "new_customers"}
    trend = {**VALUE, "period": {"start": "1998-05-01", "end": "1998-06-01"}}
    part = {**VALUE, "segment": "web"}
    facts = replace(FACTS, values=lambda lang: [{**VALUE, "value": 0.06}, other])
    pages = [(Shown("01", trend, VALUE), None), (Shown("03", VALUE, part), None)]
    found = kpi_records(pages, facts, "en")
    assert [(one["id"], one["segment"], one["page"]) for one in found] == [
        ("churn_rate", None, "01.html#cell-2"),
        ("new_customers", None, None),
        ("churn_rate", None, "01.html#cell-1"),
        ("churn_rate", "web", "03.html#cell-2"),
    ]
    assert found[0]["value"] == 0.06
    assert found[1]["notebook"] is found[1]["cell"] is None
    assert all(one["command"].startswith(f"kpilib kpi {one['id']} ") for one in found)


def test_every_kpi_of_the_registry_is_among_them_in_the_language_asked(tmp_path: Path):
    tiny_shop().engine.collect(tiny_shop().tables["orders"]).assign(
        ordered_at=lambda table: table["ordered_second"].astype("datetime64[s]")
    )[["customer_id", "ordered_at", "amount"]].to_csv(tmp_path / "orders.csv", index=False)
    facts = read_facts(str(tmp_path / "orders.csv"), "2026-03", tmp_path / "data")
    found = kpi_records([], facts, "vi")
    assert {one["id"] for one in found} == set(registry())
    assert {one["period"]["start"] for one in found} == {"2026-03-01"}
    assert facts.period == Period.month("2026-03")
    unavailable = next(one for one in found if one["status"] == "unavailable")
    assert unavailable["reason"].startswith("cần dữ liệu")
