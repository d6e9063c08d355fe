"""How `mutation.py` tries a mutant: in a fork, by the tests that run the line it is in.

Tests are collected once for a module, and it is seen which of them run which line. A mutant then
costs a fork in which the function it is in gets other code, and the tests that run its line, the
quickest first, until one fails. What is made when a module is imported (constants, fields), and
what survives though its line is run by then already, is tried with all tests in a process that
imports the mutant. Tools that change source files or wrap functions would change what the tests of
definitions look at, the code that a KPI is made of.
"""

import ast
import gc
import importlib.abc
import importlib.util
import os
import pickle
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest
from mutants import ROOT, Mutant

LONGEST = 60
"""CPU-seconds after which a mutant that has not ended counts as noticed."""

QUICK = ("-x", "-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not spark")
_OPTIMIZED = 0x1
"""The flag of the code of functions; that of modules and classes runs when they are made."""


def forked(work: Callable[[], Any], longest: int | None = None) -> Any:
    """What `work` returns in a process of its own; None where that dies or takes too long."""
    reads, writes = os.pipe()
    gc.disable()
    child = os.fork()
    if child == 0:
        os.close(reads)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        gc.enable()
        if longest is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))
        try:
            answer = (work(), "")
        except BaseException:
            answer = (None, traceback.format_exc())
        with os.fdopen(writes, "wb") as out:
            pickle.dump(answer, out)
        os._exit(0)
    gc.enable()
    os.close(writes)
    with os.fdopen(reads, "rb") as found:
        told = found.read()
    os.waitpid(child, 0)
    answer, error = pickle.loads(told) if told else (None, "")
    assert not error, error
    return answer


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads another tree in the place of a module, with `names` that it may use."""

    def __init__(self, module: str, tree: ast.Module, **names: Any) -> None:
        self.module, self.tree, self.names = module, tree, names
        sys.meta_path.insert(0, self)

    def pytest_sessionstart(self) -> None:
        """Goes before the loader of pytest, which takes modules that are named to it."""
        sys.meta_path.remove(self)
        sys.meta_path.insert(0, self)

    def find_spec(self, name, path=None, target=None):
        if name != "kpilib." + self.module.replace("/", "."):
            return None
        where = ROOT / "kpilib" / f"{self.module}.py"
        return importlib.util.spec_from_file_location(name, where, loader=self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__dict__.update(self.names)
        exec(compile(self.tree, module.__spec__.origin, "exec"), module.__dict__)


def imported(mutant: Mutant, tests: list[str]) -> bool:
    """Whether the tests fail in a process that imports the mutant."""

    def work() -> bool:
        plugins = [_Instead(mutant.module, mutant.tree)]
        paths = _paths(mutant.module, tests)
        return pytest.main([*QUICK, "--rootdir", str(ROOT), *paths], plugins=plugins) != 0

    return forked(work, LONGEST) is not False


def _paths(module: str, tests: list[str]) -> list[str]:
    """The tests, the module's own examples first."""
    return [str(ROOT / "kpilib" / f"{module}.py"), *(str(ROOT / "tests" / one) for one in tests)]


