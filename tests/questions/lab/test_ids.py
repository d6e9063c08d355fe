"""The help of the questions names everything that can be asked, with an example."""

import pydoc

from kpilib.registry.definitions import analyses, registry
from tests.quick import tiny_shop


def said(method):
    return pydoc.render_doc(method, renderer=pydoc.plaintext)


def test_the_help_of_a_question_names_every_id_once_and_shows_an_example():
    base = tiny_shop()
    for method in (base.kpi, base.trend, base.why, base.rows):
        words = said(method).replace(",", " ").split()
        assert set(registry()) <= set(words)
    assert said(base.kpi).count("The ids:") == 1 and ">>> tiny_shop().kpi(" in said(base.kpi)
    assert "Churn: lost_customers, churn_rate" in said(base.kpi)
    assert set(analyses()) <= set(said(base.analysis).replace(",", " ").split())
    assert "churn" in said(base.scorecard).replace(",", " ").split()
    ids = said(base.kpi).partition("The ids:")[2]
    assert max(map(len, ids.splitlines())) <= 100
