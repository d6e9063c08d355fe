"""Tables of how customers are reached: spend, campaigns, e-mail, contacts, referrals, consent."""

from kpilib.contract.schema import (
    CURRENCY,
    CUSTOMER,
    Schema,
    date_column,
    flag_column,
    id_column,
    number_column,
    text_column,
    time_column,
)

OUTREACH = (
    Schema(
        "marketing_spend",
        "What was spent to win or keep customers.",
        (
            date_column("date", "The day of the cost.", required=True),
            text_column("channel", "The channel it was spent on."),
            text_column("campaign", "The campaign it was spent on."),
            text_column("cost_type", "What kind of cost it is: marketing, sales or other."),
            number_column("amount", "How much it was.", required=True),
            CURRENCY,
        ),
        event="date",
        money=("amount",),
    ),
    Schema(
        "campaign_exposures",
        "One customer reached by a campaign, or held back as a control.",
        (
            id_column("campaign_id", "The campaign.", required=True),
            CUSTOMER,
            time_column("exposed_at", "When the customer was reached.", required=True),
            flag_column("is_control", "Whether the customer was held back to compare with."),
        ),
        event="exposed_at",
    ),
    Schema(
        "email_events",
        "One thing that happened to one message.",
        (
            id_column("message_id", "The message.", required=True),
            CUSTOMER,
            text_column("campaign", "The campaign the message belongs to."),
            time_column("event_at", "When it happened.", required=True),
            text_column(
                "event",
                "What happened: sent, delivered, opened, clicked, unsubscribed.",
                required=True,
            ),
            flag_column("machine_open", "Whether a mail program, not a person, opened it."),
        ),
        event="event_at",
    ),
    Schema(
        "interactions",
        "One contact between a customer and the business, in any channel.",
        (
            id_column("event_id", "The contact's own number.", names="interaction"),
            CUSTOMER,
            time_column("event_at", "When it happened.", required=True),
            text_column("channel", "Where it happened."),
            text_column("event_type", "What it was."),
        ),
        key=("event_id",),
        event="event_at",
    ),
    Schema(
        "referrals",
        "One invitation from a customer, and whom it brought.",
        (
            id_column("referral_id", "The invitation's own number."),
            id_column("referrer_customer_id", "Who invited.", required=True, names="customer"),
            time_column("invited_at", "When the invitation was sent.", required=True),
            id_column("converted_customer_id", "Who came of it.", names="customer"),
            time_column("converted_at", "When they came."),
        ),
        key=("referral_id",),
        event="invited_at",
    ),
    Schema(
        "consents",
        "A customer's consent to one use of their data.",
        (
            CUSTOMER,
            text_column("purpose", "The use that is allowed.", required=True),
            time_column("given_at", "When consent was given.", required=True),
            time_column("withdrawn_at", "When it was withdrawn; missing while it stands."),
        ),
        event="given_at",
    ),
)
