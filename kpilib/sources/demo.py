"""The demo business that comes with kpilib: where its files are."""

from importlib.resources import files
from pathlib import Path

from kpilib.errors import KpilibError

NAME = "demo"
"""What it is called as a source."""


def demo_folder() -> Path:
    """The folder of the demo business: the checkout's, or the installed package's.

    >>> (demo_folder() / "kpilib.toml").is_file()
    True
    """
    package = Path(str(files("kpilib")))
    for folder in (package.parent / "data" / "demo", package / "data" / "demo"):
        if (folder / "kpilib.toml").is_file():
            return folder
    raise KpilibError(f"the demo business is missing from {package}; install kpilib again")
