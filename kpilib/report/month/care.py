"""What the month's numbers must be read with: computed, each only where it holds."""

from datetime import timedelta

from kpilib.periods import Named, day_date, months_before
from kpilib.questions.values import Status
from kpilib.report.month.asked import MONTHS, Asked
from kpilib.report.month.tiles import failed_tests
from kpilib.report.month.wording import Brief, Percent, Short
from kpilib.words import Text, Unit, _, format_number, ngettext
from kpilib.words.tables import table_name
from kpilib.words.text import Listed, Worded
from kpilib.words.values import value_text

_UNFINISHED = _("The data end on {day}, before {period} does: all its counts and sums will grow.")
_WINDOW = _(
    "A customer counts as lost after {days} days without a purchase, and the records begin on "
    "{first}: no loss can be seen before {then}."
)
_SEASON = _("There is no {period} before this one in the records: the season cannot be told apart.")
_GROWS = _(
    "The records begin on {first}: whoever bought before counts as new, and shares of returning "
    "customers grow with the records."
)
_ROWS = _("Left out of {table}: {share} of the rows ({reasons}).")
_MONEY = _("{reason}: {rows}, {money}")
_COUNT = _("{reason}: {rows}")
_BACKTEST = _("Forecasts are not to be acted on yet: {tests}.")
_NAMED = 6
"""How many KPIs a sentence names."""
_ROWS_TOLD = 0.002
"""What is left out is told from this share of the rows or of the money on."""


def care(asked: Asked, lang: str) -> list[str]:
    """The cautions, the gravest first."""
    found = [*_unfinished(asked), *_history(asked), *_rows(asked), *_model(asked, lang)]
    return [text.of(lang) for text in found]


def _unfinished(asked: Asked) -> list[Text]:
    if not asked.complete:
        day = day_date(asked.base.as_of) - timedelta(days=1)
        return [_UNFINISHED.format(day=day, period=Named(asked.period))]
    waiting = [
        value for value in asked.now.values()
        if value.status in (Status.INCOMPLETE, Status.PROVISIONAL) and value.value is not None
    ]  # fmt: skip
    if not waiting:
        return []
    named = len(waiting) if len(waiting) <= _NAMED else _NAMED - 1
    names: Worded = Listed(tuple(Brief(value.name) for value in waiting[:named]))
    if named < len(waiting):
        names = _("{names} and {n} more", names=names, n=len(waiting) - named)
    return [
        ngettext(
            "{n} number will still change as records come in: {names}.",
            "{n} numbers will still change as records come in: {names}.",
            len(waiting),
            names=names,
        )
    ]


def _history(asked: Asked) -> list[Text]:
    """What so short a history cannot tell."""
    base, period, found = asked.base, asked.period, []
    begins = asked.begins
    if base.activity_rule != "subscriptions":
        days = base.lapse_window.days
        then = begins + timedelta(days=days)
        if then > months_before(period.start, MONTHS):
            found.append(_WINDOW.format(days=days, first=begins, then=then))
    if period.months and begins > months_before(period.start, 12):
        found.append(_SEASON.format(period=Named(period)))
    if begins > months_before(period.start, 2 * MONTHS):
        found.append(_GROWS.format(first=begins))
    return found


def _rows(asked: Asked) -> list[Text]:
    """Rows left out of the tables that money and customers come from, with what they are worth."""
    found = []
    for table in ("orders", "subscriptions"):
        account = asked.base.accounts.get(table)
        if account is None or not account.left_out:
            continue
        money = account.money or {}
        whole = sum(abs(one) for one in money.values())
        left = sum(abs(one) for reason, one in money.items() if reason != "kept")
        share = sum(account.left_out.values()) / account.read
        if max(share, left / whole if whole else 0.0) < _ROWS_TOLD:
            continue
        largest = sorted(account.left_out.items(), key=lambda one: -one[1])[:3]
        reasons = [_reason(asked, one, rows, money.get(one)) for one, rows in largest]
        found.append(
            _ROWS.format(
                table=table_name(table), share=Percent(share), reasons=Listed(tuple(reasons), "; ")
            )
        )
    return found


def _reason(asked: Asked, reason: str, rows: int, money: float | None) -> Text:
    named = value_text(reason)
    if not money:
        return _COUNT.format(reason=named, rows=rows)
    return _MONEY.format(
        reason=named, rows=rows, money=Short(money, Unit.MONEY, asked.base.currency)
    )


def _model(asked: Asked, lang: str) -> list[Text]:
    value = asked.now.get("clv_predicted")
    if value is None or value.value is None or asked.trusted:
        return []
    return [_BACKTEST.format(tests=failed_tests(asked, lang))]


def used(asked: Asked, lang: str) -> str:
    """How much of the rows and of the money went into the numbers."""
    accounts = [asked.base.accounts[name] for name in ("orders", "subscriptions")
                if name in asked.base.accounts]  # fmt: skip
    if not accounts:
        return ""
    account = accounts[0]
    rows = account.kept / account.read if account.read else 1.0
    money = account.money or {}
    whole = sum(abs(one) for one in money.values())
    if not whole:
        return _("{rows} of the rows used", rows=_Whole(rows)).of(lang)
    part = _Whole(abs(money.get("kept", 0.0)) / whole)
    return _("{rows} of the rows and {money} of the money used", rows=_Whole(rows), money=part).of(
        lang
    )


class _Whole:
    """A share that is 100% only where nothing is missing."""

    def __init__(self, share: float) -> None:
        self.share = share

    def of(self, lang: str) -> str:
        size = self.share * 100
        if 99.5 <= size < 100:
            return format_number(min(size, 99.9), lang, 1) + "%"
        return format_number(size, lang) + "%"
