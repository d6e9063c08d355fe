"""The parts of a change by segment, and how far other customers might have moved each of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from kpilib.decomposition.moments import MEMBERS, VARIABLES

Floats = NDArray[np.float64]
PARTS = ("mix", "same", "joined", "left", "unknown", "rate")
"""What a segment's part of a change consists of; see `Effects`."""

FEWEST = 10
"""A segment is tested where it and all others have so many customers on either side at least."""

_STEP = 1e-30
_BOTH, _JOINED, _LEFT, _UNKNOWN = range(4)


@dataclass(frozen=True)
class Effects:
    """The change of a statistic between two periods, by segment.

    Of a ratio R = Σ wₛ rₛ (w a segment's part of the total underneath, r its own ratio), a segment
    contributes (Kitagawa, *J. American Statistical Association* 50, 1955)

    - `mix`: Δwₛ · (r̄ₛ − R̄): its weight changed, and it lies above or below the whole;
    - w̄ₛ · Δrₛ: its own ratio changed, in full the `rate` effect, and where customers are in both
      periods shared out exactly: `same` (theirs changed), `joined` (those who came are unlike
      them), `left` (those who went were unlike them), `unknown` (rows that know no customer).

    Of a sum, a segment contributes what its own customers changed (`same`), brought (`joined`) and
    took away (`left`). `unexplained` is what stands above the line in segments with nothing under
    it.
    """

    segments: tuple[str, ...]
    contributions: Floats
    """Shape (segments, parts): in the order of `PARTS`."""
    reaches: Floats
    """Half the width of the interval of each; NaN where nothing varies."""
    whole: Floats
    """Each segment's whole contribution and half the width of its interval, (segments, 2)."""
    unexplained: float
    change: float
    values: Floats
    """Each segment's own value before and now, shape (segments, 2); NaN where it has none."""
    weights: Floats
    """Each segment's part of the total underneath (of the sum), shape (segments, 2)."""
    rows: Floats
    """How many rows of the base each segment has, shape (segments, 2)."""
    own: Floats
    """Student's t of each segment's mix and rate effect, shape (segments, 2)."""
    p_values: Floats
    """Of the mix effect, and of its ratio having moved unlike that of all others, or its part of
    the sum having changed; shape (segments, 2). NaN where there are too few customers to tell."""


Parted = dict[str, NDArray[np.complex128]]
Split = Callable[[NDArray, NDArray], Parted]


def effects(table: pd.DataFrame, additive: bool, scale: float, level: float = 0.95) -> Effects:
    """The parts of a change from the table of `moments`.

    Limits are those of the part linearised by customer, with both periods of one customer
    together, and Student's t at one less than the customers of the segment.
    """
    segments = tuple(sorted(table["segment"].unique()))
    own, squares, counts, rows = _arrays(table, segments)
    every = own.sum(axis=(0, 1))
    rest = every - own.sum(axis=1)
    split: Split = _sum_parts if additive else _ratio_parts
    found = {name: value.real for name, value in split(own, rest).items()}
    deviations = _deviations(split, own, rest, squares)
    customers = counts.sum(axis=1)
    degrees = customers - 1
    t = special.stdtrit(np.where(degrees > 0, degrees, np.nan), (1 + level) / 2)
    reach = {name: t * scale * deviation for name, deviation in deviations.items()}
    values, weights = _levels(own.sum(axis=1), every, additive)
    own_t = np.column_stack(
        [_over(found[name], deviations[name]) for name in ("mix", "whole_rate")]
    )
    tested = np.column_stack([own_t[:, 0], _over(found["excess"], deviations["excess"])])
    fewest = np.column_stack(
        [_fewest(customers[:, None]), _fewest(customers[:, None] if additive else _present(counts))]
    )
    enough = np.where(fewest >= FEWEST, fewest - 1, np.nan)
    return Effects(
        segments,
        scale * np.column_stack([found[name] for name in PARTS]),
        np.column_stack([reach[name] for name in PARTS]),
        np.column_stack([scale * found["all"], reach["all"]]),
        float(scale * found["unexplained"].sum()),
        float(scale * _change(every, additive)),
        scale * values,
        weights,
        rows,
        own_t,
        2 * special.stdtr(enough, -np.abs(tested)),
    )


