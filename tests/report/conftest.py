"""Tiny notebooks that stand for the report's own, and one report made of them."""

import json
import tempfile
from datetime import date
from pathlib import Path

import pytest

from kpilib.periods import Period
from kpilib.report import run as running
from kpilib.report.kernels.manager import Kernels
from kpilib.report.order import Order
from kpilib.report.page.facts import Facts, RowCounts
from kpilib.report.run import make_report
from kpilib.report.running.execute import Execution
from kpilib.scratch.private import remove

MIME = "application/vnd.kpilib.kpi+json"
PARAMETERS = 'data: str = "demo"\nperiod: str | None = None\nlang: str = "en"'

VALUE = {
    "id": "churn_rate",
    "family": "churn",
    "name": {"en": "Churn rate", "vi": "Tỷ lệ rời bỏ", "zh": "流失率"},
    "segment": None,
    "period": {"start": "1998-06-01", "end": "1998-07-01"},
    "value": 0.05,
    "low": 0.03,
    "high": 0.07,
    "numerator": 50.0,
    "denominator": 1000.0,
    "n": 1000,
    "unit": "share",
    "currency": None,
    "better": "lower",
    "status": "complete",
    "reason": None,
    "previous": 0.08,
    "change": -0.03,
    "change_low": -0.05,
    "change_high": -0.01,
    "year_before": None,
    "signal": "down",
    "signal_reason": None,
    "usual": 0.08,
    "visible": 0.02,
    "good": True,
    "target": 0.04,
    "formula": r"\frac{\text{lost}}{\text{opening}}",
    "filled": r"\frac{\text{lost}}{\text{opening}} = \frac{50}{1{,}000} = 5.0\%",
    "definition": "abc123",
    "details": {},
    "notes": [],
}

SHOW_KPI = f"""
from IPython.display import display
from kpilib.show.cards import card_html
value = {VALUE!r}
display({{"text/html": card_html([value], lang), "text/plain": "5%", "{MIME}": [value]}}, raw=True)
"""

SHOW_FIGURE = """
import matplotlib
with matplotlib.rc_context({"axes.grid": False}):
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(figsize=(7.2, 3.2))
axes.plot([1, 2, 3], [0.08, 0.07, 0.05], color="#00648f")
axes.set_title("Churn fell by 3 points", fontsize=12)
axes.set_ylabel("Churn");
"""


def code(source, *tags, **metadata):
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags), **metadata},
        "source": source.strip(),
        "outputs": [],
        "execution_count": None,
    }


def prose(source, **metadata):
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def notebook(title, *cells, parameters=PARAMETERS, **metadata):
    """A notebook as JSON: its title, the parameters cell, then `cells`."""
    every = [prose(title), code(parameters, "parameters"), *cells]
    every = [{**cell, "id": f"cell-{place}"} for place, cell in enumerate(every)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": every,
        "metadata": {"kernelspec": kernel, **metadata},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def write(folder: Path, notebooks: dict) -> Path:
    """A folder with these notebooks, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in notebooks.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    return folder


FACTS = Facts(
    data="cdnow",
    period=Period.month("1998-06"),
    as_of=date(1998, 7, 1),
    time_zone="America/New_York",
    currency="USD",
    lapse_window=180,
    rows=(RowCounts("orders", 69659, 69600),),
    fingerprints={"orders": "0f3c"},
)


class Quiet:
    """A watch that remembers what it was told."""

    def __init__(self):
        self.told = []

    def begins(self, facts, plan):
        self.plan = plan
        self.told.append(("begins", plan.count))

    def starts(self, name):
        self.told.append(("starts", name))

    def cell(self, name, index, count):
        self.told.append(("cell", name, index, count))

    def ends(self, execution):
        self.told.append(("ends", execution.name, execution.status))

    def left(self, seconds):
        self.seconds = seconds


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    """The kernels of all tests, forked from one server where that can be done."""
    folder = Path(tempfile.mkdtemp(prefix="kpilib-test-"))
    with Kernels(folder) as kernels:
        kernels.start()
        yield kernels
    remove(folder)


class Lent:
    """Kernels that outlive the run that asks for them."""

    def __init__(self, kernels):
        self.kernels = kernels
        self.closed = self.started = False
        self.env = {}

    def __call__(self, folder, modules=()):
        return self

    def start(self):
        self.started = True

    def room(self):
        return self.kernels.room()

    def manager(self, room, lang):
        kernels, self.kernels.env = self.kernels, self.env
        return kernels.manager(room, lang)

    def close(self):
        self.closed = True

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def told(facts):
    """What stands for the reading of data: these facts, whatever is asked."""
    return lambda data, period, folder: facts


@pytest.fixture
def facts(monkeypatch):
    """A run without data and without kernels."""
    monkeypatch.setattr(running, "read_facts", told(FACTS))
    monkeypatch.setattr(running, "Kernels", Lent(None))
    return FACTS


@pytest.fixture
def lent(monkeypatch, kernels, facts):
    """A run without data, in kernels that are there already."""
    monkeypatch.setattr(running, "Kernels", Lent(kernels))


@pytest.fixture
def stand_in(monkeypatch, facts):
    """Executions without kernels: each code cell's output is what the test says it shows."""

    def install(shown, failures=()):
        def execute(path, parameters, kernels, *, timeout, on_cell):
            source = json.loads(path.read_text(encoding="utf-8"))
            for cell in source["cells"]:
                if cell["cell_type"] == "code" and cell["source"] in shown:
                    data = shown[cell["source"]]
                    cell["outputs"] = [
                        {"output_type": "display_data", "metadata": {}, "data": data}
                    ]
            failure = dict(failures).get(path.stem)
            return Execution(path.stem, dict(parameters), source, 1.25, 1, failure)

        monkeypatch.setattr("kpilib.report.running.schedule.execute", execute)

    return install


def kpi(**changes):
    value = VALUE | changes
    return {MIME: [value], "text/html": f"<b>{value['value']}</b>"}


RETENTION = notebook(
    "# Retention\n\nWho stays, and who goes?",
    prose(
        "## Churn\n\nThe share of customers $\\frac{l}{o}$ that a month loses.",
        kpilib={"text": {"vi": "## Rời bỏ\n\nTỷ lệ khách hàng mất đi."}},
    ),
    code(SHOW_KPI),
    prose("## Trend"),
    code(SHOW_FIGURE),
    code("plt.bar(['May', 'June'], [80, 50]);"),
    code("import pandas as pd\npd.DataFrame({'month': ['May', 'June'], 'lost': [80, 50]})"),
    kpilib={"figures": 2, "kpis": 1},
)
OVERVIEW = notebook("# Overview", code(SHOW_KPI), code("print(object())"))


@pytest.fixture(scope="session")
def made(tmp_path_factory, kernels):
    """One good report of two notebooks: (outcome, the order, what the watch was told)."""
    folder = tmp_path_factory.mktemp("report")
    source = write(folder / "source", {"01-overview": OVERVIEW, "03-retention": RETENTION})
    order = Order("cdnow", out=folder / "reports", folder=source)
    watch = Quiet()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "read_facts", told(FACTS))
        patch.setattr(running, "Kernels", Lent(kernels))
        outcome = make_report(order, watch)
    return outcome, order, watch.told
