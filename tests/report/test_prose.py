"""Markdown: one title, numbered sections, formulas as MathML."""

import pytest

from kpilib.report.page.prose import Headings, prose_html


def test_the_first_heading_is_the_pages_title_and_every_other_stands_below_it():
    headings = Headings()
    html = prose_html("# Title\n\n## One\n\n# Loud\n\n### Three", headings)
    assert headings.title == "Title"
    assert headings.sections == [("s1", "One"), ("s2", "Loud")]
    assert html == '<h2 id="s1">One</h2>\n<h2 id="s2">Loud</h2>\n<h3>Three</h3>\n'
    prose_html("## Four", headings)
    assert headings.last == "Four" and headings.sections[-1] == ("s3", "Four")


@pytest.mark.parametrize(
    "source",
    [
        "a $x^2$ b",
        "$$x^2$$",
        "$$\nx^2\n$$",
        "words\n$$x^2$$\nwords",
        "- item $x^2$",
        "|a|\n|-|\n|$x^2$|",
    ],
)
def test_formulas_are_mathml(source):
    html = prose_html(source, Headings())
    assert "<math" in html and "<msup>" in html and "$" not in html


def test_a_block_formula_stands_by_itself_over_several_lines():
    html = prose_html("$$\n\\frac{a}{b}\n= c\n$$\n\nafter", Headings())
    assert '<div class="formula" tabindex="0"><math display="block">' in html
    assert "<p>after</p>" in html


@pytest.mark.parametrize(
    "source", ["costs $5 or $10", "only $5", "a $ b $ c", r"\$5 and 6\$", "`$x$`"]
)
def test_prices_are_not_formulas(source):
    assert "<math" not in prose_html(source, Headings())


def test_a_formula_in_code_is_code():
    assert "<math" not in prose_html("```\n$$x$$\n```", Headings())


def test_html_in_prose_is_kept_and_harmless():
    html = prose_html(
        "a<br>b <script>alert(1)</script>\n\n<img src='http://x/y.png' alt='z'>", Headings()
    )
    assert "<br>" in html and "alert" not in html and "http" not in html and "z" in html


def test_a_picture_is_shown_where_it_is_attached():
    attached = {"a.png": {"image/png": "AAAA"}}
    html = prose_html("![A chart](attachment:a.png) ![far](https://x/y.png)", Headings(), attached)
    assert 'src="data:image/png;base64,AAAA" alt="A chart"' in html
    assert "https" not in html and "far" in html


def test_a_table_in_prose_has_scopes():
    html = prose_html("| a | b |\n|---|---|\n| x | 2 |", Headings("Title"))
    assert '<th scope="col">a</th>' in html and 'class="num">2</td>' in html
    assert 'aria-label="Title"' in html
