"""A figure's SVG made small: the same picture in a third of the letters.

What cannot be seen goes, so do ids that nothing refers to and groups that hold nothing together.
Paths are written in steps of a tenth of a point (an eighth of a pixel), without the points that
lie nearer to the line than that. Styles that come again become classes, shared by a page's figures.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree

import numpy as np

_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
_NEAR = 0.08
"""Points nearer to the line than this, in points of print, are left out."""

_PLACES = ("x", "y", "width", "height", "cx", "cy", "r", "x1", "x2", "y1", "y2")
_TURN = re.compile(r"rotate\(-?0(?:\.0+)?[ )][^)]*\)?")
_NUMBER = re.compile(r"-?\d+\.\d+")


def make_lean(root: ElementTree.Element, prefix: str) -> None:
    """Shorten everything below `root` in place; ids that are kept begin with `prefix`."""
    _leave_out(root)
    _name_anew(root, prefix)
    for element in root.iter():
        _shorten(element)
    for shape in root.iter("defs"):
        for element in shape.iter("path"):
            element.set("d", short_path(element.get("raw", ""), 100))
    for element in root.iter("path"):
        if raw := element.attrib.pop("raw", None):
            element.set("d", element.get("d") or short_path(raw))
    _unwrap(root)
    _gather(root)


def share_styles(root: ElementTree.Element, styles: dict[str, str]) -> None:
    """Give what is styled alike one class; `styles` maps the style to its class, for all figures.

    A style that comes once in a figure and in none before it stays where it is.
    """
    times = Counter(style for element in root.iter() if (style := element.get("style")))
    for element in root.iter():
        style = element.get("style")
        if element is root or not style or (times[style] < 2 and style not in styles):
            continue
        element.set("class", styles.setdefault(style, f"z{len(styles)}"))
        del element.attrib["style"]


def short_path(data: str, steps: int = 10) -> str:
    """Path data in relative steps, `steps` to the point, straight runs thinned.

    >>> short_path("M 1.04 2 L 2 2 L 3 2.001 L 3 8.96 L 1.04 8.96 L 1.04 2 z")
    'M1 2h2v7h-2z'
    >>> short_path("M 0 0 C 0.5 0 1 0.5 1 1")
    'M0 0c.5 0 1 .5 1 1'
    """
    parts = list(_commands(data))
    if any(command not in _POINTS for command, _ in parts):
        return " ".join(data.split())
    pen = _Pen(steps)
    for straight, run in groupby(parts, key=lambda part: part[0] == "L"):
        found = list(run)
        if straight:
            points = np.vstack([pen.at, *(points for _, points in found)])
            for point in points[_corners(points)][1:]:
                pen.line(point)
        else:
            for command, points in found:
                pen.draw(command, points)
    return "".join(pen.written)


class _Pen:
    """Writes path data step by step; knows where it stands, exactly and as written."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.at = self.begun = np.zeros(2)
        self.whole = self.first = np.zeros(2, dtype=int)
        self.written: list[str] = []

    def _snap(self, points: np.ndarray) -> np.ndarray:
        return np.rint(points * self.steps).astype(int)

    def draw(self, command: str, points: np.ndarray) -> None:
        """A move, a curve or the way back to the start."""
        if command == "Z":
            if (
                len(self.written) > 2
                and (self.whole == self.first).all()
                and _is_line(self.written[-1])
            ):
                self.written.pop()
            self.written.append("z")
            self.at, self.whole = self.begun, self.first
            return
        places = self._snap(points)
        if command == "M":
            self.begun, self.first = points[0], places[0]
            self.written.append("M" + _joined(places.ravel(), self.steps))
        else:
            moved = (places - self.whole).ravel()
            self.written.append(command.lower() + _joined(moved, self.steps))
        self.at, self.whole = points[-1], places[-1]

    def line(self, point: np.ndarray) -> None:
        """A straight line, level or upright where it is."""
        place = self._snap(point)
        x, y = place - self.whole
        if x and y:
            self.written.append("l" + _joined((x, y), self.steps))
        elif x or y:
            self.written.append(("h" if x else "v") + _joined((x or y,), self.steps))
        self.at, self.whole = point, place


def _is_line(written: str) -> bool:
    return written[0] in "lhv"


