"""What is built is the package and nothing else, and the same to the last byte each time."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="what builds the package")
ROOT = Path(__file__).resolve().parents[1]
BUILD = """
import sys
import hatchling.build as build
print(build.build_wheel(sys.argv[1]))
print(build.build_sdist(sys.argv[1]))
"""
IN_WHEEL = {"kpilib", "kpilib-0.1.0.dist-info"}
IN_SDIST = {"kpilib", "notebooks", "data", ".ci", "pyproject.toml", "README.md", "LICENSE"}
IN_SDIST |= {"CHANGELOG.md", "PKG-INFO", ".gitignore"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A checkout in which somebody worked, built twice."""
    place = tmp_path_factory.mktemp("built")
    for name in ("kpilib", "notebooks", "data", ".ci"):
        ignore = shutil.ignore_patterns("__pycache__", "*.mo")
        shutil.copytree(ROOT / name, place / "source" / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"):
        shutil.copy(ROOT / name, place / "source" / name)
    (place / "source" / "data" / "customers.csv").write_text("secret")
    for stray in ("tests/test_x.py", "reports/2026-10/kpis.json", ".env", "mine.csv"):
        (place / "source" / stray).parent.mkdir(parents=True, exist_ok=True)
        (place / "source" / stray).write_text("secret")
    for number in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", BUILD, str(place / number)],
            cwd=place / "source",
            env=os.environ | {"SOURCE_DATE_EPOCH": "1767225600"},
            check=True,
            capture_output=True,
        )
        for path in (place / "source").rglob("*.py"):
            path.touch()
    return [sorted((place / number).iterdir()) for number in ("1", "2")]


def test_two_builds_are_the_same_to_the_last_byte(built):
    first, second = (
        [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in one]
        for one in built
    )
    assert first == second and len(first) == 2


def test_they_hold_the_package_and_nothing_else(built):
    sdist, wheel = sorted(built[0], key=lambda path: path.suffix)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert not [name for name in names if archive.read(name) == b"secret"]
    assert {name.split("/")[0] for name in names} == IN_WHEEL
    assert {"kpilib/py.typed", "kpilib/locale/vi/LC_MESSAGES/kpilib.mo"} <= set(names)
    assert any(name.startswith("kpilib/notebooks/") for name in names)
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        files = [archive.extractfile(name) for name in names]
        assert not [file for file in files if file and file.read() == b"secret"]
    assert {name.split("/")[1] for name in names} <= IN_SDIST
