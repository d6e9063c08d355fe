"""Referral: who was brought by a customer, who invites, and what of the growth was earned."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts.referrals import earned, inviting, referral_columns, with_referrer
from kpilib.periods import Period
from kpilib.registry.definitions import kpi
from kpilib.registry.notes import activity_note
from kpilib.statistics import Beside, Ratio, Share
from kpilib.words import Unit, _


@kpi(
    name=_("Customer referral rate"),
    formula=r"\frac{\text{new customers brought by a customer}}{\text{new customers}}",
    unit=Unit.SHARE,
    better="higher",
    columns=referral_columns,
    contracts=True,
)
def referral_rate(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the new customers, the part that another customer brought.

    Brought by the referrer recorded with the customer, or as the one who came of a referral.
    Nobody brings themselves. What was not recorded looks like nobody's doing.

    >>> from kpilib.demo import tiny_shop
    >>> tiny_shop().kpi("referral_rate", "2026-01").value
    0.25
    """
    new = base.ledger(periods).filter(nw.col("new"))
    return Share(
        with_referrer(base, new), nw.col("referred"), undefined=_("nobody was won in the period")
    )


@kpi(
    name=_("Share of customers who refer"),
    formula=r"\frac{\text{active customers who sent an invitation}}{\text{active customers}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("orders", "referrals"),
    contracts=True,
)
def referrer_share(base: Business, periods: tuple[Period, ...]) -> Beside[Share]:
    """Of the customers active in the period, the part that sent an invitation in it.

    Sending is what the customer does; `converted_share` among the details is the part of whose
    invitations one was taken up in the period.
    """
    rows = inviting(base, periods)
    share = Share(rows, nw.col("invited"), notes=(activity_note(base),))
    return Beside(share, {"converted_share": Share(rows, nw.col("converted"))})


@kpi(
    name=_("Earned growth rate"),
    formula=(
        r"\frac{\text{revenue of buyers of the period before} + "
        r"\text{revenue of referred new customers} - \text{revenue before}}"
        r"{\text{revenue before}}"
    ),
    unit=Unit.SHARE,
    better="higher",
    columns=referral_columns,
)
def earned_growth(base: Business, periods: tuple[Period, ...]) -> Ratio:
    """How much revenue would have grown by old customers and those they brought alone.

    This period's net revenue of customers who bought in the like period before, and of new ones
    with a referrer, less all net revenue of the period before, over that revenue. Growth that was
    bought is left out (Reichheld, Darnell & Burns, *Harvard Business Review*, 2021).
    """
    rows = earned(base, periods)
    before = nw.col("before")
    return Ratio(
        rows, nw.col("kept") - before, before, undefined=_("no revenue in the period before")
    )
