"""The words of the report's pages, in English, Vietnamese and Chinese."""

from kpilib.words import _, pgettext

WORDS = {
    "report": _("Customer report"),
    "reports": _("Customer reports"),
    "skip": _("Skip to the content"),
    "contents": _("Contents"),
    "pages": _("Pages"),
    "overview": _("Month at a glance"),
    "all_months": _("All months"),
    "code": _("Code"),
    "messages": _("Messages from the run"),
    "table": _("Table"),
    "table_of": _("Table: {section}"),
    "figure_of": _("Figure {number}: {section}"),
    "about": _("About these numbers"),
    "data": _("Data"),
    "period": _("Period"),
    "span": _("{start} to {end}, both included"),
    "as_of": _("Data complete to"),
    "time_zone": _("Time zone"),
    "currency": _("Currency"),
    "rows": _("Rows"),
    "row_counts": _("{table}: {read} read, {kept} kept, {left_out} left out"),
    "lapse": _("{days} days without a purchase count as lost"),
    "lapse_window": _("Lapse window"),
    "versions": _("Made with"),
    "again": _("To make it again"),
    "files": _("Files"),
    "files_are": _("every value of this run; the run itself; the executed notebooks"),
    "changed": _("What changed"),
    "changed_lead": _(
        "Against {period}; what moved beyond its interval comes first, largest first."
    ),
    "lead": _("{name} moved most: {now}, {change} {basis}."),
    "nothing_changed": _("No number here has a value for the period before to set beside it."),
    "kpi": _("KPI"),
    "before": _("Before"),
    "now": _("Now"),
    "change": _("Change"),
    "notebooks": _("Notebooks"),
    "notebook": _("Notebook"),
    "status": _("Status"),
    "good": _("good"),
    "failed": _("failed"),
    "kpis": _("KPIs"),
    "figures": _("Figures"),
    "month": _("Month"),
    "no_months": _("There is no report here yet."),
    "failed_run": _("The last run failed"),
    "run_failed": _(
        "{count} of {all} notebooks did not finish. What is shown here is not a report to rely "
        "on, and it has replaced none."
    ),
    "partial": _("published in part"),
    "partial_run": _("Some notebooks failed"),
    "run_partial": _(
        "{count} of {all} notebooks did not finish, and this month was published without them."
    ),
    "not_finished": _("This page could not be finished"),
    "what": _("What failed"),
    "where": _("Where"),
    "cell": _("cell {number}"),
    "cell_of": _("cell {number}, in “{section}”"),
    "last_good": _("Last good report"),
    "none_yet": _("there is none yet"),
    "details": _("The error in full"),
    "so_far": _("What was made before it stopped"),
    "failed_cell": _("A cell stopped with {name}: {message}"),
    "failed_kernel": _(
        "The process that ran the notebook ended twice on its own; most often it ran out of memory."
    ),
    "failed_timeout": _("A cell took longer than the time allowed; --timeout gives it more."),
    "failed_evidence": _("The notebook ran to its end and shows less than it must ({message})."),
    "failed_page": _("The notebook ran, and its page could not be made: {message}"),
}

FAMILIES = {
    "acquisition": pgettext("family of KPIs", "Acquisition"),
    "retention": pgettext("family of KPIs", "Retention"),
    "churn": pgettext("family of KPIs", "Churn"),
    "loyalty": pgettext("family of KPIs", "Loyalty"),
    "satisfaction": pgettext("family of KPIs", "Satisfaction"),
    "engagement": pgettext("family of KPIs", "Engagement"),
    "service": pgettext("family of KPIs", "Service"),
    "lifetime_value": pgettext("family of KPIs", "Lifetime value"),
}


def say(word: str, lang: str, **parts: object) -> str:
    """A wording in one language, with its parts put in.

    >>> say("cell", "en", number=3)
    'cell 3'
    """
    text = WORDS[word].of(lang)
    return text.format(**parts) if parts else text


def family_name(family: str, lang: str) -> str:
    """The name of a KPI family, or its id made readable."""
    known = FAMILIES.get(family)
    return known.of(lang) if known else family.replace("_", " ").capitalize()


def family_place(family: str) -> tuple[int, str]:
    """Where a family stands among the others: in the order of `FAMILIES`, strangers last."""
    known = list(FAMILIES)
    return known.index(family) if family in known else len(known), family
