"""What to know about the KPIs of the records themselves."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "dq_completeness": Knowledge(
        asks=_("How much of what should be filled in is filled in?"),
        decides=_("Whoever keeps the records sees by it which fields to make mandatory."),
        mistakes=(
            _("Making a field mandatory: it is then filled with *n/a*, which fills nothing."),
        ),
        relatives={
            "dq_specificity": _("whether what is filled in says anything"),
        },
        texts=(1,),
        literature=("Wang & Strong, Journal of Management Information Systems 12 (1996)",),
    ),
    "dq_cleanliness": Knowledge(
        asks=_("How many of the rows have no fault?"),
        decides=_("Data engineers see by it whether a feed broke."),
        mistakes=(_("Taking a valid value for a true one: a wrong birthday is a clean date."),),
        relatives={
            "dq_accuracy": _("whether the values are true"),
        },
        texts=(1,),
        literature=("Wang & Strong, Journal of Management Information Systems 12 (1996)",),
    ),
    "dq_specificity": Knowledge(
        asks=_("How many of the filled fields say something?"),
        decides=_("Marketing knows by it which segments it can trust."),
        mistakes=(_("Analysing *other* as if it were a channel."),),
        relatives={
            "dq_completeness": _("whether there is anything at all"),
        },
        texts=(1,),
        literature=("Wang & Strong, Journal of Management Information Systems 12 (1996)",),
    ),
    "dq_continuity": Knowledge(
        asks=_("How many records has anyone looked at within a year?"),
        decides=_("Whoever writes to customers decides by it which addresses to check first."),
        mistakes=(_("Touching every record by a script: the date is new and the content old."),),
        relatives={
            "dq_accuracy": _("whether old or new, is it right"),
        },
        texts=(
            1,
            3,
        ),
        literature=("Wang & Strong, Journal of Management Information Systems 12 (1996)",),
    ),
    "dq_accuracy": Knowledge(
        asks=_("How many of the values are true?"),
        decides=_("Management decides by it whether an audit of all records is worth it."),
        mistakes=(_("Auditing the records that are easy to reach: those are the right ones."),),
        relatives={
            "dq_cleanliness": _("whether the values are possible"),
        },
        texts=(1,),
        literature=("Wang & Strong, Journal of Management Information Systems 12 (1996)",),
    ),
    "data_quality_score": Knowledge(
        asks=_("How far can the records be trusted, taken all in all?"),
        decides=_("Management follows it; the parts say what to mend."),
        mistakes=(_("Trusting a good mean: three perfect parts hide one at 40%."),),
        relatives={
            "dq_completeness": _("the first of its parts"),
        },
        texts=(1,),
        literature=("Wang & Strong, Journal of Management Information Systems 12 (1996)",),
    ),
    "privacy_consent": Knowledge(
        asks=_("How many customers may we write to?"),
        decides=_("Marketing may only write to these; the data protection officer answers for it."),
        mistakes=(_("Forgetting withdrawals: a consent that was taken back is none."),),
        relatives={
            "unsubscribe_rate": _("who withdrew from messages in the period"),
        },
        texts=(
            2,
            3,
        ),
    ),
}
