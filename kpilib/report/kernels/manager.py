"""The class of kernel managers that papermill is handed: kernels of this interpreter, alone.

File sockets are used where there are any, and what the kernel prints outside its cells goes to a
log.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from kpilib.report.kernels.server import STOPPED, KernelServer, ServerGoneError, can_fork
from kpilib.report.kernels.settings import environment, ipython_settings

KERNEL_NAME = "python3"

_LAUNCHER = "ipykernel"

_LONGEST_SOCKET = 90
"""Paths of file sockets end near a hundred letters."""


class Kernels:
    """The kernels of one run, whose files lie in its private folder.

    `modules` are what the notebooks import of kpilib, loaded before kernels are forked; `env` is
    set in every kernel that starts from then on. With `fork` False, or where kernels cannot be
    forked, each is started by itself.
    """

    def __init__(self, folder: Path, modules: Sequence[str] = (), *, fork: bool = True) -> None:
        self.folder = folder
        self.env: dict[str, str] = {}
        self.closed = False
        self.server: KernelServer | None = None
        self._modules, self._fork = modules, fork and can_fork()
        self._started: list[AsyncKernelManager] = []

    def start(self) -> None:
        """Have the modules loaded; what follows need not wait for it. Once is enough."""
        if self._fork and self.server is None and not self.closed:
            self.server = KernelServer(self.folder, self._modules)

    def room(self) -> Path:
        """A new folder for all files of one kernel."""
        return Path(tempfile.mkdtemp(prefix="k", dir=self.folder))

    def manager(self, room: Path, lang: str = "en") -> type[AsyncKernelManager]:
        """A class of kernel managers whose kernels live in `room`."""
        if self.closed:
            raise RuntimeError(STOPPED)
        return kernel_manager(room, lang, self.server, self.env, self._started.append)

    def close(self) -> None:
        """End all kernels, and start none any more."""
        self.closed = True
        if self.server is not None:
            self.server.close()
        for manager in self._started:
            process = getattr(manager.provisioner, "process", None)
            if process is not None:
                process.kill()

    def __enter__(self) -> "Kernels":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def kernel_manager(
    folder: Path,
    lang: str = "en",
    server: KernelServer | None = None,
    env: Mapping[str, str] | None = None,
    on_start: Callable[[AsyncKernelManager], object] = id,
) -> type[AsyncKernelManager]:
    """A class of kernel managers whose kernels keep all their files in `folder`.

    `folder` exists already and is empty; `folder/kernel.log` is what the kernel wrote to its own
    stdout and stderr. Tables that a cell shows are written for a reader of `lang`. Kernels are
    forked from `server`, and started anew where there is none or it has ended; `env` is set in
    them. `on_start` is told of each manager whose kernel has started.
    """
    profile = folder / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.json").write_text(
        json.dumps(ipython_settings(lang)), encoding="utf-8"
    )
    log = folder / "kernel.log"
    socket = folder / "socket"
    ipc = sys.platform != "win32" and len(str(socket)) < _LONGEST_SOCKET
    settled = environment(folder) | dict(env or {})

    class ReportKernelManager(AsyncKernelManager):
        def __init__(self, **traits):
            if ipc:
                traits |= {"transport": "ipc", "ip": str(socket)}
            super().__init__(connection_file=str(folder / "kernel.json"), **traits)

        @property
        def kernel_spec(self) -> KernelSpec:
            return _specification()

        async def start_kernel(self, **options):  # type: ignore[override]
            if server is not None and self.provisioner is None:
                self.provisioner = ForkedProvisioner(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )
                self.provisioner.server = server
            with log.open("ab") as stream:
                options |= {"env": settled, "stdout": stream, "stderr": stream}
                await super().start_kernel(**options)
            on_start(self)

    return ReportKernelManager


class ForkedProvisioner(LocalProvisioner):
    """A kernel forked from the server; a process of its own where the server has ended."""

    server: KernelServer

    async def launch_kernel(self, cmd: Sequence[str], **options: Any) -> Any:
        """Have the kernel forked, or launched as any other."""
        log = Path(options["stdout"].name)
        try:
            arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
            pid = self.server.launch(arguments, log, options["env"])
        except ServerGoneError:
            return await super().launch_kernel([*cmd], **options)
        self.process = _Forked(self.server, pid)  # type: ignore[assignment]
        self.pid = self.pgid = pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and whatever it started, and wait until it has gone."""
        await super().kill(restart=restart)
        if isinstance(self.process, _Forked):
            self.server.wait(self.process.pid, timeout=1)


class _Forked:
    """As much of a `Popen` as the provisioner needs."""

    stdin = stdout = stderr = None

    def __init__(self, server: KernelServer, pid: int) -> None:
        self.server, self.pid = server, pid

    def poll(self) -> int | None:
        return self.server.poll(self.pid)

    def wait(self) -> int | None:
        return self.server.wait(self.pid, timeout=10)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    terminate = kill


def _specification() -> KernelSpec:
    """This interpreter's own kernel, whatever kernels the user has installed under that name."""
    command = [sys.executable, "-P", "-Xfrozen_modules=off", "-m", _LAUNCHER]
    return KernelSpec(
        argv=[*command, "-f", "{connection_file}"], display_name="Python 3", language="python"
    )
