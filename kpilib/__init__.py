"""kpilib: customer KPIs with their value, interval, formula and rows.

>>> import kpilib
>>> from kpilib.demo import tiny_orders
>>> base = kpilib.open(orders=tiny_orders(), currency="GBP", lapse_window=45)
>>> print(base.kpi("retention_rate", "2026-03"))
Customer retention rate (matched customers), 2026-03: 75.0% (95%: 30.1% … 95.4%)  = 3 / 4
  too early to tell whether that is unusual
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kpilib.errors import InputError, KpilibError, QualityGateError
from kpilib.periods import Period

if TYPE_CHECKING:
    from kpilib.lessons.explain.explanation import Explanation
    from kpilib.loading.proposal import Proposal
    from kpilib.questions.base import CustomerBase

__version__ = "0.1.0"
ROOMS = ("analyses", "clv", "cohorts", "demo", "plots")
"""What users import from, loaded when first named."""

__all__ = [
    "InputError",
    "KpilibError",
    "Period",
    "QualityGateError",
    "__version__",
    "explain",
    "init",
    "open",
]


def open(
    source: Any = None,
    /,
    *,
    lang: str = "en",
    trust: bool = False,
    personal_data: bool = False,
    **options: Any,
) -> "CustomerBase":
    """Read and check a business's records: a `CustomerBase` to ask for KPIs.

    `source` is `"demo"`, `"cdnow"` or `"cdnow-sample"`, a file of orders (CSV, Parquet, Excel,
    JSON, packed or not), a folder, workbook, .zip, DuckDB or SQLite file of tables, or a
    `kpilib.toml`. Instead of it, tables can be given by name, as frames (pandas, Polars, DuckDB,
    Spark) or files, one or several: `orders=`, `customers=`, `refunds=`, `subscriptions=` and the
    rest. Other options are the settings: `time_zone`, `currency`, `country`, `week_starts`,
    `lapse_window` (days), `as_of` (a date before which the data are complete), `activity`
    (`"purchases"` or `"subscriptions"`), `max_loss`, `settle_days`, `targets`, `alerts`, `nobody`
    (customer ids that mean nobody), `ids` (`"exact"`, `"casefold"`, `"unpadded"`); and the tables
    of rules, each a mapping as in `kpilib.toml`: `loyalty`, `value`, `acquisition`, `campaigns`,
    `surveys`, `engagement`, `service`, `renewal`, `referral`, `loyalty_index`, `data_quality`,
    `privacy`, as in `service={"response_hours": {"default": 8, "urgent": 1}}`; their keys and
    defaults stand in `kpilib.contract.rules`. `lang` is the language of
    all that the base gives: values, valuations, and the tables of `base.analysis` with their plots.

    `options` says per table how it is read, as in `options={"orders": {"decimal": ","}}`: where it
    lies (`file`, `table`, `query`, `sheet`, `header`, `delimiter`, `encoding`, `join`), what its
    columns are (`columns`: ours → theirs, an SQL expression, or the parts of a time), which rows
    do not count (`leave_out`: a name → an SQL condition), how times are written (`date_format`,
    and `day` for months alone), how numbers are (`decimal`, `unit="cents"`), and of orders whether
    several rows make one (`lines`) and which statuses are sales (`sold`, `cancelled`). The README
    has a table of them, with examples.

    What a source says is data: it names files of its own folder only, and its expressions are
    held to reckon one value from the columns of a row. `trust=True` lets it name other files, and
    views of a database. Columns that speak of persons are left behind and ids that are e-mail
    addresses or phone numbers hashed, unless `personal_data=True`.

    Raises InputError where something cannot be read, and QualityGateError where more than
    `max_loss` of a table's rows had to be left out. `base.accounts` says what was, and why.
    """
    from kpilib.questions.base import open_base

    return open_base(source, lang=lang, trust=trust, personal_data=personal_data, **options)


def init(
    *files: Any, to: Any = None, columns: Any = None, force: bool = False, **settings: Any
) -> "Proposal":
    """Look at files of records and propose a `kpilib.toml` that reads them.

    The proposal shows what was guessed, what is left to decide, and the first rows as they will
    be read; its `toml` is the text. It is written to the path `to` where one is given, in the
    place of a file that is there only with `force`. `columns` are decisions, like
    `{"amount": "Net Sales"}`; `settings` are `currency`, `time_zone` and `date_format`.
    """
    from kpilib.loading.proposal import init as propose_files

    return propose_files(files, to, columns, settings, force)


def explain(
    kpi_id: str,
    base: "CustomerBase | None" = None,
    period: str | Period | None = None,
    lang: str | None = None,
) -> "Explanation":
    """What a KPI or an analysis means, and what it was in a period of `base`: a card in a notebook.

    Without a base it is the meaning alone. Raises InputError for an id that there is not;
    `kpilib list` prints them.
    """
    from kpilib.lessons.explain.explanation import explain as explain_one

    return explain_one(kpi_id, base, period, lang)


def __getattr__(name: str) -> Any:
    if name in ROOMS:
        return import_module(f"kpilib.{name}")
    raise AttributeError(f"module 'kpilib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *ROOMS})
