"""What an earlier run of the same month has executed from the very same inputs.

The published month is the store: each notebook's record in `run.json` has a key, a hash of all
that its result depends on, and the hash of its executed form.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kpilib.report.publish import MonthFolder, read_run
from kpilib.report.running.execute import Execution, labelled
from kpilib.words import LANGUAGES

_CODE = (".py", ".toml", ".mo", ".po")


def digest(value: Any) -> str:
    """A hash of plain data, the same for the same data.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def notebook_key(
    notebook: Mapping[str, Any], parameters: Mapping[str, Any], inputs: Mapping[str, Any]
) -> str:
    """A hash of what a notebook's result depends on: itself, what it is given, the data, the code.

    `inputs` is what the run knows of its data and of the versions that compute.
    """
    cells = [
        (cell["cell_type"], "".join(cell["source"]), cell["metadata"]) for cell in notebook["cells"]
    ]
    own = notebook["metadata"]
    return digest([cells, own, dict(parameters), dict(inputs), code_digest()])


@cache
def code_digest() -> str:
    """A hash of kpilib's own code and texts, which its version alone does not tell."""
    root = Path(str(files("kpilib")))
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in _CODE and "notebooks" not in path.parts[len(root.parts) :]:
            found.update(path.relative_to(root).as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def find_executed(month: MonthFolder, keys: Mapping[str, str]) -> dict[str, Execution]:
    """The notebooks that were well executed with these keys, for this month, published or not."""
    found: dict[str, Execution] = {}
    for folder in (month.target, month.failed):
        for edition, page in _pages(folder):
            label = labelled(page["name"], edition)
            good = page["status"] == "good" and page.get("key") == keys.get(label, "")
            execution = _read(folder, page, edition) if good and label not in found else None
            if execution is not None:
                found[label] = execution
    return found


def _pages(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every notebook that a run has recorded, with its edition."""
    run = read_run(folder) or {"notebooks": ()}
    yield from (("", page) for page in run["notebooks"])
    for edition, pages in run.get("editions", {}).items():
        yield from ((edition, page) for page in pages if edition in LANGUAGES)


def _read(folder: Path, page: Mapping[str, Any], edition: str) -> Execution | None:
    """An executed notebook as it was left, or None where it is no longer that."""
    try:
        place = folder / edition / "notebooks" / f"{page['name']}.ipynb"
        notebook = json.loads(place.read_text(encoding="utf-8"))
        if digest(notebook) != page["executed"]:
            return None
        return Execution(
            name=page["name"],
            parameters=page["parameters"],
            notebook=notebook,
            seconds=float(page["seconds"]),
            attempts=int(page["attempts"]),
            reused=True,
            edition=edition,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_told(
    month: MonthFolder, key: str, edition: str = ""
) -> tuple[list[dict[str, Any]] | None, dict[str, Any] | None]:
    """An edition's `kpis.json` and `month.json`, where its run had this key and left them so."""
    for folder in (month.target, month.failed):
        before = (read_run(folder) or {}).get("values")
        if not isinstance(before, dict) or before.get("key") != key:
            continue
        hashes = before.get("editions", {}).get(edition, {}) if edition else before
        names = {"kpis.json": "hash", "month.json": "said"}
        kpis, said = (
            _unchanged(folder / edition / name, hashes.get(of)) for name, of in names.items()
        )
        if kpis is not None and said is not None:
            return kpis, said
    return None, None


def _unchanged(path: Path, hashed: str | None) -> Any:
    """What a JSON file holds, or None where that is not what was written."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if digest(found) == hashed else None


def last_seconds(month: MonthFolder, earlier: str | None) -> dict[str, float]:
    """What each notebook took when it was last executed: for this month, or for an `earlier` one.

    Shapes: notebook, with its edition -> seconds.
    """
    found: dict[str, float] = {}
    for folder in (month.target, month.failed, *([month.out / earlier] if earlier else ())):
        for edition, page in _pages(folder):
            seconds = page.get("seconds")
            if isinstance(seconds, int | float):
                found.setdefault(labelled(page["name"], edition), float(seconds))
    return found
