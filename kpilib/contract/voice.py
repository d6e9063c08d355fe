"""Tables of what customers say: surveys, answers, tickets, and the hours of the desk."""

from kpilib.contract.schema import (
    ANY_CUSTOMER,
    CUSTOMER,
    Schema,
    date_column,
    flag_column,
    id_column,
    number_column,
    text_column,
    time_column,
)

VOICE = (
    Schema(
        "survey_invitations",
        "One customer asked to answer one survey.",
        (
            id_column("invitation_id", "The invitation's own number."),
            CUSTOMER,
            text_column("survey", "The survey, like csat, nps or ces.", required=True),
            text_column("wave", "The round of the survey."),
            time_column("sent_at", "When it was sent.", required=True),
        ),
        key=("invitation_id",),
        event="sent_at",
    ),
    Schema(
        "survey_responses",
        "One customer's answer to one question.",
        (
            id_column("response_id", "The answer's own number."),
            ANY_CUSTOMER,
            text_column("survey", "The survey, like csat, nps or ces.", required=True),
            text_column("wave", "The round of the survey."),
            text_column("question", "The question or the aspect asked about."),
            time_column("sent_at", "When the survey was sent."),
            time_column("responded_at", "When it was answered.", required=True),
            number_column("score", "The answer; missing where only a comment was left."),
            number_column("scale_min", "The lowest score that could be given."),
            number_column("scale_max", "The highest score that could be given."),
            text_column("comment", "The customer's own words."),
        ),
        key=("response_id",),
        event="responded_at",
        rules=("score lies between scale_min and scale_max",),
    ),
    Schema(
        "tickets",
        "One request or complaint.",
        (
            id_column("ticket_id", "The ticket's own number.", required=True),
            ANY_CUSTOMER,
            text_column("type", "What it is, like complaint or question."),
            time_column("created_at", "When it came in.", required=True),
            text_column("priority", "How urgent it is."),
            text_column("channel", "How it came in."),
            text_column("product", "What it is about."),
        ),
        key=("ticket_id",),
        event="created_at",
    ),
    Schema(
        "ticket_events",
        "One step in the handling of a ticket.",
        (
            id_column("ticket_id", "The ticket.", required=True),
            time_column("event_at", "When it happened.", required=True),
            text_column("event", "What happened: created, reply, resolved, reopened.", True),
            text_column("actor_type", "Who did it: customer, agent or machine."),
            flag_column("public", "Whether the customer could see it."),
        ),
        event="event_at",
    ),
    Schema(
        "calendars",
        "The hours on which a service desk works, by weekday or on one date.",
        (
            text_column("calendar_id", "The calendar's name.", required=True),
            text_column("tz", "Its time zone."),
            text_column("weekday", "The day of the week: 1 is Monday, 7 is Sunday."),
            text_column("open", "When work begins, as HH:MM."),
            text_column("close", "When work ends, as HH:MM."),
            date_column("holiday_date", "A date on which nobody works."),
        ),
    ),
)
