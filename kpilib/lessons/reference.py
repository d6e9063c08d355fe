"""All KPIs, source tables and settings as the README lists them, made from where they are declared.

`python .ci/readme.py` puts it there; a test holds the README to it.
"""

import dataclasses

from kpilib.contract.rules import RULES
from kpilib.contract.settings import Settings
from kpilib.contract.tables import SCHEMAS
from kpilib.registry.definitions import catalogue

BEGIN, END = "<!-- all of it, by .ci/readme.py -->", "<!-- end -->"


def reference() -> str:
    """Three lists in Markdown: KPIs and analyses by family, tables with columns, settings.

    >>> reference().splitlines()[0]
    '**KPIs and analyses**, by family (`kpilib explain ID` says what each means):'
    """
    return "\n".join(
        [
            "**KPIs and analyses**, by family (`kpilib explain ID` says what each means):",
            "",
            *_kpis(),
            "",
            "**Source tables**, their columns, those that must be there in bold:",
            "",
            *_tables(),
            "",
            "**Settings**, at the top of `kpilib.toml` and in its tables of rules:",
            "",
            *_settings(),
        ]
    )


def _kpis() -> list[str]:
    families: dict[str, list[str]] = {}
    for kpi_id, one in catalogue().items():
        families.setdefault(one.family, []).append(f"`{kpi_id}`")
    return [f"- {family}: {', '.join(ids)}" for family, ids in families.items()]


def _tables() -> list[str]:
    return [
        f"- `{name}`: "
        + ", ".join(
            f"**{column.name}**" if column.required else column.name for column in schema.columns
        )
        for name, schema in SCHEMAS.items()
    ]


def _settings() -> list[str]:
    top = [item.name for item in dataclasses.fields(Settings) if item.name not in RULES]
    lines = [f"- {', '.join(f'`{name}`' for name in top if name != 'tables')}"]
    for name, rule in RULES.items():
        keys = ", ".join(item.name for item in dataclasses.fields(rule))
        lines.append(f"- `[{name}]`: {keys}")
    return lines


def with_reference(readme: str) -> str:
    """A README with the lists as they are now, between its two marks."""
    head, rest = readme.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    return f"{head}{BEGIN}\n{reference()}\n{END}{tail}"
