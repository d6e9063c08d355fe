"""`kpilib clv`: what it prints, what it writes, and how it refuses."""

import importlib
import json

import pandas as pd
import pytest

from kpilib.cli import main
from kpilib.errors import InputError

clv = importlib.import_module("kpilib.cli.clv")


def test_json_has_parameters_fit_diagnosis_and_totals(capsys, tmp_path):
    out = tmp_path / "customers.csv"
    code = main(
        ["clv", "--data", "cdnow-sample", "--model", "BGNBD", "--until", "1997-10-01",
         "--horizon", "39 weeks", "--draws", "200", "--acquisition-cost", "20",
         "--out", str(out), "--json"]
    )  # fmt: skip
    captured = capsys.readouterr()
    assert code == 0
    assert captured.err == ""
    found = json.loads(captured.out)
    assert found["model"] == "BGNBD"
    assert found["parameters"]["r"] == pytest.approx(0.242595, abs=2e-6)
    assert found["parameters"]["alpha"] == pytest.approx(7 * 4.413602, abs=2e-5)
    assert found["horizon"] == "1998-07-01"
    total = found["total"]
    assert total["customers"] == 2357
    assert total["predicted_low"] < total["low"] < total["value"] < total["high"]
    assert {finding["name"] for finding in found["diagnosis"]} >= {"one_time_buyers"}
    names = [finding["name"] for finding in found["diagnosis"]]
    assert len(names) == len(set(names))
    assert found["new_customer"]["net"] == pytest.approx(found["new_customer"]["value"] - 20)
    table = pd.read_csv(out)
    assert len(table) == 2357
    assert table["value"].sum() == pytest.approx(total["value"])


def test_text_says_what_it_is_worth_and_what_to_mind(capsys, tmp_path):
    out = tmp_path / "customers.parquet"
    code = main(["clv", "--data", "cdnow-sample", "--model", "MBGNBD", "--draws", "100",
                 "--acquisition-cost", "30", "--horizon", "6", "--out", str(out)])  # fmt: skip
    text = capsys.readouterr().out
    assert code == 0
    assert text.startswith("MBGNBD, time in days: r ")
    assert "2,357 customers are worth" in text
    assert "paid back in month" in text
    assert "2,357 customers written to" in text
    assert len(pd.read_parquet(out)) == 2357


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--horizon", "0"], "horizon 0 is no time at all"),
        (["--discount-rate", "-1"], "discount_rate is -1.0; it must be a yearly rate above -1"),
        (["--model", "BGNDB"], "model 'BGNDB' is not known; did you mean 'BGNBD'?"),
        (["--margin", "0"], "margin is 0.0"),
        (["--out", "values.txt"], "name a file that ends in .csv or .parquet"),
        (["--out", "nowhere/values.csv"], "the folder nowhere does not exist"),
        (["--until", "2031-01-01"], "until 2031-01-01 is beyond the data"),
    ],
)
def test_bad_input_is_two_lines_and_exit_code_2(capsys, options, words):
    assert main(["clv", "--data", "cdnow-sample", *options]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) <= 2


@pytest.mark.parametrize("name", ["values.csv", "values.parquet"])
def test_a_file_that_cannot_be_written_is_refused_before_and_after(monkeypatch, tmp_path, name):
    out = tmp_path / name
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(InputError, match=r"cannot be written \(permission denied\); name another"):
        clv._check_out(out)
    out.mkdir()
    with pytest.raises(InputError, match=r"cannot be written \(.*directory"):
        clv._write(pd.DataFrame({"value": [1.0]}), out)
