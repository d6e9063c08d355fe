"""A figure's SVG made fit to stand inside a page: named, lean, and at home in the dark.

Colours become variables that the page defines twice, for light and dark; text is set in the page's
own type; `lean` makes it small.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from kpilib.errors import KpilibError
from kpilib.show.figure.lean import make_lean, share_styles

_COLOUR = re.compile(r"#([0-9a-fA-F]{6})\b")
_FONT = re.compile(r"font:\s*([^;]*?\d(?:\.\d+)?px)[^;]*")
_FAMILY = re.compile(r"font-family:[^;]*")


@dataclass(frozen=True)
class Picture:
    """An SVG as HTML, its alternative text, the colours in it, whether pixels are part of it."""

    html: str
    title: str
    description: str
    colours: frozenset[str]
    pixels: bool
    beside: dict[str, str]
    """What a page sets beside the picture: its `measure`, what is `seen`, its `source`."""
    titled: bool
    """Whether the title is left to the page."""


def picture(source: str, prefix: str, title: str, styles: dict[str, str] | None = None) -> Picture:
    """Make an SVG of matplotlib's a part of a page; `title` is its name where it brings none.

    `styles` are the classes of the figures before it, by what they stand for; this one's are
    added. Without it every element keeps its own style.

    Its own name and description are the `<title>` and `<desc>` inside `<g class="kpilib-alt">`;
    without them the largest text in it is its name and all its words are the description.
    """
    try:
        root = ElementTree.fromstring(source)
    except ElementTree.ParseError as error:
        raise KpilibError(f"a figure is not SVG that can be read: {error}") from None
    for element in root.iter():
        _plain_names(element)
    pixels = root.find(".//image") is not None
    found, description, beside, titled = _alt(root)
    _drop(root)
    _clear_background(root)
    colours: set[str] = set()
    for element in root.iter():
        _set_type(element)
        if not pixels:
            colours |= _variables(element)
    make_lean(root, prefix)
    if styles is not None:
        share_styles(root, styles)
    _frame(root, prefix, found or title, description)
    html = ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")
    return Picture(html, found or title, description, frozenset(colours), pixels, beside, titled)


def style_rules(styles: dict[str, str]) -> str:
    """The classes that the figures of a page share, as CSS."""
    return "".join(f"figure .{name}{{{style}}}" for style, name in styles.items())


def colour_rules(colours: Iterable[str]) -> tuple[str, str]:
    """The variables of the figures' colours, as CSS: in the light, and in the dark."""
    ordered = sorted(set(colours))
    light = "".join(f"--c{colour}:#{colour};" for colour in ordered)
    dark = "".join(f"--c{colour}:{in_the_dark(colour)};" for colour in ordered)
    return light, dark


def in_the_dark(colour: str) -> str:
    """The colour on a dark page: the hue kept, the lightness turned round, its middle raised.

    >>> in_the_dark("ffffff"), in_the_dark("00648f")
    ('#14181d', '#58a7d6')
    """
    if colour == "ffffff":
        return "#14181d"
    lightness, a, b = _oklab(colour)
    return _hex(0.24 + 0.72 * (1 - lightness) ** 0.7, a, b)


def _plain_names(element: ElementTree.Element) -> None:
    """Tag and attribute names without their namespaces, as HTML has them."""
    element.tag = str(element.tag).rpartition("}")[2]
    for name in [name for name in element.attrib if "}" in name]:
        element.attrib.setdefault(name.rpartition("}")[2], element.attrib.pop(name))


