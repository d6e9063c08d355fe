"""What a definition is made of: helpers and constants it reaches, and no wordings."""

import textwrap
from importlib import import_module

import pytest

from kpilib.kpis.churn import churn_rate
from kpilib.kpis.retention import long_term_customer_share
from kpilib.registry.code import made_of


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A function of a module of its own, made from text."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names = iter(range(100))

    def make(text):
        name = f"made_up_{next(names)}_{abs(hash(text))}"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        return import_module(name)

    return make


def code(module, name="rate"):
    made = made_of([getattr(module, name)])
    return [(key.replace(module.__name__, ""), value) for key, value in made]


PLAIN = """
    LEAST = 3
    NAMES = {"a": (1, 2)}

    def helper(rows):
        return rows + LEAST

    class Rule:
        def of(self, rows):
            return helper(rows)

    def rate(base, periods):
        return helper(base.closes(periods)) + len(NAMES) + Rule().of(1)
"""


def test_layout_comments_docstrings_annotations_and_wordings_are_no_part(module):
    dressed = """
        from kpilib.words import _
        LEAST = 3
        NAMES = {"a": (1, 2)}

        def helper(rows: int) -> int:
            '''Adds.'''
            return (rows +
                    LEAST)  # as said

        class Rule:
            '''A rule.'''
            def of(self, rows):
                '''Of some.'''
                return helper(rows)

        def rate(base: "Business", periods: tuple) -> int:
            '''The rate.'''
            return helper(base.closes(periods)) + len(NAMES) + Rule().of(1)
    """
    assert code(module(PLAIN)) == code(module(dressed))
    say = "from kpilib.words import _\ndef rate(base, periods):\n    return _('{text}')\n"
    first, second = (module(say.replace("{text}", text)) for text in ("one", "another"))
    assert code(first) == code(second)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LEAST = 3", "LEAST = 4"),
        ("(1, 2)", "(1, 3)"),
        ("rows + LEAST", "rows - LEAST"),
        ("return helper(rows)\n", "return 2 * helper(rows)\n"),
        ("len(NAMES)", "2 * len(NAMES)"),
        ("base.closes(periods)", "base.ledger(periods)"),
    ],
)
def test_a_change_of_what_is_reached_is_seen(module, old, new):
    assert old in PLAIN
    assert code(module(PLAIN)) != code(module(PLAIN.replace(old, new)))


def test_a_change_of_what_is_not_reached_is_not_seen(module):
    more = PLAIN + "\n    OTHER = 4\n\n    def other(base):\n        return base.ledger(OTHER)\n"
    assert code(module(PLAIN)) == code(module(more))


def test_methods_of_the_business_are_followed_and_its_machinery_is_not():
    made = dict(made_of([long_term_customer_share]))
    assert "kpilib.activity.business.Business.tenured" in made
    assert made["kpilib.activity.business.LONG_TERM_MONTHS"] == "12"
    assert made["kpilib.activity.lapse.QUANTILE"] == "0.9"
    assert not [name for name in made if ".kept." in name or name.endswith("._keep")]
    assert "kpilib.activity.business.LONG_TERM_MONTHS" not in dict(made_of([churn_rate]))


def test_a_function_without_source_goes_by_what_was_compiled():
    space = {"__name__": __name__}
    exec("def rate(base, periods):\n    return 3", space)
    exec("def other(base, periods):\n    return 4", space)
    first, second = (made_of([space[name]])[0][1] for name in ("rate", "other"))
    assert first != second
