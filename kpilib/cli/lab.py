"""`kpilib lab`: the notebooks in a folder of one's own, opened in JupyterLab."""

from pathlib import Path

import click

from kpilib.cli._options import lang_option
from kpilib.errors import InputError


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--folder",
    default="kpilib-notebooks",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where the notebooks are copied to; a notebook that you changed there stays yours.",
)
@lang_option
@click.argument("jupyter", nargs=-1, type=click.UNPROCESSED)
def lab(folder: Path, lang: str, jupyter: tuple[str, ...]) -> int:
    """Copy the notebooks into a folder of yours and open JupyterLab there.

    The lessons are in its folder lessons; begin with 00-start. With --lang their prose is in that
    language.

    Whatever follows goes to JupyterLab: `kpilib lab -- --no-browser --port 9000`.
    """
    from kpilib.report.notebooks import notebook_folder

    source = notebook_folder()
    if folder.resolve() != source.resolve():
        _copy(source, folder, lang)
    click.echo(f"JupyterLab opens in {folder}; stop it with Ctrl-C twice.", err=True)
    return _open(folder, jupyter)


def _copy(source: Path, folder: Path, lang: str) -> None:
    """Copy the notebooks and say what became of those that were there already."""
    from kpilib.report import copies

    try:
        became = copies.copy_notebooks(source, folder, lang)
    except OSError as error:
        raise InputError(
            f"folder {str(folder)!r} cannot be written ({error.strerror}); choose another --folder"
        ) from error
    for action, words in (
        (copies.COPIED, "copied into {folder}: {names}"),
        (copies.UPDATED, "brought up to date in {folder}: {names}"),
        (copies.KEPT, "you changed these, and they stay as they are in {folder}: {names}"),
    ):
        names = ", ".join(name for name, done in became.items() if done == action)
        if names:
            click.echo(words.format(folder=folder, names=names), err=True)


def _open(folder: Path, arguments: tuple[str, ...]) -> int:
    """Run JupyterLab in `folder` until it ends. Ctrl-C is its own to answer."""
    import signal
    import subprocess
    import sys

    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        process = subprocess.Popen([sys.executable, "-m", "jupyterlab", *arguments], cwd=folder)
        return 1 if process.wait() else 0
    finally:
        signal.signal(signal.SIGINT, before)
