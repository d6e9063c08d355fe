"""The pages of a month as Chromium shows them: wide and narrow, light and dark, in each language.

Needs Chromium and Playwright (`pip install "kpilib[browser]"`); skipped, with the reason, without.
Each page is seen once in each state, in one language after the other. `TEST_PAGES=reports/2026-10`
has every page of a month that is there already seen in every state and language instead, and
`TEST_SCREENSHOTS=DIR` keeps what was seen.
"""

import io
import os
import re
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from kpilib.report.order import Order
from kpilib.report.run import make_report
from kpilib.words import LANGUAGES
from tests.report.conftest import Quiet

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM = CHROMIUM or shutil.which("google-chrome")
NEEDED = CHROMIUM and find_spec("playwright") and find_spec("axe_playwright_python")
pytestmark = [
    pytest.mark.skipif(not NEEDED, reason="needs Chromium, playwright and axe-playwright-python"),
    # What Playwright leaves to the end of the interpreter is no fault of a page.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@dataclass(frozen=True)
class State:
    """How a page is looked at."""

    name: str
    width: int
    scheme: str
    zoom: int = 1
    shot: bool = False
    """Whether a screenshot is taken: what a page looks like at 320 follows from 390."""


STATES = [
    State("desk-light", 1280, "light", shot=True),
    State("desk-dark", 1280, "dark", shot=True),
    State("phone-light", 390, "light", shot=True),
    State("phone-dark", 390, "dark", shot=True),
    State("small-phone", 320, "light"),
    State("zoomed-to-200", 640, "dark", zoom=2),
]
GIVEN = os.environ.get("TEST_PAGES")
ONLY = ("03-retention", "09-segments")
NAMES = ("index.html", *(f"{name}.html" for name in ONLY), "history.html", "glossary.html")
LONG = "glossary.html"
"""A page of text alone and of eighty entries: it is seen in two states."""

WIDER = """
() => [...document.querySelectorAll("figure, figure svg, figure img, .ledger svg, .bridge svg")]
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
NAMELESS = """
() => {
  const said = one => (one.getAttribute("aria-label") || one.getAttribute("alt") ||
    (one.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean)
      .map(id => document.getElementById(id)?.textContent ?? "").join(" ")).trim();
  const drawn = [...document.querySelectorAll("figure svg, figure img, .bridge svg, .ledger svg")]
    .filter(one => one.getAttribute("role") !== "img" || !said(one));
  const cards = [...document.querySelectorAll("article")]
    .filter(one => !one.querySelector("h2, h3, .name")?.textContent.trim());
  return [...drawn, ...cards].map(one => one.outerHTML.slice(0, 80));
}
"""
"""Figures without a name for who cannot see them, and cards without one for anybody."""
SCOPELESS = """
() => [...document.querySelectorAll("table")]
  .filter(one => !one.querySelector("th") || one.querySelector("th:not([scope])"))
  .map(one => one.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A month of the demo in three languages, of the two chapters with most kinds of pictures."""
    if GIVEN:
        return Path(GIVEN).resolve()
    out = tmp_path_factory.mktemp("browser")
    outcome = make_report(Order("demo", also=LANGUAGES[1:], out=out, only=ONLY), Quiet())
    assert outcome.good
    return outcome.folder


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # The user root, as in a container, has no sandbox to run in.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def pages(month: Path, place: int, state: State) -> list[Path]:
    """The pages to be seen in the state at this place of the list: each in one language."""
    if GIVEN:
        found = [path for path in month.rglob("*.html") if "notebooks" not in path.parts]
        return [*sorted(found), *sorted(month.parent.glob("index*.html"))]
    some = [name for name in NAMES if name != LONG or state in (STATES[1], STATES[4])]
    turns = [LANGUAGES[(place + turn) % len(LANGUAGES)] for turn in range(len(some))]
    seen = [month / ("" if lang == "en" else lang) / name
            for name, lang in zip(some, turns, strict=True)]  # fmt: skip
    return [*seen, month.parent / f"index.{turns[-1]}.html"]


@pytest.mark.parametrize(("place", "state"), [*enumerate(STATES)], ids=[one.name for one in STATES])
def test_pages_load_nothing_fit_the_screen_and_can_be_read_by_all(month, browser, place, state):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(
        viewport={"width": state.width, "height": 844 // state.zoom},
        color_scheme=state.scheme,
        device_scale_factor=state.zoom,
    )
    for path in pages(month, place, state):
        page = context.new_page()
        asked, said = [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        levels = page.evaluate(HEADINGS)
        wrong = {
            "asked for": [url for url in asked if url != path.as_uri()],
            "console": said,
            "wider than the screen": [wide] * (wide > state.width) + page.evaluate(WIDER),
            "small letters": page.evaluate(SMALL),
            "nameless": page.evaluate(NAMELESS),
            "tables without scopes": page.evaluate(SCOPELESS),
            "headings": [levels] * (not _in_order(levels)),
            "axe": [
                (one["id"], one["nodes"][0]["html"][:120])
                for one in Axe().run(page).response["violations"]
            ],
        }
        name = f"{path.parent.name}-{path.stem}-{state.name}"
        assert {what: found for what, found in wrong.items() if found} == {}, name
        if state.shot and path.name != LONG:
            _look(page.screenshot(full_page=True), state, name)
        page.close()
    context.close()


def _in_order(levels: list[int]) -> bool:
    """Whether there is one heading of the first level, and none leaves out a level below it."""
    steps = (after - before for before, after in pairwise(levels))
    return levels[0] == 1 and levels.count(1) == 1 and max(steps, default=0) <= 1


def _look(shot: bytes, state: State, name: str) -> None:
    """The page is there, in the colours of its scheme and as wide as the screen."""
    if folder := os.environ.get("TEST_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(shot)
    seen = Image.open(io.BytesIO(shot)).convert("L")
    assert seen.width == state.width
    shades = seen.histogram()
    bright, dark = sum(shades[200:]) / sum(shades), sum(shades[:60]) / sum(shades)
    ground, ink = (bright, dark) if state.scheme == "light" else (dark, bright)
    assert ground > 0.7 and ink > 0.005, (name, bright, dark)


def test_a_director_sees_the_month_within_two_screens_of_a_phone(month, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    for lang in LANGUAGES:
        page = context.new_page()
        page.goto((month / ("" if lang == "en" else lang) / "index.html").as_uri())
        ends = ("h1", ".tiles article:last-child", ".steps li:last-child", ".moves tbody tr")
        for what in ends:
            box = page.locator(what).first.bounding_box()
            assert box and box["y"] + box["height"] < 2 * 844, (lang, what)
        page.close()
    page = context.new_page()
    page.goto((month / "index.html").as_uri())
    assert re.search(r"Revenue (rose|fell)", page.locator("h1").inner_text())
    context.close()


def test_a_chapter_begins_with_its_finding_on_a_phone(month, browser):
    phone = {"width": 390, "height": 844}
    context = browser.new_context(viewport=phone, reduced_motion="reduce")
    page = context.new_page()
    page.goto((month / "03-retention.html").as_uri())
    finding, contents = (page.locator(one).first.bounding_box() for one in (".takeaway", "nav"))
    assert finding["y"] < 844 / 2 and contents["y"] > finding["y"]
    page.locator("a[href='#contents']").click()
    assert page.locator("nav").first.bounding_box()["y"] < 844
    context.close()
