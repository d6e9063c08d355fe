"""Satisfaction: what customers say, how many of them say it, and on which scale."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.answers import Answers, Scale, answers, main_scale
from kpilib.contacts.asked import (
    finite_note,
    invitations,
    invited,
    limits_of_raked,
    raked_note,
    response_note,
    those_asked,
)
from kpilib.periods import Period
from kpilib.registry.definitions import Example, kpi
from kpilib.statistics import Beside, ByPart, Count, Mean, Mix, Net, Share, Statistic
from kpilib.statistics.intervals import finite_population
from kpilib.words import Amount, Text, Unit, _, ngettext

RESPONSES = ("survey_responses",)
GROUPS = ("promoters", "passives", "detractors")
NO_ANSWER = _("nobody answered in the period")
FIVE_STEPS = 4


def scale_note(numbers: Mapping[str, float | None]) -> Text | None:
    """The scale of the scores, from the details of the value."""
    low, high = numbers.get("scale_min"), numbers.get("scale_max")
    return (
        None
        if low is None or high is None
        else _("on a scale of {low} to {high}", low=low, high=high)
    )


def left_out_note(numbers: Mapping[str, float | None]) -> Text | None:
    """How many rows had another scale, where any had."""
    n = round(numbers.get("left_out") or 0)
    if not n:
        return None
    return ngettext(
        "{n} row on another scale, or outside it, is left out",
        "{n} rows on another scale, or outside it, are left out",
        n,
    )


def no_number(found: Answers, item: str) -> Callable[[Mapping[str, float | None]], Text]:
    """Why there is no number: nobody answered, or all who did are on another scale."""
    scale = main_scale(found, item)

    def why(numbers: Mapping[str, float | None]) -> Text:
        if not numbers.get("left_out"):
            return NO_ANSWER
        return wrong_scale(found, scale)

    return why


def wrong_scale(found: Answers, own: Scale) -> Text:
    """That the answers are on another scale than the question's, and what to do about it."""
    if found.other is None:
        return _(
            "the answers lie outside the scale of {low} to {high}: name the scale they were given "
            "on as scale_min and scale_max",
            low=own.low,
            high=own.high,
        )
    return _(
        "the answers are on a scale of {low} to {high}, and only those of {least} to {most} count: "
        "ask on that scale, or, where these answers could go from {least} to {most}, say so as "
        "scale_min and scale_max under [survey_responses.columns] in kpilib.toml",
        low=found.other.low,
        high=found.other.high,
        least=own.low,
        most=own.high,
    )


def mean_score(
    found: Answers, item: str, population: Count | None = None, **others: Statistic
) -> Beside[Mean]:
    """The mean score of a question, with its scale, and how many rows were left out for it."""
    scale = main_scale(found, item)

    def details(main: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, object]:
        return {
            "scale_min": np.full(len(main), scale.low),
            "scale_max": np.full(len(main), scale.high),
            "normalised": (main["value"] - scale.low).array / (scale.high - scale.low),
            **limits_of_raked(tables),
        }

    mean = Mean(
        found.rows,
        nw.col("score"),
        cluster="who",
        population=population,
        undefined=no_number(found, item),
    )
    return Beside(
        mean, {"left_out": found.left_out, **others}, details, notes=(scale_note, left_out_note)
    )


@kpi(
    name=_("Customer satisfaction score (mean)"),
    formula=r"\frac{\text{sum of the scores}}{\text{answers}}",
    unit=Unit.POINTS,
    better="higher",
    tables=RESPONSES,
)
def csat_mean(base: Business, periods: tuple[Period, ...]) -> Beside[Mean]:
    """The mean of the answers to the overall question of the satisfaction survey.

    One answer per customer and wave, the latest; the scale stands beside it, and the mean moved to
    0 … 1 (`normalised`). Only those who answer are in it: read the response rate too. Where more
    than a twentieth of those invited answered, the interval knows that there were not many more;
    `raked` is the mean weighted to the mix of those invited (the settings' `surveys.rake_by`).
    A mean hides two humps; `csat_top2` and the distribution do not.

    >>> from kpilib.demo import tiny_shop
    >>> round(tiny_shop().kpi("csat_mean", "2026-04").value, 3)
    3.667
    """
    asked, found = base.settings.surveys.csat, answers(base, periods, "csat")
    beside = those_asked(base, periods, asked, found.rows, nw.col("score"))
    invited_to = Count(invited(base, periods, asked)) if beside else None
    score = mean_score(found, "csat", invited_to, **beside)
    return replace(score, notes=(*score.notes, response_note, raked_note(base)))


@kpi(
    name=_("CSAT top-2-box"),
    formula=r"\frac{\text{answers in the two highest boxes}}{\text{answers}}",
    unit=Unit.SHARE,
    better="higher",
    tables=RESPONSES,
)
def csat_top2(base: Business, periods: tuple[Period, ...]) -> Beside[Share]:
    """Of the answers about satisfaction, the part in the two highest boxes of five.

    Defined on a scale of five steps; on another the two highest boxes are another part of it.

    >>> from kpilib.demo import tiny_shop
    >>> value = tiny_shop().kpi("csat_top2", "2026-04")
    >>> (value.numerator, value.denominator)
    (2.0, 3.0)
    """
    found = answers(base, periods, "csat")
    scale = main_scale(found, "csat")
    five = scale.high - scale.low == FIVE_STEPS
    rows = found.rows if five else found.rows.filter(nw.col("score").is_null())
    why = no_number(found, "csat") if five else _(
        "the scale of {low} to {high} has not five steps", low=scale.low, high=scale.high
    )  # fmt: skip
    share = Share(rows, nw.col("score") >= scale.high - 1, undefined=why)
    return Beside(share, {"left_out": found.left_out}, notes=(left_out_note,))


