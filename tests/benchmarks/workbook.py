"""The workbook reckoned by LibreOffice: does each live number equal kpilib's to 1e-9?

    python -m tests.benchmarks.workbook demo

The workbook is written without values of its own, converted by LibreOffice (which must be
installed), and every number of every family's sheet is read back and compared.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from openpyxl import load_workbook

import kpilib
from kpilib.errors import InputError
from kpilib.questions import ask
from kpilib.registry.definitions import family
from kpilib.report.handoff.workbook import _sheet_name, write_workbook
from kpilib.words.families import FAMILIES, family_name

ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""


def main() -> None:
    base = kpilib.open(sys.argv[1] if len(sys.argv) > 1 else "demo")
    period = base.period()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        begun = time.process_time()
        write_workbook(place / "kpis.xlsx", base, period, cached=False)
        took, size = time.process_time() - begun, (place / "kpis.xlsx").stat().st_size
        user = place / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(ALWAYS)
        command = ["soffice", f"-env:UserInstallation=file://{place}/profile", "--headless"]
        command += [
            "--convert-to",
            "xlsx",
            "--outdir",
            str(place / "out"),
            str(place / "kpis.xlsx"),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        live, worst, fixed = compare(place, base, period)
    print(f"{live} live numbers, {fixed} fixed; the largest difference is {worst:.1e} of the value")
    print(f"written in {took:.1f} CPU-s, {size / 1e6:.1f} MB")
    assert worst <= 1e-9


def compare(place, base, period):
    written = load_workbook(place / "kpis.xlsx")
    reckoned = load_workbook(place / "out" / "kpis.xlsx", data_only=True)
    live, fixed, worst = 0, 0, 0.0
    for name in FAMILIES:
        try:
            definitions = family(name)
        except InputError:
            continue
        sheet = _sheet_name(family_name(name, "en"))
        for row, value in enumerate(ask.values(base, definitions, (period,)), start=2):
            if value.value is None:
                continue
            is_live = isinstance(written[sheet][f"B{row}"].value, str)
            live, fixed = live + is_live, fixed + (not is_live)
            number = reckoned[sheet][f"B{row}"].value
            assert isinstance(number, int | float), (value.id, value.segment, number)
            worst = max(worst, abs(number - value.value) / max(1e-12, abs(value.value)))
    return live, worst, fixed


if __name__ == "__main__":
    main()
