"""The source tables kpilib knows: their columns, what each means, and which ones must be there.

Types are what a column is read as, whatever the source wrote:

- `id`: a whole number or text with blanks trimmed, the same in every table that names the thing;
- `text`: text; `number`: a float; `flag`: true or false (missing is false);
- `time`: becomes two columns, `…_day` (business-local days since 1970-01-01) and `…_second`
  (UTC epoch seconds), both integers; `ordered_at` becomes `ordered_day` and `ordered_second`;
- `date`: becomes the integer `…_day`.
"""

from types import MappingProxyType

from kpilib.errors import InputError, near_miss
from kpilib.schema import Column, Schema


def schema(name: str) -> Schema:
    """The schema of a table.

    >>> schema("refunds").required
    ('refunded_at', 'amount')
    >>> schema("order")
    Traceback (most recent call last):
    kpilib.errors.InputError: no table is called 'order'; did you mean 'orders'?
    """
    if name not in SCHEMAS:
        raise InputError(f"no table is called {name!r}; {near_miss(name, SCHEMAS)}")
    return SCHEMAS[name]


def _id(name: str, meaning: str, required: bool = False, names: str = "") -> Column:
    return Column(name, "id", meaning, required, names or name.removesuffix("_id"))


def _text(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "text", meaning, required)


def _number(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "number", meaning, required)


def _time(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "time", meaning, required)


def _date(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "date", meaning, required)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "flag", meaning)


_CUSTOMER = _id("customer_id", "The customer the row belongs to.", required=True)
_ANY_CUSTOMER = _id("customer_id", "The customer, where one is known.")
_CURRENCY = _text(
    "currency", "ISO 4217 code of the row's money; missing means the reporting currency."
)

_SHOP = (
    Schema(
        "orders",
        "One order, or one line of an order where `lines = true`.",
        (
            _CUSTOMER,
            _time("ordered_at", "When the customer ordered.", required=True),
            _number("amount", "What the customer paid, net of discount and tax.", required=True),
            _id("order_id", "The order's own number."),
            _text("status", "Where the order stands; cancelled ones are left out."),
            _number("gross_amount", "The price before discount and with tax."),
            _number("discount", "What was taken off the price; missing is 0."),
            _number("tax", "The tax in the price; missing is 0."),
            _number("shipping", "What the customer paid for delivery, outside the amount."),
            _CURRENCY,
        ),
        key=("order_id",),
        event="ordered_at",
        money=("amount", "gross_amount", "discount", "tax", "shipping"),
        rules=(
            "amount may be missing where gross_amount is there: gross_amount - discount - tax",
            "a negative amount is a refund on its day and never makes a purchase",
            "a zero amount is a purchase",
        ),
    ),
    Schema(
        "refunds",
        "Money given back to a customer, wholly or in part.",
        (
            _id("refund_id", "The refund's own number."),
            _id("order_id", "The order that is refunded."),
            _id("customer_id", "The customer; taken from the order where it is missing."),
            _time("refunded_at", "When the money was given back.", required=True),
            _number("amount", "How much was given back, as a positive number.", required=True),
            _CURRENCY,
        ),
        key=("refund_id",),
        event="refunded_at",
        money=("amount",),
        rules=("either order_id or customer_id is there, and an order_id is one of the orders",),
    ),
    Schema(
        "customers",
        "One customer and what is known of them.",
        (
            _CUSTOMER,
            _time("created_at", "When the record was made."),
            _text("acquisition_channel", "The channel through which the customer came."),
            _text("segment", "The business's own segment."),
            _text("country", "The customer's country."),
            _id("referred_by_customer_id", "The customer who brought this one.", names="customer"),
            _id(
                "merged_into_id",
                "The record that this duplicate was merged into.",
                names="customer",
            ),
            _flag("is_test", "Whether this is a test account, all of whose rows are left out."),
            _time("updated_at", "When the record was last changed."),
        ),
        key=("customer_id",),
        rules=("merged_into_id leads, in one or more steps and never in a circle, to one record",),
    ),
    Schema(
        "subscriptions",
        "One contract of one customer, from its start to its end.",
        (
            _id("subscription_id", "The contract's own number."),
            _CUSTOMER,
            _time("started_at", "When it began.", required=True),
            _time("term_end_at", "When the paid term ends or was to end."),
            _time("cancelled_at", "When the customer gave notice."),
            _time("ended_at", "When it ended; missing while it runs."),
            _text("cancel_reason", "The reason given."),
            _flag("voluntary", "Whether the customer, not a failed payment, ended it."),
            _number("mrr", "Monthly recurring revenue."),
            _CURRENCY,
        ),
        key=("subscription_id",),
        event="started_at",
        money=("mrr",),
        rules=("ended_at is not before started_at",),
    ),
    Schema(
        "exchange_rates",
        "What one unit of a currency was worth in another on a day.",
        (
            _date("date", "The day from which the rate holds.", required=True),
            _text("from_currency", "The currency that is exchanged.", required=True),
            _text("to_currency", "The currency that is got.", required=True),
            _number("rate", "Units got for one unit given; above 0.", required=True),
        ),
        key=("date", "from_currency", "to_currency"),
        rules=("rate is above 0",),
    ),
    Schema(
        "customer_costs",
        "A cost of serving one customer.",
        (
            _CUSTOMER,
            _date("date", "The day of the cost.", required=True),
            _text("cost_type", "What it was for."),
            _number("amount", "How much it was.", required=True),
            _CURRENCY,
        ),
        event="date",
        money=("amount",),
    ),
)

