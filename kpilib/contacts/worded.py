"""The tables of contacts with their words put alike, held for the periods that are asked.

Words are compared trimmed and in small letters. To do that for every row of every question takes
longer than the question itself, so it is done once for all of them, and what lies so long before
the first period that nothing can reach into it from there is left away.
"""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.engines.expressions import with_words
from kpilib.periods import Period

MINUTES_A_DAY = 1440


def contacts(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Interactions: `customer_id, event_day, event_second, channel, kind`."""

    def build() -> nw.LazyFrame:
        rows = _late(base, "interactions", periods).select(
            *_EVENT, as_given=nw.col("channel"), type_given=nw.col("event_type")
        )
        worded = with_words(base.engine, rows, channel="as_given", kind="type_given")
        return worded.select(*_EVENT, "channel", "kind")

    return base._keep(("contacts", periods), build)


def mails(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """What happened to messages.

    `customer_id, event_day, event_second, message_id, event`, and `machine`: whether a mail program
    opened it by itself.
    """

    def build() -> nw.LazyFrame:
        rows = _late(base, "email_events", periods).select(
            *_EVENT,
            "message_id",
            as_given=nw.col("event"),
            machine=nw.col("machine_open").fill_null(False),
        )
        worded = with_words(base.engine, rows, event="as_given")
        return worded.select(*_EVENT, "message_id", "event", "machine")

    return base._keep(("mails", periods), build)


def responses(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The responses of each period, as `base.events` has them, with `WORDS` beside; no comments."""

    def build() -> nw.LazyFrame:
        rows = base.events("survey_responses", periods).drop("comment")
        return _of_surveys(base, rows)

    return base._keep(("responses", periods), build)


def sent(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The invitations to surveys of each period: with `survey_word` and `wave_word`."""

    def build() -> nw.LazyFrame:
        rows = base.events("survey_invitations", periods)
        worded = with_words(base.engine, rows, survey_word="survey", wave_word="wave")
        return worded.with_columns(nw.col("wave_word").fill_null(""))

    return base._keep(("sent", periods), build)


def answered(base: Business, since: int) -> nw.LazyFrame:
    """All responses from a day on, in whatever period the invitation lay.

    `customer_id, responded_day, responded_second, survey, answered_wave`.
    """
    rows = base.table("survey_responses").filter(nw.col("responded_day") >= since)
    rows = rows.select("customer_id", "responded_day", "responded_second", "survey", "wave")
    worded = with_words(base.engine, rows, survey_word="survey", wave_word="wave")
    return worded.select(
        "customer_id",
        "responded_day",
        "responded_second",
        survey=nw.col("survey_word"),
        answered_wave=nw.col("wave_word").fill_null(""),
    )


def all_responses(base: Business) -> nw.LazyFrame:
    """All responses of the records with their words: `WORDS` and the `scale_min`, `scale_max`."""
    ends = ("scale_min", "scale_max")
    return _of_surveys(base, base.table("survey_responses")).select(*WORDS, *ends)


WORDS = ("survey_word", "wave_word", "asked")
"""The survey, its wave (empty where none is named) and the question."""
_EVENT = ("customer_id", "event_day", "event_second")


def _of_surveys(base: Business, rows: nw.LazyFrame) -> nw.LazyFrame:
    worded = with_words(base.engine, rows, survey_word="survey", wave_word="wave", asked="question")
    return worded.with_columns(nw.col("wave_word").fill_null(""))


def _late(base: Business, table: str, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The events from so long before the first period on that no session is cut."""
    # How much is held changes no answer, so that nobody has read the setting by it.
    minutes = base._settings.engagement.session_minutes
    earliest = min(period.start_day for period in periods) - minutes // MINUTES_A_DAY - 2
    return base.table(table).filter(nw.col("event_day") >= earliest)
