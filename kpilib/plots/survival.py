"""Pictures of how long customers last."""

import pandas as pd
from matplotlib.axes import Axes

from kpilib.errors import InputError
from kpilib.plots import words
from kpilib.plots.style import (
    ACCENT,
    AGAINST,
    GREY,
    PALE,
    finish,
    label_ends,
    new_axes,
    picture,
)
from kpilib.words import MISSING, Unit, _, format_value
from kpilib.words.values import value_text

DAYS = _("days")
_MEDIAN = {
    "loss": _("Half of the customers are lost within {days} days"),
    "second_purchase": _("Half of the customers buy a second time within {days} days"),
}
_NOT_REACHED = {
    "loss": _("{share} of the customers are still there after {days} days"),
    "second_purchase": _("{share} of the customers have not bought again after {days} days"),
}
_GROUPS = _("After {days} days {high} of {best} remain, and {low} of {worst}")
_DESCRIPTION = _("Survival curve over {days} days. {groups}.")
_MEANS = {
    "naive_ended": _("only the finished"),
    "naive_mean": _("all as if finished"),
    "mean": _("survival estimate"),
    "naive_rate": _("if the hazard were constant"),
}
_NAIVE = _("The naive average says {naive}; within {tau} days the estimate is {mean}")
_PROJECTION = _(
    "{share} of customers are expected to renew {n} times; {seen} were seen to renew {m} times"
)
_RENEWALS = _("renewals")
_EXPECTED = _("expected")
_SEEN = _("seen")
_MOST_NAMED = 6
_NO = _("too few customers to draw a curve of")
_CURVE = _("Share of the customers to whom it has not happened yet; band: 95% interval")


@picture
def plot_survival_curves(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """The steps of `survival_curves`, each group labelled at its end, with its interval.

    Of several groups the best and the worst have the two colours, compared on the last day on which
    a twentieth of every group is at risk; groups beyond the six largest are unnamed.
    """
    table = table[table["survival"].notna()]  # steps of too few customers are kept back
    if not len(table):
        raise InputError("there is no curve to draw; ask for more customers, or fewer groups", _NO)
    ax = new_axes(ax)
    named_by = {MISSING: value_text(MISSING).of(lang)}
    groups = {
        named_by.get(str(name), str(name)): part
        for name, part in table.groupby("group", sort=False)
    }
    at = min(_still_many(part) for part in groups.values())
    level = {name: _at(part, at) for name, part in groups.items()}
    best, worst = max(level, key=level.__getitem__), min(level, key=level.__getitem__)
    ends = []
    for place, (name, part) in enumerate(groups.items()):
        special = {worst: AGAINST, best: ACCENT}
        named = name in special or place < _MOST_NAMED
        colour = special.get(name, GREY if named else PALE)
        part = _thinned(part)
        ax.step(part["days"], part["survival"], where="post", color=colour, lw=1.6)
        if name in special:
            ax.fill_between(
                part["days"], part["low"], part["high"], step="post", color=colour, alpha=0.12, lw=0
            )
        if named and len(groups) > 1:
            ends.append((part["days"].iloc[-1], part["survival"].iloc[-1], str(name), colour))
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, table["days"].max())
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.set_xlabel(DAYS.of(lang))
    if len(groups) == 1:
        _mark_median(ax, table)
    label_ends(ax, ends)
    finding, told = _finding(table, level, at, best, worst, lang), _describe(groups, lang)
    return finish(ax, finding, told, measure=_CURVE.of(lang))


