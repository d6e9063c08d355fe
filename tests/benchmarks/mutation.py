"""Would the tests notice? One small change of the code at a time, and the tests that should fail.

    python tests/benchmarks/mutation.py [--each N] [--seed S] [--list] [MODULE …]
    python tests/benchmarks/mutation.py --named

Changes the spine of the numbers node by node (comparisons, arithmetic, numbers, truth values,
texts, negations, conditions, `min` and `max`), runs the tests of the module that was changed, and
prints the part of the mutants that they kill, and those that survive. `--each N` draws N mutants
of each module; `--list` prints the mutants and runs none. A mutant that cannot change a number
stands in `EQUIVALENT`, by the line it is in, with the reason.

The libraries are loaded once and every mutant is tried in a fork, so that one costs a second or
two, not ten; what changes source files or wraps functions, as mutation tools do, would also change
what the tests of definitions look at, the code that a KPI is made of.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

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
    "activity/lapse": ["activity/test_lapse.py", "activity/test_business.py"],
    "activity/business": ["activity/test_business.py", "oracle/test_oracle.py"],
    "activity/purchases": ["activity/test_purchases.py", "oracle/test_oracle.py"],
    "activity/recurring": ["activity/test_recurring.py", "oracle/test_oracle.py"],
    "decomposition/effects": ["decomposition/test_effects.py"],
    "decomposition/logarithmic": ["decomposition/test_logarithmic.py"],
}  # fmt: skip
"""Module → the test files that should notice, the quickest first."""

EQUIVALENT: dict[tuple[str, str], str] = {
    ("activity/spells", "OPEN_END = 10_000_000"): "any day later than all in use does",
    ("statistics/survival", "_FUZZ = 1e-12"): "any number between rounding and a step does",
    ("activity/purchases", "_NOTHING = 1e-9"): "any number between rounding and a cent does",
    ("decomposition/effects", "_STEP = 1e-30"): "any step that the arithmetic can hold does",
    ("decomposition/logarithmic", "_NEAR = 1e-6"): "both forms agree there to twelve digits",
}
"""(module, line) → why no test can tell a mutant of that line from the code."""

NAMED = (
    (
        "questions/compare",
        "other.value is None or other.status is not Status.COMPLETE",
        "other.value is None",
        "questions/test_ask.py",
    ),
    (
        "statistics/kinds",
        "low=self.scale * low,\n            high=self.scale * high,\n            numerator=net",
        "low=low,\n            high=high,\n            numerator=net",
        "statistics/test_kinds.py",
    ),
    (
        "statistics/kinds",
        'compound_total(sums["x"], sums["xx"])',
        'compound_total(sums["x"], sums["x"])',
        "statistics/test_kinds.py",
    ),
    (
        "statistics/kinds",
        'value=divide(sums["k"], sums["exposure"]) * self.scale',
        'value=divide(sums["k"], sums["exposure"])',
        "statistics/test_kinds.py",
    ),
    (
        "statistics/kinds",
        "n, x = count_where(seen), sum_where(self.of, seen)",
        "n, x = nw.len(), sum_where(self.of, seen)",
        "statistics/test_kinds.py",
    ),
    (
        "statistics/several",
        "fit.quantile(0.5), fit.quantile(0.9)",
        "fit.quantile(0.5), fit.quantile(0.8)",
        "statistics/test_kinds.py",
    ),
    ("activity/lapse", "QUANTILE = 0.9", "QUANTILE = 0.8", "activity/test_lapse.py"),
    (
        "activity/business",
        "(day >= closes - self.settings.loyalty.days)",
        "(day >= closes - self.settings.loyalty.days - 1)",
        "activity/test_business.py",
    ),
    (
        "activity/business",
        "LONG_TERM_MONTHS = 12",
        "LONG_TERM_MONTHS = 11",
        "activity/test_business.py",
    ),
    (
        "activity/spells",
        'nw.col("start") > nw.col("reached") + 1',
        'nw.col("start") > nw.col("reached")',
        "activity/test_business.py",
    ),
    (
        "activity/records",
        "first=nw.col(second).min()",
        "first=nw.col(second).max()",
        "activity/test_business.py",
    ),
    (
        "questions/availability",
        "return Status.PROVISIONAL, _(",
        "return Status.COMPLETE, _(",
        "questions/test_ask.py",
    ),
    (
        "questions/ask",
        "target_of(base, definition.id, period) if segment is None else None",
        "target_of(base, definition.id, period)",
        "questions/test_ask.py",
    ),
)
"""Mutants that the tests once missed: module, what it says, what it says then, and who notices."""

SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.Pow: ast.Mult, ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}  # fmt: skip
NAMES = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "larger": "smaller",
    "smaller": "larger", "cum_max": "cum_min", "cum_min": "cum_max",
}  # fmt: skip
LONGEST = 90
"""CPU-seconds after which a mutant that has not ended counts as noticed."""

LIBRARIES = (
    "pandas", "numpy", "duckdb", "polars", "scipy.stats", "narwhals.stable.v2",
    "statsmodels.stats.proportion", "statsmodels.stats.multitest", "pyarrow", "babel",
)  # fmt: skip


class Mutant:
    """One changed node of a module: where, what it says, and the tree with the change."""

    def __init__(self, module: str, line: int, text: str, told: str, tree: ast.Module) -> None:
        self.module, self.line, self.text, self.told, self.tree = module, line, text, told, tree

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line}: {self.told:28} {self.text}"


def mutants(module: str) -> Iterator[Mutant]:
    """Every mutant of a module."""
    source = (ROOT / "kpilib" / f"{module}.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    places = list(ast.walk(tree))
    told_only = _told(tree)
    for place, node in enumerate(places):
        if id(node) in told_only:
            continue
        for number, told in enumerate(_changes(node)):
            changed = copy.deepcopy(tree)
            _apply(list(ast.walk(changed))[place], number)
            line = getattr(node, "lineno", 0)
            text = lines[line - 1].strip()
            if (module, text) not in EQUIVALENT:
                yield Mutant(module, line, text, told, ast.fix_missing_locations(changed))


def _told(tree: ast.Module) -> set[int]:
    """Nodes that only say something: docstrings, types, errors, wordings, names of columns set."""
    found: set[int] = set()
    for node in ast.walk(tree):
        silent: list[ast.AST] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.append(node)
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
            silent.append(node)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            silent.append(node)
        if isinstance(node, ast.ClassDef):
            silent += node.decorator_list
        if isinstance(node, ast.FunctionDef):
            silent += [node.returns, *(one.annotation for one in node.args.args)]
            silent += node.decorator_list
        if isinstance(node, ast.AnnAssign):
            silent.append(node.annotation)
            if "ClassVar" in ast.dump(node.annotation) or "kw_only" in ast.dump(node):
                silent.append(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "TypeVar", "cast"):
            silent.append(node)
        for one in silent:
            if one is not None:
                found |= {id(inner) for inner in ast.walk(one)}
    return found


def _changes(node: ast.AST) -> list[str]:
    """What can be changed in a node, told in short."""
    if isinstance(node, ast.Compare):
        return [type(op).__name__ for op in node.ops[:1] if type(op) in SWAPS]
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign):
        return [f"{type(node.op).__name__} swapped"] if type(node.op) in SWAPS else []
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert | ast.USub):
        return [f"{type(node.op).__name__} dropped"]
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            return [f"{node.value} turned"]
        if isinstance(node.value, int | float):
            return [f"{node.value} + 1", f"{node.value} × .9"] if node.value else ["0 + 1"]
        return []
    if isinstance(node, ast.If | ast.IfExp):
        return ["condition turned"]
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return [f"{name} → {NAMES[name]}"] if name in NAMES else []
    return []


def _apply(node: ast.AST, number: int) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign):
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd() if isinstance(node.op, ast.USub) else node.op
        if not isinstance(node.op, ast.UAdd):
            # Twice is not at all: for a truth value and for an expression of the engine alike.
            node.operand = ast.UnaryOp(copy.deepcopy(node.op), node.operand)
    elif isinstance(node, ast.Constant):
        old = node.value
        if isinstance(old, bool):
            node.value = not old
        else:
            node.value = (
                old + 1 if number == 0 else old * 0.9 if isinstance(old, float) else old - 1
            )
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Name):
        node.id = NAMES[node.id]
    elif isinstance(node, ast.Attribute):
        node.attr = NAMES[node.attr]


def named() -> Iterator[tuple[Mutant, str]]:
    """The mutants of `NAMED`, each with the test file that notices it."""
    for module, old, new, test in NAMED:
        source = (ROOT / "kpilib" / f"{module}.py").read_text(encoding="utf-8")
        assert source.count(old) == 1, f"{module}.py says {source.count(old)} times: {old}"
        line = source[: source.index(old)].count("\n") + 1
        tree = ast.parse(source.replace(old, new))
        yield Mutant(module, line, " ".join(old.split()), "named", tree), test


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


def noticed(mutant: Mutant | None, tests: list[str]) -> bool:
    """Whether the tests fail with the mutant; of None, whether they fail without."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        if mutant is not None:
            sys.meta_path.insert(0, _Changed(mutant))
        import pytest

        paths = [str(ROOT / "tests" / test) for test in tests]
        quick = ["-x", "-q", "-p", "no:cacheprovider", "-k", "not spark"]
        done = pytest.main([*quick, "--rootdir", str(ROOT), *paths])
        os._exit(0 if done == 0 else 1)
    _, status = os.waitpid(child, 0)
    return status != 0


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
            told = "noticed " if noticed(mutant, [test]) else "survives"
            print(f"{told} {mutant}", flush=True)
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
        if noticed(None, tests):
            print(f"{module}: its tests fail as it is; mend that first", flush=True)
            continue
        began, alive = time.process_time() + _children(), []
        alive = [mutant for mutant in some if not noticed(mutant, tests)]
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
