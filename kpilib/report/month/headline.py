"""What the month comes to, in one sentence and three short ones: good, weak, watch."""

from kpilib.periods import Named
from kpilib.questions.values import KPIValue, Status
from kpilib.report.month.asked import Asked
from kpilib.report.month.bridge import Step, Steps, steps
from kpilib.report.month.changes import ranked
from kpilib.report.month.wording import Brief, Move, Percent, Short
from kpilib.words import Text, Unit, _, pgettext

_LEVEL = {
    "rose": _("Revenue rose {share} to {now}{why}"),
    "fell": _("Revenue fell {share} to {now}{why}"),
    "flat": _("Revenue of {now}: no clear change from {before}{why}"),
    "same": _("Revenue was {now}, as before{why}"),
    "doubled": _("Revenue rose from {before} to {now}{why}"),
    "alone": _("Revenue was {now}"),
    "so far": _("{now} in revenue so far; {period} is not over in the data"),
}
_WHY, _WHY_BUT = pgettext("why revenue moved", ": {first}"), pgettext(
    "why revenue moved", ": {first}, while {second}"
)  # fmt: skip
_CUSTOMERS = _("{now} active customers, after {before}")
_CUSTOMERS_ALONE, _NOTHING = _("{now} active customers"), _("No headline: {reason}")

_UP = {
    "new": _("new customers brought {amount} more"),
    "customers": _("{share} more returning customers bought"),
    "orders_each": _("they ordered {share} more often"),
    "order_size": _("each order was {share} larger"),
    "refunds": _("{amount} less was given back"),
}
_DOWN = {
    "new": _("new customers brought {amount} less"),
    "customers": _("{share} fewer returning customers bought"),
    "orders_each": _("they ordered {share} less often"),
    "order_size": _("each order was {share} smaller"),
    "refunds": _("{amount} more was given back"),
}
_ALONE = {
    ("orders_each", True): _("returning customers ordered {share} more often"),
    ("orders_each", False): _("returning customers ordered {share} less often"),
    ("order_size", True): _("each order of returning customers was {share} larger"),
    ("order_size", False): _("each order of returning customers was {share} smaller"),
}
"""The same where no returning customers were named before."""
_FROM_NOTHING = {
    True: _("returning customers brought {amount} more"),
    False: _("returning customers brought {amount} less"),
}
"""Said of returning customers where there was nothing to set a share against."""

GOOD, WEAK, WATCH = _("Good"), _("Weak"), _("Watch")
_ROSE, _FELL = _("{name} rose from {before} to {now}"), _("{name} fell from {before} to {now}")
_PERHAPS = _("{sentence}, though that may be chance")
_HIGHEST, _LOWEST = _("{name} was {now}, the highest of {n} months"), _(
    "{name} was {now}, the lowest of {n} months"
)  # fmt: skip
_EXTREMES = {
    True: (_HIGHEST, _LOWEST),
    False: (
        _("{name} was {now}, the highest of {n} periods"),
        _("{name} was {now}, the lowest of {n} periods"),
    ),
}
"""The same by whether the periods are months."""
_NONE_CLEAR = _("No KPI moved by more than chance.")
_STOP, _AND = pgettext("end of a sentence", "{sentence}."), pgettext("two sentences", "{one} {two}")


def headline(asked: Asked, lang: str) -> str:
    """The month in one sentence, from revenue's decomposition; of customers where none is sold."""
    revenue = asked.now.get("revenue")
    if revenue is None or revenue.value is None:
        return _of_customers(asked).of(lang)
    money = {
        "now": Short(revenue.value, Unit.MONEY, revenue.currency),
        "before": Short(revenue.previous, Unit.MONEY, revenue.currency),
    }
    if not asked.complete or revenue.status is Status.INCOMPLETE:
        return _LEVEL["so far"].format(**money, period=Named(asked.period)).of(lang)
    move, found = Move(revenue), steps(asked)
    if move.change is None or revenue.previous is None:
        return _LEVEL["alone"].format(**money).of(lang)
    ratio = move.change / revenue.previous if revenue.previous > 0 else None
    if not move.change:
        level = "same"
    elif move.signal == "no clear change" and ratio is not None and abs(ratio) < 0.03:
        level = "flat"
    elif ratio is None or ratio > 1:
        level = "doubled"
    else:
        level = "rose" if move.change > 0 else "fell"
    why = _why(found, revenue, move.change >= 0) if found else Text("")
    share = Percent(ratio or 0.0)
    return _LEVEL[level].format(**money, share=share, why=why).of(lang)


