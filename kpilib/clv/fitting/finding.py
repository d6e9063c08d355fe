"""What a fit or the doctor has to say, as small values in plain words."""

from dataclasses import dataclass
from typing import Any

from kpilib.words import Text, _
from kpilib.words.values import value_text

SEVERITIES = ("note", "warning", "serious")


@dataclass(frozen=True)
class Finding:
    """One named trouble, how much it matters, and what to do about it.

    `severity` is `note` (worth knowing), `warning` (read the numbers with care) or `serious`
    (do not act on the numbers before the remedy is tried). A plain string for `sentence` or
    `remedy` is a text that reads alike in every language.

    >>> print(Finding("no_dropout", "warning", "Nobody seems to leave.", "Observe for longer."))
    warning: Nobody seems to leave. Observe for longer.
    """

    name: str
    severity: str
    sentence: Text
    remedy: Text

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is not one of {', '.join(SEVERITIES)}")
        for name in ("sentence", "remedy"):
            if isinstance(said := getattr(self, name), str):
                object.__setattr__(self, name, Text(said))

    def of(self, lang: str) -> str:
        """All of it in one line, in a language."""
        severity = value_text(self.severity)
        line = _("{severity}: {sentence} {remedy}", severity=severity)
        return line.format(sentence=self.sentence, remedy=self.remedy).of(lang)

    def __str__(self) -> str:
        return self.of("en")

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def to_dict(self) -> dict[str, str]:
        """The four texts in English, keyed by field, ready for JSON."""
        texts = {"sentence": self.sentence.en, "remedy": self.remedy.en}
        return {"name": self.name, "severity": self.severity, **texts}


def worst(findings: tuple[Finding, ...]) -> str | None:
    """The highest severity among `findings`, or None where there are none.

    >>> worst((Finding("a", "note", "A.", "B."), Finding("c", "serious", "C.", "D.")))
    'serious'
    """
    return max((f.severity for f in findings), key=SEVERITIES.index, default=None)
