"""One small change of a module at a time: what `mutation.py` tries."""

import ast
import copy
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

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
        "n, x = one_where(seen), value_where(self.of, seen)",
        "n, x = each_row(), value_where(self.of, seen)",
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
        'earliest = nw.col("closes") - self.settings.loyalty.days',
        'earliest = nw.col("closes") - self.settings.loyalty.days - 1',
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


EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@cache
def equivalent(module: str) -> frozenset[tuple[str, str | None]]:
    """Mutants of a module that cannot change a number: line, and which change of it, None for all.

    They stand in `equivalent.toml`, each with the reason why no test can tell it from the code.
    """
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    return frozenset(
        (one["line"], change)
        for one in listed.get(module, ())
        for change in one.get("changes", [None])
    )


@dataclass(frozen=True)
class Mutant:
    """One changed node of a module: where, what it says, and what makes the tree with the change.

    The tree is made anew each time: to parse a module takes a tenth of what copying its tree does.
    """

    module: str
    line: int
    text: str
    told: str
    made: Callable[[], ast.Module]

    @property
    def tree(self) -> ast.Module:
        """The module with the change, for the caller alone."""
        return self.made()

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line}: {self.told:28} {self.text}"


def mutants(module: str) -> Iterator[Mutant]:
    """The mutants of a module that a test could tell from the code."""
    known = equivalent(module)
    for one in every(module):
        if not {(one.text, one.told), (one.text, None)} & known:
            yield one


def every(module: str) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its text."""
    source = (ROOT / "kpilib" / f"{module}.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    told_only = _told(tree)
    places = [(node, place) for place, node in enumerate(ast.walk(tree)) if hasattr(node, "lineno")]
    places.sort(key=lambda pair: (pair[0].lineno, pair[0].col_offset))
    seen: Counter[tuple[int, str]] = Counter()
    for node, place in places:
        if id(node) in told_only:
            continue
        for number, kind in enumerate(_changes(node)):
            line = node.lineno
            text = lines[line - 1].strip()
            seen[line, kind] += 1
            told = kind if seen[line, kind] == 1 else f"{kind} #{seen[line, kind]}"
            made = partial(_changed, source, place, number)
            yield Mutant(module, line, text, told, made)


def _changed(source: str, place: int, number: int) -> ast.Module:
    """The tree of a module of which one node is changed."""
    tree = ast.parse(source)
    _apply(next(islice(ast.walk(tree), place, None)), number)
    return ast.fix_missing_locations(tree)


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
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            silent += [node.returns, *(one.annotation for one in arguments)]
            silent += node.decorator_list
        if isinstance(node, ast.keyword) and node.arg == "strict":
            silent.append(node)  # it guards, and changes nothing
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
        made = partial(ast.parse, source.replace(old, new))
        yield Mutant(module, line, " ".join(old.split()), "named", made), test
