"""How text is set: what is kept together can still be found, and what is no text stays as it is."""

import re

import pytest

from kpilib.report.page.unbroken import unbroken


def read(html):
    """The text, as a browser's search reads it: a space that joins is a space."""
    return re.sub("<[^>]*>", "", html).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("late rows +£100.00 (orders 1)", ["+£100.00"]),
        ("−£60.8k … +£195k", ["−£60.8k", "+£195k"]),
        ("▲ 12% after 7", ["▲ 12%"]),
        ("▲ +1,2 điểm", ["+1,2"]),
        ("2,090 + 177 new − 206 lost", []),
        ("needs the data up to 2026-11-30; see 2026-10", ["2026-11-30"]),
        ("1999-2001, order 12026-10-31", []),
    ],
)
def test_a_signed_amount_is_one_piece_and_a_search_finds_it(text, kept):
    page = unbroken(f"<td>{text}</td>", "en")
    assert re.findall(r'<span class="unbroken">(.*?)</span>', page) == kept
    assert read(page) == text


def test_a_chinese_number_stays_with_its_unit():
    assert '<span class="unbroken">₫6.4亿</span>' in unbroken("<p>达₫6.4亿：购买</p>", "zh")
    page = unbroken("<p>偏差（计正负号+3.3%）；最好的规则为25.3%</p>", "zh")
    assert re.findall(r'<span class="unbroken">(.*?)</span>', page) == ["+3.3%"]


def test_a_chinese_date_is_one_piece():
    page = unbroken("<p>截至2026年10月31日；2026年9月</p>", "zh")
    pieces = re.findall(r'<span class="unbroken">(.*?)</span>', page)
    assert pieces == ["2026年10月31日", "2026年9月"]


def test_chinese_stands_without_gaps_and_english_within_it_with_its_own():
    page = unbroken("<p>33,053 行中有 520 行；BG/NBD 模型 在 2026 年</p>", "zh")
    assert read(page) == "33,053行中有520行；BG/NBD 模型在2026年"
    assert read(unbroken("<p>期初 + 新增 − 流失 = 期末</p>", "zh")) == "期初 + 新增 − 流失 = 期末"
    assert read(unbroken("<p>n = 177 · 定义 5d2b33bc38d6</p>", "zh")).endswith("定义 5d2b33bc38d6")
    assert unbroken("<p>33 rows</p>", "en") == "<p>33 rows</p>"


def test_a_minus_is_one_and_a_hyphen_stays():
    page = unbroken("<td>-38.6%</td><td>2026-10</td><td>win-back 2026-10</td>", "en")
    assert read(page) == "−38.6%2026-10win-back 2026-10"


def test_what_is_no_text_of_the_page_stays_as_it_is():
    page = '<svg><text>+£1</text></svg><code>kpi -5 +£1</code><a title="+£1">x</a>'
    assert unbroken(page, "en") == page


def test_months_and_chinese_units_stay_with_their_numbers():
    assert ">October 2026<" in unbroken("<p>177 in October 2026, after</p>", "en")
    assert ">tháng 10/2026<" in unbroken("<p>177 vào tháng 10/2026</p>", "vi")
    assert ">3.46小时<" in unbroken("<p>2026年10月为 3.46 小时</p>", "zh")
