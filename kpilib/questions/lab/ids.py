"""What `help(base.kpi)` says: the ids that can be asked, which only the registry knows."""

from collections.abc import Mapping
from functools import cache
from textwrap import indent, wrap

from kpilib.registry.definitions import analyses, registry
from kpilib.words.families import family_name, family_place

_WIDTH = 84


@cache
def tell_ids(base: type) -> None:
    """Add what can be asked to the help of the questions of a class of bases, once."""
    kpis = {name: one.family for name, one in registry().items()}
    others = {name: one.family for name, one in analyses().items()}
    families = ["The families:", *_wrapped(", ".join(dict.fromkeys(kpis.values())))]
    ids = ["The ids:", *listed(kpis)]
    said = {
        **dict.fromkeys(("kpi", "trend", "why", "rows", "panel"), ids),
        "analysis": ["The ids:", *listed(others)],
        "scorecard": families,
    }
    for name, lines in said.items():
        method = getattr(base, name)
        told = indent("\n".join(lines), " " * 8)
        method.__doc__ = f"{(method.__doc__ or '').rstrip()}\n\n{told}\n"


def listed(families: Mapping[str, str]) -> list[str]:
    """Ids in lines, family by family, each family's begun by its name.

    >>> listed({"nps": "satisfaction", "revenue": "sales", "buyers": "sales"})
    ['Sales: revenue, buyers', 'Satisfaction: nps']
    """
    found: dict[str, list[str]] = {}
    for name, family in families.items():
        found.setdefault(family, []).append(name)
    order = sorted(found, key=family_place)
    texts = (f"{family_name(family, 'en')}: {', '.join(found[family])}" for family in order)
    return [line for text in texts for line in _wrapped(text)]


def _wrapped(text: str) -> list[str]:
    return wrap(text, _WIDTH, subsequent_indent="    ", break_on_hyphens=False)
