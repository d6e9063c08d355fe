"""Where a run has laid down what its processes share: prepared data and fitted models."""

import os
from pathlib import Path

PREPARED = "KPILIB_PREPARED"
"""The environment variable that names the folder, in the processes of a run."""
ANSWERS = "answers"
"""The folder in it of what was answered, for who asks the same."""


def prepared_folder() -> Path | None:
    """The folder of the run that this process belongs to, or None outside of any."""
    name = os.environ.get(PREPARED)
    return Path(name) if name else None
