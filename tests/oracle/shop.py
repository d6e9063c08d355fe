"""The KPIs of purchases, reckoned again."""

from collections import defaultdict
from datetime import date, timedelta

from tests.oracle.businesses import Business

ONE = timedelta(days=1)


class Purchases:
    """Who bought when and for how much, net of refunds, and what else was given back."""

    def __init__(self, shop: Business) -> None:
        self.shop = shop
        back, last = defaultdict(float), {}
        numbers = {order.number for order in shop.orders}
        self.given_back: list[tuple[object, date, float]] = []
        for refund in shop.refunds:
            day = shop.day(refund.at)
            if refund.order in numbers:
                back[refund.order] += refund.amount
                last[refund.order] = max(day, last.get(refund.order, day))
            else:
                self.given_back.append((refund.customer, day, refund.amount))
        self.days: dict[object, dict[date, float]] = defaultdict(dict)
        for order in shop.orders:
            left = order.amount - back[order.number]
            if order.number in last and left <= 0:
                if left < 0:
                    self.given_back.append((order.customer, last[order.number], -left))
                continue
            own, day = self.days[order.customer], shop.day(order.at)
            own[day] = own.get(day, 0.0) + left
        self.days = {who: own for who, own in self.days.items() if own}

    @property
    def first_day(self) -> date | None:
        """The first day with a purchase."""
        return min((min(own) for own in self.days.values()), default=None)

    def active(self, who, instant: date) -> bool:
        """At the midnight that opens a day: some purchase d with d < instant <= d + window."""
        window = timedelta(days=self.shop.window)
        return any(day < instant <= day + window for day in self.days.get(who, ()))

    def money(self, opens: date, closes: date) -> float:
        """Net revenue of the days."""
        bought = sum(x for own in self.days.values() for d, x in own.items() if opens <= d < closes)
        return bought - sum(x for _, d, x in self.given_back if opens <= d < closes)

    def bought(self, who, opens: date, closes: date) -> int:
        """Days with a purchase."""
        return sum(opens <= day < closes for day in self.days[who])

    def buyers(self, opens: date, closes: date) -> list:
        """Who bought on the days."""
        return [who for who in self.days if self.bought(who, opens, closes)]

    def first(self, who) -> date:
        """The day of the first purchase."""
        return min(self.days[who])

    def life(self, who, closes: date) -> tuple[int, int, bool] | None:
        """Days from the first purchase to lapse or to the day before the close, those active, end.

        None where the customer has not begun by the close.
        """
        if self.first(who) >= closes:
            return None
        stop, active, start = None, 0, None
        for day in sorted(self.days[who]):
            if day >= closes:
                break
            if stop is not None and day > stop:
                active += (min(stop, closes - ONE) - start).days
                start = None
            start = start or day
            stop = self._stop(who, day)
        ended = stop < closes
        seen = stop if ended else closes - ONE
        return (seen - self.first(who)).days, active + (seen - start).days, ended

    def _stop(self, who, day: date) -> date:
        """Until when a purchase keeps its customer, with all later ones that follow in time."""
        window = timedelta(days=self.shop.window)
        while later := [one for one in self.days[who] if day < one <= day + window]:
            day = max(later)
        return day + window


