"""The KPIs of contracts, reckoned again."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

from tests.oracle.businesses import Business, Contract
from tests.oracle.shop import ledger, months_before, of_ledger, over, restricted_mean

ONE = timedelta(days=1)
NEVER = date(9999, 1, 1)

Life = tuple[date, date]


class ContractBook:
    """Lives: unbroken stretches of contracts, a contract of the day after continuing one."""

    def __init__(self, shop: Business) -> None:
        self.rows = list(shop.contracts)
        last = shop.as_of - ONE
        ended = sum(one.end is not None and one.end < last for one in self.rows)
        really = sum(end < last for own in self._lives().values() for _, end in own)
        self.renews = ended > 2 * really if shop.renews is None else shop.renews
        if self.renews:
            # Contracts here are renewed: those that end as the records do are taken to run on.
            self.rows = [
                replace(one, end=None) if one.end and last <= one.end <= shop.as_of else one
                for one in self.rows
            ]
        self.lives = self._lives()

    def _lives(self) -> dict[object, list[Life]]:
        own: dict[object, list[Contract]] = defaultdict(list)
        for one in self.rows:
            own[one.customer].append(one)
        found = {}
        for who, rows in own.items():
            lives: list[Life] = []
            for one in sorted(rows, key=lambda row: (row.start, row.end or NEVER)):
                end = one.end or NEVER
                if lives and one.start <= lives[-1][1] + (ONE if lives[-1][1] < NEVER else ONE * 0):
                    lives[-1] = (lives[-1][0], max(lives[-1][1], end))
                else:
                    lives.append((one.start, end))
            found[who] = lives
        return found

    def active(self, who, instant: date) -> bool:
        """At the midnight that opens a day: within a life that began before it."""
        return any(start < instant <= end for start, end in self.lives[who])

    def began_within(self, who, opens: date, closes: date) -> bool:
        """Whether a life began within the period."""
        return any(opens <= start < closes for start, _ in self.lives[who])

    def first(self, who) -> date:
        """The day the first contract began."""
        return min(start for start, _ in self.lives[who])

    def life(self, who, closes: date) -> tuple[int, bool] | None:
        """Days from the first contract to the last end, or to the day before the close."""
        begun = [life for life in self.lives[who] if life[0] < closes]
        if not begun:
            return None
        end = max(end for _, end in begun)
        ended = end < closes
        return ((end if ended else closes - ONE) - self.first(who)).days, ended

    def revenue(self, who, instant: date) -> float:
        """What the customer pays at an instant, mrr that is not said counting as 0.

        Where contracts ended on the day before and others begin on this one, the smaller of the two
        sums is carried over the instant between them, what was followed within its own day apart.
        """
        own = [one for one in self.rows if one.customer == who]

        def paid(holds) -> float:
            return sum(one.mrr or 0.0 for one in own if holds(one.start, one.end or NEVER))

        covered = paid(lambda start, end: start < instant <= end)
        begins = paid(lambda start, end: start == instant)
        ends = paid(lambda start, end: start < instant == end)
        ended = paid(lambda start, end: end == instant - ONE)
        began = paid(lambda start, end: start == instant - ONE and end >= instant)
        return covered + min(max(begins - ends, 0.0), max(ended - began, 0.0))


def of_contracts(shop: Business, opens: date, closes: date, before) -> dict:
    """The KPIs of a business of contracts."""
    book = ContractBook(shop)
    states = ledger(book, book.lives, opens, closes)
    closing = [who for who, one in states.items() if "closing" in one]
    tenured = months_before(closes, 12)
    earlier = ledger(book, book.lives, *before)
    cohort = [who for who, one in earlier.items() if "new" in one]
    lives = [life for who in book.lives if (life := book.life(who, closes))]
    return of_ledger(states) | of_money(shop, opens, closes) | {
        "long_term_customer_share": over(
            sum(book.first(who) <= tenured for who in closing), len(closing)
        ),
        "cohort_retention": over(sum(who in closing for who in cohort), len(cohort)),
        "average_customer_lifetime": restricted_mean(lives),
    }  # fmt: skip


def of_money(shop: Business, opens: date, closes: date) -> dict:
    """Revenue retention and renewal, whatever makes customers active."""
    book = ContractBook(shop)
    paid = {who: (book.revenue(who, opens), book.revenue(who, closes)) for who in book.lives}
    whole = sum(then for then, _ in paid.values())
    due = [
        one
        for one in shop.contracts
        if one.term and opens <= one.term < closes
        and one.term + timedelta(days=shop.grace) < shop.as_of
    ]  # fmt: skip
    return {
        "net_revenue_retention": over(sum(now for then, now in paid.values() if then), whole),
        "gross_revenue_retention": over(
            sum(min(then, now) for then, now in paid.values() if then), whole
        ),
        "renewal_rate": over(sum(renewed(shop, one) for one in due), len(due)),
    }


def renewed(shop: Business, one: Contract) -> bool:
    """Whether a contract ran on beyond the days of grace, or another took its place by then."""
    late = one.term + timedelta(days=shop.grace)
    if one.end is None or one.end > late:
        return True
    return any(
        other.customer == one.customer
        and one.start < other.start <= late
        and (other.end is None or other.end > one.term)
        for other in shop.contracts
    )
