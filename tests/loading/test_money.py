"""Currencies: one to report in, others at the rate of the day."""

import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.loading import load

from .shops import read, rows, shop


def rates(*found) -> pd.DataFrame:
    return pd.DataFrame(found, columns=["date", "from_currency", "to_currency", "rate"])


def test_the_only_currency_is_the_one_to_report_in():
    assert load(orders=shop(currency=["eur", " EUR ", None])).settings.currency == "EUR"
    assert load(orders=shop()).settings.currency is None


def test_two_currencies_are_refused_with_the_remedy():
    table = shop(currency=["EUR", "EUR", "USD"])
    message = r"orders: money in EUR and USD; set currency .* and give an exchange_rates table"
    with pytest.raises(InputError, match=message):
        load(orders=table)
    with pytest.raises(InputError, match="no rate from USD to EUR; give an exchange_rates table"):
        load(orders=table, currency="EUR")
    with pytest.raises(InputError, match="no rate from EUR to GBP"):
        load(orders=shop(currency=["EUR"]), currency="GBP")


def test_rows_that_are_left_out_bring_no_currency():
    options = {"orders": {"leave_out": {"abroad": "currency <> 'EUR'"}}}
    loaded = load(orders=shop(currency=["EUR", "USD"]), options=options)
    assert loaded.settings.currency == "EUR"


def test_money_is_turned_at_the_last_rate_before_the_day():
    table = shop(
        ordered_at=["2026-01-05", "2026-01-12", "2026-01-01", "2026-01-12", "2026-01-12"],
        currency=["USD", "USD", "USD", "EUR", None],
        amount=[10.0] * 5,
        tax=[1.0] * 5,
    )
    found = rates(("2026-01-02", "usd", "EUR", 0.5), ("2026-01-10", "USD", "EUR", 0.8))
    loaded = load(orders=table, exchange_rates=found, currency="EUR")
    account = loaded.accounts["orders"]
    assert account.left_out == {"no exchange rate on or before its day": 1}
    assert account.notes[1:] == (
        "2 rows in another currency, turned into EUR at the rate of the day",
    )
    kept = rows(loaded).sort_values("customer_id")
    assert kept["amount"].tolist() == [5, 8, 10, 10]
    assert kept["tax"].tolist() == [0.5, 0.8, 1, 1]


def test_a_rate_the_other_way_round_will_do():
    found = rates(("2026-01-01", "EUR", "USD", 1.25))
    loaded = load(orders=shop(currency=["USD"]), exchange_rates=found, currency="EUR")
    assert rows(loaded)["amount"].tolist() == [0.8]


def test_bad_rates_are_left_out():
    found = rates(("2026-01-01", "USD", "EUR", 0.5), ("2026-01-02", "USD", "EUR", 0.0))
    loaded = load(orders=shop(currency=["USD"]), exchange_rates=found, currency="EUR", max_loss=0.5)
    assert loaded.accounts["exchange_rates"].left_out == {"rate is not above 0": 1}
    assert rows(loaded)["amount"].tolist() == [0.5]


def test_every_table_with_money_is_turned():
    spend = pd.DataFrame({"date": ["2026-01-05"], "amount": [3.0], "currency": ["USD"]})
    found = rates(("2026-01-01", "USD", "EUR", 0.5))
    loaded = load(orders=shop(), marketing_spend=spend, exchange_rates=found, currency="EUR")
    assert rows(loaded, "marketing_spend")["amount"].tolist() == [1.5]


@pytest.mark.parametrize(
    ("currency", "code", "amount"),
    [("EUR", None, 12.34), ("JPY", None, 1234), ("KWD", None, 1.234), (None, "VND", 1234)],
)
def test_cents_are_read_as_the_currency_counts_them(currency, code, amount):
    table = shop(amount=[1234], **({"currency": [code]} if code else {}))
    kept, account = read(table, options={"orders": {"unit": "cents"}}, currency=currency)
    assert kept["amount"].tolist() == [amount]
    assert "amounts were read as cents, or as the smallest unit of their currency" in account.notes
    with pytest.raises(InputError, match="unit = 'pence' is not known"):
        load(orders=table, options={"orders": {"unit": "pence"}})


def test_the_signs_beside_amounts_say_the_currency():
    assert load(orders=shop(amount=["€5.00", "6.00 EUR"])).settings.currency == "EUR"
    assert load(orders=shop(amount=["$5.00"])).settings.currency is None
    assert load(orders=shop(amount=["$5.00"]), currency="CAD").settings.currency == "CAD"
    with pytest.raises(InputError, match="written in £ and in €, and no column says"):
        load(orders=shop(amount=["€5.00", "£6.00"]))
    with pytest.raises(InputError, match=r"written in €, which is not currency = 'USD'"):
        load(orders=shop(amount=["€5.00"]), currency="USD")
    both = shop(amount=["€5.00", "£6.00"], currency=["EUR", "EUR"])
    assert load(orders=both).settings.currency == "EUR"


def test_days_without_a_rate_are_named():
    rates = pd.DataFrame(
        {"date": ["2026-01-07"], "from_currency": "USD", "to_currency": "EUR", "rate": [0.9]}
    )
    table = shop(
        currency=["EUR", "USD", "USD"], ordered_at=["2026-01-05", "2026-01-06", "2026-01-08"]
    )
    _, account = read(table, exchange_rates=rates, currency="EUR")
    assert account.left_out == {"no exchange rate on or before its day": 1}
    assert account.notes[0] == (
        "no rate from USD to EUR for 1 row from 2026-01-06 to 2026-01-06: exchange_rates begin "
        "later"
    )
