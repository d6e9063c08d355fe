"""Figures in a page: named, with ids of their own, in the page's colours and type."""

import io
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from kpilib.errors import KpilibError
from kpilib.show.figure.lean import short_path
from kpilib.show.figure.svg import colour_rules, in_the_dark, picture, style_rules

SVG = "http://www.w3.org/2000/svg"


def draw(title="Churn fell", image=False):
    """An SVG as the report's kernel makes it."""
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kpilib"}):
        figure = Figure(figsize=(7.2, 3))
        axes = figure.add_subplot()
        axes.plot([1, 2], [0.08, 0.05], color="#00648f", marker="o")
        axes.set_title(title, fontsize=14)
        axes.set_xlabel("Month")
        if image:
            axes.imshow([[0, 1]])
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def test_a_figure_is_named_by_its_largest_text_and_described_by_its_words():
    drawn = picture(draw(), "f1-", "Figure 1")
    assert drawn.title == "Churn fell" and "Month" in drawn.description
    assert 'role="img"' in drawn.html
    assert 'aria-labelledby="f1-title f1-desc"' in drawn.html
    assert '<title id="f1-title">Churn fell</title>' in drawn.html


def test_the_name_and_description_that_a_figure_brings_go_first():
    alt = '<g class="kpilib-alt"><title>Fewer leave</title><desc>From 8% to 5%.</desc></g>'
    drawn = picture(draw().replace("</svg>", f"{alt}</svg>"), "f1-", "Figure 1")
    assert (drawn.title, drawn.description) == ("Fewer leave", "From 8% to 5%.")
    assert "kpilib-alt" not in drawn.html


def test_a_figure_without_words_has_the_name_given():
    path = '<path d="M0 0"/>'
    bare = f'<svg xmlns="{SVG}" width="9pt" viewBox="0 0 9 9">{path}</svg>'
    drawn = picture(bare, "f1-", "Figure 1: Churn")
    assert drawn.title == "Figure 1: Churn"
    assert 'aria-labelledby="f1-title"' in drawn.html and "max-width:12px" in drawn.html


def test_two_figures_of_a_page_share_no_id_and_every_reference_is_met():
    first, second = (picture(draw(), f"f{n}-", "x").html for n in (1, 2))
    ids = [set(re.findall(r'\bid="([^"]+)"', html)) for html in (first, second)]
    assert not ids[0] & ids[1]
    for html, known in zip((first, second), ids, strict=True):
        wanted = re.findall(r'href="#([^"]+)"', html) + re.findall(r"url\(#([^)]+)\)", html)
        assert wanted and set(wanted) <= known


def test_nothing_in_it_leads_out_of_the_page():
    drawn = picture(draw(), "f1-", "x").html
    assert "http" not in drawn and "<style" not in drawn and "<metadata" not in drawn
    hostile = (
        f'<svg xmlns="{SVG}" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<script>alert(1)</script><a xlink:href="https://x.example">'
        '<path d="M0 0" onclick="a()"/></a>'
        '<image xlink:href="https://x.example/y.png"/><foreignObject><p>x</p></foreignObject></svg>'
    )
    html = picture(hostile, "f1-", "x").html
    assert "example" not in html and "alert" not in html and "onclick" not in html
    assert "foreignObject" not in html


def test_its_colours_are_variables_that_the_page_defines_for_light_and_dark():
    drawn = picture(draw(), "f1-", "x")
    used = set(re.findall(r"var\(--c([0-9a-f]{6})\)", drawn.html))
    assert "00648f" in used and used == drawn.colours
    light, dark = colour_rules(drawn.colours)
    assert "--c00648f:#00648f;" in light and f"--c00648f:{in_the_dark('00648f')};" in dark
    assert "#00648f" not in drawn.html and "DejaVu" not in drawn.html


def test_the_white_behind_it_is_the_pages():
    assert "fill:var(--cffffff)" not in picture(draw(), "f1-", "x").html.replace(" ", "")[:1500]


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", ["1f2933", "6b7785", "00648f", "c4512d", "000000"])
def test_what_can_be_read_on_white_can_be_read_in_the_dark(colour):
    assert contrast(in_the_dark(colour), in_the_dark("ffffff")) >= 4.5