def ledger(book, people, opens: date, closes: date) -> dict[object, set[str]]:
    """What each customer was in a period: `book` knows who is active and who began when."""
    found = {}
    for who in people:
        opening, closing = book.active(who, opens), book.active(who, closes)
        if not (opening or book.began_within(who, opens, closes)):
            continue
        new = opens <= book.first(who) < closes
        states = {
            "opening": opening,
            "closing": closing,
            "new": new,
            "reactivated": not opening and not new,
            "retained": opening and closing,
            "lost": not closing,
        }
        found[who] = {name for name, true in states.items() if true}
    return found


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or that month's last."""
    index = day.year * 12 + day.month - 1 - months
    for last in (day.day, 30, 29, 28):
        try:
            return date(index // 12, index % 12 + 1, last)
        except ValueError:
            continue
    raise AssertionError


def restricted_mean(lives: list[tuple[int, bool]]) -> float | None:
    """The area under Kaplan and Meier's curve up to the longest time seen."""
    horizon = max((time for time, _ in lives), default=0)
    if horizon <= 0:
        return None
    area, alive, at = 0.0, 1.0, 0
    for time in sorted({time for time, _ in lives}):
        area += alive * (time - at)
        at = time
        risk = sum(one >= time for one, _ in lives)
        alive *= 1 - sum(one == time and ended for one, ended in lives) / risk
    return area


def over(x: float, y: float) -> float | None:
    """x / y, None where there is nothing underneath."""
    return x / y if y else None


class PurchaseBook(Purchases):
    """Purchases as what keeps customers active."""

    def began_within(self, who, opens: date, closes: date) -> bool:
        """Whether the customer bought within the period."""
        return self.bought(who, opens, closes) > 0

    def active_days(self, who, opens: date, closes: date) -> int:
        """Midnights after the opening, up to the close, at which the customer is active."""
        days = range(1, (closes - opens).days + 1)
        return sum(self.active(who, opens + timedelta(days=day)) for day in days)


def of_ledger(states: dict) -> dict[str, float | None]:
    """The KPIs that are read from the ledger alone."""

    def count(*wanted: str) -> int:
        return sum(set(wanted) <= one for one in states.values())

    opening, closing = count("opening"), count("closing")
    return {
        "new_customers": count("new"),
        "customers_active": closing,
        "lost_customers": count("lost"),
        "acquisition_rate": over(count("new"), closing),
        "retention_rate": over(count("retained"), opening),
        "churn_rate": over(count("opening", "lost"), opening),
        "retention_rate_ledger": over(closing - count("new"), opening),
        **{
            f"customer_ledger/{name}": count(name)
            for name in ("opening", "new", "reactivated", "lost", "closing")
        },
    }


def of_purchases(shop: Business, opens: date, closes: date, before, after) -> dict:
    """The KPIs of what was bought; `before` and `after` are the windows of the like periods."""
    book = Purchases(shop)
    buyers = book.buyers(opens, closes)
    purchases = sum(book.bought(who, opens, closes) for who in buyers)
    sold = [order for order in shop.orders if opens <= shop.day(order.at) < closes]
    so_far = [who for who in book.days if book.first(who) < closes]
    spent = sum(x for who in so_far for day, x in book.days[who].items() if day < closes)
    spent -= sum(x for who, day, x in book.given_back if who in so_far and day < closes)
    cohort = [who for who in book.buyers(*before) if book.first(who) >= before[0]]
    enough, days = shop.loyalty
    since = closes - timedelta(days=days)
    again = set(book.buyers(*after)) if closes < shop.as_of else set()
    window = timedelta(days=shop.window)
    watched = [
        who
        for who in book.days
        if opens <= book.first(who) < closes and book.first(who) + window < shop.as_of
    ]
    lost = [who for who in watched if not book.bought(
        who, book.first(who) + ONE, book.first(who) + window + ONE)]  # fmt: skip
    return {
        "revenue": book.money(opens, closes),
        "gross_revenue": sum(order.amount for order in sold),
        "orders_count": len(sold),
        "buyers": len(buyers),
        "average_purchase_value": over(book.money(opens, closes), purchases),
        "repeat_purchase_rate": over(
            sum(book.bought(who, opens, closes) >= 2 for who in buyers), len(buyers)
        ),
        "next_window_repurchase_rate": over(
            len(again & set(buyers)), len(buyers) if closes < shop.as_of else 0
        ),
        "returning_customer_rate": over(
            sum(book.first(who) < opens for who in buyers), len(buyers)
        ),
        "loyal_customers": sum(book.bought(who, since, closes) >= enough for who in book.days),
        "clv_historical": over(spent, len(so_far)),
        "cohort_retention": over(
            sum(book.bought(who, opens, closes) > 0 for who in cohort), len(cohort)
        ),
        "first_purchase_loss_rate": over(len(lost), len(watched)),
    }


def of_lives_by_purchases(shop: Business, opens: date, closes: date) -> dict:
    """The KPIs that need to know how long purchases keep customers."""
    book = PurchaseBook(shop)
    states = ledger(book, book.days, opens, closes)
    enough, days = shop.loyalty
    tenured = months_before(closes, 12)
    closing = [who for who, one in states.items() if "closing" in one]

    def loyal(who) -> bool:
        since = opens - timedelta(days=days)
        return "opening" in states[who] and book.bought(who, since, opens) >= enough

    def standing(who) -> str:
        if loyal(who):
            return "loyal"
        until = opens if "opening" in states[who] else closes
        return "first-time" if book.bought(who, date.min, until) <= 1 else "developing"

    gone = [who for who, one in states.items() if "lost" in one]
    devoted = [who for who in states if loyal(who)]
    lives = [life for who in book.days if (life := book.life(who, closes))]
    active = {who: book.active_days(who, opens, closes) for who in states}
    timed = sum(book.bought(who, opens, closes) for who, some in active.items() if some)
    value = over(book.money(opens, closes), sum(book.bought(w, opens, closes) for w in book.days))
    yearly = over(365.25 * timed, sum(active.values()))
    lasted = restricted_mean([(time, ended) for _, time, ended in lives])
    product = None if None in (value, yearly, lasted) else value * yearly * lasted / 365.25
    costs = [(who, cost) for who, day, cost in shop.costs if opens <= day < closes]
    paid_back = {who for who, day, _ in book.given_back if opens <= day < closes}
    everybody = {*states, *book.buyers(opens, closes), *paid_back, *(who for who, _ in costs)}
    profit = book.money(opens, closes) - sum(cost for _, cost in costs)
    return of_ledger(states) | {
        "long_term_customer_share": over(
            sum(book.first(who) <= tenured for who in closing), len(closing)
        ),
        "loyal_customer_loss_rate": over(sum(who in gone for who in devoted), len(devoted)),
        **{
            f"lost_customer_mix/{name}": over(sum(standing(who) == name for who in gone), len(gone))
            for name in ("first-time", "developing", "loyal")
        },
        "purchase_frequency": yearly,
        "average_customer_lifetime": restricted_mean([(time, ended) for time, _, ended in lives]),
        "clv_simple": product,
        "customer_net_profit": over(profit, len(everybody)),
    }
