"""One sentence for each chapter: what this month has to say of its family of KPIs."""

from kpilib.questions.availability import needs
from kpilib.questions.values import KPIValue, Status
from kpilib.registry import definitions as registry
from kpilib.report.month.asked import Asked
from kpilib.report.month.changes import ranked
from kpilib.report.month.tiles import failed_tests
from kpilib.report.month.wording import Brief, Move, Percent, Short
from kpilib.words import Text, Unit, _
from kpilib.words.tables import table_name
from kpilib.words.text import Listed, capital
from kpilib.words.values import value_text

_ROSE = _("{name} rose from {before} to {now}.")
_FELL = _("{name} fell from {before} to {now}.")
_STILL = _("{name}: {now}, no clear change from {before}.")
_ALONE = _("{name}: {now}.")
_SEGMENT = _("{segment}: {customers} of the customers bring {money} of the money.")
_WORTH = _("{value} a customer expected over the next {months} months{but}.")
_BUT = _("; not to act on: {tests}")
_QUALITY = _("{share} of the rows of {table} are in no number here.")
_NEEDS = _("Needs records that were not given: {tables}.")
_COMPLETE = _("Every row that was read is in the numbers.")

LEADING = {
    "sales": ("revenue", "orders_count"),
    "acquisition": ("new_customers", "cac"),
    "retention": ("retention_rate", "repeat_purchase_rate"),
    "churn": ("churn_rate",),
    "loyalty": ("loyal_customers", "loyalty_index"),
    "referral": ("referral_rate",),
    "satisfaction": ("nps", "csat_mean"),
    "engagement": ("interaction_frequency", "site_visit_frequency"),
    "service": ("complaint_rate", "first_response_time"),
    "lifetime_value": ("clv_predicted",),
}
"""Family → the KPIs that speak for it where nothing in it moved by more than chance."""


def findings(asked: Asked, lang: str) -> dict[str, str]:
    """Family → its sentence; a family with nothing to say is not there."""
    found: dict[str, Text] = {}
    moves = [move for move in ranked(asked) if move.clear]
    for family in dict.fromkeys(value.family for value in asked.now.values()):
        mine = [move for move in moves if move.value.family == family]
        sentence = _moved(mine[0]) if mine else _leading(asked, family)
        if sentence is not None:
            found[family] = sentence
    own = {"lifetime_value": _worth, "segmentation": _segments, "data_quality": _quality}
    for family, say in own.items():
        sentence = say(asked, lang)
        if sentence is not None:
            found[family] = sentence
    return {family: capital(text.of(lang)) for family, text in found.items()}


def _moved(move: Move) -> Text:
    return _beside(move.value, _ROSE if (move.change or 0) > 0 else _FELL)


def _beside(value: KPIValue, text: Text) -> Text:
    return text.format(
        name=Brief(value.name),
        now=Short(value.value, value.unit, value.currency),
        before=Short(value.previous, value.unit, value.currency),
    )


def _leading(asked: Asked, family: str) -> Text | None:
    """The first of the family's leading KPIs that has a number, or of all of them."""
    others = [name for name, value in asked.now.items() if value.family == family]
    for name in (*LEADING.get(family, ()), *others):
        value = asked.now.get(name)
        if value is not None and value.value is not None:
            move = Move(value)
            if move.clear:  # even where its complement stands for it in the list of what moved
                return _moved(move)
            text = _ALONE if value.previous is None or _judged(value) else _STILL
            return _beside(value, text)
    return _lacking(asked, family)


def _lacking(asked: Asked, family: str) -> Text | None:
    """Which records a family would need, where none of its KPIs can be had."""
    mine = [value for value in asked.now.values() if value.family == family]
    if not mine or any(value.status is not Status.UNAVAILABLE for value in mine):
        return None
    names = needs(asked.base, registry.definition(mine[0].id))
    tables = dict.fromkeys(name.split(".")[0] for name in names)
    return _NEEDS.format(tables=Listed(tuple(map(table_name, tables))))


def _judged(value: KPIValue) -> bool:
    """Whether nothing can be said of its change."""
    return value.status is not Status.COMPLETE or bool(Move(value).verdict("en"))


def _worth(asked: Asked, lang: str) -> Text | None:
    value = asked.now.get("clv_predicted")
    if value is None or value.value is None:
        return None
    but = Text("")
    if not asked.trusted:
        but = _BUT.format(tests=failed_tests(asked, lang))
    worth = Short(value.value, Unit.MONEY, value.currency)
    return _WORTH.format(value=worth, months=asked.base.settings.value.months, but=but)


def _segments(asked: Asked, lang: str) -> Text | None:
    """The segment that brings most of the money."""
    table = asked.analysis("rfm_segments")
    if table is None or table.empty:
        return None
    first = table.sort_values("money_share", ascending=False).iloc[0]
    if first[["share", "money_share"]].isna().any():  # nobody spent anything, or all are kept back
        return None
    return _SEGMENT.format(
        segment=value_text(str(first["segment"])),
        customers=Percent(float(first["share"])),
        money=Percent(float(first["money_share"])),
    )


def _quality(asked: Asked, lang: str) -> Text | None:
    """What was left out of the orders or the contracts, else of the table that lost most."""
    main = ("orders", "subscriptions")
    if not {*main} & {*asked.base.accounts}:
        return None
    left = {
        name: 1 - account.kept / account.read
        for name, account in asked.base.accounts.items()
        if account.read > account.kept
    }
    if not left:
        return _COMPLETE
    table = next((name for name in main if name in left), max(left, key=left.__getitem__))
    return _QUALITY.format(share=Percent(left[table]), table=table_name(table))
