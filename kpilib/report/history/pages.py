"""The pages of the months' history."""

from collections.abc import Sequence
from pathlib import Path

from kpilib.report.history.compare import BEYOND, CHANCE, UNKNOWN, Compared
from kpilib.report.history.published import Published
from kpilib.report.history.told import HEADS, grouped, remarks
from kpilib.report.history.why import published_reasons
from kpilib.report.page.pages import month_link, render
from kpilib.report.publish import check_ours, write_whole, written


def difference_page(
    first: Published, second: Published, compared: Sequence[Compared], lang: str
) -> str:
    """Two months set beside each other, as a page that lies beside their folders."""
    groups = [
        group | {"moved": group["kinds"] in (BEYOND, (CHANCE,), (UNKNOWN,))}
        for group in grouped(compared, lang, published_reasons(first, second))
    ]
    return render(
        "difference.html",
        lang,
        first=first,
        second=second,
        groups=groups,
        heads={name: text.of(lang) for name, text in HEADS.items()},
        remarks=[remark.of(lang) for remark in remarks(first, second)],
        links=[month_link(month.place, lang) for month in (first, second)],
    )


def write_difference(
    out: Path, first: Published, second: Published, compared: Sequence[Compared], lang: str
) -> Path:
    """Write the page into `out`, beside the months; an InputError where that cannot be done."""
    path = out / f"{first.folder.name}-to-{second.folder.name}.html"
    check_ours(path)
    with written(out):
        write_whole(path, difference_page(first, second, compared, lang))
    return path
