"""The glossary: every entry, once, in every language, with nothing from the network."""

import re

import pytest

from kpilib.errors import InputError
from kpilib.lessons.glossary import glossary_markdown, glossary_page, glossary_text
from kpilib.registry.definitions import catalogue

HTML = {"en": "en", "vi": "vi", "zh": "zh-Hans"}
"""What each language is called in HTML."""


@pytest.mark.parametrize("lang", ["en", "vi", "zh"])
def test_the_page_has_every_entry_by_its_id_and_loads_nothing(lang):
    page = glossary_page(lang)
    terms = re.findall(r'<article class="term" id="(\w+)"', page)
    assert terms == list(catalogue())
    assert "http" not in page and f'<html lang="{HTML[lang]}">' in page
    assert not re.search(r'lang="zh"', page)
    for one in catalogue().values():
        assert all(name.replace("&", "&amp;") in page for name in one.name.to_dict().values())


def test_the_links_of_the_markdown_lead_somewhere():
    text = glossary_markdown("zh")
    anchors = set(re.findall(r'<a id="(\w+)">', text))
    assert anchors == set(catalogue())
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= anchors


def test_another_ending_is_refused():
    with pytest.raises(InputError, match=r"\.docx"):
        glossary_text(".docx")
