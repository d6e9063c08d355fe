"""Put the lists of KPIs, tables and settings into the README: `python .ci/readme.py`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Write the README anew where a list has changed."""
    from kpilib.lessons.reference import with_reference

    path = ROOT / "README.md"
    old = path.read_text(encoding="utf-8")
    if (new := with_reference(old)) != old:
        path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
