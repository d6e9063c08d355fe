"""Texts: looked up in the catalogue of the language asked for, their values written in it."""

import pickle
from datetime import date

import pytest

from kpilib.errors import InputError
from kpilib.words import LANGUAGES, Amount, Text, Unit, _, ngettext, pgettext
from kpilib.words.text import written


def test_a_text_without_a_translation_reads_as_in_the_code():
    assert Text("no such sentence").to_dict() == dict.fromkeys(LANGUAGES, "no such sentence")


def test_values_are_written_as_the_language_writes_them():
    text = Text("{n} of {share} by {day}: {why}").format(
        n=1234, share=Amount(0.25, Unit.SHARE), day=date(2026, 1, 5), why=Text("so")
    )
    assert text.en == "1,234 of 25.0% by 2026-01-05: so"
    assert text.of("vi") == "1.234 of 25,0% by 5/1/2026: so"
    assert text.of("zh") == "1,234 of 25.0% by 2026年1月5日: so"


def test_a_value_may_be_given_later_and_anew():
    text = Text("{a} and {b}").format(a=1)
    assert text.format(b=2).en == "1 and 2"
    assert text.format(a=3, b=2).en == "3 and 2"


def test_braces_without_values_stay():
    assert Text(r"\frac{a}{b}").en == r"\frac{a}{b}"


def test_english_plurals_hang_on_n():
    assert [ngettext("{n} row", "{n} rows", n).en for n in (0, 1, 2)] == [
        "0 rows",
        "1 row",
        "2 rows",
    ]
    assert ngettext("{n} row", "{n} rows", 0).format(n=1).en == "1 row"


def test_a_context_tells_translations_apart():
    days = pgettext("value with its unit", "{value} days", value=3)
    assert days.of("vi") == "3 ngày"
    assert Text("{value} days").format(value=3).of("vi") == "3 days"


def test_texts_compare_hash_and_pickle():
    text = Text("{n}").format(n=1)
    assert text == Text("{n}").format(n=1) != Text("{n}").format(n=2)
    assert len({text, Text("{n}").format(n=1)}) == 1
    assert pickle.loads(pickle.dumps(text)) == text


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="'fr' is not known"):
        _("a day").of("fr")


@pytest.mark.parametrize(
    ("value", "vi"), [(1234, "1.234"), (0.5, "0,5"), ("2026", "2026"), (None, "None")]
)
def test_written(value, vi):
    assert written(value, "vi") == vi


def test_no_gap_is_left_between_chinese_characters(monkeypatch):
    monkeypatch.setattr(Text, "_wording", lambda self, lang: "从 {low} 到 {high} 已过")
    said = Text("x")
    assert said.format(low="2 小时", high="3%").of("zh") == "从 2 小时到 3% 已过"
    assert said.format(low="二", high="三").of("zh") == "从二到三已过"
    assert said.format(low="二", high="三").of("vi") == "从 二 到 三 已过"