@kpi(
    name=_("Satisfaction by aspect"),
    formula=r"\frac{\text{sum of the scores of the aspect}}{\text{answers about it}}",
    unit=Unit.POINTS,
    better="higher",
    tables=RESPONSES,
)
def satisfaction_aspects(base: Business, periods: tuple[Period, ...]) -> ByPart:
    """The mean score of each aspect that the satisfaction survey asks about.

    All who answered about an aspect count for it, whatever else they left blank. Aspects are the
    questions of that survey other than the overall one and the intentions.

    >>> from kpilib.demo import tiny_shop
    >>> (delivery,) = tiny_shop().kpi("satisfaction_aspects", "2026-04")
    >>> delivery.segment, delivery.value
    ('delivery', 2.5)
    """
    rows = answers(base, periods, "aspects").rows
    return ByPart(Mean(rows, nw.col("score"), cluster="who", undefined=NO_ANSWER), "question")


@kpi(
    name=_("Net Promoter Score"),
    formula=r"100 \times \frac{\text{promoters} - \text{detractors}}{\text{answers}}",
    unit=Unit.POINTS,
    better="higher",
    example=Example({"promoter_share": 0.7, "detractor_share": 0.1}, 60),
    tables=RESPONSES,
)
def nps(base: Business, periods: tuple[Period, ...]) -> Beside[Net]:
    """Promoters (9 and 10) less detractors (0 to 6) among the answers, in points.

    On a scale of 0 to 10 alone; passives (7 and 8) count underneath, blank answers nowhere. 60 can
    be 70 less 10 or 60 less 0: see the groups. The limits are those of answers drawn from many;
    where it is known who was invited, `finite_low` and `finite_high` are those of a part of so many
    (Cochran, 1977), and `raked` is the score weighted to the mix of those invited.

    >>> from kpilib.demo import tiny_shop
    >>> round(tiny_shop().kpi("nps", "2026-04").value, 2)
    33.33
    """
    found = answers(base, periods, "nps")
    score = nw.col("score")
    net = Net(found.rows, plus=score >= 9, minus=score <= 6, undefined=no_number(found, "nps"))
    below = nw.when(score <= 6).then(nw.lit(-100.0)).otherwise(nw.lit(0.0))
    points = nw.when(score >= 9).then(nw.lit(100.0)).otherwise(below)
    beside = those_asked(base, periods, base.settings.surveys.nps, found.rows, points)

    def details(main: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, object]:
        if "invited" not in tables:
            return {}
        shrink = finite_population(main["n"], tables["invited"]["value"])
        value = main["value"].to_numpy()
        ends = {name: main[name].to_numpy() for name in ("low", "high")}
        closer = {f"finite_{name}": value + (end - value) * shrink for name, end in ends.items()}
        return closer | limits_of_raked(tables)

    return Beside(
        net,
        {"left_out": found.left_out, **beside},
        details,
        notes=(left_out_note, response_note, finite_note, raked_note(base)),
    )


def _group() -> nw.Expr:
    passive = nw.when(nw.col("score") >= 7).then(nw.lit("passives")).otherwise(nw.lit("detractors"))
    return nw.when(nw.col("score") >= 9).then(nw.lit("promoters")).otherwise(passive)


@kpi(
    name=_("Promoters, passives, detractors"),
    formula=r"\frac{\text{answers of the group}}{\text{answers}}",
    unit=Unit.SHARE,
    better="none",
    tables=RESPONSES,
)
def nps_groups(base: Business, periods: tuple[Period, ...]) -> Mix:
    """The part of the answers that are 9 or 10, 7 or 8, and 0 to 6; together they make 1.

    >>> from kpilib.demo import tiny_shop
    >>> [value.numerator for value in tiny_shop().kpi("nps_groups", "2026-04")]
    [2.0, 0.0, 1.0]
    """
    found = answers(base, periods, "nps")
    why = wrong_scale(found, main_scale(found, "nps")) if found.only_other else NO_ANSWER
    return Mix(found.rows.with_columns(group=_group()), nw.col("group"), GROUPS, undefined=why)


def _answers_over(base: Business, period: Period) -> int:
    return period.end_day + base.settings.surveys.answer_days


@kpi(
    name=_("Survey response rate"),
    formula=r"\frac{\text{invitations answered in time}}{\text{invitations sent}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("survey_invitations", "survey_responses"),
    until=_answers_over,
)
def survey_response_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the invitations sent in the period, the part that was answered within the days allowed.

    One invitation per customer, survey and wave, the first; any response counts, with a score or
    without. An invitation waits `surveys.answer_days` before it counts at all. Those who do not
    answer may think otherwise: no interval of a score knows that.
    """
    days = base.settings.surveys.answer_days
    return Share(
        invitations(base, periods),
        nw.col("answered"),
        undefined=_("no invitation has waited long enough"),
        notes=(_("answered within {days}", days=Amount(days, Unit.DAYS)),),
    )


@kpi(
    name=_("Customer effort score"),
    formula=r"\frac{\text{sum of the scores}}{\text{answers}}",
    unit=Unit.POINTS,
    better="higher",
    tables=RESPONSES,
)
def ces(base: Business, periods: tuple[Period, ...]) -> Beside[Mean]:
    """The mean answer to whether it was made easy: 1 (not at all) to 7 (very much so).

    High is good, as in the second version of the score; in the first, effort itself was rated. The
    part that agrees, with 5 or more, stands among the details.
    """
    found = answers(base, periods, "ces")
    return mean_score(found, "ces", agree_share=Share(found.rows, nw.col("score") >= 5))
