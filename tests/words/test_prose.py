"""Docstrings, formulas and Markdown: what is extracted is what is looked up."""

import json

import pytest

from kpilib.report.notebooks import notebook_folder
from kpilib.words.prose import (
    first_paragraph,
    formula_words,
    markdown_texts,
    say_formula,
    say_markdown,
)

SOURCE = """# Retention and churn

Who was lost?
Not so fast.

```python
x = 1

# Retention and churn
```

    # Retention and churn

$$
\\text{x}
$$

## Who was lost?
"""


def test_headings_and_paragraphs_are_texts_and_code_is_not():
    assert markdown_texts(SOURCE) == [
        "Retention and churn", "Who was lost?\nNot so fast.", "Who was lost?",
    ]  # fmt: skip


def test_english_markdown_stays_as_it_is():
    assert say_markdown(SOURCE, "en") == SOURCE


def test_only_what_the_catalogue_knows_changes():
    changed = {
        (before, after)
        for before, after in zip(
            SOURCE.splitlines(), say_markdown(SOURCE, "vi").splitlines(), strict=True
        )
        if before != after
    }
    assert changed == {
        ("# Retention and churn", "# Giữ chân và rời bỏ"),
        ("## Who was lost?", "## Ai đã rời bỏ?"),
    }


def test_the_notebooks_read_as_written_in_english_and_otherwise_in_other_languages():
    paths = sorted(notebook_folder().rglob("*.ipynb"))
    assert paths
    for path in paths:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown" and source.strip():
                assert say_markdown(source, "en") == source
                assert say_markdown(source, "zh") != source


def test_a_formula_keeps_its_latex_and_its_numbers():
    latex = r"\frac{\text{opening customers lost}}{\text{opening customers}} = \frac{2}{41}"
    assert formula_words(latex) == ["opening customers lost", "opening customers"]
    assert say_formula(latex, "zh") == (
        r"\frac{\text{流失的期初客户}}{\text{期初客户}} = \frac{2}{41}"
    )


@pytest.mark.parametrize(("text", "said"), [(None, ""), ("One\n  two.\n\nThree.", "One two.")])
def test_the_first_paragraph_stands_on_one_line(text, said):
    assert first_paragraph(text).en == said