def _commands(data: str) -> Iterator[tuple[str, np.ndarray]]:
    """Commands in capital letters with their points, a repeated one written out."""
    tokens = _TOKEN.findall(data)
    place = 0
    command = ""
    while place < len(tokens):
        if tokens[place].isalpha():
            command = tokens[place]
            place += 1
            if command in "Zz":
                yield "Z", np.empty((0, 2))
                continue
        if command not in _POINTS:
            yield command or "?", np.empty((0, 2))
            return
        count = 2 * _POINTS[command]
        points = np.array(tokens[place : place + count], dtype=float).reshape(-1, 2)
        yield command, points
        place += max(count, 1)
        command = "L" if command == "M" else command


def _corners(points: np.ndarray) -> np.ndarray:
    """Which points a line needs to stay within `_NEAR` of where it was (Douglas & Peucker)."""
    kept = np.zeros(len(points), dtype=bool)
    kept[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        between = points[first + 1 : last] - points[first]
        along = points[last] - points[first]
        length = float(along @ along)
        share = np.clip(between @ along / length, 0, 1) if length else np.zeros(len(between))
        away = np.hypot(*(between - share[:, None] * along).T)
        worst = int(away.argmax())
        if away[worst] > _NEAR:
            middle = first + 1 + worst
            kept[middle] = True
            todo += [(first, middle), (middle, last)]
    return kept


def _joined(numbers: Iterator[int] | tuple | np.ndarray, steps: int) -> str:
    """Whole steps as decimals, with a space only where it is needed."""
    text = ""
    last = ""
    for number in numbers:
        plain = f"{number / steps:.3f}".rstrip("0").rstrip(".")
        plain = re.sub(r"^(-?)0\.", r"\1.", plain)
        glued = plain[0] == "-" or (plain[0] == "." and "." in last)
        text += plain if not text or glued else f" {plain}"
        last = plain
    return text


def _leave_out(root: ElementTree.Element) -> None:
    """Drop shapes that are neither filled nor drawn, and comments; not what others refer to."""
    for parent in list(root.iter()):
        if parent.tag in ("defs", "clipPath"):
            continue
        for child in list(parent):
            seen = child.get("style", "")
            unseen = child.tag == "path" and re.sub(r"\s", "", seen) == "fill:none"
            if unseen and not child.get("stroke"):
                parent.remove(child)


def _name_anew(root: ElementTree.Element, prefix: str) -> None:
    """Keep only ids that are referred to, under names of a letter or two."""
    wanted: dict[str, str] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            for hit in _REFERENCE.findall(value):
                wanted.setdefault(hit, f"{prefix}{len(wanted)}")
            if name == "href" and value.startswith("#"):
                wanted.setdefault(value[1:], f"{prefix}{len(wanted)}")
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name == "id":
                del element.attrib["id"]
                if value in wanted:
                    element.set("id", wanted[value])
            elif name == "href" and value.startswith("#"):
                element.set(name, f"#{wanted[value[1:]]}")
            elif "url(#" in value:
                element.set(name, _REFERENCE.sub(lambda hit: f"url(#{wanted[hit[1]]})", value))


def _shorten(element: ElementTree.Element) -> None:
    """Numbers to a tenth of a point, no turning by nothing, no space between elements."""
    if "d" in element.attrib:
        element.set("raw", element.attrib.pop("d"))
    for name in _PLACES:
        if value := element.get(name):
            element.set(name, _rounded(value, 1))
    turned = _rounded(_TURN.sub("", element.attrib.pop("transform", "")), 2)
    if turned.strip():
        element.set("transform", " ".join(turned.split()))
    if element.tag not in ("text", "tspan", "title", "desc"):
        element.text = None
    if element.tag != "tspan":
        element.tail = None


def _rounded(text: str, decimals: int) -> str:
    return _NUMBER.sub(lambda hit: f"{float(hit[0]):.{decimals}f}".rstrip("0").rstrip("."), text)


def _unwrap(element: ElementTree.Element) -> None:
    """Put the contents of groups that say nothing in their place; empty ones vanish."""
    children: list[ElementTree.Element] = []
    for child in list(element):
        _unwrap(child)
        if child.tag == "defs" and not len(child):
            continue
        if child.tag == "g" and not child.attrib:
            children += list(child)
        elif child.tag != "g" or len(child):
            children.append(child)
    element[:] = children


def _gather(root: ElementTree.Element) -> None:
    """One group for neighbours that are clipped alike, in place of the same words on each."""
    for parent in list(root.iter()):
        children: list[ElementTree.Element] = []
        for clip, group in groupby(list(parent), key=lambda child: child.get("clip-path")):
            same = list(group)
            if clip and len(same) > 1:
                for child in same:
                    del child.attrib["clip-path"]
                holder = ElementTree.Element("g", {"clip-path": clip})
                holder[:] = same
                same = [holder]
            children += same
        parent[:] = children
