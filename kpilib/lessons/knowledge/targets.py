"""What to know about the KPIs of targets."""

from kpilib.lessons.record import Knowledge
from kpilib.words import _

KNOWLEDGE = {
    "kpi_targets": Knowledge(
        asks=_("Did we reach what we set out to reach?"),
        decides=_("Each department reads its own lines; management those that were missed."),
        mistakes=(
            _(
                "Celebrating a target met by a hair: the interval says how likely the true value "
                "is beyond it."
            ),
        ),
        relatives={
            "data_quality_score": _("whether the numbers behind the status can be trusted"),
        },
        texts=(0,),
        literature=("Kaplan & Norton, Harvard Business Review 70 (1992)",),
        formula=r"\text{value} - \text{target}",
        worked=r"[value] - [target]",
        gives="gap",
    ),
}
