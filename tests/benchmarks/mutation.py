"""Would the tests notice? One small change of the code at a time, and the tests that should fail.

    python tests/benchmarks/mutation.py [--each N] [--seed S] [--list] [MODULE …]
    python tests/benchmarks/mutation.py --named

Changes the spine of the numbers node by node (comparisons, arithmetic, numbers, truth values,
negations, conditions, `min` and `max`), runs the tests of the module that was changed, and prints
the part of the mutants that they kill, and those that survive. `--each N` draws N mutants of each
module; `--list` prints the mutants and runs none. A mutant that cannot change a number stands in
`equivalent.toml`, by the line it is in, with the reason.

Tests are collected once for a module, and it is seen which of them run which line. A mutant then
costs a fork in which the function it is in gets other code, and the tests that run its line, the
quickest first, until one fails; then the others. What is made when a module is imported (constants,
defaults), and what survives, is tried once more in a process that imports the mutant. Tools that
change source files or wrap functions would change what the tests of definitions look at, the code
that a KPI is made of.
"""

import argparse
import gc
import importlib
import importlib.abc
import importlib.util
import os
import pickle
import random
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest
from mutants import ROOT, Mutant, mutants, named

TESTS = {
    "statistics/intervals": ["statistics/test_kinds.py", "statistics/test_intervals.py"],
    "statistics/kinds": ["statistics/test_kinds.py", "statistics/test_together.py"],
    "statistics/several": ["statistics/test_kinds.py", "kpis/test_worked_examples.py"],
    "statistics/together": ["statistics/test_kinds.py", "statistics/test_together.py"],
    "statistics/evaluate": ["statistics/test_kinds.py", "statistics/test_together.py"],
    "statistics/survival": ["statistics/test_survival.py"],
    "statistics/waiting": ["statistics/test_waiting.py"],
    "activity/ledger": ["activity/test_business.py", "activity/test_spells.py"],
    "activity/spells": ["activity/test_business.py", "activity/test_spells.py",
                        "activity/test_recurring.py"],
    "questions/availability": ["questions/test_availability.py"],
    "questions/compare": ["questions/test_compare.py"],
    "registry/observed": ["registry/test_observed.py"],
    "activity/lapse": ["activity/test_lapse.py", "activity/test_business.py"],
    "activity/business": ["activity/test_business.py", "oracle/test_oracle.py"],
    "activity/purchases": ["activity/test_purchases.py", "oracle/test_oracle.py"],
    "activity/recurring": ["activity/test_recurring.py", "oracle/test_oracle.py"],
    "decomposition/effects": ["decomposition/test_effects.py"],
    "decomposition/logarithmic": ["decomposition/test_logarithmic.py"],
}  # fmt: skip
"""Module → the test files that should notice, the quickest first."""
"""Module → the test files that should notice, the quickest first."""

LONGEST = 60
"""CPU-seconds after which a mutant that has not ended counts as noticed."""

LIBRARIES = (
    "pandas", "numpy", "duckdb", "polars", "scipy.stats", "narwhals.stable.v2",
    "statsmodels.stats.proportion", "statsmodels.stats.multitest", "pyarrow", "babel",
)  # fmt: skip

QUICK = ("-x", "-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not spark")
_OPTIMIZED = 0x1
"""The flag of the code of functions; that of modules and classes runs when they are made."""


def forked(work: Callable[[], Any], longest: int | None = None) -> Any:
    """What `work` returns in a process of its own; None where that dies or takes too long."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        if longest is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))
        with os.fdopen(writes, "wb") as out:
            pickle.dump(work(), out)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as found:
        told = found.read()
    os.waitpid(child, 0)
    return pickle.loads(told) if told else None


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = "kpilib." + mutant.module.replace("/", ".")

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        where = ROOT / "kpilib" / f"{self.mutant.module}.py"
        return importlib.util.spec_from_file_location(name, where, loader=self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(compile(self.mutant.tree, module.__spec__.origin, "exec"), module.__dict__)


def imported(mutant: Mutant, tests: list[str]) -> bool:
    """Whether the tests fail in a process that imports the mutant."""

    def work() -> bool:
        sys.meta_path.insert(0, _Changed(mutant))
        return pytest.main([*QUICK, "--rootdir", str(ROOT), *_paths(tests)]) != 0

    return forked(work, LONGEST) is not False


def _paths(tests: list[str]) -> list[str]:
    return [str(ROOT / "tests" / test) for test in tests]


class Trial:
    """A plugin of pytest that runs no tests but for each mutant, in a fork, those that may fail."""

    def __init__(self, path: str, some: list[Mutant]) -> None:
        self.path, self.some = path, some
        self.failed = self.broken = False
        self.survive: list[int] = []
        self.lines: set[int] = set()
        self.shared: dict[Path, set[int]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remembers that a test failed."""
        self.failed |= report.failed

    def pytest_runtestloop(self, session: Any) -> bool:
        """In place of the tests: the mutants."""
        gc.collect()
        gc.freeze()
        items = session.items
        seen = forked(lambda: self.seen(items))
        if seen is None or any(one.failed for one in seen):
            self.broken = True
            return True
        files = list(dict.fromkeys(item.path for item in items))
        order = sorted(range(len(items)), key=lambda n: (files.index(items[n].path), seen[n].took))
        for number, mutant in enumerate(self.some):
            first = [items[place] for place in order if mutant.line in seen[place].lines]
            rest = [items[place] for place in order if mutant.line not in seen[place].lines]
            if not (self.killed(mutant, first) or self.killed(mutant, rest)):
                self.survive.append(number)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: Any) -> Iterator[None]:
        """What is run to set a test up counts for all of its file, as others may share it."""
        own, self.lines = self.lines, self.shared.setdefault(item.path, set())
        yield
        self.lines = own

    def seen(self, items: list[Any]) -> "list[Seen]":
        """Of each test how long it takes, the lines of the module it runs, whether it fails."""
        found = []
        sys.settrace(self.trace)
        threading.settrace(self.trace)
        for item, after in zip(items, [*items[1:], None], strict=True):
            began, self.failed, self.lines = time.process_time(), False, set()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            sys.settrace(self.trace)
            found.append(Seen(time.process_time() - began, self.lines, self.failed))
        sys.settrace(None)
        for item, one in zip(items, found, strict=True):
            one.lines.update(self.shared.get(item.path, ()))
        return found

    def trace(self, frame: Any, event: str, arg: object) -> Any:
        """A trace function that notes the lines of the module."""
        if frame.f_code.co_filename != self.path:
            return None
        self.lines.add(frame.f_lineno)
        return self.trace

    def killed(self, mutant: Mutant, items: list[Any]) -> bool:
        """Whether one of the tests fails where functions have the mutant's code."""

        def work() -> bool:
            put_in_place(mutant, self.path)
            self.failed = False
            for item, after in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if self.failed:
                    return True
            return False

        return forked(work, LONGEST) is not False


