"""The report's run beside others: `report_speed.py [cdnow] [way …] [notebook …]` in this folder.

Each way executes and shows the notebooks that come with kpilib, or those named (`03-retention`), in
a process of its own; printed are its CPU seconds (all its kernels' too) and its wall seconds. The
ways:

`commands`  papermill and then `jupyter nbconvert` on the command line, notebook after notebook
`in_turn`   one driver: papermill's and nbconvert's Python, notebook after notebook
`ours`      `kpilib report`
`again`     `kpilib report` once more, when nothing has changed
`floor`     the cells alone, one kernel's imports and one reading of the data for all: no kernel,
            no page

Wanted: a third of the CPU seconds of `commands` at most, and half of the wall seconds of `in_turn`
on two processors that are free.
"""

import ast
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVERY = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NAMES = [path.stem for path in EVERY]
NOTEBOOKS = [path for path in EVERY if path.stem in sys.argv] or EVERY
WAYS = ("commands", "in_turn", "ours", "again", "floor")


def commands(data: str, folder: Path) -> None:
    """What people do by hand or in a Makefile."""
    for path in NOTEBOOKS:
        done = folder / path.name
        given = ["-p", "data", data, "-k", "python3", "--no-progress-bar"]
        run = [sys.executable, "-m", "papermill", str(path), str(done), *given]
        subprocess.run(run, check=True, capture_output=True)
        show = [sys.executable, "-m", "nbconvert", "--to", "html", str(done)]
        subprocess.run(show, check=True, capture_output=True)


def in_turn(data: str, folder: Path) -> None:
    """The same from one process."""
    import nbformat
    import papermill
    from nbconvert import HTMLExporter

    exporter = HTMLExporter()
    for path in NOTEBOOKS:
        done = folder / path.name
        given = {"parameters": {"data": data}, "kernel_name": "python3"}
        papermill.execute_notebook(str(path), str(done), progress_bar=False, **given)
        text, _ = exporter.from_notebook_node(nbformat.read(done, as_version=4))
        done.with_suffix(".html").write_text(text, encoding="utf-8")


def ours(data: str, folder: Path) -> None:
    """The command."""
    run = [sys.executable, "-m", "kpilib", "report", "--data", data, "--out", str(folder)]
    only = [word for path in NOTEBOOKS for word in ("--only", path.stem)]
    subprocess.run([*run, *only], check=True, capture_output=True)


def again(data: str, folder: Path) -> None:
    """The command, when it has been run before."""
    ours(data, folder)


def floor(data: str, folder: Path) -> None:
    """What every way has to compute and to draw."""
    import matplotlib

    from kpilib.questions.base import PREPARED, prepare_base

    matplotlib.use("svg")
    prepare_base(data, folder / "data")
    os.environ[PREPARED] = str(folder / "data")
    for path in NOTEBOOKS:
        names: dict = {}
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                compute("".join(cell["source"]), names)
                names["data"] = data


def compute(source: str, names: dict) -> None:
    """Run a cell, show the value of its last line, and save its figures."""
    import matplotlib.pyplot as plt

    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        for name in ("_repr_mimebundle_", "_repr_html_"):
            if hasattr(value, name):
                getattr(value, name)()
                break
    for number in plt.get_fignums():
        plt.figure(number).savefig(io.BytesIO(), format="svg")
        plt.close(number)


def alone(way: str, data: str, folder: Path) -> tuple[float, float]:
    """CPU and wall seconds of a way, in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    if way == "floor":
        env["OPENBLAS_NUM_THREADS"] = "1"
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    names = [path.stem for path in NOTEBOOKS]
    line = [sys.executable, __file__, "--alone", way, data, str(folder), *names]
    subprocess.run(line, env=env, check=True)
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begun
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, took


def main(arguments: list[str]) -> None:
    """Print a line for each way."""
    if arguments[:1] == ["--alone"]:
        way, data, folder, *_ = arguments[1:]
        globals()[way](data, Path(folder))
        return
    data = next((word for word in arguments if word not in (*WAYS, *NAMES)), "cdnow")
    asked = [word for word in arguments if word in WAYS] or list(WAYS)
    print(f"{len(NOTEBOOKS)} notebooks of {data} on {os.cpu_count()} processors")
    took: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as base:
        for way in asked:
            folder = Path(base) / ("ours" if way == "again" else way)
            folder.mkdir(exist_ok=True)
            took[way] = cpu, wall = alone(way, data, folder)
            load = os.getloadavg()[0]
            print(f"{way:9} {cpu:6.1f} CPU s  {wall:6.1f} s   (load {load:.1f})", flush=True)
    for way in [one for one in took if one != "ours" and "ours" in took]:
        cpu, wall = (ours / other for ours, other in zip(took["ours"], took[way], strict=True))
        print(f"ours / {way:9} {cpu:6.2f} CPU    {wall:6.2f} wall")


if __name__ == "__main__":
    main(sys.argv[1:])
