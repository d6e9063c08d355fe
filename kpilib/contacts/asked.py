"""Who was asked, and what that says of the answers of those who answered."""

from collections.abc import Callable, Mapping

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.worded import answered, sent
from kpilib.engines.expressions import distinct
from kpilib.periods import Period
from kpilib.statistics import Count, Raked, Share, Statistic
from kpilib.statistics.raked import BETWEEN
from kpilib.words import MISSING, Amount, Text, Unit, _
from kpilib.words.columns import heads


def invited(base: Business, periods: tuple[Period, ...], survey: str) -> nw.LazyFrame:
    """Customers invited to a survey in each period, once each: `period, customer_id`."""

    rows = sent(base, periods).filter(nw.col("survey_word") == survey)
    return base.remember(
        ("invited", survey, periods), lambda: distinct(rows.select("period", "customer_id"))
    )


def invitations(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The invitations of each period with whether they were answered in time.

    `period, customer_id, survey, wave, sent_day, answered`, the first per customer, survey and
    wave. An answer is any response of that customer to that survey (and wave, where both name
    one) from the sending on, within `answer_days`; only invitations watched that long are there.
    """
    return base._keep(("invitations", periods), lambda: _invitations(base, periods))


def _invitations(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    days = base.settings.surveys.answer_days
    keys = ["period", "customer_id", "survey", "wave"]
    named = sent(base, periods).select(
        "period",
        "customer_id",
        "sent_day",
        "sent_second",
        survey=nw.col("survey_word"),
        wave=nw.col("wave_word"),
    )
    asked = named.group_by(*keys).agg(nw.col("sent_day").min(), nw.col("sent_second").min())
    asked = asked.filter(nw.col("sent_day") + days < base.as_of)
    responses = answered(base, min(period.start_day for period in periods))
    waves = (nw.col("wave") == nw.col("answered_wave")) | (nw.col("wave") == "")
    same = waves | (nw.col("answered_wave") == "")
    after = nw.col("responded_second") >= nw.col("sent_second")
    in_time = after & (nw.col("responded_day") <= nw.col("sent_day") + days)
    pairs = asked.join(responses, on=["customer_id", "survey"], how="inner")
    matched = pairs.filter(same & in_time)
    found = distinct(matched.select(*keys)).with_columns(answered=nw.lit(1))
    joined = asked.join(found, on=keys, how="left")
    return joined.with_columns(answered=nw.col("answered").fill_null(0) == 1)


def margins(base: Business) -> tuple[str, ...]:
    """The attributes, of those the settings name, that customers have: what is raked by."""
    return tuple(name for name in base.settings.surveys.rake_by if name in base.dimensions)


def with_cell(base: Business, rows: nw.LazyFrame) -> nw.LazyFrame:
    """The rows with a column `cell`: the values of the margins of their customer, in one text."""
    names = margins(base)
    for place, name in enumerate(names):
        attribute = base.attribute(name).select("customer_id", nw.col(name).alias(f"m{place}"))
        rows = rows.join(attribute, on="customer_id", how="left")
    parts = [nw.col(f"m{place}").cast(nw.String).fill_null(MISSING) for place in range(len(names))]
    return rows.with_columns(cell=nw.concat_str(parts, separator=BETWEEN))


def response_note(numbers: Mapping[str, float | None]) -> Text | None:
    """How many of those invited answered: what no interval of a score knows."""
    rate = numbers.get("response_rate")
    return (
        None
        if rate is None
        else _(
            "{rate} of those invited answered in time; those who did not may think otherwise",
            rate=Amount(rate, Unit.SHARE),
        )
    )


def finite_note(numbers: Mapping[str, float | None]) -> Text | None:
    """The limits of so many answers out of so few people asked, where they are closer."""
    low, high, asked = (numbers.get(name) for name in ("finite_low", "finite_high", "invited"))
    if low is None or high is None or not asked or low == numbers.get("low"):
        return None
    return _(
        "of the {invited} people invited alone the limits are {low} to {high}",
        invited=Amount(asked, Unit.COUNT),
        low=Amount(low, Unit.POINTS),
        high=Amount(high, Unit.POINTS),
    )


def raked_note(base: Business) -> Callable[[Mapping[str, float | None]], Text | None]:
    """What the score would be if those who answered were mixed like those invited."""
    names = heads(margins(base))

    def note(numbers: Mapping[str, float | None]) -> Text | None:
        value, low, high = (numbers.get(f"raked{end}") for end in ("", "_low", "_high"))
        if value is None or low is None or high is None:
            return None
        return _(
            "weighted to the mix of those invited by {names}: {value} ({low} to {high})",
            names=names,
            value=Amount(value, Unit.POINTS),
            low=Amount(low, Unit.POINTS),
            high=Amount(high, Unit.POINTS),
        )

    return note


def those_asked(
    base: Business, periods: tuple[Period, ...], survey: str, rows: nw.LazyFrame, of: nw.Expr
) -> dict[str, Statistic]:
    """What stands beside a score where it is known who was asked: none where it is not."""
    names, _days = margins(base), base.settings.surveys.answer_days
    if "survey_invitations" not in base.tables:
        return {}
    asked = invited(base, periods, survey)
    mine = nw.col("survey") == survey
    found: dict[str, Statistic] = {
        "invited": Count(asked),
        "response_rate": Share(invitations(base, periods), nw.col("answered"), among=mine),
    }
    if names:
        found["raked"] = Raked(with_cell(base, rows), of, asked=with_cell(base, asked))
    return found


def limits_of_raked(others: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    """The details of a weighted score other than itself."""
    if "raked" not in others:
        return {}
    table = others["raked"]
    names = {"low": "raked_low", "high": "raked_high", "unheard": "unheard"}
    return {name: table[column].to_numpy() for column, name in names.items()}
