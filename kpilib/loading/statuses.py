"""Which order statuses are sales: by the user's words, else by what platforms and people write."""

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from kpilib.contract.account import StatusCount
from kpilib.contract.settings import TableSettings
from kpilib.contract.vocabulary.statuses import CANCELLED, REFUNDED, meaning, plain_status
from kpilib.engines import Engine
from kpilib.loading.reading.normal import Normal
from kpilib.loading.rules import Rule
from kpilib.loading.told import Told

_MOST = 200
"""More different values than this are no statuses."""

MISSING = "(missing)"


@dataclass(frozen=True)
class Statuses:
    """What the statuses of a table's orders mean."""

    counts: tuple[StatusCount, ...] = ()
    """Every status, the commonest first."""
    notes: tuple[str, ...] = ()
    """What is worth knowing about them."""

    def rules(self, normal: Normal) -> list[Rule]:
        """The rows that are no sale, by why. A negative amount of a refund is the refund itself."""
        status = nw.col(normal.outputs["status"]) if self.counts else None
        found = []
        for reason in dict.fromkeys(one.reason for one in self.counts if one.reason):
            assert status is not None
            named = status.is_in([one.status for one in self.counts if one.reason == reason])
            if reason == REFUNDED and "amount" in normal.outputs:
                named = named & ~(nw.col(normal.outputs["amount"]) < 0).fill_null(False)
            found.append(Rule(reason, named, fault=False))
        return found

    def unknown(self, normal: Normal) -> nw.Expr | None:
        """The rows whose status is not known, and so counts as sold; None where there are none."""
        words = [one.status for one in self.counts if not one.known]
        return nw.col(normal.outputs["status"]).is_in(words) if words else None


def find_statuses(engine: Engine, normal: Normal, options: TableSettings, told: Told) -> Statuses:
    """Every status of the orders with its count and what it means."""
    if "status" not in normal.outputs:
        return Statuses()
    status = nw.col(normal.outputs["status"]).alias("status")
    groups = normal.frame.select(status).group_by("status").agg(nw.len().alias("rows"))
    seen = engine.collect(groups.head(_MOST + 1)).sort_values(
        ["rows", "status"], ascending=[False, True], kind="stable"
    )
    if len(seen) > _MOST:
        note = f"status has more than {_MOST} different values, and was not read as a status"
        return Statuses(notes=(note,))
    counts = tuple(
        _counted(word, int(rows), options)
        for word, rows in zip(seen["status"], seen["rows"], strict=True)
    )
    return Statuses(counts, tuple(_notes(counts, options, told)))


def _counted(word: object, rows: int, options: TableSettings) -> StatusCount:
    if not isinstance(word, str):
        return StatusCount(MISSING, rows, "", True)
    reason = _reason(word, options)
    return StatusCount(word, rows, reason or "", reason is not None)


def _reason(word: str, options: TableSettings) -> str | None:
    """Why orders of a status are no sale; None where nothing says what it means."""
    plain, known = plain_status(word), meaning(word)
    sold, cancelled = (
        None if given is None else {plain_status(one) for one in given}
        for given in (options.sold, options.cancelled)
    )
    if cancelled is not None and plain in cancelled:
        return known or CANCELLED
    if sold is not None and plain in sold:
        return ""
    if sold is None and cancelled is None:
        return known
    if sold is None:
        return ""
    return known if cancelled is not None else known or "not sold"


def _notes(counts: tuple[StatusCount, ...], options: TableSettings, told: Told) -> list[str]:
    notes = []
    unknown = [one for one in counts if not one.known]
    if unknown:
        shown = ", ".join(f"{one.status!r} ({one.rows:,})" for one in unknown[:5])
        more = f" and {len(unknown) - 5:,} more" if len(unknown) > 5 else ""
        notes.append(
            f"{len(unknown):,} {'status is' if len(unknown) == 1 else 'statuses are'} not known "
            f"and counted as sold: {shown}{more}; if not, "
            f"{told.write('cancelled', [one.status for one in unknown[:5]])}"
        )
    there = {plain_status(one.status) for one in counts}
    for name, given in (("sold", options.sold), ("cancelled", options.cancelled)):
        lacking = [word for word in given or () if plain_status(word) not in there]
        if lacking:
            notes.append(f"{name} names {', '.join(map(repr, lacking))}, which no row has")
    return notes
