"""The server under load: started apart, kept to cores of its own, its CPU, memory and log read from outside."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
TROUBLE = re.compile(r"Traceback|\bERROR\b|\w+(Error|Exception)\b")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class Server:
    address: str
    process: psutil.Process
    log: Path

    def workers(self) -> list[psutil.Process]:
        """The processes that serve the app: the one that was started, or the children behind the proxy."""
        family = [self.process, *self.process.children(recursive=True)]
        return [one for one in family if "streamlit" in one.cmdline()]

    def cpu(self) -> dict[int, float]:
        """Seconds of CPU time of each of the app's processes so far."""
        return {one.pid: sum(one.cpu_times()[:2]) for one in self.workers()}

    def memory(self) -> float:
        """MiB that the app's processes hold."""
        return sum(float(one.memory_info().rss) for one in self.workers()) / 2**20

    def trouble(self) -> list[str]:
        """Lines of the log that tell of an error."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if TROUBLE.search(line)]


@contextmanager
def serve(workers: int = 1, cores: list[int] | None = None, root: Path = ROOT) -> Iterator[Server]:
    """The app on a free port of this machine; with several workers, behind the proxy as `make serve` has them."""
    port = free_port()
    if workers > 1:
        command = [
            sys.executable,
            "-m",
            "pages.server",
            f"--workers={workers}",
            f"--port={port}",
            "--host=127.0.0.1",
        ]
    else:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true",
                   f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("w") as out:
            process = subprocess.Popen(
                command, cwd=root, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=lambda: keep_to(cores),
            )  # fmt: skip
            server = Server(f"http://127.0.0.1:{port}", psutil.Process(process.pid), log)
            try:
                wait_for(server.address, process, log)
                yield server
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=20)


def keep_to(cores: list[int] | None) -> None:
    """This process on these cores, where the system can do that."""
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")


def core_time() -> list[float]:
    """Busy seconds of every core so far, whoever had them."""
    return [sum(core) - core.idle - core.iowait for core in psutil.cpu_times(percpu=True)]