class Trial:
    """A plugin of pytest that runs no tests but for each mutant, in a fork, those that may fail."""

    def __init__(self, path: str, some: list[Mutant]) -> None:
        self.path, self.some = path, some
        self.failed, self.broken = False, "no mutant was tried"
        self.survive: list[int] = []
        self.early: list[int] = []
        self.known: list[FunctionType] = []
        self.lines: set[int] = set()
        self.shared: dict[Path, set[int]] = {}
        self.needs: dict[tuple[Any, ...], float] = {}

    def tell(self, *lines: int) -> None:
        """Remembers that lines are run."""
        self.lines.update(range(*lines))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remembers that a test failed."""
        self.failed |= report.failed

    def pytest_runtestloop(self, session: Any) -> bool:
        """In place of the tests: the mutants."""
        gc.collect()
        self.known = functions_of(self.path)
        put_in_place(_with_code({_key(one): one for one in _codes(self.path)}, self.known))
        early, self.lines = self.lines, set()
        gc.freeze()  # so that no fork goes through, and so copies, what all of them share
        items = session.items
        if not items:
            self.broken = "no test was collected"
            return True
        seen = forked(lambda: self.seen(items))
        if seen is None:
            self.broken = "the process that traces them dies"
            return True
        failed = [item.nodeid for item, one in zip(items, seen, strict=True) if one.failed]
        if failed:
            self.broken = ", ".join(failed)
            return True
        order = sorted(range(len(items)), key=lambda n: seen[n].took)
        for number, mutant in enumerate(self.some):
            everywhere = in_a_default(mutant, self.path)
            those = [
                items[place] for place in order if everywhere or mutant.line in seen[place].lines
            ]
            if those and self.killed(mutant, those):
                continue
            (self.early if mutant.line in early else self.survive).append(number)
        self.broken = ""
        return True

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Keeps what went wrong in the trial itself."""
        self.broken = str(excrepr)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: Any) -> Iterator[None]:
        """The lines that are run to set a test up count for all of its file, which may share it."""
        own, self.lines = self.lines, self.shared.setdefault(item.path, set())
        began = time.process_time()
        yield
        need = item.path, *item.fixturenames
        self.needs[need] = max(self.needs.get(need, 0.0), time.process_time() - began)
        self.lines = own

    def seen(self, items: list[Any]) -> "list[Seen]":
        """Of each test how long it takes, the lines of the module it runs, whether it fails."""
        for one in self.known:  # also those of a module that was loaded a second time
            one.__globals__[_MARK] = self.tell
        codes = _functions(compile(_marked(self.path), self.path, "exec"))
        put_in_place(_with_code({_key(one): one for one in codes}, self.known))
        found = []
        for item, after in zip(items, [*items[1:], None], strict=True):
            began, self.failed, self.lines = time.process_time(), False, set()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            found.append(Seen(time.process_time() - began, self.lines, self.failed))
        # In a fork of its own each test pays for what the first of its kind has made for all.
        return [
            one._replace(
                took=max(one.took, self.needs.get((item.path, *item.fixturenames), 0.0)),
                lines=one.lines | self.shared.get(item.path, set()),
            )
            for item, one in zip(items, found, strict=True)
        ]

    def killed(self, mutant: Mutant, items: list[Any]) -> bool:
        """Whether one of the tests fails where functions are those of the mutant."""
        changed = changes(mutant, self.path, self.known)

        def work() -> bool:
            put_in_place(changed)
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


