"""The command line's frame: exit codes, the shape of errors, lazy loading."""

import subprocess
import sys

import click
import pytest

import kpilib.cli as command_line
from kpilib import __version__
from kpilib.cli import CommandModules, cli, main
from kpilib.cli._options import print_json
from kpilib.errors import InputError, KpilibError, QualityGateError


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs `kpilib boom`, whose body is the callable given, and gives (code, stdout, stderr)."""

    def run(body, *args):
        @click.command("boom")
        @click.option("--size", type=int)
        def boom(size):
            return body()

        monkeypatch.setattr(CommandModules, "list_commands", lambda self, ctx: ["boom"])
        monkeypatch.setattr(CommandModules, "get_command", lambda self, ctx, name: boom)
        code = main(["boom", *args])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def raiser(error):
    def body():
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KpilibError("the kernel died"), 1),
        (InputError("the kernel died"), 2),
        (QualityGateError("the kernel died"), 3),
    ],
)
def test_an_error_raised_on_purpose_is_one_line_and_its_exit_code(run, error, code):
    assert run(raiser(error)) == (code, "", "kpilib: the kernel died\n")


def test_an_unexpected_error_is_two_lines_without_traceback(run):
    code, out, err = run(raiser(ZeroDivisionError("division\nby zero")))
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "kpilib: unexpected ZeroDivisionError: division by zero"
    assert "--debug" in err.splitlines()[1] and len(err.splitlines()) == 2


def test_debug_anywhere_in_the_line_shows_the_traceback(run):
    for args in (["--debug"], ["--size", "3", "--debug"]):
        code, _, err = run(raiser(InputError("no such file")), *args)
        assert code == 2
        assert "Traceback" in err and err.splitlines()[-1] == "kpilib: no such file"


def test_ctrl_c_is_130(run):
    code, _, err = run(raiser(KeyboardInterrupt()))
    assert code == 130 and err.strip() == "kpilib: interrupted"


def test_what_a_command_returns_is_the_exit_code(run):
    assert run(lambda: 1)[0] == 1
    assert run(lambda: None)[0] == 0


def test_a_wrong_option_value_is_bad_input_in_two_lines(run):
    code, _, err = run(lambda: None, "--size", "many")
    assert code == 2
    assert "many" in err and "--size" in err
    assert err.splitlines()[1] == "see kpilib boom --help"


def test_a_misspelt_command_is_met_with_the_nearest_name(capsys):
    assert main(["laab"]) == 2
    err = capsys.readouterr().err
    assert "'laab'" in err and "'lab'" in err and len(err.splitlines()) == 2


def test_help_lists_every_command_and_loads_nothing_heavy():
    code = (
        "import sys; from kpilib.cli import main; main(['--help']);"
        "heavy = {'pandas', 'numpy', 'narwhals', 'duckdb', 'matplotlib', 'papermill', 'nbformat',"
        " 'jinja2', 'babel', 'rich', 'scipy', 'lifetimes', 'IPython'} & set(sys.modules);"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in cli.list_commands(click.Context(cli)):
        assert f"\n  {name} " in done.stdout


def test_every_command_module_holds_its_command():
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert isinstance(command, click.Command) and command.name == name
        assert command.get_short_help_str(), f"{name} has no help"


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"kpilib {__version__}\n"


def test_no_arguments_print_the_help(capsys):
    assert main([]) == 0
    assert "Usage: kpilib" in capsys.readouterr().out


def test_a_reader_of_stdout_that_leaves_is_no_error(run, monkeypatch):
    monkeypatch.setattr(command_line, "drop", lambda stream: None)
    assert run(raiser(BrokenPipeError())) == (0, "", "")


def test_json_keeps_letters_and_refuses_nan(capsys):
    print_json({"name": "流失率"})
    assert "流失率" in capsys.readouterr().out
    with pytest.raises(ValueError, match="JSON compliant"):
        print_json({"value": float("nan")})
