"""What is said to be equivalent is in the code as it is, or the score of mutation.py is false."""

import tomllib

import pytest

from tests.benchmarks.mutants import EQUIVALENT, NAMED, every, named

LISTED = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", LISTED)
def test_each_equivalent_mutant_is_one_of_its_module_and_has_a_reason(module):
    known = {(one.text, one.told) for one in every(module)}
    for one in LISTED[module]:
        assert one["why"] and one["line"] in {line for line, _told in known}, one["line"]
        assert {(one["line"], change) for change in one.get("changes", ())} <= known, one


def test_each_named_mutant_changes_what_its_module_says_once():
    assert len(list(named())) == len(NAMED)
