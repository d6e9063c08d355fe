"""Whatever is shown has a head in every language."""

from kpilib.words.columns import COLUMNS


def test_every_column_of_an_analysis_and_every_detail_of_a_kpi_has_a_head(small_answers):
    """On a business with every source table; a new column is a line in `COLUMNS`."""
    shown = {
        column: name for name, table in small_answers.analyses.items() for column in table.columns
    }
    shown |= {detail: value.id for value in small_answers.values for detail in value.details}
    assert len(shown) > 150
    assert {name: where for name, where in shown.items() if name not in COLUMNS} == {}
