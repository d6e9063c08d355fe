"""What changed: the KPIs in the order of how surprising their change is, each shown once."""

from functools import partial
from typing import Any

from kpilib.questions.values import KPIValue, Status
from kpilib.report.month.asked import Asked
from kpilib.report.month.drawing import sparkline
from kpilib.report.month.wording import DOWN, MINUS, UP, Move
from kpilib.words import Unit
from kpilib.words.short import short_span, short_value
from kpilib.words.text import capital, labelled
from kpilib.words.values import value_text

_NEAR = 1e-9
CHANCE = 6
"""So many changes that may be chance are shown."""
CLEAR, EARLY = 10, 4


def complements(asked: Asked) -> dict[str, str]:
    """KPI → the one that says the same turned round: two shares of the same that make up 1.

    Found in the numbers: the sum is 1 in every period in which both are known. Of the two, the one
    that comes later in the registry is kept.
    """
    shares = [
        (name, line)
        for name, value in asked.now.items()
        if value.unit is Unit.SHARE and value.value is not None
        for line in [asked.line(name)]
    ]
    found: dict[str, str] = {}
    for place, (one, first) in enumerate(shares):
        for other, second in shares[place + 1 :]:
            pairs = [(a, b) for a, b in zip(first, second, strict=False)
                     if a is not None and b is not None]  # fmt: skip
            if len(pairs) > 1 and all(abs(a + b - 1) < _NEAR for a, b in pairs):
                found[one] = other
    return found


def ranked(asked: Asked) -> list[Move]:
    """The changes, the most surprising first; complements once, and nothing without a change."""
    twins = complements(asked)
    moves = [Move(value) for value in asked.now.values() if value.id not in twins]
    moves = [move for move in moves if move.change]
    return sorted(moves, key=lambda move: (not move.clear, -move.surprise, move.value.id))


def changed(asked: Asked, lang: str) -> dict[str, list[dict[str, Any]]]:
    """`beyond`, `chance` and `early`: rows as `row` makes them, the most surprising first.

    `early` are those whose history is too short to judge them.
    """
    moves = ranked(asked)
    clear = [move.value for move in moves if move.clear][:CLEAR]
    chance = [move.value for move in moves if move.signal == "no clear change"][:CHANCE]
    early = [move.value for move in moves if move.signal == "too early"][:EARLY]
    write = partial(row, asked, lang=lang)
    some = {"beyond": clear, "chance": chance, "early": early}
    return {name: [write(value) for value in values] for name, values in some.items()}


def row(asked: Asked, value: KPIValue, lang: str) -> dict[str, Any]:
    """One KPI as a line of a table.

    `id`, `family`, `name`, `line` (SVG), `before`, `now`, `change`, `kind` (`good`, `bad`,
    `quiet`), `between` (the interval of the change), `range` (of the value), `state` (what is to be
    known of it, where it is not complete or cannot be judged).
    """
    move = Move(value)
    written = partial(short_value, unit=value.unit, lang=lang, currency=value.currency)
    change = move.size(lang)
    if move.change and change[:1] in ("+", MINUS):
        change = f"{UP if move.change > 0 else DOWN} {change}"
    return {
        "id": value.id,
        "family": value.family,
        "name": value.name.of(lang),
        "line": sparkline(asked.line(value.id), 96, 26),
        "before": written(value.previous),
        "now": written(value.value),
        "change": change,
        "kind": move.kind,
        "between": move.between(lang),
        "range": _range(value, lang),
        "state": _state(value, move, lang),
    }


def _range(value: KPIValue, lang: str) -> str:
    if value.low is None or value.high is None:
        return ""
    return short_span(value.low, value.high, value.unit, lang, value.currency)


def _state(value: KPIValue, move: Move, lang: str) -> str:
    if value.status is Status.COMPLETE:
        return move.verdict(lang)
    said = capital(value_text(value.status).of(lang))
    reason = value.reason.of(lang) if value.reason else ""
    return reason if value.value is None else labelled(said, reason, lang)