def _made(tree: ast.Module, path: str) -> tuple[Any, ...]:
    """What a module does when it is imported, functions and their defaults left aside.

    The tree is the caller's no more: its defaults are gone.
    """

    def of(code: CodeType) -> tuple[Any, ...]:
        rest = [
            of(one) if isinstance(one, CodeType) else (type(one), one)
            for one in code.co_consts
            if not (isinstance(one, CodeType) and one.co_flags & _OPTIMIZED)
        ]
        return code.co_code, code.co_names, tuple(rest)

    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            node.defaults = [ast.Constant(None) for _one in node.defaults]
            node.kw_defaults = [one and ast.Constant(None) for one in node.kw_defaults]
    return of(compile(ast.fix_missing_locations(tree), path, "exec"))


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _source(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


@cache
def _codes(path: str) -> tuple[CodeType, ...]:
    """The code of the functions of a module as it is."""
    return tuple(_functions(compile(_source(path), path, "exec")))


@cache
def _made_as_it_is(path: str) -> tuple[Any, ...]:
    return _made(_source(path), path)


def in_a_function(mutant: Mutant, path: str) -> bool:
    """Whether the mutant is in the code or the defaults of functions that can be told apart."""
    keys = [_key(code) for code in _codes(path)]
    return _made_as_it_is(path) == _made(mutant.tree, path) and len(keys) == len(set(keys))


def in_a_default(mutant: Mutant, path: str) -> bool:
    """Whether all code is as it was, so that it is a default of a function that is another."""
    return _codes(path) == tuple(_functions(compile(mutant.tree, path, "exec")))


def functions_of(path: str) -> list[FunctionType]:
    """The functions of a module that are known to anybody."""
    known = (one for one in gc.get_objects() if isinstance(one, FunctionType))
    return [one for one in known if one.__code__.co_filename == path]


Change = tuple[FunctionType, CodeType, Any, Any]
"""A function, and the code, the defaults and the named defaults that it shall have."""


def put_in_place(changed: list[Change]) -> None:
    """Functions get what they shall have."""
    for one, code, defaults, named in changed:
        one.__code__, one.__defaults__, one.__kwdefaults__ = code, defaults, named


def _with_code(codes: dict[tuple[str, int], CodeType], known: list[FunctionType]) -> list[Change]:
    return [
        (one, codes[_key(one.__code__)], one.__defaults__, one.__kwdefaults__)
        for one in known
        if _key(one.__code__) in codes
    ]


class _Marks(ast.NodeTransformer):
    """Before each statement of functions, a call that tells which lines it is on."""

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node, ast.Module | ast.ClassDef):
            return node
        for name in ("body", "orelse", "finalbody"):
            if isinstance(some := getattr(node, name, None), list):
                setattr(node, name, [one for each in some for one in self.marked(each)])
        return node

    def marked(self, node: Any) -> list[ast.stmt]:
        """A statement with its mark; a docstring as it is, for its examples are tests."""
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        return [node] if is_text else [self.mark(node), node]

    def mark(self, node: Any) -> ast.stmt:
        inner = getattr(node, "body", None)
        end = inner[0].lineno if inner else node.end_lineno + 1
        call = ast.parse(f"{_MARK}({node.lineno}, {max(end, node.lineno + 1)})").body[0]
        return ast.fix_missing_locations(ast.copy_location(call, node))


_MARK = "__tell_lines__"


def _marked(path: str) -> ast.Module:
    """The module with functions that tell which lines they run."""
    return ast.fix_missing_locations(_Marks().visit(_source(path)))


def changes(mutant: Mutant, path: str, known: list[FunctionType]) -> list[Change]:
    """Functions of the module with the code or the defaults that they have with the mutant."""
    new = compile(mutant.tree, path, "exec")
    codes = {_key(b): b for a, b in zip(_codes(path), _functions(new), strict=True) if a != b}
    if codes:
        found = _with_code(codes, known)
    else:  # it is in a default
        exec(new, {"__name__": "kpilib." + mutant.module.replace("/", ".")})
        here = {id(one) for one in known}
        fresh = {_key(one.__code__): one for one in functions_of(path) if id(one) not in here}
        both = [(one, fresh[_key(one.__code__)]) for one in known if _key(one.__code__) in fresh]
        found = [(one, one.__code__, like.__defaults__, like.__kwdefaults__) for one, like in both]
    assert found, f"nobody knows the function of {mutant}"
    return found


def survivors(module: str, tests: list[str], some: list[Mutant]) -> list[Mutant] | str:
    """The mutants of a module that no test notices; why, where tests fail as it is."""
    path = str(ROOT / "kpilib" / f"{module}.py")
    quick = [one for one in some if in_a_function(one, path)]

    def work() -> tuple[list[int], list[int]] | str:
        trial = Trial(path, quick)
        plugins = [trial, _Instead(module, _marked(path), **{_MARK: trial.tell})]
        pytest.main([*QUICK, "--rootdir", str(ROOT), *_paths(module, tests)], plugins=plugins)
        return trial.broken or (trial.survive, trial.early)

    left = forked(work)
    if not isinstance(left, tuple):
        return left or "the process that collects them dies"
    survive, early = ([quick[number] for number in some] for some in left)
    again = early + [one for one in some if one not in quick]
    return survive + [one for one in again if not imported(one, tests)]
