"""The month as a PDF: its pages bound into one document, printed where there is a Chromium."""

import re
import shutil
from datetime import date

import pytest

from kpilib.errors import InputError, KpilibError
from kpilib.report.handoff import pdf
from kpilib.report.handoff.pdf import BROWSERS, bound, find_browser, write_pdf

PAGE = (
    '<!DOCTYPE html>\n<html lang="vi"><head><title>{title}</title><style>.z1{{fill:red}}</style>'
    '</head>\n<body><a class="skip" href="#content">x</a><nav><a href="index.html">x</a></nav>'
    '<main id="content"><h1>{title}</h1>{text}</main><footer>x</footer></body></html>\n'
)
FIGURE = (
    '<svg role="img" aria-labelledby="f1-title f1-desc"><title id="f1-title">t</title>'
    '<desc id="f1-desc">d</desc><g clip-path="url(#f1-0)"><path class="z1" d="M0 0h9"/></g></svg>'
)
PAGES = {
    "index": PAGE.format(
        title="Tháng 10",
        text='<a href="01-one.html#how-churn">1</a><a href="01-one.html">2</a>'
        '<a href="../index.html">3</a><a href="kpis.json">4</a><a href="#care">5</a>',
    ),
    "01-one": PAGE.format(title="Một", text=f'<p id="how-churn">6</p>{FIGURE}'),
}


def test_pages_are_bound_into_one_document_whose_links_stay_within_it():
    found = bound(PAGES)
    assert found.count("<html") == found.count("<title>") == 1 and 'lang="vi"' in found
    assert "<nav" not in found and "<footer" not in found and "Một" in found
    links = re.findall(r'href="([^"]*)"', found)
    assert links == ["#p1-how-churn", "#p1", "#p0-care"]
    ids = re.findall(r'\bid="([^"]+)"', found)
    assert len(ids) == len({*ids}) and {"p0", "p1", "p1-how-churn", "p1-f1-title"} <= {*ids}
    assert 'aria-labelledby="p1-f1-title p1-f1-desc"' in found and "url(#p1-f1-0)" in found
    assert 'class="p1z1"' in found and ".p1z1{fill:red}" in found


def test_without_a_browser_one_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"install one .*or leave --pdf out"):
        find_browser()


def test_a_browser_that_fails_is_named_with_what_it_said(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "find_browser", lambda: shutil.which("false") or "/bin/false")
    folder = tmp_path / "month"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    with pytest.raises(KpilibError, match="false could not print the report"):
        write_pdf(folder, {"notebooks": [{"name": "01-one"}]}, date(2026, 10, 31))
    assert not (folder / pdf.FILE).exists()


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="needs Chromium")
def test_the_same_pages_print_the_same_file(tmp_path):
    for name, text in PAGES.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    run = {"notebooks": [{"name": "01-one"}]}
    first, again = (write_pdf(tmp_path, run, date(2026, 10, 31)).read_bytes() for _ in range(2))
    assert first == again and first.startswith(b"%PDF")
    assert len(re.findall(rb"/Type ?/Page\b", first)) == 2
    assert b"D:20261031" in first and str(tmp_path).encode() not in first