@picture
def plot_survival_summary(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """The survival estimate of the mean among the averages that practice offers, first group."""
    row = table.iloc[0]
    ax = new_axes(ax, height=2.2)
    for y, name in enumerate(_MEANS):
        value = row[name]
        if pd.isna(value):
            continue
        colour = ACCENT if name == "mean" else GREY
        ax.plot([0, value], [y, y], color=colour, lw=1, alpha=0.5)
        ax.plot(value, y, "o", color=colour, ms=6)
        if name == "mean":
            ax.plot([row["mean_low"], row["mean_high"]], [y, y], color=colour, lw=4, alpha=0.35)
        text = format_value(value, Unit.DAYS, lang)
        ax.annotate(text, (value, y), (8, 0), textcoords="offset points", va="center", color=colour)
    ax.set_yticks(range(len(_MEANS)), [label.of(lang) for label in _MEANS.values()])
    ax.set_ylim(len(_MEANS) - 0.5, -0.5)
    ax.set_xlim(left=0)
    ax.margins(x=0.12)
    ax.set_xlabel(DAYS.of(lang))
    finding = words.say(
        _NAIVE,
        lang,
        naive=format_value(row["naive_mean"], Unit.DAYS, lang),
        tau=words.count(row["tau"], lang),
        mean=format_value(row["mean"], Unit.DAYS, lang),
    )
    values = [f"{label.of(lang)}: {format_value(row[n], Unit.DAYS, lang)}" for n, label in
              _MEANS.items()]  # fmt: skip
    return finish(ax, finding, "; ".join(values) + ".")


@picture
def plot_contract_projection(
    table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en"
) -> Axes:
    """`contract_projection`: what was seen in grey, what the model expects in the accent."""
    ax = new_axes(ax)
    known = table[table["seen"].notna()]
    ax.fill_between(
        table["renewals"], table["expected_low"], table["expected_high"], color=ACCENT, alpha=0.15,
        lw=0,
    )  # fmt: skip
    ax.plot(table["renewals"], table["expected"], color=ACCENT)
    error = (known["seen"] - known["low"], known["high"] - known["seen"])
    ax.errorbar(known["renewals"], known["seen"], error, fmt="o", ms=3, lw=1, color=GREY)
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, table["renewals"].max())
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.set_xlabel(_RENEWALS.of(lang))
    end, last = table.iloc[-1], known.iloc[-1]
    label_ends(
        ax,
        [
            (end["renewals"], end["expected"], _EXPECTED.of(lang), ACCENT),
            (last["renewals"], last["seen"], _SEEN.of(lang), GREY),
        ],
    )
    finding = words.say(
        _PROJECTION,
        lang,
        n=words.count(end["renewals"], lang),
        share=words.share(end["expected"], lang),
        m=words.count(last["renewals"], lang),
        seen=words.share(last["seen"], lang),
    )
    some = table.iloc[:: max(len(table) // 6, 1)]
    told = "; ".join(
        f"{words.count(row.renewals, lang)}: {words.share(row.expected, lang)} "
        f"({words.share(row.expected_low, lang)} … {words.share(row.expected_high, lang)})"
        for row in words.rows(some)
    )
    return finish(ax, finding, f"{_EXPECTED.of(lang)}: {told}.")


def _thinned(part: pd.DataFrame) -> pd.DataFrame:
    """The steps that can be told apart in a picture; the first and the last always."""
    level = (part["survival"] * 250).round()
    told = level.ne(level.shift())
    told.iloc[-1] = True
    return part[told]


def _still_many(part: pd.DataFrame) -> float:
    """The last day on which a twentieth of the group is still at risk."""
    return float(part.loc[part["at_risk"] >= part["at_risk"].iloc[0] / 20, "days"].iloc[-1])


def _at(part: pd.DataFrame, day: float) -> float:
    return float(part.loc[part["days"] <= day, "survival"].iloc[-1])


def _median(table: pd.DataFrame) -> float | None:
    """The day by which half are gone; None where it only repeats the lapse window."""
    reached = table.loc[table["survival"] <= 0.5 + 1e-12, "days"]
    if not len(reached) or reached.iloc[0] == table.attrs.get("window"):
        return None
    return float(reached.iloc[0])


def _mark_median(ax: Axes, table: pd.DataFrame) -> None:
    median = _median(table)
    if median is not None:
        ax.plot([0, median, median], [0.5, 0.5, 0], color=GREY, lw=0.8, ls=(0, (3, 3)))
        ax.annotate(f"{median:.0f}", (median, 0), (3, 3), textcoords="offset points", color=GREY)


def _finding(table, level, at, best, worst, lang: str) -> str:
    if len(level) > 1:
        return words.say(
            _GROUPS, lang, days=words.count(at, lang), best=best, worst=worst,
            high=words.share(level[best], lang), low=words.share(level[worst], lang),
        )  # fmt: skip
    kind = "second_purchase" if table.attrs.get("of") == "second_purchase" else "loss"
    median = _median(table)
    if median is not None:
        return words.say(_MEDIAN[kind], lang, days=words.count(median, lang))
    days, left = words.count(at, lang), words.share(level[best], lang)
    return words.say(_NOT_REACHED[kind], lang, days=days, share=left)


def _describe(groups: dict[str, pd.DataFrame], lang: str) -> str:
    last = max(part["days"].iloc[-1] for part in groups.values())
    told = []
    for name, part in list(groups.items())[:_MOST_NAMED]:
        steps = ", ".join(
            f"{words.count(day, lang)}: {words.share(_at(part, day), lang)}"
            for day in (last / 4, last / 2, last)
            if day <= part["days"].iloc[-1]
        )
        told.append(f"{name}: {steps}" if len(groups) > 1 else steps)
    return words.say(_DESCRIPTION, lang, days=words.count(last, lang), groups="; ".join(told))