_MARKETING = (
    Schema(
        "marketing_spend",
        "What was spent to win or keep customers.",
        (
            _date("date", "The day of the cost.", required=True),
            _text("channel", "The channel it was spent on."),
            _text("campaign", "The campaign it was spent on."),
            _text("cost_type", "What kind of cost it is: marketing, sales or other."),
            _number("amount", "How much it was.", required=True),
            _CURRENCY,
        ),
        event="date",
        money=("amount",),
    ),
    Schema(
        "campaign_exposures",
        "One customer reached by a campaign, or held back as a control.",
        (
            _id("campaign_id", "The campaign.", required=True),
            _CUSTOMER,
            _time("exposed_at", "When the customer was reached.", required=True),
            _flag("is_control", "Whether the customer was held back to compare with."),
        ),
        event="exposed_at",
    ),
    Schema(
        "email_events",
        "One thing that happened to one message.",
        (
            _id("message_id", "The message.", required=True),
            _CUSTOMER,
            _text("campaign", "The campaign the message belongs to."),
            _time("event_at", "When it happened.", required=True),
            _text(
                "event",
                "What happened: sent, delivered, opened, clicked, unsubscribed.",
                required=True,
            ),
            _flag("machine_open", "Whether a mail program, not a person, opened it."),
        ),
        event="event_at",
    ),
    Schema(
        "interactions",
        "One contact between a customer and the business, in any channel.",
        (
            _id("event_id", "The contact's own number.", names="interaction"),
            _CUSTOMER,
            _time("event_at", "When it happened.", required=True),
            _text("channel", "Where it happened."),
            _text("event_type", "What it was."),
        ),
        key=("event_id",),
        event="event_at",
    ),
    Schema(
        "referrals",
        "One invitation from a customer, and whom it brought.",
        (
            _id("referral_id", "The invitation's own number."),
            _id("referrer_customer_id", "Who invited.", required=True, names="customer"),
            _time("invited_at", "When the invitation was sent.", required=True),
            _id("converted_customer_id", "Who came of it.", names="customer"),
            _time("converted_at", "When they came."),
        ),
        key=("referral_id",),
        event="invited_at",
    ),
    Schema(
        "consents",
        "A customer's consent to one use of their data.",
        (
            _CUSTOMER,
            _text("purpose", "The use that is allowed.", required=True),
            _time("given_at", "When consent was given.", required=True),
            _time("withdrawn_at", "When it was withdrawn; missing while it stands."),
        ),
        event="given_at",
    ),
)