class Seen(NamedTuple):
    """A test: its CPU-seconds, the lines that it runs, and whether it fails as the code is."""

    took: float
    lines: set[int]
    failed: bool


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The code of functions that stand in a module or in its classes."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if one.co_flags & _OPTIMIZED:
                yield one
            else:
                yield from _functions(one)


def _made(code: CodeType) -> tuple[Any, ...]:
    """What a module does when it is imported, functions left aside."""
    rest = [
        _made(one) if isinstance(one, CodeType) else (type(one), one)
        for one in code.co_consts
        if not (isinstance(one, CodeType) and one.co_flags & _OPTIMIZED)
    ]
    return code.co_code, code.co_names, tuple(rest)


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _compiled(mutant: Mutant, path: str) -> tuple[CodeType, CodeType]:
    """The module as it is and with the mutant."""
    as_it_is = compile(Path(path).read_text(encoding="utf-8"), path, "exec")
    return as_it_is, compile(mutant.tree, path, "exec")


def in_a_function(mutant: Mutant, path: str) -> bool:
    """Whether the mutant is in one function alone, which can be told from others."""
    old, new = _compiled(mutant, path)
    keys = [_key(code) for code in _functions(old)]
    changed = [_key(b) for a, b in zip(_functions(old), _functions(new), strict=True) if a != b]
    unique = all(keys.count(one) == 1 and not one[0].endswith("comp>") for one in changed)
    return _made(old) == _made(new) and len(changed) == 1 and unique


def put_in_place(mutant: Mutant, path: str) -> None:
    """Give the function that the mutant is in its code, wherever it is known."""
    old, new = _compiled(mutant, path)
    (code,) = (b for a, b in zip(_functions(old), _functions(new), strict=True) if a != b)
    found = [
        one
        for one in gc.get_objects()
        if isinstance(one, FunctionType)
        and one.__code__.co_filename == path
        and _key(one.__code__) == _key(code)
    ]
    assert found
    for one in found:
        one.__code__ = code


def survivors(module: str, tests: list[str], some: list[Mutant]) -> list[Mutant] | None:
    """The mutants of a module that no test notices; None where tests fail as it is."""
    path = str(ROOT / "kpilib" / f"{module}.py")
    quick = [one for one in some if in_a_function(one, path)]

    def work() -> list[int] | None:
        trial = Trial(path, quick)
        pytest.main([*QUICK, "--rootdir", str(ROOT), *_paths(tests)], plugins=[trial])
        return None if trial.broken else trial.survive

    left = forked(work)
    if left is None:
        return None
    again = [quick[number] for number in left] + [one for one in some if one not in quick]
    return [one for one in again if not imported(one, tests)]


def _load_libraries() -> None:
    """What every test needs, once, so that forks have it."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not any(name.startswith("kpilib") for name in sys.modules)


def main() -> None:
    """Try the mutants and print the score."""
    parser = argparse.ArgumentParser(description="Would the tests notice?")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--each", type=int, help="so many mutants of each module, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--named", action="store_true", help="those of the list NAMED alone")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    asked = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    _load_libraries()
    if asked.named:
        for mutant, test in named():
            print("noticed " if imported(mutant, [test]) else "survives", mutant, flush=True)
        return
    killed = tried = 0
    for module, tests in TESTS.items():
        if asked.modules and not any(name in module for name in asked.modules):
            continue
        every = list(mutants(module))
        some = every
        if asked.each and asked.each < len(every):
            some = random.Random(asked.seed).sample(every, asked.each)
        if asked.list:
            print(*every, sep="\n")
            continue
        began = time.process_time() + _children()
        alive = survivors(module, tests, some)
        if alive is None:
            print(f"{module}: its tests fail as it is; mend that first", flush=True)
            continue
        spent = time.process_time() + _children() - began
        killed, tried = killed + len(some) - len(alive), tried + len(some)
        print(f"{module}: {len(some) - len(alive)} of {len(some)} noticed "
              f"({len(every)} in all, {spent:.0f} CPU-seconds)", flush=True)  # fmt: skip
        for mutant in alive:
            print(f"  survives {mutant}", flush=True)
    if tried:
        print(f"{killed} of {tried} noticed: {killed / tried:.1%}")


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
