"""HTML from notebooks: nothing in it loads or runs, its tables are readable, its tags closed."""

import pandas as pd
import pytest

from kpilib.report.page.clean import clean_html, plain_text


def clean(source):
    return clean_html(source, "Churn", "n1")


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<script src='https://cdn.example/x.js'></script>",
        "<SCRIPT>alert(1)</SCRIPT>",
        "<link rel=stylesheet href='https://cdn.example/x.css'>",
        "<iframe src='https://example.com'>x</iframe>",
        "<object data='https://example.com'></object>",
        "<img src='https://example.com/x.png'>",
        "<img srcset='https://example.com/x.png 2x'>",
        "<video poster='https://example.com/x.png'></video>",
        "<div style=\"background:url('https://example.com/x.png')\"></div>",
        "<style>@import 'https://example.com/x.css';</style>",
        "<style>p{background:URL(https://example.com/x.png)}</style>",
        "<meta http-equiv=refresh content='0;https://example.com'>",
        "<base href='https://example.com'>",
        "<form action='https://example.com'><input></form>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><use href='https://example.com/x.svg#a'/></svg>".replace("use href", "image src"),
        "<table background='https://example.com/x.png'></table>",
        "<math xmlns='http://www.w3.org/1998/Math/MathML'></math>",
    ],
)
def test_nothing_is_loaded_or_run(source):
    html = clean(f"<p>before</p>{source}<p>after</p>")
    assert "example" not in html and "alert" not in html and "http" not in html
    assert "<p>before</p>" in html and "<p>after</p>" in html


def test_what_runs_on_an_event_or_a_click_is_left_out():
    html = clean("<a href='javascript:alert(1)' onclick='alert(2)'>a</a><b onmouseover=x>b</b>")
    assert html == "<a>a</a><b>b</b>"
    assert clean("<a href=' JavaScript:alert(1)'>a</a>") == "<a>a</a>"


def test_a_link_to_read_on_stays():
    source = '<a href="https://example.com/paper">paper</a><a href="#s1">here</a>'
    assert clean(source) == source


def test_a_picture_that_is_all_there_stays():
    assert 'src="data:image/png;base64,AA"' in clean('<img src="data:image/png;base64,AA">')


def test_a_pandas_table_gets_scopes_and_numbers_on_the_right():
    frame = pd.DataFrame({"channel": ["Web", "Shop"], "lost": [5, 12345]}, index=["a", "b"])
    html = clean(frame._repr_html_())
    assert '<div class="table" role="group" tabindex="0" aria-label="Churn"><table>' in html
    assert '<th scope="col">channel</th>' in html.replace(' class="num"', "")
    assert '<th class="num" scope="col">lost</th>' in html
    assert '<th scope="row">a</th>' in html
    assert "<td>Web</td>" in html and '<td class="num">12345</td>' in html
    assert "<style" not in html and "border=" not in html


def test_cards_keep_their_own_look():
    card = '<div class="kpis"><style>.kpis{}</style><table><tr><td>5</td></tr></table></div>'
    assert clean(card) == '<div class="kpis"><table><tr><td>5</td></tr></table></div>'


def test_a_styled_table_is_the_same_in_every_run():
    frame = pd.DataFrame({"a": [1.5]})
    first, second = (frame.style.format("{:.1f}").to_html() for _ in range(2))
    assert clean(first) == clean(second)
    assert first != second


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<div><p>open", "<div><p>open</p></div>"),
        ("</div></main></body>text", "text"),
        ("<b><i>x</b>y", "<b><i>x</i></b>y"),
        ("<br/>a<br>b", "<br>a<br>b"),
        ("1 < 2 &amp; &#x3c;b&gt;", "1 &lt; 2 &amp; &#x3c;b&gt;"),
    ],
)
def test_a_page_cannot_be_broken_open(source, html):
    assert clean(source) == html


def test_a_drawing_keeps_its_name():
    source = '<svg viewbox="0 0 1 1"><title>Churn</title><path d="M0 0"></path></svg>'
    assert clean(source) == source


def test_printed_text_has_no_colours():
    assert plain_text("\x1b[31m<b>\x1b[0m &") == "&lt;b&gt; &amp;"
