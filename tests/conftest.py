"""The businesses that tests ask: a tiny one, CDNOW, Online Retail, and generated ones."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pandas as pd
import pytest

import kpilib
from tests.answers import answers_of, open_small, small_business

# The same cases each time, so that a red run is about the change; `HYPOTHESIS_PROFILE=search`
# looks for new ones, and `noticed` is content with any case that fails.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", deadline=None)
hypothesis.settings.register_profile(
    "noticed",
    derandomize=True,
    deadline=None,
    report_multiple_bugs=False,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

SPARK = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "2g",
    # On a few rows compiling and planning anew are what costs: it interprets, in one part.
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}

RETAIL_TOML = """
time_zone = "Europe/London"
currency = "GBP"

[orders]
file = "{file}"
lines = true

[orders.columns]
order_id = "InvoiceNo"
customer_id = "CustomerID"
ordered_at = "InvoiceDate"
amount = "Quantity * UnitPrice"

[orders.leave_out]
"cancellation" = "InvoiceNo LIKE 'C%'"
"zero price" = "UnitPrice <= 0"
"""


DEAR = ("small_answers", "kernels")
"""Fixtures that only one process should make."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """With `--dist loadgroup`, the tests of a file share a process, and those of what is dear."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        dear = [name for name in DEAR if name in getattr(item, "fixturenames", ())]
        item.add_marker(pytest.mark.xdist_group(dear[0] if dear else str(item.path)))


@pytest.fixture
def shell():
    """A running IPython, and none after the test."""
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    settings = pytest.importorskip("traitlets.config").Config(
        {"HistoryManager": {"enabled": False}}
    )
    yield interactive.instance(config=settings)
    interactive.clear_instance()


@pytest.fixture
def cell(shell):
    """What an expression gives in a cell of a notebook, in which `names` are defined."""

    def evaluate(code, **names):
        shell.user_ns.update(names)
        return eval(compile(code, "<cell>", "eval"), shell.user_ns)

    return evaluate


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the real data are not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def demo():
    """The business that has every source table, opened once for all who only ask it."""
    return kpilib.open("demo")


@pytest.fixture(scope="session")
def small_tables():
    return small_business()


@pytest.fixture(scope="session")
def small(small_tables):
    return open_small(small_tables)


@pytest.fixture(scope="session")
def small_answers(small):
    return answers_of(small)


@pytest.fixture(scope="session")
def cdnow():
    return kpilib.open("cdnow", currency="USD")


@pytest.fixture(scope="session")
def retail_toml(shared_data, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("retail") / "kpilib.toml"
    path.write_text(RETAIL_TOML.format(file=(shared_data / "online_retail.parquet").as_posix()))
    return path


@pytest.fixture(scope="session")
def retail(retail_toml):
    return kpilib.open(retail_toml)


@pytest.fixture(scope="session")
def retail_lines(shared_data) -> pd.DataFrame:
    """Online Retail's valid lines in plain pandas: the oracle's starting point."""
    lines = pd.read_parquet(shared_data / "online_retail.parquet")
    valid = lines["CustomerID"].notna() & ~lines["InvoiceNo"].astype(str).str.startswith("C")
    lines = lines[valid & (lines["UnitPrice"] > 0)]
    return lines.assign(
        day=pd.to_datetime(lines["InvoiceDate"]).dt.normalize(),
        amount=lines["Quantity"] * lines["UnitPrice"],
        customer_id=lines["CustomerID"].astype(int),
    )


@pytest.fixture(scope="session")
def spark():
    if find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed; pip install 'kpilib[spark]'")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.skip("Spark needs Java, and there is none on this machine")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
