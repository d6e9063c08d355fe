"""`python -m kpilib` is the command line."""

import sys

from kpilib.cli import main

if __name__ == "__main__":
    sys.exit(main())
