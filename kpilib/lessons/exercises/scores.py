"""What a learner answered, kept as a file; what a teacher hands out and collects."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pandas as pd

from kpilib.errors import InputError
from kpilib.lessons.exercises.exercise import Feedback
from kpilib.lessons.exercises.shelf import EXERCISES, exercise, exercise_for
from kpilib.words import _
from kpilib.words.languages import html_language

COLUMNS = ("learner", "exercise", "seed", "tries", "right", "last", "at")
TITLE = _("Exercises, seed {seed}")


class Scores:
    """The answers of one learner; each is checked and written down at once.

    >>> from tempfile import mkdtemp
    >>> scores = Scores("An", seed=3, path=Path(mkdtemp()) / "an.csv")
    >>> print(scores.answer("nps", "7"))
    Not yet: ...
    >>> scores.frame()[["exercise", "tries", "right"]].values.tolist()
    [['nps', 1, False]]
    """

    def __init__(
        self, learner: str, seed: int = 1, path: str | Path = "scores.csv", lang: str = "en"
    ) -> None:
        self.learner, self.seed, self.path, self.lang = learner, seed, Path(path), lang
        self._found: dict[str, list[object]] = {}

    def answer(self, exercise_id: str, given: float | str) -> Feedback:
        """Check an answer, write the score down, and say what is to be said of it."""
        said = exercise(exercise_id, self.seed, self.lang).check(given)
        tries = int(str(self._found[exercise_id][3])) if exercise_id in self._found else 0
        solved = exercise_id in self._found and bool(self._found[exercise_id][4])
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._found[exercise_id] = [
            self.learner,
            exercise_id,
            self.seed,
            tries + (not solved),
            solved or said.right,
            str(given),
            now,
        ]
        self._write()
        return said

    def frame(self) -> pd.DataFrame:
        """A row per exercise answered: `learner, exercise, seed, tries, right, last, at`."""
        return pd.DataFrame(list(self._found.values()), columns=list(COLUMNS))

    def _write(self) -> None:
        try:
            with self.path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([COLUMNS, *self._found.values()])
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be written ({error.strerror}); choose another path"
            ) from None


def collect(folder: str | Path) -> pd.DataFrame:
    """The scores of all learners whose files lie in a folder, checked once more by their answers.

    Columns: those of `Scores.frame`, `right` as the answer last given deserves it by its seed.
    """
    tables = [pd.read_csv(path, dtype={"last": str}) for path in sorted(Path(folder).glob("*.csv"))]
    if not tables:
        raise InputError(f"{folder} holds no .csv of scores; ask the learners for theirs")
    found = pd.concat(tables, ignore_index=True)
    asked = found.groupby("exercise")["seed"]
    tasks = {str(name): exercise_for(str(name), map(int, seeds)) for name, seeds in asked}
    answers = zip(found["exercise"], found["seed"], found["last"], strict=True)
    found["right"] = [tasks[name][int(seed)].check(said).right for name, seed, said in answers]
    return found


def worksheet(
    path: str | Path, seed: int = 1, only: Iterable[str] = EXERCISES, lang: str = "en"
) -> Path:
    """The tasks of a seed as a page to hand out, without their solutions."""
    title = escape(TITLE.format(seed=str(seed)).of(lang))
    tasks = "".join(exercise(name, seed, lang).html() for name in only)
    page = (
        f'<!doctype html><html lang="{html_language(lang)}"><head><meta charset="utf-8">'
        f"<title>{title}</title></head><body><h1>{title}</h1>{tasks}</body></html>\n"
    )
    target = Path(path)
    target.write_text(page, encoding="utf-8")
    return target
