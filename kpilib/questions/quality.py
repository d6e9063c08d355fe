"""What is wrong with the rows that a number is made of, in one line that travels with it."""

from collections.abc import Iterable, Mapping

from kpilib.contract.account import Account, Caveat
from kpilib.words import Amount, Text, Unit, _
from kpilib.words.tables import table_name


def quality_notes(
    accounts: Mapping[str, Account], tables: Iterable[str], currency: str | None
) -> tuple[Text, ...]:
    """One line for each of these tables of which more than 1% is left out, mixed or a guess."""
    names = dict.fromkeys(tables)
    if "orders" in names:
        names["refunds"] = None
    found = (accounts[name].caveat() for name in names if name in accounts)
    return tuple(caveat_text(caveat, currency) for caveat in found if caveat is not None)


def caveat_text(caveat: Caveat, currency: str | None) -> Text:
    """The caveat of one table in words.

    >>> print(caveat_text(Caveat("orders", 3, 40, 120.0, 2000.0, {}), None).en)
    orders: 3 of 40 rows (7.5%) are left out as wrong or nobody's, worth 120.00 of 2,000.00 (6.0%)
    """
    parts = [_left_out(caveat, currency)] if caveat.rows else []
    parts += [_doubtful(rows, money, caveat, currency) for rows, money in caveat.doubts.values()]
    both = parts[0]
    for part in parts[1:]:
        both = _("{first}; {second}", first=both, second=part)
    return _("{table}: {what}", table=table_name(caveat.table), what=both)


def _left_out(caveat: Caveat, currency: str | None) -> Text:
    share = Amount(caveat.rows / caveat.read, Unit.SHARE)
    said = _(
        "{rows} of {read} rows ({share}) are left out as wrong or nobody's",
        rows=caveat.rows,
        read=caveat.read,
        share=share,
    )
    return _worth(said, caveat.money, caveat, currency)


def _doubtful(rows: int, money: float | None, caveat: Caveat, currency: str | None) -> Text:
    said = _(
        "{rows} of {read} rows ({share}) are mixed or not understood",
        rows=rows,
        read=caveat.read,
        share=Amount(rows / caveat.read, Unit.SHARE),
    )
    return _worth(said, money, caveat, currency)


def _worth(said: Text, money: float | None, caveat: Caveat, currency: str | None) -> Text:
    """A sentence with the money of its rows, where the table has money."""
    if money is None or not caveat.worth:
        return said
    return _(
        "{said}, worth {money} of {worth} ({share})",
        said=said,
        money=Amount(money, Unit.MONEY, currency),
        worth=Amount(caveat.worth, Unit.MONEY, currency),
        share=Amount(money / caveat.worth, Unit.SHARE),
    )
