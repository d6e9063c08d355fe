"""The server that kernels are forked from, with all that they import loaded already.

It runs as a process of its own, `python -P -m kpilib.report.kernels.forking FD FOLDER MODULE…`,
and takes its orders over the socket FD, one JSON object a line: `{"id", "argv", "log", "env"}`
starts a kernel, answered by `{"id", "pid"}`; `{"pid", "status"}` tells of one that has ended.
When the other end of the socket is closed, by intent or because the run was killed, it kills its
kernels, removes FOLDER and ends.
"""

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from kpilib.words.languages import LANGUAGES, catalogue

BASE = (
    "numpy",
    "pandas",
    "duckdb",
    "narwhals.stable.v2",
    "narwhals._duckdb.dataframe",
    "narwhals._duckdb.namespace",
    "pyarrow.pandas_compat",
    "babel.dates",
    "babel.numbers",
    "latex2mathml.converter",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "kpilib.questions.base",
    "kpilib.report.kernels.inside",
)
"""What every kernel loads; none of them starts a thread, which a fork would lose."""

_WHOLE = ("kpilib.kpis", "kpilib.analyses", "kpilib.show")
"""Packages whose modules are loaded as soon as a KPI is asked for and shown."""

_CREATED = 20_000
"""Objects after which a kernel looks for circles among them: 700, as Python has it, costs a
fifteenth of a notebook's time, and figures are the only large circles there are."""

_DIE_WITH_PARENT = 1


def preload(modules: Iterable[str]) -> None:
    """Import what the kernels will, and read the catalogues: a value is named in every language.

    A module that cannot be imported is left to the notebook.
    """
    for name in dict.fromkeys((*BASE, *modules, *_WHOLE)):
        try:
            found = importlib.import_module(name)
            for module in pkgutil.iter_modules(found.__path__) if name in _WHOLE else ():
                importlib.import_module(f"{name}.{module.name}")
        except Exception as error:
            print(f"{name} was not loaded: {error!r}", file=sys.stderr)
    for lang in LANGUAGES:
        catalogue(lang)


def serve(orders: socket.socket, folder: str) -> None:
    """Start kernels as ordered and tell of their end, until the other side has gone."""
    children: set[int] = set()
    woken, waker = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    rest = b""
    while True:
        ready, _, _ = select.select([orders.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_ended(orders, children)
        if orders.fileno() in ready:
            read = _read(orders)
            if not read:
                break
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                _start(orders, json.loads(line), children, (woken, waker))
    for pid in children:
        for kill in (os.killpg, os.kill):  # a fork may not have a group of its own yet
            with suppress(OSError):
                kill(pid, signal.SIGKILL)
    for pid in children:
        with suppress(OSError):
            os.waitpid(pid, 0)
    shutil.rmtree(folder, ignore_errors=True)


def _read(orders: socket.socket) -> bytes:
    try:
        return orders.recv(65536)
    except ConnectionError:
        return b""


def _tell(orders: socket.socket, words: dict[str, Any]) -> None:
    with suppress(OSError):  # nobody listens any more; the next reading will find that out
        orders.sendall(json.dumps(words).encode() + b"\n")


def _start(orders: socket.socket, order: dict, children: set[int], pipe: tuple[int, int]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside a library's threads
        pid = os.fork()
    if pid == 0:
        orders.close()
        for number in pipe:
            os.close(number)
        _be_kernel(order)
    children.add(pid)
    _tell(orders, {"id": order["id"], "pid": pid})


def _tell_ended(orders: socket.socket, children: set[int]) -> None:
    for pid in [*children]:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            children.discard(pid)
            with suppress(OSError):  # what the notebook started goes with its kernel
                os.killpg(pid, signal.SIGKILL)
            _tell(orders, {"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _be_kernel(order: dict) -> None:
    """Turn this fork into a kernel; it does not come back."""
    code = 1
    try:
        os.setsid()
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for number in (1, 2):
            os.dup2(log, number)
        os.environ.update(order["env"])
        tempfile.tempdir = None  # to be looked up anew, in the kernel's own environment
        from ipykernel.kernelapp import IPKernelApp

        sys.argv = ["ipykernel", *order["argv"]]
        IPKernelApp.launch_instance(order["argv"])
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def main(arguments: list[str]) -> None:
    """Load the modules and serve."""
    number, folder, *modules = arguments
    with socket.socket(fileno=int(number)) as orders:
        orders.set_inheritable(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        preload(modules)
        gc.collect()
        gc.freeze()
        gc.set_threshold(_CREATED, 10, 10)
        serve(orders, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
