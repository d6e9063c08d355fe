"""How far a value can be relied on, reckoned again: what the records reach, and until when."""

from datetime import date, timedelta

from kpilib.periods import Period
from tests.oracle.businesses import Business
from tests.oracle.lives import ContractBook
from tests.oracle.shop import Purchases, months_before

LOSSES = {
    "lost_customers", "churn_rate", "retention_rate", "retention_rate_ledger",
    "loyal_customer_loss_rate", "lost_customer_mix", "average_customer_lifetime", "clv_simple",
}  # fmt: skip
BEGINNINGS = {
    "new_customers", "acquisition_rate", "customer_ledger", "customers_active",
    "returning_customer_rate", "first_purchase_loss_rate",
}  # fmt: skip
OF_CONTRACTS_ALONE = {"net_revenue_retention", "gross_revenue_retention", "renewal_rate"}


def expected(shop: Business, name: str, period: Period, value: float | None) -> str:
    """The status of a KPI that is given all that it needs."""
    by_contract = bool(shop.contracts) and shop.activity != "purchases"
    begins = first_day(shop, by_contract)
    alone = name in OF_CONTRACTS_ALONE
    known = min([begins, *(one.start for one in shop.contracts)]) if alone else begins
    if period.start >= shop.as_of:
        return "incomplete"
    if period.end <= known:
        return "undefined"
    until = waits_for(shop, name, period)
    closes = min(period.end, shop.as_of)
    settled = "incomplete" if until > shop.as_of else (
        "provisional" if until + timedelta(days=shop.settle) > shop.as_of else "complete"
    )  # fmt: skip
    short = reach(shop, name, period, closes, begins, by_contract)
    if short is None and not alone and begins > period.start:
        short = "bound"
    if short == "none":
        return "undefined"
    if value is None:
        waits = until != period.end or name in WAITING
        return "incomplete" if settled == "incomplete" and waits else "undefined"
    return "provisional" if short and settled == "complete" else settled


WAITING = {"next_window_repurchase_rate", "first_purchase_loss_rate", "renewal_rate"}


def first_day(shop: Business, by_contract: bool) -> date:
    """The first purchase, or the first contract where contracts make customers."""
    days = [day for day in (Purchases(shop).first_day,) if day]
    if by_contract:
        days += [one.start for one in ContractBook(shop).rows]
    return min(days)


def waits_for(shop: Business, name: str, period: Period) -> date:
    """The day up to which the records must reach."""
    if name == "next_window_repurchase_rate":
        return period.shift(1).end
    if name == "first_purchase_loss_rate":
        return period.end + timedelta(days=shop.window)
    if name == "renewal_rate":
        return period.end + timedelta(days=shop.grace)
    return period.end


def reach(shop, name, period, closes, begins, by_contract) -> str | None:
    """Whether the records begin early enough: None, a `bound` alone, or `none` of it."""
    loss = begins + timedelta(days=shop.window)
    if name == "loyal_customers":
        since = closes - timedelta(days=shop.loyalty[1])
        return None if since >= begins else "bound"
    if by_contract:
        return None
    if name in LOSSES and period.start < loss:
        return "none" if closes <= loss else "bound"
    if name in BEGINNINGS and period.start < loss:
        return "bound"
    if name == "long_term_customer_share":
        tenured = months_before(closes, 12)
        return "none" if tenured < begins else "bound" if tenured < loss else None
    return None
