"""What a report's kernel is set to, whatever Jupyter and IPython are set to for their user.

Two people get one report: figures are SVG with real text, without date or random ids; one thread
computes, so that sums come in one order; nothing is imported from the folder that the run is in.
"""

import os
from pathlib import Path
from typing import Any

# The inline backend is set up at the start: set up by the first figure inside a style's context,
# it would be undone at the context's end, and later figures would not be shown.
_IPYTHON: dict[str, dict] = {
    "IPKernelApp": {"matplotlib": "inline", "capture_fd_output": False},
    "InteractiveShellApp": {"ignore_cwd": True},
    "HistoryManager": {"enabled": False},
    "InlineBackend": {
        "figure_formats": ["svg"],
        "print_figure_kwargs": {"bbox_inches": None, "metadata": {"Date": None}},
        "rc": {
            "svg.fonttype": "none",
            "svg.hashsalt": "kpilib",
            "figure.constrained_layout.use": True,
        },
    },
}

_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def ipython_settings(lang: str) -> dict[str, Any]:
    """The kernel's settings, and what it runs before the first cell; tables speak `lang`."""
    inside = "__import__('kpilib.report.kernels.inside', fromlist=['set_up'])"
    lines = [f"{inside}.set_up({lang!r})"]
    return {**_IPYTHON, "IPKernelApp": {**_IPYTHON["IPKernelApp"], "exec_lines": lines}}


def environment(folder: Path) -> dict[str, str]:
    """The environment of the kernels: the user's, with what would change the report overruled.

    Temporary files of a kernel go to `folder`, which goes with the run. Letters that a figure's
    font lacks are drawn by the reader's own fonts, the text being real, so the warning about them
    is silenced. An empty part of PYTHONPATH would mean the folder that the run is in.
    """
    filters = [os.environ.get("PYTHONWARNINGS", ""), "ignore:Glyph:UserWarning"]
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    settled = {
        "IPYTHONDIR": str(folder),
        "TMPDIR": str(folder),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONWARNINGS": ",".join(filter(None, filters)),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    return os.environ | settled | _ONE_THREAD


def compute_alone() -> None:
    """Let this process compute in one thread too, where it has not loaded numpy yet.

    What it sums comes in the order in which its kernels sum, and no thread waits for others beside
    kernels that want the processors.
    """
    os.environ.update(_ONE_THREAD)
