"""What a definition is made of: its own statements, and the helpers and constants it reaches.

Docstrings, comments, layout, wordings and annotations are no part of it. Followed are functions,
classes and constants of `ROOMS` and of the definition's own module, and what `base.…` names on the
business; statistics, engines and fitted models are kpilib's own and go by its version.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any

from kpilib.activity.business import Business

ROOMS = ("kpilib.kpis", "kpilib.activity", "kpilib.contacts", "kpilib.analyses")
BUSINESS = ("base", "business")
"""What the parameter is called that holds the business."""
MACHINERY = ("settings", "tables", "remember", "_keep", "_bring", "_kept")
"""What the business is asked for only to reach or to hold what others make."""
WORDINGS = ("_", "ngettext", "pgettext", "Text")


def made_of(functions: Iterable[Callable]) -> tuple[tuple[str, str], ...]:
    """Everything the functions are made of, as sorted pairs of a name and code or a value.

    >>> from kpilib.kpis.retention import repeat_purchase_rate
    >>> made = dict(made_of([repeat_purchase_rate]))
    >>> "kpilib.activity.business.Business.buyers" in made
    True
    """
    waiting = [_plain(function) for function in functions]
    own = {function.__module__ for function in waiting}
    found: dict[str, str] = {}
    while waiting:
        one = waiting.pop()
        name = f"{one.__module__}.{one.__qualname__}"
        if name in found:
            continue
        part = _part(one)
        found[name] = part.code
        for place, value in part.reached():
            if not isinstance(value, FunctionType | type):
                found |= {place: repr(value)} if _is_constant(value) else {}
            elif _is_ours(value, own):
                waiting.append(value)
    return tuple(sorted(found.items()))


@dataclass(frozen=True)
class _Part:
    """A function or a class, and its source as a tree."""

    one: Any
    tree: ast.stmt | None

    @cached_property
    def code(self) -> str:
        """Its statements; what Python compiled where it has no source."""
        if self.tree is None:
            return repr((self.one.__code__.co_code, self.one.__code__.co_consts))
        return ast.unparse(self.tree)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it reads, and `.name` for what it asks of the business or of itself."""
        if self.tree is None:
            return frozenset(self.one.__code__.co_names)
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.add(f"{node.value.id}.{node.attr}")
        return frozenset(found)

    def reached(self) -> Iterator[tuple[str, Any]]:
        """The names it reads that mean something here: where each is found, and what it is now."""
        module = sys.modules[self.one.__module__]
        owner = self._owner()
        for name in sorted(self.names):
            first, _, rest = name.partition(".")
            if not rest:
                if first in vars(module):
                    yield f"{module.__name__}.{first}", _plain(vars(module)[first])
            elif first in BUSINESS or (first == "self" and owner is Business):
                if rest not in MACHINERY:
                    yield from _member(Business, f"{Business.__module__}.{rest}", rest)
            elif isinstance(inner := vars(module).get(first), ModuleType):
                yield from _member(inner, f"{inner.__name__}.{rest}", rest)

    def _owner(self) -> type | None:
        """`Business` where this is a method of it or of what it builds on."""
        owner = self.one.__qualname__.rpartition(".")[0]
        homes = {(home.__module__, home.__qualname__) for home in Business.__mro__}
        return Business if (self.one.__module__, owner) in homes else None


def _member(home: Any, place: str, name: str) -> Iterator[tuple[str, Any]]:
    if hasattr(home, name):
        yield place, _plain(inspect.getattr_static(home, name))


@cache
def _part(one: Any) -> _Part:
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return _Part(one, None)
    return _Part(one, _Bare().visit(tree))


class _Bare(ast.NodeTransformer):
    """A tree without docstrings, annotations, decorators and wordings."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """The function's statements, its own inner ones likewise."""
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
        return self._bare(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Likewise."""
        return self._bare(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A sentence for a reader is no part of a definition."""
        if isinstance(node.func, ast.Name) and node.func.id in WORDINGS:
            return ast.copy_location(ast.Constant("wording"), node)
        return self.generic_visit(node)

    def _bare(self, node: Any) -> ast.AST:
        node.decorator_list = []
        node.body = [statement for statement in node.body if not _is_text(statement)]
        node.body = node.body or [ast.Pass()]
        return self.generic_visit(node)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _plain(member: Any) -> Any:
    """The function under a property, a method or a decorator."""
    if isinstance(member, property):
        member = member.fget
    if isinstance(member, cached_property):
        member = member.func
    if isinstance(member, classmethod | staticmethod):
        member = member.__func__
    return inspect.unwrap(member) if callable(member) else member


def _is_ours(value: Any, own: set[str]) -> bool:
    home = value.__module__ or ""
    return value is not Business and (home in own or home.startswith(ROOMS))


def _is_constant(value: Any) -> bool:
    """Whether it is plain data: numbers, words, and tuples, sets and mappings of them."""
    if isinstance(value, tuple | frozenset | set | list):
        return all(_is_constant(one) for one in value)
    if isinstance(value, dict | MappingProxyType):
        return all(_is_constant(one) for one in (*value, *value.values()))
    return value is None or isinstance(value, str | int | float)
