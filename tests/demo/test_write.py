"""The business on disk: the same every time, whole, and read again without a question."""

import hashlib
import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import kpilib
from kpilib.contract.tables import SCHEMAS
from kpilib.demo import Model, write_business
from kpilib.errors import InputError
from kpilib.sources.demo import demo_folder

SMALL = Model(customers=300, months=14, seed=5)

BYTES = "6b2e980eba41cd10e83cadd3309401b660e7592638ddad9abddf4a3264226a8e"
"""The checksum of the small business in CSV; it moves with the model and with nothing else."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "small"
    return folder, write_business(SMALL, folder, "csv")


def test_every_source_table_is_written_with_every_column(small):
    folder, truth = small
    assert set(truth["rows"]) == set(SCHEMAS)
    for name, schema in SCHEMAS.items():
        lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert len(lines) - 1 == truth["rows"][name] > 0, name
        header = [column.strip('"') for column in lines[0].split(",")]
        optional = {"currency"} | {column.name for column in schema.columns if not column.required}
        assert {column.name for column in schema.columns} - set(header) <= optional, name


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(small, tmp_path):
    folder, _ = small
    write_business(SMALL, tmp_path / "again", "csv")
    write_business(replace(SMALL, seed=6), tmp_path / "other", "csv")
    for path in sorted(folder.iterdir()):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name
    first, other = (p / "orders.csv" for p in (folder, tmp_path / "other"))
    assert first.read_bytes() != other.read_bytes()


def test_the_bytes_are_those_of_every_other_machine(small):
    """Of each file its checksum, then of them all."""
    whole = hashlib.sha256()
    for path in sorted(small[0].glob("*.csv")):
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    assert whole.hexdigest() == BYTES


def test_the_shipped_business_is_what_the_command_makes(tmp_path):
    write_business(Model(), tmp_path)
    shipped = demo_folder()
    for path in sorted(tmp_path.iterdir()):
        if path.suffix == ".parquet":
            made, there = pd.read_parquet(path), pd.read_parquet(shipped / path.name)
            pd.testing.assert_frame_equal(made, there, obj=path.name)
        else:
            assert (shipped / path.name).read_text("utf-8") == path.read_text("utf-8"), path.name
    truth = json.loads((shipped / "truth.json").read_text("utf-8"))
    assert truth["rows"]["orders"] > 30_000
    assert sum(path.stat().st_size for path in shipped.iterdir()) < 3_000_000


def test_csv_and_parquet_are_read_alike(small, tmp_path):
    write_business(SMALL, tmp_path / "parquet")
    one, other = kpilib.open(small[0]), kpilib.open(tmp_path / "parquet")
    for name, account in one.accounts.items():
        assert account.left_out == other.accounts[name].left_out, name
        assert account.kept == other.accounts[name].kept, name
    assert one.kpi("churn_rate").value == other.kpi("churn_rate").value


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "mine.csv").write_text("x\n")
    with pytest.raises(InputError, match=r"holds mine.csv; choose an empty one"):
        write_business(SMALL, tmp_path)
    assert (tmp_path / "mine.csv").read_text() == "x\n"


def test_another_last_day_moves_everything(tmp_path):
    write_business(replace(SMALL, end=date(2025, 6, 30)), tmp_path / "demo")
    base = kpilib.open(tmp_path / "demo")
    assert base.period().label == "2025-06"
    assert base.kpi("new_customers").value > 0


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(InputError, match="'xlsx' is not known; choose one of parquet, csv"):
        write_business(SMALL, tmp_path, "xlsx")
