"""The customers of the month as an equation, and the months before it as bars."""

from html import escape
from typing import Any

from kpilib.periods import Named
from kpilib.report.month.asked import Asked
from kpilib.report.month.wording import MINUS
from kpilib.words import Text, _, format_number, pgettext

_SUB = _("Customers at the start of {period} + new + come back − lost = at its end; by month")
_SUB_PERIODS = _(
    "Customers at the start of {period} + new + come back − lost = at its end; by period"
)
_NEW, _BACK, _LOST = (
    pgettext("label in the ledger's picture", "{n} new"),
    pgettext("label in the ledger's picture", "{n} back"),
    pgettext("label in the ledger's picture", "{n} lost"),
)
_UNSEEN = _("losses cannot be seen yet")
_SHADED = _("{sub}. Shaded: losses cannot be seen yet.")
_ALT = _("New and returned customers above the line, lost ones below, by month. {period}: {told}.")
_ALT_PERIODS = _(
    "New and returned customers above the line, lost ones below, by period. {period}: {told}."
)
WIDE, TALL, RIGHT = 360, 214, 98
UNSEEN_WIDE = 185
"""Room for the longest of the words on losses that cannot be seen."""


def ledger(asked: Asked, lang: str) -> dict[str, Any] | None:
    """`title` (the equation), `sub` and `svg`; None where there is no ledger of the month."""
    parts = asked.ledger
    if len(parts) < 5 or any(line[-1] is None for line in parts.values()):
        return None
    number = {part: format_number(line[-1] or 0, lang) for part, line in parts.items()}
    opening, new, back, lost, closing = number.values()
    told = ", ".join(
        text.format(n=value).of(lang) for text, value in ((_NEW, new), (_BACK, back), (_LOST, lost))
    )
    sub, alternative = (_SUB, _ALT) if asked.period.months == 1 else (_SUB_PERIODS, _ALT_PERIODS)
    alt = alternative.format(period=Named(asked.period, year=True), told=told).of(lang)
    return {
        "title": f"{opening} + {new} + {back} {MINUS} {lost} = {closing}",
        "sub": _with_shade(sub.format(period=Named(asked.period)), asked).of(lang),
        "svg": _drawn(asked, lang, alt),
    }


def _drawn(asked: Asked, lang: str, alt: str) -> str:
    new, back, lost = (asked.ledger[part] for part in ("new", "reactivated", "lost"))
    up = max((a or 0) + (b or 0) for a, b in zip(new, back, strict=True)) or 1
    down = max(one or 0 for one in lost)
    height = TALL - 46
    scale = height / ((up + max(down, 0.25 * up)) or 1)
    zero, step = 14 + up * scale, (WIDE - RIGHT) / len(new)
    parts = []
    for place, (came, returned, gone) in enumerate(zip(new, back, lost, strict=True)):
        x, last = place * step + 2, " now" if place == len(new) - 1 else ""
        tall = (came or 0) * scale
        parts.append(_rect("new" + last, x, zero - tall, step, tall))
        more = (returned or 0) * scale
        parts.append(_rect("back" + last, x, zero - tall - more, step, more))
        parts.append(_rect("lost" + last, x, zero, step, (gone or 0) * scale))
    if unseen := _unseen(asked):
        parts.append(
            f'<rect class="unseen" x="0" y="{zero + 3:.1f}" width="{unseen * step:.1f}" '
            'height="26"/>'
        )
        if _fits(unseen, len(new)):
            parts.append(_text("", 4, zero + 20, _UNSEEN.of(lang)))
    parts.append(f'<line x1="0" x2="{WIDE - RIGHT}" y1="{zero:.1f}" y2="{zero:.1f}"/>')
    parts += _labels(asked, lang, zero, scale)
    return (
        f'<svg viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{escape(alt)}">'
        f"{''.join(parts)}</svg>"
    )


def _unseen(asked: Asked) -> int:
    """In how many periods, from the first on, no loss could have been seen yet."""
    line = asked.line("lost_customers")
    seen = [number is not None for number in line] or [True]
    return seen.index(True) if True in seen else len(seen)


def _fits(unseen: int, periods: int) -> bool:
    """Whether words on losses have room below the periods that have none, in every language."""
    return unseen * (WIDE - RIGHT) / periods >= UNSEEN_WIDE


def _with_shade(sub: Text, asked: Asked) -> Text:
    """What the shade means, where the picture has no room for it."""
    unseen = _unseen(asked)
    if not unseen or _fits(unseen, len(asked.ledger["lost"])):
        return sub
    return _SHADED.format(sub=sub)


def _rect(kind: str, x: float, y: float, step: float, height: float) -> str:
    if height <= 0:
        return ""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{step - 4:.1f}" '
        f'height="{height:.1f}"/>'
    )


def _labels(asked: Asked, lang: str, zero: float, scale: float) -> list[str]:
    """What the last bars count, pushed apart, and the first and last month below."""
    new, back, lost = (
        float(asked.ledger[part][-1] or 0) for part in ("new", "reactivated", "lost")
    )
    low = min(max(zero - new * scale / 2, 24), zero - 6)
    high = min(zero - (new + back / 2) * scale + 4, low - 16)
    left = WIDE - RIGHT + 4
    found = [
        _text("new", left, low, _NEW.format(n=format_number(new, lang)).of(lang)),
        _text("back", left, max(high, 12), _BACK.format(n=format_number(back, lang)).of(lang)),
        _text("lost", left, zero + 17, _LOST.format(n=format_number(lost, lang)).of(lang)),
    ]
    periods = asked.period.trailing(len(asked.ledger["new"]))
    step = (WIDE - RIGHT) / len(periods)
    if asked.period.kind != "days":
        first, last = (periods[end].short(lang) for end in (0, -1))
        found.append(_text("", 2, TALL - 6, first))
        found.append(_text("", step * len(periods) - 2, TALL - 6, last, ' text-anchor="end"'))
    return found


def _text(kind: str, x: float, y: float, words: str, more: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'
