"""`kpilib diff` on months that were published: the table, the page, and JSON."""

import json

import pytest

from kpilib.cli import main
from tests.report.history.test_compare import month

HOSTILE = {"en": "<script>x</script>", "vi": "=cmd()", "zh": "\u202eabc"}


@pytest.fixture
def out(tmp_path):
    for label, value in (("2026-09", 0.2), ("2026-10", 0.05)):
        one = {"value": value, "low": value - 0.01, "high": value + 0.01, "previous": None}
        gone = {"id": "cac", "value": None, "status": "unavailable", "name": HOSTILE}
        told = month(label, one, gone)
        folder = tmp_path / label
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps(told.run))
        (folder / "kpis.json").write_text(json.dumps([dict(value) for value in told.values]))
    return tmp_path


def test_the_table_says_what_moved_and_counts_what_has_no_value(out, capsys):
    assert main(["diff", "2026-09", "2026-10", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "20.0%" in said and "▼ 15.0 points" in said and "better" in said
    assert "-16.4 to -13.6 points" in said and "No value in either report: 1" in said
    assert main(["diff", "2026-09", "2026-10", "--out", str(out), "--all", "--lang", "zh"]) == 0
    assert "流失率" in capsys.readouterr().out


def test_the_page_names_both_months_and_shows_hostile_names_as_text(out, capsys):
    assert main(["diff", "2026-09", "2026-10", "--out", str(out), "--page"]) == 0
    path = out / "2026-09-to-2026-10.html"
    assert str(path) in capsys.readouterr().out
    page = path.read_text(encoding="utf-8")
    assert 'href="2026-09/index.html"' in page and "<script>" not in page
    assert "&lt;script&gt;x" in page and "http" not in page.replace("http-equiv", "")
    path.write_text("my own page")
    assert main(["diff", "2026-09", "2026-10", "--out", str(out), "--page"]) == 2
    assert "no page of kpilib" in capsys.readouterr().err


def test_json_has_every_value_of_both_months(out, capsys):
    assert main(["diff", "2026-09", "2026-10", "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["verdict"] for one in said["changes"]] == ["better", "no value"]
    assert said["changes"][0]["difference"] == pytest.approx(-0.15)


def test_a_month_that_is_not_there_is_named(out, capsys):
    assert main(["diff", "2026-09", "2026-11", "--out", str(out)]) == 2
    assert "did you mean '2026-1" in capsys.readouterr().err
