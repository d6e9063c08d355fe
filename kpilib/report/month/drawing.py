"""The small drawings of the month's page, as SVG in the page's own colours and type."""

from collections.abc import Sequence

Line = Sequence[float | None]


def sparkline(numbers: Line, width: int = 110, height: int = 30) -> str:
    """The numbers as a line with gaps where there is none, its last point marked, and so are those
    that stand alone between gaps.

    Nothing where fewer than two are known. It stands beside its number and says nothing more to
    who cannot see it.

    >>> sparkline([1, None]), sparkline([1, 2])[:17]
    ('', '<svg class="line"')
    >>> sparkline([1, None, 2, None]).count("circle")
    2
    """
    known = [number for number in numbers if number is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step, pad = (width - 8) / (len(numbers) - 1), 4
    path, pen, points = "", "M", ""
    around = [None, *numbers, None]
    for place, number in enumerate(numbers):
        if number is None:
            pen = "M"
            continue
        part = 0.5 if high == low else (number - low) / (high - low)
        x, y = 4 + place * step, height - pad - part * (height - 2 * pad)
        path += f"{pen}{x:.1f} {y:.1f}"
        pen = "L"
        is_last = place == len(numbers) - 1
        if is_last or (around[place] is None and around[place + 2] is None):
            points += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 if is_last else 1.5}"/>'
    return (
        f'<svg class="line" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-hidden="true"><path d="{path}"/>{points}</svg>'
    )
