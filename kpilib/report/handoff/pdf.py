"""The month as one PDF: its page and its chapters, printed by a headless Chromium."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from kpilib.errors import InputError, KpilibError

FILE = "report.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""The names under which Chromium is looked for on the PATH."""
TIME_OUT = 300.0

_HEAD = re.compile(r"<head>(.*?)</head>", re.DOTALL)
_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_APART = re.compile(r'<nav\b.*?</nav>|<a class="skip".*?</a>|<footer>.*?</footer>', re.DOTALL)
_MAIN = re.compile(r' id="content"')
_NAMED = re.compile(r'(\s(?:id|aria-labelledby|for)=")([^"]+)"')
_OWN = re.compile(r'(href="|url\()#([^")]+)([")])')
_OTHER = re.compile(r'href="([\w.-]+)\.html(?:#([^"]*))?"')
_OUTSIDE = re.compile(r'\shref="[^#"][^"]*"')
_SHARED = re.compile(r"\.(z\d+)\b")
_CLASS = re.compile(r'(class=")(z\d+)(")')
_CLOCK = re.compile(rb"/(CreationDate|ModDate) \(D:[^)]*\)")


def find_browser() -> str:
    """The path of a Chromium; an InputError that says what to do where there is none."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise InputError(
        f"--pdf needs a Chromium, and none of {', '.join(BROWSERS)} is on the PATH; "
        "install one (apt install chromium), or leave --pdf out"
    )


def write_pdf(folder: Path, run: Mapping[str, Any], day: date) -> Path:
    """Print the pages in `folder` into `report.pdf` there; `day` is the date that it carries.

    The same pages make the same file with the same browser. Raises InputError where there is no
    browser, and KpilibError where it fails.
    """
    browser, path = find_browser(), folder / FILE
    names = ["index", *(page["name"] for page in run["notebooks"])]
    pages = {name: (folder / f"{name}.html").read_text(encoding="utf-8") for name in names}
    with tempfile.TemporaryDirectory() as private:
        source = Path(private) / "report.html"
        source.write_text(bound(pages), encoding="utf-8")
        printed = _print(browser, source, Path(private))
    path.write_bytes(_CLOCK.sub(rb"/\1 (" + f"D:{day:%Y%m%d}000000Z".encode() + rb")", printed))
    return path


def bound(pages: Mapping[str, str]) -> str:
    """Pages as one document, the first with the head; links between them lead within it.

    What a page names is told from the same name in another by a prefix: anchors, and the classes
    that its figures share.
    """
    names = [*pages]
    first = _HEAD.search(pages[names[0]])
    title = _TITLE.search(pages[names[0]])
    parts: list[str] = []
    styles: dict[str, None] = {}
    for place, name in enumerate(names):
        found = _STYLE.findall(pages[name])
        styles |= dict.fromkeys(_SHARED.sub(rf".p{place}\1", style) for style in found)
        parts.append(_bound(pages[name], place, names))
    lang = re.search(r'<html lang="([^"]+)"', pages[names[0]])
    assert first and title and lang
    css = "".join(f"<style>{style}</style>" for style in styles)
    return (
        f'<!DOCTYPE html><html lang="{lang[1]}"><head><meta charset="utf-8">{title[0]}{css}'
        f"<style>.bound{{break-before:page}}.bound:first-child{{break-before:auto}}</style></head>"
        f"<body>{''.join(parts)}</body></html>"
    )


def _bound(page: str, place: int, names: Sequence[str]) -> str:
    """One page's body as a part of the document."""
    body = _BODY.search(page)
    assert body
    text = _MAIN.sub("", _APART.sub("", body[1]))
    text = _NAMED.sub(lambda one: f'{one[1]}{_each(one[2], place)}"', text)
    text = _OWN.sub(rf"\1#p{place}-\2\3", text)
    text = _CLASS.sub(rf"\1p{place}\2\3", text)

    def inside(found: re.Match) -> str:
        if found[1] not in names:
            return ""
        there = names.index(found[1])
        return f'href="#p{there}-{found[2]}"' if found[2] else f'href="#p{there}"'

    text = _OUTSIDE.sub("", _OTHER.sub(inside, text))
    return f'<div class="bound" id="p{place}">{text}</div>'


def _each(ids: str, place: int) -> str:
    return " ".join(f"p{place}-{one}" for one in ids.split())


def _print(browser: str, source: Path, private: Path) -> bytes:
    target = private / FILE
    command = [
        *(browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"),
        *("--generate-pdf-document-outline", "--no-first-run", "--disable-extensions"),
        *(f"--user-data-dir={private / 'profile'}", f"--print-to-pdf={target}"),
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium refuses root otherwise
        source.as_uri(),
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIME_OUT, check=False)
        if done.returncode == 0 and target.is_file():
            return target.read_bytes()
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as error:
        said = [str(error)]
    raise KpilibError(
        f"{browser} could not print the report ({' '.join(said)[:200] or 'it said nothing'}); "
        "run it again without --pdf"
    )
