"""Exercises with numbers of their own for each seed, checked by the library's own functions.

Each is made of a few rows; the right answer is what `base.kpi` says of them, the listed wrong ones
are mistakes from practice, and each has a hint that names it.

>>> from kpilib.lessons.exercises import exercise
>>> task = exercise("nps", seed=3)
>>> task.check(task.answer).right
True
"""

from kpilib.lessons.exercises.exercise import Exercise, Feedback
from kpilib.lessons.exercises.scores import Scores, collect, worksheet
from kpilib.lessons.exercises.shelf import EXERCISES, exercise, exercise_for, exercises

__all__ = [
    "EXERCISES",
    "Exercise",
    "Feedback",
    "Scores",
    "collect",
    "exercise",
    "exercise_for",
    "exercises",
    "worksheet",
]
