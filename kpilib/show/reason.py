"""A reason in the place of a result, so that a notebook tells what the data do not allow.

    value = customer_lifetime_value(base)
    plot_value_distribution(value.customers)

Where nobody has bought twice, both cells show why there is nothing to see; the notebook goes on.
A cell is answered so, and nobody else: from a script, a module or a function of the library the
same questions raise an InputError.
"""

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from html import escape
from typing import Any, ParamSpec, TypeVar

from kpilib.errors import InputError, UnknownNameError
from kpilib.show.marked import mark
from kpilib.show.options import check_options
from kpilib.show.style import opened
from kpilib.words.text import capital
from kpilib.words.values import VALUES

MIME = "application/vnd.kpilib.reason+json"

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class Reason:
    """Why there is no result. Whatever is asked of it is the same reason again.

    >>> reason = Reason("nobody has bought twice")
    >>> reason.customers["value"] is reason, bool(reason)
    (True, False)
    """

    def __init__(self, text: str, lang: str = "en") -> None:
        self._text, self._lang = text, lang

    def __getattr__(self, name: str) -> "Reason":
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __getitem__(self, place: Any) -> "Reason":
        return self

    def __call__(self, *arguments: Any, **options: Any) -> "Reason":
        """The reason again, where a method of the result was to be called."""
        return self

    def __iter__(self) -> Iterator[Any]:
        """Nothing, where the parts of a result were to be gone through."""
        return iter(())

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"not available: {self._text}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        head = capital(VALUES["unavailable"].of(self._lang))
        html = (
            f'{opened()}<article class="kpi wide none">'
            f'<p class="name value">{escape(head)}</p><p class="state">{escape(self._text)}</p>'
            "</article></div>"
        )
        return {"text/plain": repr(self), "text/html": html, MIME: {"reason": self._text}}


def answering(function: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
    """A function that answers a notebook's cell with the `Reason` where the data do not allow more.

    A reason among what it is given is passed on. A name that kpilib does not have is raised, in a
    cell too, for no data would help. The table that it makes speaks the language of its base.

    >>> answering(round)(2.6), answering(round)(Reason("too few"))
    (3, not available: too few)
    """

    @wraps(function)
    def answered(*arguments: _Given.args, **options: _Given.kwargs) -> _Found:
        given = (*arguments, *options.values())
        lang = str(options.get("lang") or _carried(given, "lang") or "en")
        for one in given:
            if isinstance(one, Reason):
                return Reason(one._text, lang)  # type: ignore[return-value]
        try:
            check_options(function, arguments, options)
            found = function(*arguments, **options)
        except UnknownNameError:
            raise
        except InputError as error:
            if not is_cell(sys._getframe(1).f_globals):
                raise
            return Reason(error.told(lang), lang)  # type: ignore[return-value]
        mark(found, lang, _carried(given, "currency"))
        return found

    return answered


def is_cell(names: dict[str, Any]) -> bool:
    """Whether these are the global names of the cells of the notebook that is running."""
    getter = sys.modules.get("IPython.core.getipython")
    shell = getter.get_ipython() if getter else None
    return shell is not None and (names is shell.user_ns or names is shell.user_global_ns)


def _carried(given: tuple[Any, ...], name: str) -> str | None:
    """The language or the currency of the first base, value, reason or table that has one."""
    for one in given:
        attrs = getattr(one, "attrs", None)
        found = attrs.get(name) if isinstance(attrs, dict) else getattr(one, name, None)
        found = one._lang if isinstance(one, Reason) and name == "lang" else found
        if isinstance(found, str):
            return found
    return None
