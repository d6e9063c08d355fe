"""The run's kernels: forked from a server that has loaded everything, or started one by one.

Forking saves each kernel the second in which it would import what all of them import. It is done
on Linux; elsewhere, and should the server fail, each kernel is a new process of its own.
"""

import itertools
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kpilib.errors import KpilibError
from kpilib.report.kernels.settings import environment

START_UP = 60.0
"""Seconds that the server may take to load everything and fork the first kernel."""

STOPPED = "the run was stopped"

_GONE = -signal.SIGTERM


class ServerGoneError(KpilibError):
    """The server has ended, or cannot be started: kernels have to be started without it."""


class KernelServer:
    """The server's process, and what is known of the kernels that it forked.

    Any thread may ask. The server ends with `close`, and by itself when this process dies.
    """

    def __init__(self, folder: Path, modules: Sequence[str]) -> None:
        self._here, there = socket.socketpair()
        self._ids = itertools.count()
        self._started: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        self._gone = self._closed = False
        self._news = threading.Condition()
        command = [sys.executable, "-P", "-m", "kpilib.report.kernels.forking"]
        with there, (folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(there.fileno()), str(folder), *modules],
                pass_fds=[there.fileno()],
                env=environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def launch(self, arguments: Sequence[str], log: Path, env: Mapping[str, str]) -> int:
        """A new kernel's process id; `arguments` are ipykernel's, `env` is its environment.

        Raises ServerGoneError where the server has ended or does not answer, RuntimeError where
        it was closed.
        """
        if self._closed:
            raise RuntimeError(STOPPED)
        number = next(self._ids)
        order = {"id": number, "argv": [*arguments], "log": str(log), "env": dict(env)}
        with self._news:
            try:
                self._here.sendall(json.dumps(order).encode() + b"\n")
            except OSError:
                self._gone = True
            self._news.wait_for(lambda: self._gone or number in self._started, START_UP)
            if self._closed:
                raise RuntimeError(STOPPED)
            if number not in self._started:
                raise ServerGoneError("the server of kernels has ended or does not answer")
            return self._started[number]

    def poll(self, pid: int) -> int | None:
        """How a kernel ended, or None while it runs."""
        with self._news:
            return self._ended.get(pid, _GONE if self._gone else None)

    def wait(self, pid: int, timeout: float) -> int | None:
        """How a kernel ended, waiting for it at most `timeout` seconds."""
        with self._news:
            self._news.wait_for(lambda: self._gone or pid in self._ended, timeout)
        return self.poll(pid)

    def close(self) -> None:
        """End the server and its kernels; a second time does nothing."""
        self._closed = True
        with suppress(OSError):
            self._here.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._here.close()

    def _listen(self) -> None:
        with suppress(OSError), self._here.makefile("rb") as lines:
            for line in lines:
                self._heard(json.loads(line))
        with self._news:
            self._gone = True
            self._news.notify_all()

    def _heard(self, words: dict[str, Any]) -> None:
        with self._news:
            if "id" in words:
                self._started[words["id"]] = words["pid"]
            else:
                self._ended[words["pid"]] = words["status"]
            self._news.notify_all()


def can_fork() -> bool:
    """Whether kernels can be forked here: on Linux; macOS's own libraries do not survive it."""
    return sys.platform == "linux"
