"""The truth of a case in a file that can score an answer and does not show what it knows.

Words are kept as salted hashes, the size masked by one. It keeps honest people honest: whoever
reads the code may make the same business from the same seed.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kpilib.errors import InputError
from kpilib.lessons.case.scenarios import Truth

NAME = "sealed.json"
_UNIT = 1_000


def seal(truth: Truth, customers: Iterable[Any], path: Path) -> None:
    """Write what is true of a case."""
    salt = secrets.token_hex(16)
    said = {
        "salt": salt,
        "cause": hashed(salt, "cause", truth.cause),
        "where": hashed(salt, "where", truth.where),
        "since": [hashed(salt, "since", month) for month in _around(truth.since)],
        "size": round(truth.size * _UNIT) ^ _mask(salt),
        "customers": sorted(hashed(salt, "customer", one)[:16] for one in customers),
    }
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def unseal(path: Path) -> dict[str, Any]:
    """The sealed truth, as it is; an InputError where there is none."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise InputError(
            f"{path} is no sealed case; make one with kpilib case DIR --seed S"
        ) from None


def size_of(sealed: dict[str, Any]) -> float:
    """The size, unmasked, to hold an answer against."""
    return float((int(sealed["size"]) ^ _mask(str(sealed["salt"]))) / _UNIT)


def hashed(salt: str, what: str, word: Any) -> str:
    """A word of an answer as the sealed file keeps it."""
    return hashlib.sha256(f"{salt}|{what}|{str(word).strip().lower()}".encode()).hexdigest()


def _mask(salt: str) -> int:
    return int(hashlib.sha256(f"{salt}|size".encode()).hexdigest()[:8], 16)


def _around(month: str) -> list[str]:
    """The month and those beside it: near enough for an answer."""
    if not month:
        return [""]
    year, number = int(month[:4]), int(month[5:])
    places = (year * 12 + number - 1 + step for step in (-1, 0, 1))
    return [f"{place // 12}-{place % 12 + 1:02d}" for place in places]
