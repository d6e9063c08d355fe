"""The pages of a month as a browser shows them: on a desk and on a phone, in light and dark.

Needs Chromium and Playwright (`pip install "kpilib[browser]"`); skipped, with the reason, without.
"""

import re
import shutil
from importlib.util import find_spec
from itertools import pairwise

import pytest

from kpilib.report.order import Order
from kpilib.report.run import make_report
from tests.report.conftest import Quiet

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM = CHROMIUM or shutil.which("google-chrome")
NEEDED = CHROMIUM and find_spec("playwright") and find_spec("axe_playwright_python")
pytestmark = [
    pytest.mark.skipif(not NEEDED, reason="needs Chromium, playwright and axe-playwright-python"),
    # What Playwright leaves to the end of the interpreter is no fault of a page.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

VIEWS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"), (320, "light")]
WIDER = """
() => [...document.querySelectorAll("figure, figure svg, .ledger svg, .bridge svg")]
  .filter(one => one.getBoundingClientRect().width > innerWidth)
  .map(one => one.outerHTML.slice(0, 80))
"""
SMALL = """
() => [...document.querySelectorAll("figure svg text, .ledger svg text")]
  .filter(one => one.getClientRects().length && one.textContent.trim())
  .map(one => [parseFloat(getComputedStyle(one).fontSize)
    * one.ownerSVGElement.getScreenCTM().a, one.textContent])
  .filter(([size]) => size < ({390: 11.5, 320: 9.5}[innerWidth] ?? 10.5))
"""
"""Letters in figures smaller than they are read, on the screen, whatever they are drawn at: under
12 pixels on a phone, and somewhat less where figures are shrunk to fit."""
HEADINGS = """
() => [...document.querySelectorAll("h1,h2,h3,h4")].filter(one => one.getClientRects().length)
  .map(one => +one.tagName[1])
"""


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A month's report of real purchases, of three chapters."""
    out = tmp_path_factory.mktemp("browser")
    only = ("01-overview", "03-retention", "09-segments")
    outcome = make_report(Order("cdnow-sample", out=out, only=only), Quiet())
    assert outcome.good
    return outcome.folder


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def view(request, browser):
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=True
    )
    yield context, width
    context.close()


def test_pages_load_nothing_fit_the_screen_and_can_be_read_by_all(month, view):
    from axe_playwright_python.sync_playwright import Axe

    context, width = view
    pages = [path for path in sorted(month.glob("*.html")) if "notebooks" not in path.parts]
    assert len(pages) >= 4
    for path in [*pages, month.parent / "index.html"]:
        page = context.new_page()
        asked, said = [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.goto(path.as_uri())
        assert asked == [path.as_uri()], path.name
        assert said == [], path.name
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (path.name, wide)
        assert page.evaluate(WIDER) == [], path.name
        assert page.evaluate(SMALL) == [], path.name
        levels = page.evaluate(HEADINGS)
        assert levels[0] == 1 and levels.count(1) == 1, (path.name, levels)
        assert all(after - before <= 1 for before, after in pairwise(levels)), (path.name, levels)
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["nodes"][0]["html"][:120]) for one in found]
        assert told == [], path.name
        page.close()


def test_a_director_sees_the_month_within_two_screens_of_a_phone(month, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto((month / "index.html").as_uri())
    for what in ("h1", ".tiles article:last-child", ".steps li:last-child", "#changed"):
        box = page.locator(what).bounding_box()
        assert box and box["y"] < 2 * 844, what
    text = page.locator("h1").inner_text()
    assert re.search(r"Revenue (rose|fell)", text)
    context.close()
