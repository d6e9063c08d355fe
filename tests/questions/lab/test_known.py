"""What a base says of itself: what can be asked, and its card."""

from kpilib.demo.tiny import tiny_orders
from kpilib.registry.definitions import catalogue
from tests import quick
from tests.quick import tiny_shop


def test_everything_that_can_be_asked_is_in_the_table():
    kpis = tiny_shop().kpis
    assert set(kpis.index) == set(catalogue()) and kpis["name"].all()
    assert kpis.loc["revenue", "needs"] == "" and kpis.loc["value_tiers", "kind"] == "analysis"
    assert "email_events" in kpis.loc["unsubscribe_rate", "needs"]
    found = kpis[kpis["name"].str.contains("churn", case=False)]
    assert "churn_rate" in found.index


def test_the_base_shows_its_tables_span_and_rows():
    html = tiny_shop()._repr_html_()
    assert "12 of 12 rows kept" in html and "2026-01-05 to 2026-04-30" in html and "GBP" in html


def test_a_hostile_name_is_text_on_the_card():
    orders = tiny_orders()
    base = quick.opened(orders=orders, lang="vi", lapse_window=45)
    base.source = "<script>x</script>"
    html = base._repr_html_()
    assert "<script>x" not in html and "&lt;script&gt;x" in html
