"""`kpilib case DIR`: a business in which one thing went wrong, and the score of an answer."""

from pathlib import Path

import click

from kpilib.cli._options import json_option, lang_option, print_json
from kpilib.errors import InputError


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), help="Make the case of this seed in DIR.")
@click.option("--cause", help="Score an answer: channel, service, price, season or feed.")
@click.option("--where", default="", help="The channel or the segment; nothing where it is all.")
@click.option("--since", default="", metavar="YYYY-MM", help="The month from which on.")
@click.option("--size", type=float, help="How large, as the task says.")
@click.option(
    "--customers",
    type=click.Path(path_type=Path),
    help="A CSV file whose column customer_id names the customers it is about.",
)
@lang_option
@json_option
def case(
    folder: Path,
    seed: int | None,
    cause: str | None,
    where: str,
    since: str,
    size: float | None,
    customers: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    """Make a business in which one thing went wrong, with the task to find it, or score an answer.

    `kpilib case DIR --seed 7` makes it; `kpilib case DIR --cause channel --where facebook
    --since 2026-07` scores.
    """
    if (seed is None) == (cause is None):
        raise InputError("give --seed to make a case, or --cause to have an answer scored")
    if seed is not None:
        from kpilib.lessons.case.write import write_case

        click.echo(f"{write_case(folder, seed, lang)}")
        return

    from kpilib.lessons.case.score import Answer, score

    assert cause is not None
    found = score(folder, Answer(cause, where, since, size, _named(customers)))
    if as_json:
        print_json({**found.items, "passed": found.passed, "points": found.points})
    else:
        click.echo("\n".join(text.of(lang) for text in found.texts()))


def _named(path: Path | None) -> tuple[object, ...] | None:
    if path is None:
        return None
    import pandas as pd

    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); give a CSV file") from None
    if "customer_id" not in table:
        raise InputError(f"{path} has no column customer_id; name the customers in one")
    return tuple(table["customer_id"].tolist())