def _arrays(
    table: pd.DataFrame, segments: tuple[str, ...]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Sums (segment, member, variable), products (…, variable, variable), customers, rows.

    Rows that know no customer count each for one, by the period they are in, and so the customers
    have one member more than there are: unknown before, and unknown now.
    """
    shape = (len(segments), len(MEMBERS))
    own, squares = np.zeros((*shape, 4)), np.zeros((*shape, 4, 4))
    counts, rows = np.zeros((len(segments), len(MEMBERS) + 1)), np.zeros((len(segments), 2))
    at = [segments.index(one) for one in table["segment"]]
    member = [MEMBERS.index(one) for one in table["member"]]
    own[at, member] = table[list(VARIABLES)].to_numpy(float)
    counts[at, member] = table["customers"].to_numpy(float)
    nobody = (table["member"] == "unknown").to_numpy()
    places = np.array(at)[nobody]
    counts[places, _UNKNOWN] = table.loc[nobody, "rows0"]
    counts[places, _UNKNOWN + 1] = table.loc[nobody, "rows1"]
    np.add.at(rows, at, table[["rows0", "rows1"]].to_numpy(float))
    for i, one in enumerate(VARIABLES):
        for j, other in enumerate(VARIABLES[i:], start=i):
            squares[at, member, i, j] = squares[at, member, j, i] = table[f"{one}{other}"]
    return own, squares, counts, rows


def _present(counts: Floats) -> Floats:
    """How many customers each segment has in the period before, and in this one."""
    both = counts[:, _BOTH]
    before = both + counts[:, _LEFT] + counts[:, _UNKNOWN]
    return np.column_stack([before, both + counts[:, _JOINED] + counts[:, _UNKNOWN + 1]])


def _fewest(present: Floats) -> Floats:
    """The fewest customers that a comparison of a segment with all others rests on anywhere."""
    return np.minimum(present, present.sum(axis=0) - present).min(axis=1)


def _ratio_parts(own: NDArray, rest: NDArray) -> Parted:
    """Kitagawa's parts of Σx/Σy, the rate effect shared out by member; see `Effects`."""
    x0, y0, x1, y1 = (own[..., place].sum(axis=1) for place in range(4))
    all_x0, all_y0, all_x1, all_y1 = (
        rest[:, place] + own[..., place].sum(axis=1) for place in range(4)
    )
    was, now = y0.real != 0, y1.real != 0
    r0, r1 = _divide(x0, y0), _divide(x1, y1)
    r0, r1 = np.where(was, r0, np.where(now, r1, 0)), np.where(now, r1, np.where(was, r0, 0))
    w0, w1 = y0 / all_y0, y1 / all_y1
    w = (w0 + w1) / 2
    step, distance = w1 - w0, (r0 + r1) / 2 - (all_x0 / all_y0 + all_x1 / all_y1) / 2
    rate = w * (r1 - r0)
    there = own[:, _BOTH]
    apart = (there[:, 1].real != 0) & (there[:, 3].real != 0) & was & now
    same0, same1 = _divide(there[:, 0], there[:, 1]), _divide(there[:, 2], there[:, 3])

    def unlike(member: int) -> NDArray:
        then = _divide(own[:, member, 0] - same0 * own[:, member, 1], y0)
        later = _divide(own[:, member, 2] - same1 * own[:, member, 3], y1)
        return np.where(apart, w * (later - then), 0)

    others = _divide(rest[:, 2], rest[:, 3]) - _divide(rest[:, 0], rest[:, 1])
    left_over = np.where(now, 0, x1 / all_y1) - np.where(was, 0, x0 / all_y0)
    compared = was & now & (rest[:, 1].real != 0) & (rest[:, 3].real != 0)
    return {
        "step": step,
        "distance": distance,
        "mix": step * distance,
        "same": np.where(apart, w * (same1 - same0), 0),
        "joined": unlike(_JOINED),
        "left": unlike(_LEFT),
        "unknown": unlike(_UNKNOWN),
        "rate": np.where(apart, 0, rate),
        "whole_rate": rate,
        "all": step * distance + rate,
        "unexplained": left_over,
        "excess": np.where(compared, r1 - r0 - others, np.nan),
    }


def _sum_parts(own: NDArray, rest: NDArray) -> Parted:
    """What each segment's customers changed, brought and took away of Σx."""
    none = np.zeros(len(own), dtype=own.dtype)
    change = own[..., 2] - own[..., 0]
    whole = change.sum(axis=1)
    before, now = (own[..., place].sum(axis=1) for place in (0, 2))
    all_before, all_now = rest[:, 0] + before, rest[:, 2] + now
    # A part of a sum says something only where the sum is above 0.
    shares = (all_before.real > 0) & (all_now.real > 0)
    part = _divide(now, all_now) - _divide(before, all_before)
    return {
        "step": none,
        "distance": none,
        "mix": none,
        "same": change[:, _BOTH],
        "joined": change[:, _JOINED],
        "left": change[:, _LEFT],
        "unknown": change[:, _UNKNOWN],
        "rate": none,
        "whole_rate": whole,
        "all": whole,
        "unexplained": none,
        "excess": np.where(shares, part, whole),
    }


def _deviations(split: Split, own: Floats, rest: Floats, squares: Floats) -> dict[str, Floats]:
    """The standard deviation of each part: over customers, the sum of (slope · what they add)².

    Slopes are taken by a complex step, which is exact for sums, products and quotients (Squire and
    Trapp, *SIAM Review* 40, 1998).
    """
    slopes: dict[tuple[int, int] | int, Parted] = {}
    for place in range(4):
        for member in range(len(MEMBERS)):
            moved = own.astype(complex)
            moved[:, member, place] += 1j * _STEP
            slopes[member, place] = split(moved, rest.astype(complex))
        moved = rest.astype(complex)
        moved[:, place] += 1j * _STEP
        slopes[place] = split(own.astype(complex), moved)
    outside = squares.sum(axis=(0, 1)) - squares.sum(axis=1)
    found = {}
    for name in slopes[0]:
        far = np.column_stack([slopes[place][name].imag for place in range(4)]) / _STEP
        total = np.einsum("si,sij,sj->s", far, outside, far)
        for member in range(len(MEMBERS)):
            near = np.column_stack([slopes[member, i][name].imag for i in range(4)]) / _STEP
            total = total + np.einsum("si,sij,sj->s", near, squares[:, member], near)
        found[name] = np.where(total > 0, total, np.nan)
    # The mix effect is a product of two numbers that may both be near 0, where a line is not near
    # enough: the variance of a product has a third term (Goodman, *J. American Statistical
    # Association* 55, 1960).
    found["mix"] = found["mix"] + found["step"] * found["distance"]
    return {name: np.sqrt(variance) for name, variance in found.items()}


def _change(every: Floats, additive: bool) -> float:
    before, now = (every[0], every[2]) if additive else (every[0] / every[1], every[2] / every[3])
    return now - before


def _levels(own: Floats, every: Floats, additive: bool) -> tuple[Floats, Floats]:
    """Each segment's value, and its weight, before and now."""
    if additive:
        sums = own[:, [0, 2]]
        return sums, _divide(sums, np.broadcast_to(every[[0, 2]], sums.shape))
    under = own[:, [1, 3]]
    values = np.where(under != 0, _divide(own[:, [0, 2]], under), np.nan)
    return values, under / every[[1, 3]]


def _over(value: Floats, deviation: Floats) -> Floats:
    return np.divide(value, deviation, out=np.full(value.shape, np.nan), where=deviation > 0)


def _divide(over: NDArray, under: NDArray) -> NDArray:
    """over / under, 0 where there is nothing underneath."""
    some = under.real != 0
    return np.where(some, over / np.where(some, under, 1), 0)