def _alt(root: ElementTree.Element) -> tuple[str, str, dict[str, str], bool]:
    """The name and the description that the figure brings, or what its own words give.

    Then what is set beside it, and whether its title stands in its picture no more.
    """
    groups = [group for group in root.iter("g") if group.get("class") == "kpilib-alt"]
    if groups:
        titles = [group.findtext("title") or "" for group in groups]
        texts = [group.findtext("desc") or "" for group in groups]
        beside = {
            one.get("class", ""): one.text or ""
            for one in groups[0].iter("desc")
            if one.get("class")
        }
        found = "; ".join(filter(None, titles))
        drawn = "".join("".join(text.itertext()) for text in root.iter("text"))
        titled = (
            len(groups) == 1
            and bool(found)
            and "".join(found.split()) not in "".join(drawn.split())
        )
        return found, " ".join(filter(None, texts)), beside, titled
    texts = ["".join(text.itertext()).strip() for text in root.iter("text")]
    sizes = [_size(text) for text in root.iter("text")]
    words = [text for text in texts if re.search(r"[^\W\d_]{2}", text)]
    largest = max(sizes, default=0)
    title = texts[sizes.index(largest)] if sizes and largest > min(sizes) else ""
    return title, "; ".join(dict.fromkeys(words))[:300], {}, False


def _size(text: ElementTree.Element) -> float:
    found = re.search(r"(\d+(?:\.\d+)?)px", text.get("style", ""))
    return float(found[1]) if found else 0


def _drop(root: ElementTree.Element) -> None:
    """Take out metadata, style sheets, scripts, links out of the page and the lifted alt text."""
    for parent in list(root.iter()):
        for child in list(parent):
            if (
                child.tag in ("metadata", "style", "script", "foreignObject")
                or child.get("class") == "kpilib-alt"
            ):
                parent.remove(child)
        for name in [name for name in parent.attrib if _unsafe(name, parent.attrib[name])]:
            del parent.attrib[name]


def _clear_background(root: ElementTree.Element) -> None:
    """Let the page show through the white of the figure and of its axes."""
    white = re.compile(r"fill:\s*(#ffffff|white)", re.IGNORECASE)
    for parent in root.iter("g"):
        patch = parent.find("g")
        if patch is None or not re.match(r"figure_|axes_", parent.get("id", "")):
            continue
        if patch.get("id", "").startswith("patch_"):
            for path in patch.iter("path"):
                path.set("style", white.sub("fill:none", path.get("style", "")))


def _unsafe(name: str, value: str) -> bool:
    if name == "href":
        return not value.startswith(("#", "data:image/"))
    return name.startswith("on") or name in ("version", "base")


def _set_type(element: ElementTree.Element) -> None:
    """Let the page choose the type, and write the style without spaces."""
    style = element.get("style")
    if style:
        style = _FAMILY.sub("", _FONT.sub(r"font: \1 var(--sans)", style))
        pairs = [part.split(":", 1) for part in style.split(";") if ":" in part]
        element.set("style", ";".join(f"{key.strip()}:{value.strip()}" for key, value in pairs))


def _variables(element: ElementTree.Element) -> set[str]:
    """Put a variable in the place of every colour, and say which there were."""
    style, found = element.get("style", ""), set()
    for name in ("fill", "stroke"):
        if value := element.attrib.pop(name, None):
            style = f"{name}:{value};{style}"
    if style:
        found = {colour.lower() for colour in _COLOUR.findall(style)}
        element.set("style", _COLOUR.sub(lambda hit: f"var(--c{hit[1].lower()})", style))
    return found


def _frame(root: ElementTree.Element, prefix: str, title: str, description: str) -> None:
    """The outer element: its size, and its name for those who cannot see it."""
    width = float(re.sub(r"[^\d.]", "", root.attrib.pop("width", "") or "0") or 0)
    root.attrib.pop("height", None)
    root.attrib.pop("style", None)
    names = [("title", title)] + ([("desc", description)] if description else [])
    for place, (tag, text) in enumerate(names):
        element = ElementTree.Element(tag, {"id": f"{prefix}{tag}"})
        element.text = text
        root.insert(place, element)
    root.set("role", "img")
    root.set("aria-labelledby", " ".join(f"{prefix}{tag}" for tag, _ in names))
    if width:
        root.set("style", f"max-width:{width * 4 / 3:.0f}px")


def _oklab(colour: str) -> tuple[float, float, float]:
    """A colour's lightness and two axes of hue in Ottosson's OKLab."""
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (0, 2, 4))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _hex(lightness: float, a: float, b: float) -> str:
    """The nearest colour that a screen can show."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(max(part, 0), 1))):02x}" for part in rgb)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
