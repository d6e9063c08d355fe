"""Ids that differ only in their letters' case, or in zeros in front."""

from collections.abc import Iterable, Mapping

import narwhals.stable.v2 as nw

from kpilib.contract.settings import Ids
from kpilib.engines import Engine
from kpilib.engines.expressions import distinct
from kpilib.loading.reading.values import row, rows
from kpilib.loading.table import Draft

_THINGS = ("customer", "order")


def fold_ids(drafts: Iterable[Draft], ids: Ids) -> None:
    """Put all ids in text in the form in which they are compared."""
    if ids == "exact":
        return
    for draft in drafts:
        types = draft.frame.collect_schema()
        for name, reading in draft.plan.readings.items():
            if reading.column.kind == "id" and types[draft.normal.outputs[name]] == nw.String:
                draft.set(name, _folded(draft.value(name), ids))


def _folded(value: nw.Expr, ids: Ids) -> nw.Expr:
    small = value.str.to_lowercase()
    if ids == "casefold":
        return small
    bare = small.str.replace_all("^0+", "")
    return nw.when(bare.str.contains("^[0-9a-z]")).then(bare).otherwise(small)


def near_ids(engine: Engine, drafts: Mapping[str, Draft], ids: Ids) -> dict[str, str]:
    """Table → a note on ids that differ only in case or in zeros in front, within or across."""
    found = {}
    for thing in _THINGS:
        several = {
            name: draft.value(column).alias("id")
            for name, draft in drafts.items()
            if (column := _of(draft, thing)) is not None
        }
        if not several:
            continue
        all_ids = nw.concat(
            [distinct(drafts[name].good().select(value)) for name, value in several.items()],
            how="vertical",
        )
        known = distinct(all_ids.filter(~nw.col("id").is_null()))
        for way in ("casefold", "unpadded"):
            if ids in (way, "unpadded"):
                continue
            note = _note(engine, known, thing, way)
            if note is not None:
                found[min(several, key=list(drafts).index)] = note
                break
    return found


def _of(draft: Draft, thing: str) -> str | None:
    """The table's own id of a thing, where it is text."""
    name = f"{thing}_id"
    if not draft.has(name):
        return None
    kind = draft.frame.collect_schema()[draft.normal.outputs[name]]
    return name if kind == nw.String else None


def _note(engine: Engine, known: nw.LazyFrame, thing: str, way: Ids) -> str | None:
    groups = known.group_by(_folded(nw.col("id"), way).alias("folded")).agg(
        nw.len().alias("ids"), nw.col("id").min().alias("one"), nw.col("id").max().alias("other")
    )
    alike = groups.filter(nw.col("ids") > 1)
    found = row(engine, alike.select(nw.col("ids").sum()))
    if not rows(found, "ids"):
        return None
    first = engine.collect(alike.sort("folded").head(1)).iloc[0]
    what = "letters' case" if way == "casefold" else "letters' case or zeros in front"
    return (
        f"{rows(found, 'ids'):,} {thing} ids differ from another only in their {what}, like "
        f'{first["one"]!r} and {first["other"]!r}, and count as different; ids = "{way}" takes '
        "them as one"
    )