_VOICE = (
    Schema(
        "survey_invitations",
        "One customer asked to answer one survey.",
        (
            _id("invitation_id", "The invitation's own number."),
            _CUSTOMER,
            _text("survey", "The survey, like csat, nps or ces.", required=True),
            _text("wave", "The round of the survey."),
            _time("sent_at", "When it was sent.", required=True),
        ),
        key=("invitation_id",),
        event="sent_at",
    ),
    Schema(
        "survey_responses",
        "One customer's answer to one question.",
        (
            _id("response_id", "The answer's own number."),
            _ANY_CUSTOMER,
            _text("survey", "The survey, like csat, nps or ces.", required=True),
            _text("wave", "The round of the survey."),
            _text("question", "The question or the aspect asked about."),
            _time("sent_at", "When the survey was sent."),
            _time("responded_at", "When it was answered.", required=True),
            _number("score", "The answer; missing where only a comment was left."),
            _number("scale_min", "The lowest score that could be given."),
            _number("scale_max", "The highest score that could be given."),
            _text("comment", "The customer's own words."),
        ),
        key=("response_id",),
        event="responded_at",
        rules=("score lies between scale_min and scale_max",),
    ),
    Schema(
        "tickets",
        "One request or complaint.",
        (
            _id("ticket_id", "The ticket's own number.", required=True),
            _ANY_CUSTOMER,
            _text("type", "What it is, like complaint or question."),
            _time("created_at", "When it came in.", required=True),
            _text("priority", "How urgent it is."),
            _text("channel", "How it came in."),
            _text("product", "What it is about."),
        ),
        key=("ticket_id",),
        event="created_at",
    ),
    Schema(
        "ticket_events",
        "One step in the handling of a ticket.",
        (
            _id("ticket_id", "The ticket.", required=True),
            _time("event_at", "When it happened.", required=True),
            _text("event", "What happened: created, reply, resolved, reopened.", required=True),
            _text("actor_type", "Who did it: customer, agent or machine."),
            _flag("public", "Whether the customer could see it."),
        ),
        event="event_at",
    ),
    Schema(
        "calendars",
        "The hours on which a service desk works, by weekday or on one date.",
        (
            _text("calendar_id", "The calendar's name.", required=True),
            _text("tz", "Its time zone."),
            _text("weekday", "The day of the week: 1 is Monday, 7 is Sunday."),
            _text("open", "When work begins, as HH:MM."),
            _text("close", "When work ends, as HH:MM."),
            _date("holiday_date", "A date on which nobody works."),
        ),
    ),
)

_UPKEEP = (
    Schema(
        "load_log",
        "One delivery of one table.",
        (
            _text("table", "The table that was delivered.", required=True),
            _time("loaded_at", "When it came in.", required=True),
            _time("max_event_at", "The latest event in it."),
            _number("rows", "How many rows came."),
        ),
        event="loaded_at",
    ),
    Schema(
        "audit_sample",
        "One recorded value that was checked against the truth.",
        (
            _CUSTOMER,
            _text("column", "The column that was checked.", required=True),
            _text("recorded", "What the records say."),
            _text("verified", "What turned out to be true."),
        ),
    ),
    Schema(
        "rules",
        "One rule that a column of the records must satisfy.",
        (
            _text("table", "The table it is about.", required=True),
            _text("column", "The column it is about.", required=True),
            _text("rule", "What must hold.", required=True),
            _text("severity", "How bad it is if it does not."),
        ),
    ),
    Schema(
        "targets",
        "What the business wants a KPI to be.",
        (
            _text("kpi_id", "The KPI.", required=True),
            _text("segment", "The segment; missing means the whole."),
            _text("period", "The period, as kpilib writes it; missing means every one."),
            _number("target", "The value to reach, in the KPI's own unit.", required=True),
            _number("warn", "The value at which to warn."),
            _text("owner", "Who answers for it."),
            _time("approved_at", "When it was agreed."),
        ),
    ),
)

SCHEMAS: MappingProxyType[str, Schema] = MappingProxyType(
    {schema.name: schema for schema in (*_SHOP, *_MARKETING, *_VOICE, *_UPKEEP)}
)
"""Every source table, by name."""
