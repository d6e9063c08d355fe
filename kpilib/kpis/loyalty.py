"""Loyalty: who keeps coming back, who means to, and an index of it."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts.answers import answers
from kpilib.contacts.loyalty import component_columns, components, parts
from kpilib.kpis.satisfaction import mean_score
from kpilib.periods import Period
from kpilib.registry.definitions import kpi
from kpilib.registry.notes import loyalty_note
from kpilib.registry.observed import loyalty
from kpilib.statistics import Beside, Count, Mean
from kpilib.statistics.composite import Composite
from kpilib.words import Text, Unit, _
from kpilib.words.columns import heads


@kpi(
    name=_("Loyal customers"),
    formula=r"\text{customers who meet the loyalty rule when the period closes}",
    unit=Unit.COUNT,
    better="higher",
    observed_from=loyalty,
)
def loyal_customers(base: Business, periods: tuple[Period, ...]) -> Count:
    """Customers who meet the loyalty rule when the period closes.

    Whether they have lapsed since plays no part: the rule looks back over its own window, in days
    (365 are a year but for leap days), not over the lapse window.

    By default purchases on at least three days within the last twelve months; the rule is a
    setting, and is printed with the number.

    >>> from kpilib.demo import tiny_shop

    >>> tiny_shop().kpi("loyal_customers", "2026-04").value
    1.0
    """
    return Count(base.frequent(periods), nw.col("loyal"), notes=(loyalty_note(base),))


@kpi(
    name=_("Customer loyalty index"),
    formula=r"100 \times \frac{\sum_c w_c \cdot \text{component}_c}{\sum_c w_c}",
    unit=Unit.POINTS,
    better="higher",
    columns=component_columns,
)
def loyalty_index(base: Business, periods: tuple[Period, ...]) -> Composite:
    """A weighted mean of shares that stand for loyalty, from 0 to 100, its components beside it.

    Which they are is the settings' `loyalty_index`: satisfaction, repurchase and referral
    (`source3`), repurchase and recommendation (`source2`), or repurchase, referral and renewal
    (`source3_faq`), of equal weight unless said. A component without a value leaves no index. The
    weights are a choice, not a finding: read the components, and `loyalty_index_weights` for what
    other weights would say.
    """
    weights = components(base)

    def lacking(numbers: Mapping[str, float | None]) -> Text:
        names = [name for name in weights if numbers.get(name) is None]
        return _("no value of {components}", components=heads(names))

    return Composite(parts(base, periods, tuple(weights)), weights, undefined=lacking)


@kpi(
    name=_("Repurchase intention"),
    formula=r"\frac{\text{sum of the scores}}{\text{answers}}",
    unit=Unit.POINTS,
    better="higher",
    tables=("survey_responses",),
)
def repurchase_intention(base: Business, periods: tuple[Period, ...]) -> Beside[Mean]:
    """The mean answer to whether a customer will buy again, asked in any survey.

    What people say they will do is more than they do: hold it against later purchases.
    """
    return mean_score(answers(base, periods, "repurchase"), "repurchase")


@kpi(
    name=_("Recommendation intention"),
    formula=r"\frac{\text{sum of the scores}}{\text{answers}}",
    unit=Unit.POINTS,
    better="higher",
    tables=("survey_responses",),
)
def recommendation_intention(base: Business, periods: tuple[Period, ...]) -> Beside[Mean]:
    """The mean answer, 0 to 10, to how likely a customer is to recommend.

    The same answers as the Net Promoter Score; a mean keeps what the three groups throw away.

    >>> from kpilib.demo import tiny_shop
    >>> tiny_shop().kpi("recommendation_intention", "2026-04").value
    7.0
    """
    return mean_score(answers(base, periods, "nps"), "nps")
