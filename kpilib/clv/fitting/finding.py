"""What a fit or the doctor has to say, as small values in plain words."""

from dataclasses import asdict, dataclass
from typing import Any

SEVERITIES = ("note", "warning", "serious")


@dataclass(frozen=True)
class Finding:
    """One named trouble, how much it matters, and what to do about it.

    `severity` is `note` (worth knowing), `warning` (read the numbers with care) or `serious`
    (do not act on the numbers before the remedy is tried).

    >>> print(Finding("no_dropout", "warning", "Nobody seems to leave.", "Observe for longer."))
    warning: Nobody seems to leave. Observe for longer.
    """

    name: str
    severity: str
    sentence: str
    remedy: str

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is not one of {', '.join(SEVERITIES)}")

    def __str__(self) -> str:
        return f"{self.severity}: {self.sentence} {self.remedy}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def to_dict(self) -> dict[str, str]:
        """The four texts, keyed by field, ready for JSON."""
        return asdict(self)


def worst(findings: tuple[Finding, ...]) -> str | None:
    """The highest severity among `findings`, or None where there are none.

    >>> worst((Finding("a", "note", "A.", "B."), Finding("c", "serious", "C.", "D.")))
    'serious'
    """
    return max((f.severity for f in findings), key=SEVERITIES.index, default=None)
