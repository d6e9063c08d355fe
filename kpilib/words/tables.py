"""The source tables as a reader calls them, and why rows of them are left out."""

import re
from datetime import date

from kpilib.words.columns import COLUMNS, heads
from kpilib.words.text import Text, _, pgettext

TABLES = {
    "orders": pgettext("source table", "orders"),
    "refunds": pgettext("source table", "refunds"),
    "customers": pgettext("source table", "customer details"),
    "subscriptions": pgettext("source table", "contracts"),
    "exchange_rates": pgettext("source table", "exchange rates"),
    "customer_costs": pgettext("source table", "costs of customers"),
    "marketing_spend": pgettext("source table", "marketing spend"),
    "campaign_exposures": pgettext("source table", "campaign contacts"),
    "email_events": pgettext("source table", "e-mail events"),
    "interactions": pgettext("source table", "visits and contacts"),
    "referrals": pgettext("source table", "referrals"),
    "consents": pgettext("source table", "consents"),
    "survey_invitations": pgettext("source table", "survey invitations"),
    "survey_responses": pgettext("source table", "survey answers"),
    "tickets": pgettext("source table", "service tickets"),
    "ticket_events": pgettext("source table", "events of tickets"),
    "calendars": pgettext("source table", "business hours"),
    "load_log": pgettext("source table", "log of loads"),
    "audit_sample": pgettext("source table", "audited sample"),
    "rules": pgettext("source table", "rules of the data"),
    "targets": pgettext("source table", "targets"),
}


def table_name(table: str) -> Text:
    """A table in words, or as it is named where it is none of ours.

    >>> table_name("survey_responses").en, table_name("my_table").en
    ('survey answers', 'my_table')
    """
    return TABLES.get(table, Text(table))


_GIVEN_AS = _("{table} ({name})")


def table_as_given(table: str) -> Text:
    """A table in words, and as it is named where that is another.

    >>> table_as_given("survey_responses").en, table_as_given("orders").en
    ('survey answers (survey_responses)', 'orders')
    """
    words = table_name(table)
    return words if words.en == table else _GIVEN_AS.format(table=words, name=table)


_REASONS = {
    "cancelled": pgettext("why a row is left out", "cancelled"),
    "test customer": pgettext("why a row is left out", "test customer"),
    "not paid": pgettext("why a row is left out", "not paid"),
    "not sold": pgettext("why a row is left out", "not sold"),
    "merged into another customer": pgettext(
        "why a row is left out", "merged into another customer"
    ),
    "ended before it started": pgettext("why a row is left out", "ended before it started"),
    "answered before it was sent": pgettext("why a row is left out", "answered before it was sent"),
    "before its ticket was created": pgettext(
        "why a row is left out", "before its ticket was created"
    ),
    "score is outside its scale": pgettext("why a row is left out", "score is outside its scale"),
    "rate is not above 0": pgettext("why a row is left out", "rate is not above 0"),
    "its order is not among those kept": pgettext(
        "why a row is left out", "its order is not among those kept"
    ),
    "its order was left out": pgettext("why a row is left out", "its order was left out"),
    "no exchange rate on or before its day": pgettext(
        "why a row is left out", "no exchange rate on or before its day"
    ),
    "no customer_id and no order_id": pgettext(
        "why a row is left out", "neither customer nor order is named"
    ),
    "customer_id means nobody": pgettext(
        "why a row is left out", "a customer id that means nobody"
    ),
    "refunded": pgettext("why a row is left out", "refunded"),
    "neither a weekday nor a holiday": pgettext(
        "why a row is left out", "neither a weekday nor a holiday"
    ),
    "weekday is not 1 to 7": pgettext("why a row is left out", "weekday is not 1 to 7"),
    "closes before it opens": pgettext("why a row is left out", "closes before it opens"),
    "another time zone than the calendar's other rows": pgettext(
        "why a row is left out", "another time zone than the calendar's other rows"
    ),
    "referrer and converted customer are one": pgettext(
        "why a row is left out", "referrer and converted customer are one"
    ),
}
_NO_SUCH = {
    "a time": pgettext("why a row is left out", "{column} is not a time"),
    "a date": pgettext("why a row is left out", "{column} is not a date"),
    "a time of day": pgettext("why a row is left out", "{column} is not a time of day"),
    "a time zone": pgettext("why a row is left out", "{column} is not a time zone"),
    "a period": pgettext("why a row is left out", "{column} is not a period"),
    "a number": pgettext("why a row is left out", "{column} is not a number"),
    "a whole number": pgettext("why a row is left out", "{column} is not a whole number"),
}
_INFINITE = pgettext("why a row is left out", "{column} is infinite")
_WITHOUT = pgettext("why a row is left out", "without {column}")
_TIMELESS = pgettext("why a row is left out", "without a time ({column})")
_TWICE = pgettext("why a row is left out", "there already ({column})")
_LATE = pgettext("why a row is left out", "on or after {day}, beyond the data")
_DAY = re.compile(r"on or after (\d{4}-\d\d-\d\d), the as_of day")


def reason_text(reason: str) -> Text | None:
    """Why rows are left out, in a reader's words; None where the reason is the user's own.

    >>> reason_text("no customer_id").en, reason_text("zero price")
    ('without customer', None)
    >>> reason_text("no ordered_at").en
    'without a time (ordered)'
    """
    if reason in _REASONS:
        return _REASONS[reason]
    name, is_not, what = reason.partition(" is not ")
    if is_not and name in COLUMNS and what in _NO_SUCH:
        return _NO_SUCH[what].format(column=COLUMNS[name].head)
    if (name := reason.removesuffix(" is infinite")) != reason and name in COLUMNS:
        return _INFINITE.format(column=COLUMNS[name].head)
    for start, text in (("no ", _WITHOUT), ("duplicate ", _TWICE)):
        columns = reason.removeprefix(start).split(" + ")
        if reason.startswith(start) and all(name in COLUMNS for name in columns):
            if text is _WITHOUT and columns[0].endswith("_at"):
                text = _TIMELESS
            return text.format(column=heads(columns))
    if found := _DAY.fullmatch(reason):
        return _LATE.format(day=date.fromisoformat(found[1]))
    return None
