"""A new notebook of the user's own in the form of those of the house."""

import json
import re
from pathlib import Path
from typing import Any

from kpilib.errors import InputError
from kpilib.words import LANGUAGES, Text, _

_NAME = re.compile(r"[\w-]+")

_TITLE = _("# {title}\n\nWhat is asked here, and what the answer is for.")
_FIRST = _(
    "## How is it going?\n\nOne number with its interval first; what it was before stands beside "
    "it. Change the id to the KPI that is asked about: `base.kpis` lists them."
)
_WHERE = _(
    "## Where does it differ?\n\nThe same number for each segment. A small segment has a wide "
    "interval: do not read a difference into two that overlap."
)
_WHEN = _("## Since when?\n\nThe last twelve periods. One that is not over is not compared.")

PARAMETERS = """\
data: str = "demo"  # a source: demo, cdnow, a folder, a file or a kpilib.toml
period: str | None = None  # a month, 2026-10; None is the last one the data cover
lang: str = "en"  # en, vi or zh"""
OPEN = """\
import kpilib
from kpilib.plots import plot_trend

base = kpilib.open(data, lang=lang)
month = base.period(period)"""
KPI = 'base.kpi("churn_rate", month)'
BY = 'base.kpi("churn_rate", month, by="country")'
TREND = 'plot_trend(base.trend("churn_rate", month.trailing(12)))'


def new_notebook(name: str, folder: Path, title: str = "", lang: str = "en") -> Path:
    """Write a notebook that opens the data, shows a KPI, its segments and its year.

    The prose reads in every language of kpilib's; what the user changes is theirs. Raises
    InputError where the name is none, or where there is a notebook of that name.
    """
    stem = name.removesuffix(".ipynb")
    if not _NAME.fullmatch(stem):
        raise InputError(
            f"notebook name {name!r} cannot be used; write letters, digits and dashes, "
            "like 11-wholesale"
        )
    path = folder / f"{stem}.ipynb"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_notebook(title or _spoken(stem), lang), ensure_ascii=False, indent=1)
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text + "\n")
    except FileExistsError:
        raise InputError(f"{path} is there already; choose another name") from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}); choose another --folder"
        ) from None
    return path


def _spoken(stem: str) -> str:
    """A title from a file's name.

    >>> _spoken("11-whole-sale")
    'Whole sale'
    """
    words = re.sub(r"^[\d-]+", "", stem).replace("-", " ").replace("_", " ").strip() or stem
    return words[:1].upper() + words[1:]


def _notebook(title: str, lang: str) -> dict[str, Any]:
    cells = [
        _prose(_TITLE.format(title=title), lang),
        _code(PARAMETERS, "parameters"),
        _code(OPEN),
        _prose(_FIRST, lang),
        _code(KPI),
        _prose(_WHERE, lang),
        _code(BY),
        _prose(_WHEN, lang),
        _code(TREND),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place + 1}"
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _prose(text: Text, lang: str) -> dict[str, Any]:
    said = {code: text.of(code) for code in LANGUAGES if code != lang}
    return {
        "cell_type": "markdown",
        "metadata": {"kpilib": {"text": said}},
        "source": text.of(lang),
    }


def _code(source: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    cell = {"cell_type": "code", "metadata": metadata, "source": source}
    return cell | {"outputs": [], "execution_count": None}
