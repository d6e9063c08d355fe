"""Where the notebooks are, in a checkout of the repository or in the installed package."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

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


APART = ("start",)
"""Notebooks that come with kpilib and are no chapter of the report."""
OWN = ("notebooks", "kpilib-notebooks")
"""Folders beside the data, and where kpilib is run, in which a user's notebooks are found."""


def own_notebooks(data: str) -> list[Path]:
    """The user's own notebooks: those beside the data, or here, that are none of kpilib's.

    Beside a `kpilib.toml` or within a folder of data, `notebooks/` is looked into; where kpilib is
    run, `kpilib-notebooks/`, which `kpilib lab` and `kpilib new` fill. A copy of a notebook that
    comes with kpilib is no notebook of the user's own, whatever was changed in it.
    """
    source = Path(data)
    beside = source.parent if source.suffix == ".toml" else source
    places = [beside / OWN[0]] if source.exists() else []
    shipped = {path.stem for path in notebook_folder().rglob("*.ipynb")}
    found: dict[str, Path] = {}
    for place in (*places, Path(OWN[1])):
        for path in sorted(place.glob("*.ipynb")) if place.is_dir() else ():
            hidden = path.name.startswith(".") or path.name.endswith(".kpilib.ipynb")
            if path.stem not in shipped and not hidden:
                found.setdefault(path.stem, path)
    return list(found.values())


def find_notebooks(
    names: Sequence[str] = (), folder: Path | None = None, own: Sequence[Path] = ()
) -> list[Path]:
    """The report's notebooks in reading order, or only those named, each `InputError` if unknown.

    A notebook may be named with or without its number and its ending: `03-retention`,
    `retention` and `03-retention.ipynb` are the same. Lessons are no part of the report, and
    neither is `start`. The user's `own` come after those of the folder.
    """
    folder = notebook_folder() if folder is None else Path(folder)
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb")) if path.stem not in APART}
    for path in own:
        found.setdefault(path.stem, path)
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


def imported_modules(notebooks: Iterable[Mapping[str, Any]]) -> list[str]:
    """The modules of kpilib that the cells of some notebooks import, in their order.

    >>> cell = {"cell_type": "code", "source": "import numpy\\nfrom kpilib.plots import plot_trend"}
    >>> imported_modules([{"cells": [cell]}])
    ['kpilib.plots']
    """
    found: dict[str, None] = {}
    for notebook in notebooks:
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                found |= dict.fromkeys(_imports("".join(cell["source"])))
    return [name for name in found if name.split(".")[0] == "kpilib"]


def _imports(source: str) -> list[str]:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:  # a line of IPython's own
        return []
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
