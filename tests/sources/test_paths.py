"""Names of files are names first, patterns second, and only regular files are opened."""

import os

import pytest

from kpilib.errors import InputError
from kpilib.loading import load

HEAD = "customer_id,ordered_at,amount\n"


def written(path, amount):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD}1,2026-01-05,{amount}\n")
    return path


@pytest.mark.parametrize("name", ["orders[1].csv", "orders*.csv", "orders?.csv", "[c]/orders.csv"])
def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path, name):
    for other in ("orders1.csv", "orders2.csv", "c/orders.csv"):
        written(tmp_path / other, 999)
    path = written(tmp_path / name, 3)
    (tmp_path / "kpilib.toml").write_text(f'[orders]\nfile = "{name}"\n')
    for source in (path, tmp_path / "kpilib.toml"):
        loaded = load(source)
        assert loaded.engine.collect(loaded.tables["orders"])["amount"].tolist() == [3.0]


def test_a_parquet_file_in_such_a_folder_is_that_file(tmp_path):
    import pandas as pd

    for folder, amount in (("c", 999.0), ("[c]", 3.0)):
        (tmp_path / folder).mkdir()
        frame = pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-01-05"], "amount": [amount]})
        frame.to_parquet(tmp_path / folder / "orders.parquet")
    loaded = load(tmp_path / "[c]")
    assert loaded.engine.collect(loaded.tables["orders"])["amount"].tolist() == [3.0]


def test_paths_are_relative_to_the_toml(tmp_path, monkeypatch):
    written(tmp_path / "shop" / "data" / "sales.csv", 3)
    (tmp_path / "shop" / "kpilib.toml").write_text('[orders]\nfile = "data/sales.csv"\n')
    monkeypatch.chdir(tmp_path)
    assert load("shop").accounts["orders"].kept == 1
    assert load("shop/kpilib.toml").accounts["orders"].kept == 1


def test_what_is_no_regular_file_is_refused_and_never_waited_for(tmp_path):
    written(tmp_path / "orders.csv", 3)
    os.mkfifo(tmp_path / "customers.csv")
    with pytest.raises(InputError, match=r"customers\.csv is no regular file"):
        load(tmp_path)
    with pytest.raises(InputError, match="is no regular file"):
        load(tmp_path / "customers.csv")
    (tmp_path / "customers.csv").unlink()
    (tmp_path / "customers.csv").symlink_to("customers.csv")
    with pytest.raises(InputError, match="cannot be read: "):
        load(tmp_path)
    with pytest.raises(InputError, match="File name too long"):
        load(tmp_path / ("x" * 300 + ".csv"))
    with pytest.raises(InputError, match="File name too long"):
        load(orders="x" * 300 + ".csv")


def test_an_empty_folder_named_like_a_file_is_named(tmp_path):
    (tmp_path / "orders.csv").mkdir()
    with pytest.raises(InputError, match="has no file that can be read"):
        load(tmp_path)
