"""A month made again from its input, and held against what was published."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpilib.errors import InputError
from kpilib.report.handoff.pdf import FILE as PDF
from kpilib.report.handoff.written import SUMMARY
from kpilib.report.history.earlier import FILE as EARLIER
from kpilib.report.history.past import PAGE
from kpilib.report.history.published import read_month
from kpilib.report.history.restated import RECORD
from kpilib.report.notebooks import find_notebooks, own_notebooks
from kpilib.report.order import Order
from kpilib.report.page.facts import read_facts, versions
from kpilib.report.proof.findings import (
    Finding,
    files,
    numbers,
    read_values,
    records,
    unsealed,
)
from kpilib.report.publish import read_run
from kpilib.report.running.reuse import code_digest
from kpilib.report.running.watch import Watch
from kpilib.scratch.private import private_folder
from kpilib.words import Text, _
from kpilib.words.languages import LANGUAGES, write_languages

_INPUT = _("The input is not the one that the report was made from, so that numbers may differ.")
_CODE = _(
    "Made by other code of kpilib ({old}; this is {new}): numbers are compared to nine digits, "
    "and pages by their hashes alone."
)
_ARCHIVE = _(
    "The reports before were made again since: what this one says of them is compared by its "
    "hashes alone."
)
_QUICK = _("Pages and notebooks are compared by their hashes alone.")
_OTHER_COMMAND = _("run.json: the command is not that of its own data and period ({command})")


@dataclass(frozen=True)
class Verified:
    """What came of making a month again."""

    folder: Path
    findings: tuple[Finding, ...]
    """What is not as it should be: numbers first."""
    compared: int
    """How many numbers were computed again."""
    remarks: tuple[Text, ...] = ()
    """What could not be compared, and why."""
    seal: str = ""
    """The hash of the month's record, to be kept elsewhere."""

    @property
    def good(self) -> bool:
        """Whether the month is what was published, and what its input gives."""
        return not self.findings


def verify(
    folder: Path, watch: Watch, *, notebooks: Path | None = None, quick: bool = False
) -> Verified:
    """Make the month in `folder` again from its input, and say what differs.

    Its numbers are computed anew, and unless `quick` its notebooks executed and its pages made:
    all must be the same, byte for byte but for the clock. The input is read where the month's
    record says; an InputError where it is not there. `notebooks` is where they are, if not
    kpilib's own.
    """
    run = _record(folder)
    if quick or run.get("code") != code_digest():
        made = _recomputed(run, (_QUICK,) if quick else ())
        return hold(folder, made)
    with private_folder() as private:
        return hold(folder, make_again(folder, private / "reports", watch, notebooks))


def _record(folder: Path) -> dict[str, Any]:
    run = read_run(folder)
    if run is None:
        read_month(folder)  # says what is wrong
        raise InputError(f"{folder} holds no report of kpilib")
    return run


def hold(folder: Path, made: "Made") -> Verified:
    """The month in `folder` held against its seal, and against the same month made again."""
    run = _record(folder)
    found = [*unsealed(folder, run), *_command(run)]
    published = {edition: read_values(folder, edition) for edition in _editions(folder, run)}
    if torn := [one for one in published.values() if isinstance(one, Finding)]:
        return Verified(folder, (*torn, *found), 0, (), str(run.get("seal", "")))
    return made.held_against(folder, run, published, found)


def _editions(folder: Path, run: Mapping[str, Any]) -> list[str]:
    """The editions that a month's record names or its folder holds; the first has no name."""
    named = run.get("editions", {})
    return ["", *(lang for lang in LANGUAGES if lang in named or (folder / lang).is_dir())]


