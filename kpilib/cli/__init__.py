"""The command line. Each command is a module of this package, loaded only when it is called.

A module `name.py` holds a click command named `name` (`list.py` holds `list_`), here or in a room
within this one; modules whose name starts with an underscore are not commands. Nothing heavy is
imported at the top of any of them, so that `kpilib --help` answers at once. A command returns
nothing, or its exit code as an int.

Once `list.py` is loaded, `list` means that module here: the builtin is not called in this file.
"""

import sys
import traceback
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import click

from kpilib import __version__
from kpilib.cli._streams import drop, open_streams, printable_output, shown, was_printing
from kpilib.errors import KpilibError, near_miss

INTERRUPTED = 130


class CommandModules(click.Group):
    """A group whose commands are the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the alphabet."""
        return sorted(_modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, its module imported now, or None."""
        if (place := _modules().get(cmd_name)) is None:
            return None
        module = import_module(place)
        command = getattr(module, f"{cmd_name}_", None) or getattr(module, cmd_name)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]):
        """The command that `args` begins with; a misspelt one is met with the nearest name."""
        name = args[0]
        if not name.startswith("-") and name not in (names := self.list_commands(ctx)):
            raise click.UsageError(f"command {name!r} is not known; {near_miss(name, names)}", ctx)
        return super().resolve_command(ctx, args)


@cache
def _modules() -> dict[str, str]:
    """Command → its module, as it is imported."""
    found = {}
    rooms = [(f"{__name__}.", [*__path__])]
    for prefix, paths in rooms:
        for module in iter_modules(paths):
            if module.ispkg:
                rooms.append((f"{prefix}{module.name}.", [f"{paths[0]}/{module.name}"]))
            elif module.name[0] != "_":
                found[module.name] = f"{prefix}{module.name}"
    return found


@click.group(
    cls=CommandModules,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, help="On an error, show the traceback as well.")
@click.version_option(__version__, prog_name="kpilib", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Customer KPIs with their value, interval, formula and rows, and dated reports of them."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code: 0, 1 failed, 2 input, 3 quality, 130 stopped.

    Errors go to stderr in one or two lines; with `--debug`, anywhere in the line, the traceback
    comes before them.

    >>> main(["--version"])
    kpilib ...
    0
    """
    open_streams()
    _speak_utf8()
    args, debug = _without_debug(sys.argv[1:] if argv is None else [*argv])
    try:
        with printable_output():
            result = cli.main(args, prog_name="kpilib", standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except BrokenPipeError:
        drop(sys.stdout)
        return 0
    except BaseException as error:
        code, message = _explain(error)
        _complain(message, error if debug else None)
    return _flushed(code)


def _complain(message: str, error: BaseException | None) -> None:
    """Say on stderr what went wrong, if anybody can hear it."""
    try:
        if error is not None:
            traceback.print_exception(error)
        if message:
            print(shown(message), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        drop(sys.stderr)


def _flushed(code: int) -> int:
    """The exit code, once what was printed is out: 1 where it was 0 and stdout takes no more."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop(sys.stdout)
    except (OSError, ValueError) as error:
        drop(sys.stdout)
        _complain(_lost(error), None)
        return code or 1
    return code


def _lost(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or error
    return f"kpilib: standard output cannot be written ({reason})"


def _explain(error: BaseException) -> tuple[int, str]:
    """The exit code of an error and what is said of it."""
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED, "kpilib: interrupted"
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1, ""
    if isinstance(error, click.ClickException):
        return error.exit_code, f"kpilib: {_usage(error)}"
    if isinstance(error, KpilibError):
        return error.exit_code, f"kpilib: {error}"
    if isinstance(error, OSError) and was_printing(error):
        drop(sys.stdout)
        return 1, _lost(error)
    text = " ".join(str(error).split())[:300]
    return 1, (
        f"kpilib: unexpected {type(error).__name__}{': ' + text if text else ''}\n"
        "run the same command with --debug to see where it arose"
    )


def _usage(error: click.ClickException) -> str:
    """A usage error in two lines: what is wrong, and where the usage is told."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    if context is None:
        return message
    return f"{message[:1].lower()}{message[1:]}\nsee {context.command_path} --help"


def _without_debug(args: list[str]) -> tuple[list[str], bool]:
    """The arguments without `--debug`, and whether it was among them (before any `--`)."""
    end = args.index("--") if "--" in args else len(args)
    head = [arg for arg in args[:end] if arg != "--debug"]
    return head + args[end:], len(head) < end


def _speak_utf8() -> None:
    """Names in Vietnamese and Chinese must not fail on a stream with a narrow encoding."""
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "")
        if encoding != "utf8" and hasattr(stream, "reconfigure"):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")
