"""The kernel that a report's notebook runs in: this interpreter, alone, with house settings.

It takes nothing from the user's Jupyter or IPython settings, so that two people get one report:
figures are SVG with real text, without date or random ids; file sockets are used where there are
any, and what the kernel prints outside its cells goes to a log.
"""

import json
import os
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

KERNEL_NAME = "python3"

_LONGEST_SOCKET = 90
"""Paths of file sockets end near a hundred letters."""

# The inline backend is set up at the start: set up by the first figure inside a style's context,
# it would be undone at the context's end, and later figures would not be shown.
_IPYTHON: dict[str, dict] = {
    "IPKernelApp": {"matplotlib": "inline"},
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


def kernel_manager(folder: Path, lang: str = "en") -> type[AsyncKernelManager]:
    """A class of kernel managers whose kernels keep all their files in `folder`.

    Tables that a cell shows are written for a reader of `lang`.

    `folder` exists already and is empty; `folder/kernel.log` is what the kernel wrote to its own
    stdout and stderr.
    """
    profile = folder / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.json").write_text(
        json.dumps(_settings(lang)), encoding="utf-8"
    )
    log = folder / "kernel.log"
    socket = folder / "socket"
    ipc = sys.platform != "win32" and len(str(socket)) < _LONGEST_SOCKET

    class ReportKernelManager(AsyncKernelManager):
        def __init__(self, **traits):
            if ipc:
                traits |= {"transport": "ipc", "ip": str(socket)}
            super().__init__(connection_file=str(folder / "kernel.json"), **traits)

        @property
        def kernel_spec(self) -> KernelSpec:
            return _specification()

        async def start_kernel(self, **options):  # type: ignore[override]
            with log.open("ab") as stream:
                options |= {"env": _environment(folder), "stdout": stream, "stderr": stream}
                await super().start_kernel(**options)

    return ReportKernelManager


def _settings(lang: str) -> dict:
    """The kernel's settings: the house's, and how tables are shown."""
    shown = f"__import__('kpilib.show.tables', fromlist=['show_tables']).show_tables({lang!r})"
    return {**_IPYTHON, "IPKernelApp": {**_IPYTHON["IPKernelApp"], "exec_lines": [shown]}}


def _specification() -> KernelSpec:
    """This interpreter's own kernel, whatever kernels the user has installed under that name."""
    command = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher"]
    return KernelSpec(
        argv=[*command, "-f", "{connection_file}"], display_name="Python 3", language="python"
    )


def _environment(folder: Path) -> dict[str, str]:
    """The environment of the kernel: the user's, with what would change the report overruled.

    Letters that a figure's font lacks are drawn by the reader's own fonts, the text being real, so
    the warning about them is silenced.
    """
    filters = [os.environ.get("PYTHONWARNINGS", ""), "ignore:Glyph:UserWarning"]
    return os.environ | {
        "IPYTHONDIR": str(folder),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": ",".join(filter(None, filters)),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
