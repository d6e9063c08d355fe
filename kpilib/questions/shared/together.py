"""The values of a run's own period, judged all together, whichever process asks for some.

Whether a change is beyond chance depends on how many changes are looked at. The month's page looks
at all of them, and so must each chapter: else one KPI would have two verdicts in one report. What
is computed for that is shared out: a process that asks for one family goes on with the others for
as long as they are neither done nor in the hands of another process.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from kpilib.activity.business import Business
from kpilib.contract.prepared import file_of, laid, lay
from kpilib.periods import Period
from kpilib.questions.shared.answers import rows_of
from kpilib.questions.shared.plain import values_as_plain, values_from_plain
from kpilib.questions.values import KPIValue
from kpilib.registry import definitions as registry
from kpilib.registry.definitions import Definition
from kpilib.scratch.locks import Lock

Asking = Callable[[Mapping[str, Definition]], object]
"""Asks for the definitions, so that the answers lie where they are shared."""
Judging = Callable[[Mapping[str, Definition]], list[KPIValue]]
"""Definitions → their values of the period, judged beside each other."""

_RUN = "run.json"
_PAUSE = 0.02
"""Seconds between two looks at what others have in hand."""


def announce(base: Business, period: Period) -> None:
    """Tell all processes that share the base's answers which period the run is about."""
    if base.answered is not None:
        lay(base.answered / _RUN, _written(period))


def is_announced(base: Business, period: Period) -> bool:
    """Whether the base's answers are a run's, which is about this period."""
    return base.answered is not None and laid(base.answered / _RUN) == _written(period)


def judged_together(
    base: Business,
    definitions: Mapping[str, Definition],
    period: Period,
    asking: Asking,
    judging: Judging,
) -> list[KPIValue]:
    """Values of the announced period, each judged beside those of the whole registry."""
    assert base.answered is not None
    place = base.answered / file_of("judged", _written(period))
    found = laid(place)
    if found is None:
        ask_all(base, period, asking, [one.family for one in definitions.values()])
        with _held(base.answered / "judged.lock", lambda: place.exists()) as mine:
            found = None if mine else laid(place)
            if found is None:
                found = _as_plain(judging(registry.registry()))
                lay(place, found)
    every: list[KPIValue] = []
    for name in definitions:
        rows = partial(rows_of, base, name)
        every += values_from_plain(found[name], base.lang, rows) if name in found else []
    left = {name: one for name, one in definitions.items() if name not in found}
    return every + (judging(left) if left else [])


def ask_all(base: Business, period: Period, asking: Asking, first: list[str]) -> None:
    """See to it that every KPI is asked, and the answers lie where all find them.

    The families of `first` come first; those that another process has in hand are waited for.
    """
    assert base.answered is not None
    families: dict[str, dict[str, Definition]] = {name: {} for name in first}
    for name, one in registry.registry().items():
        families.setdefault(one.family, {})[name] = one
    done = {name: base.answered / file_of(name, "asked", _written(period)) for name in families}
    while families := {name: one for name, one in families.items() if not done[name].exists()}:
        for name in [*families]:
            with _taken(done[name].with_suffix(".lock")) as mine:
                if mine and not done[name].exists():
                    asking(families.pop(name))
                    lay(done[name], True)
                    break
        else:
            time.sleep(_PAUSE)


def _as_plain(values: list[KPIValue]) -> dict:
    """KPI → its values in JSON's types; without those that hold what JSON does not."""
    found = {}
    for name in dict.fromkeys(value.id for value in values):
        with suppress(TypeError):
            found[name] = values_as_plain([value for value in values if value.id == name])
    return found


@contextmanager
def _held(path: Path, needless: Callable[[], bool]) -> Iterator[bool]:
    """Hold the lock on `path`, waiting for it as long as it is not needless to."""
    while True:
        with _taken(path) as mine:
            if mine or needless():
                yield mine and not needless()
                return
        time.sleep(_PAUSE)


@contextmanager
def _taken(path: Path) -> Iterator[bool]:
    """Hold the lock on `path` if nobody else does; where none can be made, go without."""
    lock = Lock(path)
    try:
        mine = lock.take()
    except OSError:
        mine = True
    try:
        yield mine
    finally:
        lock.release()


def _written(period: Period) -> list[str]:
    return [period.start.isoformat(), period.end.isoformat()]
