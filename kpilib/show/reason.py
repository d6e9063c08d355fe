"""A reason in the place of a result, so that a notebook tells what the data do not allow.

    value = attempt(customer_lifetime_value, base)
    attempt(plot_value_distribution, value.customers)

Where nobody has bought twice, both cells show why there is nothing to see; the notebook goes on.
"""

from collections.abc import Callable
from html import escape
from typing import Any

from kpilib.errors import InputError
from kpilib.show.style import STYLE
from kpilib.words.text import capital
from kpilib.words.values import VALUES

MIME = "application/vnd.kpilib.reason+json"


class Reason:
    """Why there is no result. Whatever is asked of it is the same reason again.

    >>> reason = Reason("nobody has bought twice")
    >>> reason.customers["value"] is reason
    True
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

    def __repr__(self) -> str:
        return f"not available: {self._text}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        head = capital(VALUES["unavailable"].of(self._lang))
        html = (
            f'<div class="kpis"><style>{STYLE}</style><article class="kpi wide none">'
            f'<p class="value">{escape(head)}</p><p class="state">{escape(self._text)}</p>'
            "</article></div>"
        )
        return {"text/plain": repr(self), "text/html": html, MIME: {"reason": self._text}}


def attempt(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What the function gives, or the `Reason` where its input does not allow it.

    A reason among the arguments is passed on. Of a picture nothing is returned, so that the
    notebook shows it and no more. Errors other than InputError are raised as ever.

    >>> attempt(round, 2.6), attempt(round, Reason("too few"))
    (3, not available: too few)
    """
    given = (*arguments, *options.values())
    for one in (function, *given):
        if isinstance(one, Reason):
            return Reason(one._text, options.get("lang", one._lang))
    try:
        found = function(*arguments, **options)
    except InputError as error:
        lang = next((one.lang for one in given if hasattr(one, "lang")), options.get("lang", "en"))
        return Reason(str(error), lang)
    return None if type(found).__module__.startswith("matplotlib.") else found
