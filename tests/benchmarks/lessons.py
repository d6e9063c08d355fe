"""Every lesson from top to bottom in three languages, with widgets and without.

    python -m tests.benchmarks.lessons

About two CPU-minutes; with widgets where ipywidgets is installed.
"""

import sys
import time
from importlib.util import find_spec

from tests.lessons.test_lessons import LESSONS, run


def main() -> None:
    """Print how many cells were shown by each lesson."""
    start, widgets = time.process_time(), sys.modules.get("ipywidgets")
    ways = (True, False) if find_spec("ipywidgets") else (False,)
    for with_widgets in ways:
        sys.modules["ipywidgets"] = widgets if with_widgets else None  # type: ignore[assignment]
        if with_widgets and widgets is None:
            sys.modules.pop("ipywidgets")
        for path in LESSONS:
            counts = [len(run(path, lang)) for lang in ("en", "vi", "zh")]
            print(f"{path.stem}: {counts}, widgets {with_widgets}", flush=True)
    print(f"{time.process_time() - start:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