def test_the_order_of_lightness_is_turned_round():
    scale = ["0b3c5d", "00648f", "4b9ac0", "9cc9de", "e4e8ec", "ffffff"]
    dark = [luminance(in_the_dark(colour)) for colour in scale]
    assert dark == sorted(dark, reverse=True)


def test_a_figure_with_pixels_keeps_its_own_colours():
    drawn = picture(draw(image=True), "f1-", "x")
    assert drawn.pixels and not drawn.colours and "#00648f" in drawn.html


def test_a_figure_is_lean_and_the_same_every_time():
    source = draw()
    assert picture(source, "f1-", "x") == picture(draw(), "f1-", "x")
    assert len(picture(source, "f1-", "x").html) < 0.75 * len(source)


def test_a_broken_figure_is_an_error_in_words():
    with pytest.raises(KpilibError, match="not SVG"):
        picture("<svg", "f1-", "x")


def shapes(html):
    """Every path of an SVG as points, commands made absolute."""
    found = []
    for data in re.findall(r' d="([^"]*)"', html):
        x = y = 0.0
        for command, rest in re.findall(r"([MmLlHhVvCcQqZz])([^A-Za-z]*)", data):
            numbers = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
            if command in "Zz":
                continue
            if command == "h":
                numbers = [numbers[0], 0.0]
            elif command == "v":
                numbers = [0.0, numbers[0]]
            here = (x, y) if command.islower() else (0.0, 0.0)
            x, y = here[0] + numbers[-2], here[1] + numbers[-1]
            found.append((x, y))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_path_made_short_ends_where_it_ended_and_stays_near(seed):
    rng = np.random.default_rng(seed)
    points = np.cumsum(rng.normal(0, 1, (400, 2)), axis=0) + 200
    long = "M " + " L ".join(f"{x:.6f} {y:.6f}" for x, y in points)
    short = short_path(long)
    drawn = np.array(shapes(f'<path d="{short}"/>'))
    assert len(short) < 0.6 * len(long)
    assert np.allclose(drawn[-1], points[-1], atol=0.051)
    for point in points:
        ahead = drawn[1:] - drawn[:-1]
        along = np.einsum("ij,ij->i", point - drawn[:-1], ahead) / (ahead**2).sum(1)
        nearest = drawn[:-1] + np.clip(along, 0, 1)[:, None] * ahead
        assert np.hypot(*(nearest - point).T).min() < 0.16


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("M 0 0 L 0 0", "M0 0"),
        ("M 0 0 L 1 0 L 2 0 L 3 0", "M0 0h3"),
        ("M 0 0 L 3 0 L 1 0", "M0 0h3h-2"),
        ("M 0 0 L 1 0 L 1 1 L 0 1 L 0 0 Z M 5 5 L 6 6", "M0 0h1v1h-1zM5 5l1 1"),
        ("M 1e1 2 Q 3 4 5 6.55", "M10 2q-7 2-5 4.6"),
        ("M 0 0 A 1 1 0 0 1 2 2", "M 0 0 A 1 1 0 0 1 2 2"),
        ("M -0.04 0.04 L 9.96 .04", "M0 0h10"),
    ],
)
def test_paths_of_every_kind_are_shortened_or_left(long, short):
    assert short_path(long) == short


def test_styles_of_a_page_are_shared_by_its_figures():
    styles = {}
    first = picture(draw(), "f1-", "x", styles).html
    known = dict(styles)
    second = picture(draw(), "f2-", "x", styles).html
    assert styles == known and known
    used = set(re.findall(r'class="(\w+)"', first + second))
    assert used == set(styles.values())
    assert all(
        f"figure .{name}{{{style}}}" in style_rules(styles) for style, name in styles.items()
    )
    assert len(first) < 0.75 * len(picture(draw(), "f1-", "x").html)
