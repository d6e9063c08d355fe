"""Numbers asked for by a function: a text in the place of one is named, and not a TypeError."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from inspect import signature
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, get_args

import numpy as np

from kpilib.errors import InputError

_SHOWN = 60
_KINDS: dict[type, tuple[str, tuple[type, ...]]] = {
    int: ("a whole number", (Integral,)),
    float: ("a number", (Real, Decimal)),
    bool: ("True or False", (bool, np.bool_)),
}
"""A kind of option, in words, and what is one; True and False are no numbers."""


def check_options(
    function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    """An InputError where a number, or True or False, is asked for and something else is given.

    Looks at the parameters that are annotated with such kinds alone, or with None.

    >>> def share(of: int, level: float = 0.95) -> float: ...
    >>> check_options(share, (3,), {"level": "high"})
    Traceback (most recent call last):
    kpilib.errors.InputError: level is 'high'; give a number
    """
    kinds = _asked(function)
    for name, value in _named(tuple(kinds), arguments, options):
        known = kinds.get(name)
        if known and not any(_is(value, kind) for kind in known):
            words = [_KINDS[kind][0] for kind in known if kind is not NoneType]
            more = ", or None" if NoneType in known else ""
            raise InputError(f"{name} is {repr(value)[:_SHOWN]}; give {' or '.join(words)}{more}")


def _is(value: Any, kind: type) -> bool:
    if kind is NoneType:
        return value is None
    truth = isinstance(value, _KINDS[bool][1])
    return isinstance(value, _KINDS[kind][1]) and truth == (kind is bool)


def _named(
    names: tuple[str, ...], arguments: tuple[Any, ...], options: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """What was given, by the name of its parameter."""
    yield from zip(names, arguments, strict=False)
    yield from options.items()


@cache
def _asked(function: Callable[..., Any]) -> dict[str, tuple[type, ...]]:
    """By the name of each parameter, in order, the kinds that it may have; none where others."""
    found = {}
    for name, one in signature(function).parameters.items():
        hint = one.annotation
        kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        simple = all(kind in (*_KINDS, NoneType) for kind in kinds) and kinds != (NoneType,)
        found[name] = kinds if simple and one.kind is not one.VAR_POSITIONAL else ()
    return found
