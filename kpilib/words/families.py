"""The families of KPIs and analyses, in the order in which a reader meets them."""

from kpilib.words.text import Text, capital, pgettext

FAMILIES = {
    "sales": pgettext("family of KPIs", "Sales"),
    "acquisition": pgettext("family of KPIs", "Acquisition"),
    "retention": pgettext("family of KPIs", "Retention"),
    "churn": pgettext("family of KPIs", "Churn"),
    "loyalty": pgettext("family of KPIs", "Loyalty"),
    "referral": pgettext("family of KPIs", "Referral"),
    "satisfaction": pgettext("family of KPIs", "Satisfaction"),
    "engagement": pgettext("family of KPIs", "Engagement"),
    "service": pgettext("family of KPIs", "Service"),
    "lifetime_value": pgettext("family of KPIs", "Lifetime value"),
    "segmentation": pgettext("family of KPIs", "Segmentation"),
    "data_quality": pgettext("family of KPIs", "Data quality"),
    "targets": pgettext("family of KPIs", "Targets"),
}


def family_name(family: str, lang: str) -> str:
    """The name of a family, or its id made readable.

    >>> family_name("churn", "vi"), family_name("my_own", "zh")
    ('Rời bỏ', 'My own')
    """
    return FAMILIES.get(family, Text(capital(family.replace("_", " ")))).of(lang)


def family_place(family: str) -> tuple[int, str]:
    """Where a family stands among the others: in the order of `FAMILIES`, strangers last.

    >>> family_place("acquisition"), family_place("my_own")
    ((1, 'acquisition'), (13, 'my_own'))
    """
    known = list(FAMILIES)
    return known.index(family) if family in known else len(known), family
