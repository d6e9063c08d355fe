"""The catalogues hold what the code says: all of it, nothing else, the same placeholders."""

import ast
import importlib.util
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from kpilib.words import LANGUAGES
from kpilib.words.languages import LOCALES, catalogue, compile_catalogue

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"\{(\w*)\}")


@cache
def tool():
    spec = importlib.util.spec_from_file_location("messages", ROOT / ".ci" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def found():
    return tool().entries(tool().collect())


@cache
def kept(lang):
    return tool().entries(tool().read(tool().catalogue_paths()[lang], lang))


def forms(words):
    return list(words) if isinstance(words, (tuple, list)) else [words]


@pytest.fixture(params=sorted(set(LANGUAGES) - {"en"}))
def lang(request):
    return request.param


def test_every_language_but_english_has_a_catalogue():
    assert set(tool().catalogue_paths()) == set(LANGUAGES) - {"en"}


def test_a_catalogue_has_what_the_code_says_and_nothing_else(lang):
    missing, superfluous = set(found()) - set(kept(lang)), set(kept(lang)) - set(found())
    assert not missing, f"not in the catalogue, run .ci/messages.py: {sorted(missing, key=str)}"
    assert not superfluous, f"no longer in the code, run .ci/messages.py: {superfluous}"
    for name, message in found().items():
        assert kept(lang)[name].id == message.id, f"another plural: {message.id}"


def test_everything_is_translated_and_nothing_is_guessed(lang):
    left = [one.id for one in kept(lang).values() if not tool().is_translated(one)]
    assert not left, f"{len(left)} not translated: {left}"


def test_translations_have_the_placeholders_of_the_english(lang):
    for message in kept(lang).values():
        wanted = set(PLACE.findall(forms(message.id)[-1]))
        for translation in forms(message.string):
            assert set(PLACE.findall(translation)) == wanted, (message.id, translation)


def test_placeholders_are_plain_names():
    for message in found().values():
        for form in forms(message.id):
            if "\\" not in form:
                assert re.fullmatch(r"([^{}]|\{[A-Za-z]\w*\})*", form), form


def test_a_catalogue_is_as_the_tool_writes_it(lang):
    path = tool().catalogue_paths()[lang]
    assert path.read_bytes() == tool().dump(tool().read(path, lang)), "run .ci/messages.py"


def test_what_marks_a_text_is_given_literal_words():
    """Anything else is not found by the extractor, and stays English."""
    for path in (ROOT / "kpilib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                count = {"_": 1, "pgettext": 2, "ngettext": 2}.get(node.func.id, 0)
                for argument in node.args[:count]:
                    literal = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                    assert literal, f"{path}:{node.lineno}: {ast.unparse(argument)}"


def test_a_compiled_catalogue_reads_as_its_source(lang, tmp_path, monkeypatch):
    source = LOCALES / lang / "LC_MESSAGES" / "kpilib.po"
    folder = tmp_path / lang / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "kpilib.mo").write_bytes(compile_catalogue(source))
    monkeypatch.setattr("kpilib.words.languages.LOCALES", tmp_path)
    compiled = catalogue.__wrapped__(lang)
    for message in kept(lang).values():
        if isinstance(message.id, str) and message.context is None:
            assert compiled.gettext(message.id) == message.string


def test_english_reads_no_catalogue():
    code = """
import sys
import kpilib.words as words
assert words._("x").en == "x"
assert "babel" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_percentage_is_not_taken_for_a_format():
    catalog = tool().Catalog()
    catalog.add("the 95% interval")
    assert b"python-format" not in tool().dump(catalog)


def test_a_new_text_is_added_and_an_old_one_dropped_with_nothing_guessed():
    Catalog = tool().Catalog
    code, before = Catalog(), Catalog()
    code.add("kept")
    code.add("kept more", locations=[("a.py", 1)])
    before.add("kept", "giữ")
    before.add("kept mode", "cũ")
    after = tool().entries(tool().update(code, before, "vi"))
    assert {name[0]: one.string for name, one in after.items()} == {"kept": "giữ", "kept more": ""}
    assert not any(one.fuzzy for one in after.values())


def test_percentages_have_no_space_in_any_language(lang):
    spaced = re.compile(r"[0-9}] %(?![a-z])")
    said = [text for one in kept(lang).values() for text in (*forms(one.id), *forms(one.string))]
    assert [text for text in said if spaced.search(text)] == []
