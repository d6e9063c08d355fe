"""Where the notebooks are, in a checkout of the repository or in the installed package."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from kpilib.errors import InputError, KpilibError, near_miss


def notebook_folder() -> Path:
    """The folder of the notebooks that come with kpilib: the repository's, or the wheel's."""
    package = Path(str(files("kpilib")))
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "notebooks").is_dir():
        return checkout / "notebooks"
    if (package / "notebooks").is_dir():
        return package / "notebooks"
    raise KpilibError(f"the notebooks are missing from {package}; install kpilib again")


def find_notebooks(names: Sequence[str] = (), folder: Path | None = None) -> list[Path]:
    """The report's notebooks in reading order, or only those named, each `InputError` if unknown.

    A notebook may be named with or without its number and its ending: `03-retention`,
    `retention` and `03-retention.ipynb` are the same. Lessons are no part of the report.
    """
    folder = notebook_folder() if folder is None else Path(folder)
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if not found:
        raise KpilibError(f"there are no notebooks in {folder}; install kpilib again")
    if not names:
        return list(found.values())
    short = {stem.lstrip("0123456789").lstrip("-"): stem for stem in found}
    chosen = set()
    for name in names:
        stem = name.removesuffix(".ipynb")
        if (stem := short.get(stem, stem)) not in found:
            raise InputError(f"notebook {name!r} is not known; {near_miss(stem, found)}")
        chosen.add(stem)
    return [path for stem, path in found.items() if stem in chosen]
