"""Data quality: what is missing, vague, stale or wrong in the records, and who consented."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.periods import Period
from kpilib.quality import records
from kpilib.registry.definitions import kpi
from kpilib.statistics import Census, Share
from kpilib.statistics.composite import WeightedMean
from kpilib.words import Text, Unit, _
from kpilib.words.columns import heads
from kpilib.words.text import Listed

GOOD, CELLS = nw.col("good"), nw.col("cells")
NO_RECORD = _("no customer record by the close")
CUSTOMERS = ("customers",)


@kpi(
    name=_("Completeness of customer data"),
    formula=r"\frac{\text{cells that are filled}}{\text{cells that should be}}",
    unit=Unit.SHARE,
    better="higher",
    tables=CUSTOMERS,
)
def dq_completeness(base: Business, periods: tuple[Period, ...]) -> Census:
    """Of the cells of customer records that should be filled, the part that is.

    The columns are those that `rules` calls required, else `data_quality.columns`, as far as the
    table has them. Words that stand for nothing (n/a, unknown, -, zeros alone) fill no cell.
    """
    columns = records.columns_to_fill(base)
    return Census(
        records.filled(base, periods),
        GOOD,
        CELLS,
        undefined=NO_RECORD if columns else _("customers has none of the columns to be filled"),
        notes=(_("columns: {named}", named=heads(columns)),) if columns else (),
    )


@kpi(
    name=_("Cleanliness of the records"),
    formula=r"1 - \frac{\text{rows with an error}}{\text{rows read}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("customers",),
    breakdowns={},
)
def dq_cleanliness(base: Business, periods: tuple[Period, ...]) -> Census:
    """Of the rows of customers and orders that were read, the part without an error.

    An error: left out for a fault, an order of a customer who is not there, a referrer who is not
    or is the customer, a line of `rules` broken. What was left out on purpose is in neither count.
    It is of all records there are, whatever the period.
    """
    return Census(records.clean_rows(base, periods), GOOD, CELLS, undefined=NO_RECORD)


@kpi(
    name=_("Specificity of customer data"),
    formula=r"\frac{\text{text cells that say something}}{\text{text cells that are filled}}",
    unit=Unit.SHARE,
    better="higher",
    tables=CUSTOMERS,
)
def dq_specificity(base: Business, periods: tuple[Period, ...]) -> Census:
    """Of the text cells of customer records that are filled, the part that is not vague.

    Other, misc, various, general and the like fill a cell and say nothing.
    """
    return Census(
        records.specific(base, periods), GOOD, CELLS, undefined=_("no text cell is filled")
    )


@kpi(
    name=_("Continuity of customer data"),
    formula=r"\frac{\text{records changed or made recently}}{\text{records}}",
    unit=Unit.SHARE,
    better="higher",
    tables=CUSTOMERS,
    columns=("customers.updated_at",),
)
def dq_continuity(base: Business, periods: tuple[Period, ...]) -> Census:
    """Of the customer records, the part made or changed within so many days before the close.

    So many: `data_quality.max_age_days`, a year. An old record may still be right.
    """
    return Census(records.fresh(base, periods), GOOD, CELLS, undefined=NO_RECORD)


@kpi(
    name=_("Accuracy of customer data (audited)"),
    formula=r"\frac{\text{audited values that are right}}{\text{audited values}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("audit_sample",),
)
def dq_accuracy(base: Business, periods: tuple[Period, ...]) -> Share:
    """Of the values that were held against the truth, the part that the records have right.

    Only an audit can tell: without a sample there is no accuracy. Compared trimmed and without
    case; a value missing from the records is wrong.
    """
    return Share(
        records.audited(base, periods), nw.col("right"), undefined=_("no value was verified")
    )


@kpi(
    name=_("Customer data quality score"),
    formula=r"\frac{\sum_d w_d \cdot \text{dimension}_d}{\sum_d w_d}",
    unit=Unit.SHARE,
    better="higher",
    tables=CUSTOMERS,
    columns=("customers.updated_at",),
    breakdowns={},
)
def data_quality_score(base: Business, periods: tuple[Period, ...]) -> WeightedMean:
    """The weighted mean of completeness, cleanliness, specificity and continuity.

    The weights are those of the settings; one part missing leaves no score. Accuracy stands among
    the details where there was an audit; it is no part of the score, for it is known of a sample
    alone. A good mean may hide a bad part.
    """
    weights = base.settings.data_quality.weights
    parts = {
        "completeness": dq_completeness(base, periods),
        "cleanliness": dq_cleanliness(base, periods),
        "specificity": dq_specificity(base, periods),
        "continuity": dq_continuity(base, periods),
    }
    audited = {"accuracy": dq_accuracy(base, periods)} if "audit_sample" in base.tables else {}

    def lacking(numbers: Mapping[str, float | None]) -> Text:
        names = [name for name in parts if numbers.get(name) is None]
        return _("no value of {components}", components=heads(names))

    return WeightedMean(
        parts, {name: weights.get(name, 1.0) for name in parts}, audited, undefined=lacking
    )


@kpi(
    name=_("Consent to be contacted"),
    formula=r"\frac{\text{customers with a consent that stands}}{\text{customers on record}}",
    unit=Unit.SHARE,
    better="higher",
    tables=("customers", "consents"),
)
def privacy_consent(base: Business, periods: tuple[Period, ...]) -> Census:
    """Of the customers on record, the part with a consent that stands when the period closes.

    Given before the close and not withdrawn before it, to one of `privacy.purposes`. Where the
    records say who may be contacted, it is of those.
    """
    purposes = Listed(base.settings.privacy.purposes)
    return Census(
        records.consenting(base, periods),
        GOOD,
        CELLS,
        undefined=NO_RECORD,
        notes=(_("consent to {purposes}", purposes=purposes),),
    )
