"""`kpilib verify`: what is printed, and the exit code."""

import json
from pathlib import Path

import pytest

from kpilib.cli import main
from kpilib.report.proof import again
from kpilib.report.proof.again import Verified
from kpilib.report.proof.findings import Finding
from kpilib.words import Text

FINDINGS = tuple(Finding("number", f"kpi{n}", Text(f"number {n}")) for n in range(12))


@pytest.fixture
def found(monkeypatch):
    def answer(*findings):
        result = Verified(Path("reports/2026-10"), findings, 78, (Text("a remark"),), "abc")
        monkeypatch.setattr(again, "verify", lambda folder, watch, quick: result)

    return answer


def test_a_good_month_ends_with_0_and_its_seal(found, capsys):
    found()
    assert main(["verify", "reports/2026-10"]) == 0
    said = capsys.readouterr().out
    assert "78 numbers computed again" in said and "seal: abc" in said and "a remark" in said


def test_differences_end_with_1_the_first_first(found, capsys):
    found(*FINDINGS)
    assert main(["verify", "reports/2026-10"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "number 0" and lines[-1] == "and 2 more differences"
    assert main(["verify", "reports/2026-10", "--json", "--lang", "vi"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert len(said["findings"]) == 12 and said["good"] is False


def test_a_folder_that_is_no_month_is_bad_input(tmp_path, capsys):
    assert main(["verify", str(tmp_path)]) == 2
    assert "holds no report of kpilib" in capsys.readouterr().err
