"""Ids that differ in case or in zeros in front, within a table and across tables."""

import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.loading import load

from ..shops import rows, shop


def opened(customers_of_orders, records, **options):
    customers = pd.DataFrame({"customer_id": records, "segment": "x"})
    return load(orders=shop(customer_id=customers_of_orders), customers=customers, **options)


def notes(loaded) -> list[str]:
    return [note for account in loaded.accounts.values() for note in account.notes]


@pytest.mark.parametrize(
    ("ids", "records", "way", "count"),
    [
        (["C1", "c2", "c3"], ["c1", "C2", "c3"], "casefold", 4),
        (["a@x.com", "A@X.com", "b@x.com"], ["b@x.com"], "casefold", 2),
        (["001", "A2"], ["1", "A2"], "unpadded", 2),
        (["C01", "0c1"], ["c01", "C1"], "casefold", 2),
    ],
)
def test_ids_that_nearly_agree_are_counted_and_the_remedy_named(ids, records, way, count):
    (note,) = notes(opened(ids, records))
    assert note.startswith(f"{count} customer ids differ from another only in their letters' case")
    assert note.endswith(f'and count as different; ids = "{way}" takes them as one')


def test_the_remedy_mends_them():
    loaded = opened(["C1", "c1", "D"], ["c1", "d"], ids="casefold")
    assert rows(loaded)["customer_id"].tolist() == ["c1", "c1", "d"]
    assert notes(loaded) == []
    loaded = opened(["001", "A2", "0y"], ["1", "a2", "0y"], ids="unpadded")
    assert sorted(rows(loaded)["customer_id"]) == ["1", "a2", "y"]
    assert rows(loaded, "customers")["customer_id"].tolist() == ["1", "a2", "y"]


def test_ids_that_agree_and_numbers_say_nothing():
    assert notes(opened(["a", "b"], ["a", "b"])) == []
    assert notes(opened([1, 2], [1, 2])) == []


def test_another_way_is_refused():
    with pytest.raises(InputError, match=r"ids = 'case' is not known; did you mean 'casefold'"):
        opened(["a"], ["a"], ids="case")
