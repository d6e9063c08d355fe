"""The small drawings of the month's page, as SVG in the page's own colours and type."""

from collections.abc import Sequence

Line = Sequence[float | None]


def sparkline(numbers: Line, width: int = 110, height: int = 30) -> str:
    """The numbers as a line with gaps where there is none, its last point marked.

    Nothing where fewer than two are known. It stands beside its number and says nothing more to
    who cannot see it.

    >>> sparkline([1, None]), sparkline([1, 2])[:17]
    ('', '<svg class="line"')
    """
    known = [number for number in numbers if number is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step, pad = (width - 8) / (len(numbers) - 1), 4
    path, pen, last, alone = "", "M", (0.0, 0.0), ""
    for place, number in enumerate(numbers):
        if number is None:
            pen = "M"
            continue
        part = 0.5 if high == low else (number - low) / (high - low)
        last = (4 + place * step, height - pad - part * (height - 2 * pad))
        path += f"{pen}{last[0]:.1f} {last[1]:.1f}"
        pen = "L"
    if numbers[-1] is not None:
        alone = f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="3"/>'
    return (
        f'<svg class="line" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-hidden="true"><path d="{path}"/>{alone}</svg>'
    )
