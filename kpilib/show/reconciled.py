"""The readings that give somebody's number, for a page and for a terminal."""

from collections.abc import Mapping
from html import escape
from typing import Any

from kpilib.show.style import opened
from kpilib.words import Amount, Text, Unit, _, ngettext

TITLE = _("{asked} for {id}, {period}")
OURS = _("Ours: {value}, {name}")
SAME = _("Our own definition gives this number.")
NONE = _("No reading gives this number. The nearest:")
CHANGED = _("Instead of ours: {changes}")


def _fit(count: int) -> Text:
    return ngettext("One reading gives it:", "{n} readings give it, the nearest first:", count)


def _more(count: int) -> Text:
    return ngettext(
        "{n} further reading fits, with more changes than these.",
        "{n} further readings fit, each with more changes than these.",
        count,
    )


def _also(count: int) -> Text:
    return ngettext(
        "{n} further reading counts the same customers as one of these.",
        "{n} further readings count the same customers as these.",
        count,
    )


def reconciled_text(said: Mapping[str, Any], period: str, lang: str) -> str:
    """The answer of `reconcile` (`Reconciled.to_dict`) for a terminal."""
    head, lines = _head(said, period, lang), []
    for one in said["fits"] or said["nearest"]:
        lines += ["", f"  {_value(one, said, lang)}  {_name(one)}"]
        lines += [f"    {text}" for text in _under(one, lang)]
    return "\n".join([*head, *lines, *_tail(said, lang)])


def reconciled_html(said: Mapping[str, Any], period: str, lang: str) -> str:
    """The same as one block of HTML with a style of its own."""
    title, *head = _head(said, period, lang)
    items = "".join(
        f"<li><b>{escape(_value(one, said, lang))}</b> {escape(_name(one))}"
        f"{''.join(f'<p>{escape(text)}</p>' for text in _under(one, lang))}</li>"
        for one in said["fits"] or said["nearest"]
    )
    around = "".join(f'<p class="note">{escape(text)}</p>' for text in head)
    tail = "".join(f'<p class="note">{escape(text)}</p>' for text in _tail(said, lang) if text)
    return (
        f'{opened()}<article class="kpi wide">'
        f'<p class="name">{escape(title)}</p>{around}<ol>{items}</ol>{tail}</article></div>'
    )


def _head(said: Mapping[str, Any], period: str, lang: str) -> list[str]:
    head = [TITLE.format(asked=said["asked"], id=said["id"], period=period).of(lang)]
    if own := said["ours"]:
        head.append(OURS.format(value=_value(own, said, lang), name=own["name"]).of(lang))
    if not said["fits"]:
        return [*head, NONE.of(lang)]
    if said["fits"][0]["changes"] == 0:
        head.append(SAME.of(lang))
    return [*head, _fit(said["count"]).of(lang)]


def _tail(said: Mapping[str, Any], lang: str) -> list[str]:
    more = said["count"] - len(said["fits"])
    lines = [_more(more).of(lang)] if more > 0 else []
    if said["also"]:
        lines.append(_also(said["also"]).of(lang))
    return ["", *lines] if lines else []


def _value(one: Mapping[str, Any], said: Mapping[str, Any], lang: str) -> str:
    return Amount(one["value"], Unit(one["unit"]), said["currency"]).of(lang)


def _name(one: Mapping[str, Any]) -> str:
    by = ", ".join(one["by"])
    return f"{one['name']} ({by})" if by else one["name"]


def _under(one: Mapping[str, Any], lang: str) -> list[str]:
    changed = list(one["setup"])
    said = [CHANGED.format(changes="; ".join(changed)).of(lang)] if changed else []
    return [*said, *one["differs"]]
