"""The source tables kpilib knows: their columns, what each means, and which ones must be there.

Types are what a column is read as, whatever the source wrote:

- `id`: a whole number or text with blanks trimmed, the same in every table that names the thing;
- `text`: text; `number`: a float; `flag`: true or false (missing is false);
- `time`: becomes two columns, `…_day` (business-local days since 1970-01-01) and `…_second`
  (UTC epoch seconds), both integers; `ordered_at` becomes `ordered_day` and `ordered_second`;
- `date`: becomes the integer `…_day`.
"""

from types import MappingProxyType

from kpilib.contract.outreach import OUTREACH
from kpilib.contract.schema import Schema
from kpilib.contract.shop import SHOP
from kpilib.contract.upkeep import UPKEEP
from kpilib.contract.voice import VOICE
from kpilib.errors import InputError, near_miss


def schema(name: str) -> Schema:
    """The schema of a table.

    >>> schema("refunds").required
    ('refunded_at', 'amount')
    >>> schema("order")
    Traceback (most recent call last):
    kpilib.errors.InputError: no table is called 'order'; did you mean 'orders'?
    """
    if name not in SCHEMAS:
        raise InputError(f"no table is called {name!r}; {near_miss(name, SCHEMAS)}")
    return SCHEMAS[name]


SCHEMAS: MappingProxyType[str, Schema] = MappingProxyType(
    {schema.name: schema for schema in (*SHOP, *OUTREACH, *VOICE, *UPKEEP)}
)
"""Every source table, by name."""
