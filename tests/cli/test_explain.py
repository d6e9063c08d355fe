"""`kpilib explain` on the command line."""

import json

import pytest

from kpilib.cli import cli, main
from kpilib.demo import tiny_tables


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    for name, table in tiny_tables().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "kpilib.toml").write_text('currency = "GBP"\nlapse_window = 45\nas_of = 2026-05-01\n')
    return str(folder)


def test_prints_a_month_in_the_language_asked_for(shop, capsys):
    assert main(["explain", "retention_rate", "--data", shop, "--lang", "zh"]) == 0
    assert "客户留存率" in (said := capsys.readouterr().out) and "2 / 4 = 50.0%" in said


def test_prints_json(shop, capsys):
    assert main(["explain", "retention_rate", "--data", shop, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["name"]["vi"] and said["rows"] and said["filled"][0]["value"] == 0.5


def test_writes_the_glossary(tmp_path, capsys):
    for name in ("glossary.html", "glossary.md"):
        assert main(["explain", "--all", "--to", str(tmp_path / name), "--lang", "vi"]) == 0
        assert "churn_rate" in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["explain"], "--all"),
        (["explain", "--all"], "--to"),
        (["explain", "churn_rate", "--all"], "name one KPI"),
        (["explain", "chrun"], "churn"),
        (["explain", "churn_rate", "--to", "x.html"], "--all"),
        (["explain", "--all", "--to", "x.pdf"], ".pdf"),
    ],
)
def test_bad_input_is_named(args, told, capsys):
    assert main(args) == 2
    assert told in capsys.readouterr().err


def test_commands_in_rooms_below_are_listed():
    assert {"explain", "kpi", "report"} <= set(cli.list_commands(None))
    assert "learn" not in cli.list_commands(None)
