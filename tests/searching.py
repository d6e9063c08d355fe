"""How hard tests of random cases look: at the same few each run, by hand at many new ones.

HYPOTHESIS_PROFILE=search python -m pytest tests/loading
"""

import os

from hypothesis import HealthCheck, settings

SEARCHES = os.environ.get("HYPOTHESIS_PROFILE") == "search"


def examples(few: int) -> settings:
    """So many, and twenty times as many where one searches."""
    return settings(
        max_examples=few * (20 if SEARCHES else 1),
        derandomize=not SEARCHES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
