"""The folder of a case: the business, the task, and the sealed truth."""

from pathlib import Path

import pandas as pd

from kpilib.demo import write_business
from kpilib.errors import InputError
from kpilib.lessons.case.scenarios import CAUSES, Truth, scenario
from kpilib.lessons.case.seal import NAME, seal
from kpilib.words import Text, _

TASK = "task.md"
BUSINESS = "business"
TITLE = _("The case")
STORY = _(
    "You are the analyst of a seller of coffee and tea. Its records lie in the folder business and "
    "end with {month}. Management sees that the last months brought fewer orders, or less money, "
    "than it hoped for, and asks what went wrong."
)
ASKED = _("Find out which of these it is:")
MORE = _(
    "Say as well for whom (the channel or the segment; nothing where it is all), since which "
    "month, how large it is, and give the customers it is about as a file with a column "
    "customer_id."
)
SIZES = _(
    "The size is: of a channel, the share of purchases gone; of support, how many times as long "
    "the first answer takes; of a price, the share added; of the records, the share of orders "
    "missing."
)
TOOLS = _("Ask the records with the kit, then have your answer scored:")


def write_case(folder: Path, seed: int, lang: str = "en") -> Path:
    """Make the case of a seed in an empty folder and return the path of its task.

    Raises InputError where the folder holds something else.
    """
    drawn = scenario(seed)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / NAME).is_file():
        raise InputError(f"folder {str(folder)!r} is not empty; choose another for the case")
    business = folder / BUSINESS
    if (folder / NAME).is_file():
        raise InputError(f"folder {str(folder)!r} holds a case already; choose another")
    write_business(drawn.model, business)
    (business / "truth.json").unlink()
    toml = business / "kpilib.toml"
    lines = toml.read_text(encoding="utf-8").splitlines(keepends=True)
    toml.write_text("".join(line for line in lines if "truth.json" not in line), encoding="utf-8")
    seal(drawn.truth, affected(business, drawn.truth), folder / NAME)
    task = folder / TASK
    task.write_text(_task(folder, f"{drawn.model.end:%Y-%m}", lang), encoding="utf-8")
    return task


def affected(business: Path, truth: Truth) -> list[object]:
    """The customers that a cause is about, as the records name them."""
    if truth.cause in ("channel", "price"):
        column = "acquisition_channel" if truth.cause == "channel" else "segment"
        people = pd.read_parquet(business / "customers.parquet")
        kept = people[people[column] == truth.where]
        return kept["customer_id"].tolist()
    if truth.cause == "service":
        tickets = pd.read_parquet(business / "tickets.parquet")
        late = pd.to_datetime(tickets["created_at"], errors="coerce") >= pd.Timestamp(truth.since)
        return tickets.loc[late, "customer_id"].dropna().unique().tolist()
    return []


def _task(folder: Path, month: str, lang: str) -> str:
    causes = "\n".join(f"- `{name}`: {text.of(lang)}" for name, text in CAUSES.items())
    source = f"{folder.as_posix()}/{BUSINESS}/kpilib.toml"
    commands = (
        f"kpilib kpi churn_rate --by acquisition_channel --data {source}\n"
        f"kpilib case {folder.as_posix()} --cause channel --where web --since {month} --size 0.3"
    )

    def said(text: Text, **values: str) -> str:
        return text.format(**values).of(lang)

    return (
        f"# {said(TITLE)}\n\n{said(STORY, month=month)}\n\n{said(ASKED)}\n\n{causes}\n\n"
        f"{said(MORE)}\n\n{said(SIZES)}\n\n{said(TOOLS)}\n\n```sh\n{commands}\n```\n"
    )
