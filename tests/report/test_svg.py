"""Figures in a page: named, with ids of their own, in the page's colours and type."""

import io
import re

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from kpilib.errors import KpilibError
from kpilib.report.svg import colour_rules, in_the_dark, picture

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