@dataclass(frozen=True)
class Made:
    """What was made again: numbers, the run's record, and the folder where there is one."""

    values: Mapping[str, list[dict[str, Any]]]
    """Edition → its numbers."""
    run: Mapping[str, Any]
    whole: bool = True
    """Whether notebooks were executed, and pages made."""
    folder: Path | None = None
    """Where the month lies that was made again."""
    remarks: tuple[Text, ...] = ()

    def held_against(
        self,
        folder: Path,
        run: Mapping[str, Any],
        published: Mapping[str, Any],
        before: list[Finding],
    ) -> Verified:
        """The published month beside it; `published` are its numbers by edition."""
        same = run.get("code") == code_digest()
        found: list[Finding] = []
        compared = 0
        for edition, mine in published.items():
            again = self.values.get(edition, [])
            mine = mine if self.whole else [_alone(one) for one in _shared(mine, again)]
            found += numbers(mine, again, edition or str(run.get("lang", "en")), exactly=same)
            compared += len(mine)
        inputs = [*records({"inputs": run.get("inputs")}, {"inputs": self.run.get("inputs")})]
        remarks = list(self.remarks)
        if inputs:
            remarks.append(_INPUT)
        if self.folder is not None:
            editions = ("", *(f"{lang}/" for lang in run.get("editions", ())))
            apart = (EARLIER, *(f"{edition}{PDF}" for edition in editions))
            if run.get("archive", {}) != self.run.get("archive", {}):
                pages = (f"{edition}{PAGE}" for edition in editions)
                apart = (*apart, *pages, RECORD, *SUMMARY, "restated")
                remarks.append(_ARCHIVE)
            before = [*before, *records(run, self.run, apart)]
            before += files(folder, self.folder, apart)
        if not same:
            versions = [one.get("versions", {}).get("kpilib") for one in (run, self.run)]
            remarks.append(_CODE.format(old=str(versions[0]), new=str(versions[1])))
        every = tuple(dict.fromkeys((*found, *inputs, *before)))
        return Verified(folder, every, compared, tuple(remarks), str(run.get("seal", "")))


_PLACES = ("notebook", "cell", "page", "command")
"""What a published value says of where it is shown."""


def _alone(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name not in _PLACES}


def _shared(published: list[dict[str, Any]], again: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The published values of KPIs that were computed again, for the periods they were."""
    asked = {(one["id"], one.get("segment"), str(one["period"])) for one in again}
    return [
        one for one in published if (one["id"], one.get("segment"), str(one["period"])) in asked
    ]


def _command(run: Mapping[str, Any]) -> list[Finding]:
    """Whether the command that the month names is that of its own data, period and language."""
    try:
        words = shlex.split(str(run["command"]))
        words = [word for word in words if word not in ("--xlsx", "--pdf")]
        asked = dict(zip(words[2::2], words[3::2], strict=False))
        languages = write_languages(run.get("languages") or [run["lang"]])
        wanted = {"--data": run["data"], "--period": run["period"]["label"], "--lang": languages}
        if all(asked.get(name) == value for name, value in wanted.items()):
            return []
    except (KeyError, ValueError):
        pass
    told = _OTHER_COMMAND.format(command=str(run.get("command")))
    return [Finding("record", "run.json", told)]


def _order(run: Mapping[str, Any], out: Path, notebooks: Path | None) -> Order:
    settings = tuple(f"{name}={value}" for name, value in run.get("settings", {}).items())
    names = tuple(str(page["name"]) for page in run["notebooks"])
    own = own_notebooks(str(run["data"]))
    known = {path.stem for path in find_notebooks((), notebooks, own)}
    return Order(
        data=str(run["data"]),
        period=str(run["period"]["label"]),
        lang=str(run.get("lang", "en")),
        also=tuple(run.get("languages", ())[1:]),
        out=out,
        only=() if known == {*names} else names,
        settings=settings,
        folder=notebooks,
        force=True,
        publish_partial=run["status"] == "partial",
        xlsx="kpis.xlsx" in run.get("files", {}),
        pdf=bool(run.get("pdf")),
        unprinted=True,
        told=str(run.get("command", "")),
    )


def make_again(folder: Path, out: Path, watch: Watch, notebooks: Path | None = None) -> Made:
    """The whole month made anew in `out`, which is made, beside links to the months before it."""
    from kpilib.report.run import make_report

    run = _record(folder)
    out.mkdir()
    _link_earlier(folder, run, out)
    outcome = make_report(_order(run, out, notebooks), watch)
    values = {
        edition: json.loads((outcome.folder / edition / "kpis.json").read_text(encoding="utf-8"))
        for edition in ("", *outcome.run["editions"])
    }
    return Made(values, outcome.run, True, outcome.folder)


def _link_earlier(folder: Path, run: Mapping[str, Any], out: Path) -> None:
    """The months that the run looked back at, where it will look for them."""
    for name in run.get("archive", {}):
        place = folder.resolve().parent / name
        if Path(name).name == name and place.is_dir():
            (out / name).symlink_to(place, target_is_directory=True)


def _recomputed(run: Mapping[str, Any], remarks: tuple[Text, ...]) -> Made:
    """The numbers of the registry, computed again; no notebook is executed."""
    with private_folder() as folder:
        facts = read_facts(str(run["data"]), str(run["period"]["label"]), folder / "data")
        first = str(run.get("lang", "en"))
        editions = {"": first, **{lang: lang for lang in LANGUAGES if lang != first}}
        values = {edition: facts.values(lang) for edition, lang in editions.items()}
        again = {"inputs": facts.inputs(), "versions": versions()}
    return Made(values, again, False, remarks=remarks)
