"""Completion by Tab within `base.kpi("…")`: ids, families, periods and dimensions, as typed.

IPython asks a matcher of ours beside its own. The text before the cursor says which question of
which object is asked, and which of its arguments is being written; nothing is evaluated.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from inspect import getattr_static
from types import ModuleType
from typing import Any

from kpilib.activity.business import Business
from kpilib.periods import Period
from kpilib.questions.breakdown import row_dimensions
from kpilib.registry.definitions import Definition, analyses, catalogue, registry

_CALL = re.compile(
    r"""([A-Za-z_][\w.]*)\.(\w+)\(        # base.kpi(
    ((?:[^()]|\([^()]*\))*?)              # what is written of the arguments
    (['"])([^'"\n]*)$                     # "chu""",
    re.VERBOSE,
)
_STRING = re.compile(r"""(['"]).*?\1""")
_MONTHS, _YEARS = 36, 5
_REACH = 1000
"""Letters before the cursor that are looked at."""

_ASKED: dict[str, tuple[str, ...]] = {
    "kpi": ("kpi_id", "period", "by"),
    "trend": ("kpi_id", "periods", "by"),
    "rows": ("kpi_id", "period"),
    "why": ("kpi_id", "period", "by"),
    "panel": ("kpi_id", "period", "by"),
    "analysis": ("analysis_id", "period"),
    "scorecard": ("family", "period"),
    "period": ("period",),
    "explain": ("any_id", "base", "period"),
}
"""The questions, and what their arguments are called, in order."""


def complete(before: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What is typed of an argument, and what it may become: what begins so, or else holds it.

    `before` is the text before the cursor, `names` what is defined where it stands.

    >>> from kpilib.demo import tiny_shop
    >>> complete('base.kpi("repeat', {"base": tiny_shop()})
    ('repeat', ['repeat_purchase_rate'])
    >>> complete('base.scorecard("ch', {"base": tiny_shop()})
    ('ch', ['churn'])
    """
    found = _CALL.search(before[-_REACH:])
    if found is None or found[2] not in _ASKED:
        return "", []
    owner, question, written, _quote, typed = found.groups()
    plain = _STRING.sub("0", written)
    asked = _look_up(owner, names)
    if "'" in plain or '"' in plain or asked is None:
        return "", []
    place = _argument(plain, _ASKED[question])
    if isinstance(asked, ModuleType):
        some: Iterable[str] = catalogue() if (question, place) == ("explain", "any_id") else ()
    else:
        first = _STRING.search(written)
        some = _choices(asked, place, first[0][1:-1] if first else "")
    known = list(some)
    starting = [one for one in known if one.startswith(typed)]
    return typed, starting or [one for one in known if typed in one]


def _look_up(owner: str, names: Mapping[str, Any]) -> Business | ModuleType | None:
    """The base, or kpilib itself, that a dotted name means; no property of anything is asked."""
    first, *rest = owner.split(".")
    found = names.get(first)
    for name in rest:
        found = getattr_static(found, name, None)
    if isinstance(found, ModuleType):
        return found if found.__name__ == "kpilib" else None
    return found if isinstance(found, Business) else None


def _argument(plain: str, order: tuple[str, ...]) -> str:
    """The name of the argument that is being written; strings before it are zeros."""
    flat = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", plain).partition("[")[0]
    last = flat.rpartition(",")[2].strip()
    if last.endswith("="):
        return last[:-1].strip()
    count = flat.count(",")
    return order[count] if count < len(order) else ""


def _choices(base: Business, place: str, kpi_id: str) -> Iterable[str]:
    """Everything that an argument may be."""
    if place in ("kpi_id", "analysis_id"):
        return registry() if place == "kpi_id" else analyses()
    if place == "family":
        return ("all", *dict.fromkeys(one.family for one in registry().values()))
    if place in ("period", "periods"):
        return periods(base)
    return dimensions(base, registry().get(kpi_id)) if place == "by" else ()


def periods(base: Business) -> list[str]:
    """The months that the data cover, the last complete one first; then their years."""
    month: Period = base.period()
    months = [one for one in reversed(month.trailing(_MONTHS)) if one.end_day > base.first_day]
    years = dict.fromkeys(one.label[:4] for one in months)
    return [*(one.label for one in months), *list(years)[:_YEARS]]


def dimensions(base: Business, asked: Definition | None) -> tuple[str, ...]:
    """What a KPI, or any, may be broken down by."""
    if asked is not None and asked.breakdowns is not None:
        return tuple(asked.breakdowns)
    own = row_dimensions(base, {asked.id: asked}) if asked is not None else ()
    return tuple(dict.fromkeys((*own, *base.dimensions)))


def register(shell: Any) -> None:
    """Let the running IPython complete so, by whichever way of its it has for that."""
    try:
        from IPython.core.completer import SimpleCompletion, context_matcher
    except ImportError:  # before 8.6
        shell.set_custom_completer(_old_matcher(shell))
        return

    @context_matcher(identifier="kpilib")
    def kpilib_matcher(context: Any) -> dict[str, Any]:
        upto = context.full_text[: _cursor(context)]
        typed, found = complete(upto, shell.user_ns)
        return {
            "completions": [SimpleCompletion(text=one, type="kpilib") for one in found],
            "matched_fragment": typed,
            "suppress": bool(found),
        }

    shell.Completer.custom_matchers.append(kpilib_matcher)


def _cursor(context: Any) -> int:
    """Where the cursor is in the whole text: its place is counted within its line."""
    lines = context.full_text.split("\n")
    return sum(len(line) + 1 for line in lines[: context.cursor_line]) + context.cursor_position


def _old_matcher(shell: Any) -> Callable[..., list[str]]:
    def matcher(completer: Any, text: str) -> list[str]:
        return complete(completer.text_until_cursor, shell.user_ns)[1]

    return matcher
