"""The doctor on a customer base: everything `diagnose` can see in it."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.clv.expected.choose import ModelChoice, chosen, fitted_purchases
from kpilib.clv.expected.doctor import diagnose
from kpilib.clv.expected.summary import Until, as_until, purchase_summary
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.finding import SEVERITIES, Finding
from kpilib.clv.models.sbg import SBG
from kpilib.clv.value.contract_value import contract_table
from kpilib.clv.value.renewals import contract_counts
from kpilib.show.reason import answering
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

MOST = 2_000_000
STEP = 11


@answering
def diagnose_base(
    base: "Business", until: Until = None, *, model: ModelChoice = None
) -> tuple[Finding, ...]:
    """What is wrong, or worth knowing, before a model of this base is believed; worst first.

    The fit, the histories, the spends and the purchases themselves are examined; of a very large
    base every eleventh day's new customers stand for all in what needs single purchases. With a
    model of contracts, what their fit found.

    >>> from kpilib.demo import tiny_shop
    >>> "few_repeat_buyers" in [finding.name for finding in diagnose_base(tiny_shop())]
    True
    """
    name = chosen(base, model)
    closes = as_until(base, until)
    if name == "SBG" or isinstance(name, SBG):
        fitted = name if isinstance(name, SBG) else SBG.fit_counts(
            contract_counts(contract_table(base, closes))
        )  # fmt: skip
        return fitted.diagnosis
    window = window_findings(base)
    summary = purchase_summary(base, closes)
    histories = [summary[column].to_numpy() for column in ("frequency", "recency", "T")]
    fitted = fitted_purchases(name, Counts.from_arrays(*histories))
    bought = base.visits.filter(nw.col("day") < closes).select("customer_id", "day", "first_day")
    if summary["frequency"].sum() > MOST:
        bought = bought.filter(nw.col("first_day") % STEP == 0)
    found = diagnose(
        *histories,
        monetary_value=summary["monetary_value"].to_numpy(),
        purchases=base.engine.collect(bought.select("customer_id", "day")),
        end=closes,
        model=fitted,
    )
    return tuple(sorted((*found, *window), key=lambda one: -SEVERITIES.index(one.severity)))


def window_findings(base: "Business") -> tuple[Finding, ...]:
    """Whether a lapse window that was found, not given, is long against the records.

    For a third of them and more nobody could be lost yet, and what is said of losses rests on the
    rest.
    """
    window = base.lapse_window
    days = base.as_of - base.first_day
    if window.method == "given" or 3 * window.days <= days:
        return ()
    sentence = _(
        "The lapse window found, {window} days, is more than a third of the {days} days of "
        "records; losses can be seen in the rest only.",
        window=window.days,
        days=days,
    )
    remedy = _("Set lapse_window to how long customers are given up for lost, or bring more years.")
    return (Finding("lapse_window_long", "warning", sentence, remedy),)


@answering
def findings_table(findings: tuple[Finding, ...], lang: str = "en") -> pd.DataFrame:
    """Findings as a table for a reader: severity, what was found, what to do, in a language.

    >>> findings_table((Finding("x", "note", "Seen.", "Nothing."),)).to_dict("records")
    [{'severity': 'note', 'finding': 'Seen.', 'remedy': 'Nothing.'}]
    """
    rows = [(one.severity, one.sentence.of(lang), one.remedy.of(lang)) for one in findings]
    return pd.DataFrame(rows, columns=["severity", "finding", "remedy"])