def _of_customers(asked: Asked) -> Text:
    active = asked.now.get("customers_active")
    if active is None or active.value is None:
        reason = active.reason if active is not None and active.reason else Text("")
        return _NOTHING.format(reason=reason)
    text = _CUSTOMERS_ALONE if active.previous is None else _CUSTOMERS
    now, before = (Short(n, active.unit) for n in (active.value, active.previous))
    return text.format(now=now, before=before)


def _why(found: Steps, revenue: KPIValue, rises: bool) -> Text:
    """The step that did most of it, and the largest that went the other way."""
    first, second = found.largest(rises), found.largest(not rises)
    if first is None:
        return Text("")
    said = _said(first, revenue.currency, alone=True)
    if second is None or abs(second.amount) < 0.1 * abs(first.amount):
        return _WHY.format(first=said)
    unnamed = first.key in ("new", "refunds")
    return _WHY_BUT.format(first=said, second=_said(second, revenue.currency, unnamed))


def _said(step: Step, currency: str | None, alone: bool) -> Text:
    rises = step.amount > 0
    text = (_UP if rises else _DOWN)[step.key]
    if alone:
        text = _ALONE.get((step.key, rises), text)
    amount = Short(abs(step.amount), Unit.MONEY, currency)
    if step.ratio is None and "{share}" in text.message:
        return _FROM_NOTHING[rises].format(amount=amount)
    return text.format(amount=amount, share=Percent(step.ratio or 0.0))


def points(asked: Asked, lang: str) -> list[dict[str, str]]:
    """*Good*, *weak* and *watch*: `head` and `text`; what there is nothing to say of is left out.

    Good and weak are the two most surprising of the changes that are more than chance; watch is a
    turn for the worse that may be chance, or a number that never was so bad.
    """
    moves = ranked(asked)
    clear = [move for move in moves if move.clear]
    found = []
    for head, good in ((GOOD, True), (WEAK, False)):
        some = [_moved(move) for move in clear if move.good is good][:2]
        if some:
            found.append({"head": head.of(lang), "text": _sentences(some, lang)})
    if not clear and any(move.signal == "no clear change" for move in moves):
        found.append({"head": "", "text": _NONE_CLEAR.of(lang)})
    if watch := _watch(asked, moves):
        found.append({"head": WATCH.of(lang), "text": _sentences([watch], lang)})
    return found


def _moved(move: Move) -> Text:
    value = move.value
    rose = (move.change or 0) > 0
    return (_ROSE if rose else _FELL).format(
        name=Brief(value.name),
        before=Short(value.previous, value.unit, value.currency),
        now=Short(value.value, value.unit, value.currency),
    )


def _watch(asked: Asked, moves: list[Move]) -> Text | None:
    """The worst of what is not clear: at its worst in the months shown, or going the wrong way."""
    unclear = [move for move in moves if move.signal == "no clear change"]
    doubtful = [move for move in unclear if _worse(move)]
    for move in doubtful:
        line = [number for number in asked.line(move.value.id) if number is not None]
        if len(line) <= 6:
            continue
        worst = max(line) if move.value.better == "lower" else min(line)
        if move.value.value == worst and line.count(worst) == 1:
            highest, lowest = _EXTREMES[asked.period.months == 1]
            text = highest if move.value.better == "lower" else lowest
            now = Short(move.value.value, move.value.unit, move.value.currency)
            return text.format(name=Brief(move.value.name), now=now, n=len(line))
    return _PERHAPS.format(sentence=_moved(doubtful[0])) if doubtful else None


def _worse(move: Move) -> bool:
    if not move.change or move.value.better not in ("higher", "lower"):
        return False
    return (move.change > 0) == (move.value.better == "lower")


def _sentences(texts: list[Text], lang: str) -> str:
    said = [_STOP.format(sentence=text).of(lang) for text in texts]
    return said[0] if len(said) == 1 else _AND.format(one=said[0], two=said[1]).of(lang)
