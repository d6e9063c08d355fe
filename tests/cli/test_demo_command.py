"""`kpilib demo`: what it writes and says, and what it refuses."""

import json

import kpilib
from kpilib.cli import main


def test_it_writes_a_business_and_says_what_is_in_it(tmp_path, capsys):
    folder = tmp_path / "shop"
    args = ["demo", str(folder), "--customers", "200", "--months", "13", "--seed", "3"]
    assert main([*args, "--end", "2026-06-30"]) == 0
    out = capsys.readouterr().out
    assert "orders" in out and f"kpilib check --data {folder}" in out
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    assert truth["model"]["customers"] == 200 and truth["model"]["seed"] == 3
    base = kpilib.open(folder)
    assert base.period().label == "2026-06"
    assert base.activity_rule == "purchases"


def test_what_it_cannot_make_is_bad_input(tmp_path, capsys):
    for args, words in (
        (["--customers", "0"], "customers"),
        (["--months", "900"], "months"),
        (["--end", "yesterday"], "end"),
        (["--format", "xlsx"], "format"),
    ):
        assert main(["demo", str(tmp_path / "shop"), *args]) == 2
        assert words in capsys.readouterr().err
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["demo", str(tmp_path)]) == 2
    assert "mine.txt" in capsys.readouterr().err
