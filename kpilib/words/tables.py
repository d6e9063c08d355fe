"""The source tables as a reader calls them."""

from kpilib.words.text import Text, pgettext

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
