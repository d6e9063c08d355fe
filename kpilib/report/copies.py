"""The notebooks copied into a folder of the user's own, where they may be changed freely."""

import hashlib
import json
from pathlib import Path

from kpilib.words.prose import say_markdown

MANIFEST = ".kpilib-notebooks.json"
COPIED, UPDATED, SAME, KEPT = "copied", "updated", "unchanged", "kept"


def copy_notebooks(source: Path, folder: Path, lang: str = "en") -> dict[str, str]:
    """Copy the notebooks of `source` into `folder`, in a language, and say what became of each.

    Shapes: notebook path relative to `folder` -> `copied` (it was not there), `unchanged`,
    `updated` (kpilib's moved on, the copy had not been touched) or `kept` (the user changed it,
    or it is not kpilib's; it stays, and kpilib's own is laid beside it as `NAME.kpilib.ipynb`
    where that differs). Nothing that the user wrote is ever overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / MANIFEST
    given = _read(manifest)
    became = {}
    for path in sorted(source.rglob("*.ipynb")):
        name = path.relative_to(source).as_posix()
        if ".ipynb_checkpoints" in name:
            continue
        content = path.read_bytes() if lang == "en" else _in_language(path, lang)
        became[name] = _place(content, folder / name, given.get(name))
        given[name] = _digest(content)
    manifest.write_text(json.dumps(given, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return became


def _place(content: bytes, target: Path, given: str | None) -> str:
    """Put one notebook at `target` unless the user's own work is there."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return COPIED
    there = _digest(target.read_bytes())
    if there == _digest(content):
        return SAME
    if there == given:
        target.write_bytes(content)
        return UPDATED
    if given != _digest(content):
        target.with_suffix(".kpilib.ipynb").write_bytes(content)
    return KEPT


def _in_language(path: Path, lang: str) -> bytes:
    """A notebook with its prose in a language, and that language as its parameter."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = say_markdown(text, lang)
        elif "parameters" in cell["metadata"].get("tags", ()):
            text = text.replace('lang: str = "en"', f'lang: str = "{lang}"')
        cell["source"] = text.splitlines(keepends=True)
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(manifest: Path) -> dict[str, str]:
    try:
        given = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return given if isinstance(given, dict) else {}
