"""`python -m pages.server --workers 4`, or `make serve WORKERS=4`: as many processes as cores behind HAProxy, for a class.

Starts the processes and the proxy, starts again what dies, and stops all of it together. Where STREAMLIT_SERVER_COOKIE_SECRET
is not set, a secret is made once and kept in .streamlit/cookie_secret, so that a restart knows the cookies of before.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from pages.server.cores import VARIABLE

ROOT = Path(__file__).resolve().parents[2]
SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"
NO_PROXY = (
    "HAProxy was not found. It shares the visitors out among the processes: install it (Debian and Ubuntu: "
    "apt install haproxy; macOS: brew install haproxy), or serve a small class with one process: make run."
)
MOST_WORKERS = 64
QUICK = 5.0  # a process that lived for less is started again only after a pause


def find_proxy() -> str | None:
    """HAProxy on the PATH, or where Debian puts it."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")


def proxy_settings(bind: str, ports: list[int]) -> str:
    """haproxy.cfg for these processes. `bind` is host:port."""
    servers = "\n".join(
        f"    server w{k} 127.0.0.1:{port} cookie w{k} check" for k, port in enumerate(ports, 1)
    )
    template = (ROOT / "pages" / "server" / "haproxy.cfg").read_text(encoding="utf-8")
    head, start, settings = template.partition("\nglobal\n")  # the head tells about the placeholders
    return head + start + settings.replace("{bind}", bind).replace("{servers}", servers) + "\n"


def cookie_secret() -> str:
    """The environment's, or the one that is kept beside Streamlit's settings."""
    if os.environ.get(SECRET):
        return os.environ[SECRET]
    path = ROOT / ".streamlit" / "cookie_secret"
    try:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text().strip()
    except OSError:  # a folder that cannot be written to
        return secrets.token_hex(32)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Kept:
    """A process that is started again when it has died."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = field(default=0.0)

    def look(self) -> None:
        """Start it, unless it runs, or died so soon that it would die again."""
        if self.process is not None:
            if self.process.poll() is None:
                return
            if time.monotonic() - self.started < QUICK and self.process.returncode:
                time.sleep(1)
            print(
                f"{self.name} ended with {self.process.returncode}: it is started again.",
                file=sys.stderr,
                flush=True,
            )
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=os.environ | self.environment)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                self.process.kill()


def workers(ports: list[int], hosts: list[str]) -> list[Kept]:
    """One process a port, each on a core of its own as long as there are enough."""
    shared = {SECRET: cookie_secret()}
    if hosts:
        shared["STREAMLIT_SERVER_ALLOWED_HOSTS"] = ",".join([*hosts, "localhost", "127.0.0.1"])
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true",
               "--server.address=127.0.0.1", "--server.fileWatcherType=none"]  # fmt: skip
    return [
        Kept(f"Process {k + 1}", [*command, f"--server.port={port}"], shared | {VARIABLE: os.environ.get(VARIABLE, str(k))})
        for k, port in enumerate(ports)
    ]  # fmt: skip


def allow_many_files() -> None:
    """A session has several open files: let there be as many as the system allows."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve(count: int, host: str, port: int, hosts: list[str]) -> None:
    proxy = find_proxy()
    if proxy is None:
        sys.exit(NO_PROXY)
    allow_many_files()
    ports = free_ports(count)

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit

    signal.signal(signal.SIGTERM, leave)
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "haproxy.cfg")
        settings.write_text(proxy_settings(f"{host}:{port}", ports), encoding="utf-8")
        kept = [*workers(ports, hosts), Kept("HAProxy", [proxy, "-f", str(settings), "-db"], {})]
        print(f"Descent Lab: {count} processes, http://{host}:{port}", flush=True)
        try:
            while True:
                for one in kept:
                    one.look()
                time.sleep(0.5)
        except KeyboardInterrupt:
            pass
        finally:
            for one in reversed(kept):
                one.stop()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pages.server", description=__doc__.partition("\n\n")[0] if __doc__ else None
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes; one for each core if not given"
    )
    parser.add_argument(
        "--host", default="0.0.0.0", help="where to listen; 127.0.0.1: for this machine alone"
    )
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument(
        "--hosts", nargs="*", default=[], help="names under which it may be opened; none: all"
    )
    args = parser.parse_args()
    serve(min(max(args.workers, 1), MOST_WORKERS), args.host, args.port, args.hosts)


if __name__ == "__main__":
    main()
