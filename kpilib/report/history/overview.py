"""The list of months: their key figures as lines, how each run ended, and what it found."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.report.archive import list_months
from kpilib.report.history.compare import BEYOND, compare
from kpilib.report.history.past import PAGE
from kpilib.report.history.published import Published, read_month
from kpilib.report.history.restated import records
from kpilib.report.history.told import tell
from kpilib.report.page.clean import clean_html
from kpilib.report.page.pages import month_link, render, switch
from kpilib.report.publish import index_name
from kpilib.show.cards import card_html
from kpilib.words import LANGUAGES, Text, _, ngettext

KEY_FIGURES = (
    *("revenue", "customers_active", "new_customers", "churn_rate", "retention_rate_ledger"),
    *("average_purchase_value", "nps", "clv_simple"),
)
"""The KPIs whose lines are drawn, as many as `LINES` of those that have values."""
LINES, FINDINGS = 6, 2
_FINDING = _("{name} {change} ({verdict})")
_FAILED = _("did not finish: {names}")


def months_pages(out: Path, languages: Sequence[str]) -> dict[str, str]:
    """File → the list of the months that there are reports of, newest first.

    `index.html` is in the first of the run's languages. Where these or those of a month are
    several, there is a list in each of them beside it, as `index.vi.html`.
    """
    known = list_months(out)
    several = [
        lang for month in known if len(month["languages"]) > 1 for lang in month["languages"]
    ]
    several = [*languages, *several] if len(languages) > 1 else several
    asked = [lang for lang in LANGUAGES if lang in several]
    found = {index_name(lang): months_page(out, lang, asked) for lang in asked}
    return found | {index_name(): months_page(out, languages[0], asked)}


def months_page(out: Path, lang: str, languages: Sequence[str] = ()) -> str:
    """The list of the months in one language, which can be switched to the others."""
    known = list_months(out)
    months = {month["folder"]: _read(out / month["folder"]) for month in known}
    good = [
        one
        for month in reversed(known)
        if month["status"] != "failed" and (one := months[month["folder"]]) is not None
    ]
    restated = _restated(good, lang)
    lines = [month | _line(months[month["folder"]], good, restated, lang, month) for month in known]
    return render(
        "months.html",
        lang,
        months=lines,
        switch=switch(lang, {one: index_name(one) for one in languages}),
        figures=Markup(clean_html(figures(good, lang), "", "c")),
    )


def _read(folder: Path) -> Published | None:
    try:
        return read_month(folder)
    except InputError:  # `kpilib verify` tells of it; the list of months goes on
        return None


def figures(months: Sequence[Published], lang: str) -> str:
    """The key figures of months, oldest first, each a card with its line."""
    found: list[Mapping[str, Any]] = []
    drawn = 0
    for kpi_id in KEY_FIGURES:
        values = [month.heads().get((kpi_id, None)) for month in months]
        there = [value for value in values if value is not None and "formula" in value]
        if drawn < LINES and any(value["value"] is not None for value in there):
            found += [_bare(value) for value in _once(there)]
            drawn += 1
    return card_html(found, lang)


_SAID = ("summary", "formula", "filled", "reason", "signal_reason", "notes", "holidays")
"""What a value says in the language of its own month, which need not be that of the list."""


def _bare(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: one for name, one in value.items() if name not in _SAID}


def _once(values: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of several values of one period, which other folders may hold, the last."""
    return list({str(value["period"]): value for value in values}.values())


def _line(
    month: Published | None,
    good: Sequence[Published],
    restated: Mapping[str, tuple[str, int]],
    lang: str,
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """What the list says of one month."""
    period = Period.parse(known["label"])
    link = month_link(known, lang)
    line: dict[str, Any] = {"link": link, "period": period, "findings": [], "restated": None}
    if month is None:
        return line
    if known["status"] != "good":
        failed = [page["name"] for page in month.run["notebooks"] if page["status"] == "failed"]
        line["findings"] = [_FAILED.format(names=", ".join(failed)).of(lang)]
        return line
    line["findings"] = _findings(month, good, lang)
    if month.folder.name in restated:
        where, count = restated[month.folder.name]
        said = ngettext("{n} number restated", "{n} numbers restated", count)
        line["restated"] = {"link": where, "said": said.of(lang)}
    return line


def _findings(month: Published, good: Sequence[Published], lang: str) -> list[str]:
    """What moved most beyond chance against the like month before, if that is there."""
    before = [
        one
        for one in good
        if one.period == month.period.previous() and one.run["data"] == month.run["data"]
    ]
    if not before:
        return []
    moved = [one for one in compare(before[-1], month) if one.verdict in BEYOND]
    return [_said(_FINDING, tell(one, lang), lang) for one in moved[:FINDINGS]]


def _said(text: Text, line: Mapping[str, str], lang: str) -> str:
    return text.format(**{name: line[name] for name in ("name", "change", "verdict")}).of(lang)


def _restated(good: Sequence[Published], lang: str) -> dict[str, tuple[str, int]]:
    """Folder of a month → where the newest run that looked at it tells of it, and how much."""
    found: dict[str, tuple[str, int]] = {}
    for month in good:
        for folder, one in records([month.folder]).items():
            found.pop(folder, None)
            if one["values"]:
                place = f"{month_link(month.place, lang, PAGE)}#m-{quote(str(one['period']))}"
                found[folder] = place, len(one["values"])
    return found
