"""The server around the pages: cores, headers, scripts, uploads, messages, memory. One real process for all of it."""

import contextlib
import gzip
import http.client
import mimetypes
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.server import cores, memory, web
from pages.server.scripts import CompressedFiles
from tests import apart
from tests.load.servers import ROOT, serve


@pytest.fixture(scope="module")
def server():
    with serve() as running:
        yield running


def ask(server, path, method="GET", body=None, **headers):
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=30)
    with contextlib.closing(connection):
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer, answer.read()


def in_clean_process(code, **more):
    """What `code` prints in a process that was told nothing about threads or cores."""
    told = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", cores.VARIABLE)
    environment = {name: value for name, value in os.environ.items() if name not in told} | more
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


BLAS_THREADS = """
import app, ctypes, glob, numpy, os
library = ctypes.CDLL(next(iter(glob.glob(os.path.join(os.path.dirname(numpy.__file__) + ".libs", "*openblas*")))))
print(getattr(library, "scipy_openblas_get_num_threads64_")())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the library of NumPy's wheels for Linux")
def test_the_app_has_one_blas_thread_in_a_clean_environment():
    assert in_clean_process(BLAS_THREADS, DESCENT_LAB_CORE="all") == ["1"]


needs_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs two cores to choose from",
)


@needs_cores
def test_a_process_keeps_to_one_core_unless_told_otherwise():
    count = "import app, os; print(*os.sched_getaffinity(0))"
    mine = [str(core) for core in sorted(os.sched_getaffinity(0))]
    assert len(in_clean_process(count)) == 1
    assert in_clean_process(count, DESCENT_LAB_CORE="1") == mine[1:2]
    assert sorted(in_clean_process(count, DESCENT_LAB_CORE="all")) == sorted(mine)


@needs_cores
def test_threads_that_answer_stay_on_that_core(server):
    for thread in os.listdir(f"/proc/{server.process.pid}/task"):
        assert len(os.sched_getaffinity(int(thread))) == 1


@pytest.mark.parametrize("path", ["/", "/assets/live/live.js", "/_stcore/health", "/nothing"])
def test_every_answer_has_the_security_headers(server, path):
    answer, _ = ask(server, path)
    for name, value in web.SECURITY_HEADERS.items():
        assert answer.headers.get_all(name) == [value]


def test_plotly_comes_compressed_once_and_is_not_sent_again(server):
    answer, body = ask(server, "/assets/plotly/plotly.min.js", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body).startswith(b"/**")
    again, nothing = ask(
        server, "/assets/plotly/plotly.min.js", Accept_Encoding="gzip", If_None_Match=answer.headers["ETag"]
    )
    assert (again.status, nothing) == (304, b"")
    plain, text = ask(server, "/assets/plotly/plotly.min.js")
    assert plain.headers.get("Content-Encoding") is None
    assert text == gzip.decompress(body)


def test_a_file_is_compressed_again_only_after_it_has_changed(tmp_path):
    path = tmp_path / "a.js"
    path.write_text("one")
    files = CompressedFiles(tmp_path)
    first = files.pack(path)
    assert files.pack(path) is first
    path.write_text("two")
    os.utime(path, (1, 1))
    assert gzip.decompress(files.pack(path)) == b"two"


@pytest.mark.parametrize("suffix", [".js", ".woff2"])
def test_streamlits_own_files_come_whole_and_may_be_kept(server, suffix):
    root = Path(st.__file__).parent / "static"
    file = min((root / "static").rglob(f"*{suffix}"), key=lambda file: file.stat().st_size)
    path = f"/{file.relative_to(root).as_posix()}"
    for accepted in ("gzip", "identity"):
        answer, body = ask(server, path, Accept_Encoding=accepted)
        packed = answer.headers.get("Content-Encoding") == "gzip"
        assert packed == (accepted == "gzip" and suffix == ".js")
        assert (gzip.decompress(body) if packed else body) == file.read_bytes()
        assert answer.headers["Cache-Control"] == "public, immutable, max-age=31536000"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert mimetypes.guess_type(path)[0] in answer.headers["Content-Type"]


def test_assets_are_no_way_out_of_their_folder(server):
    for path in (
        "/assets/../app.py",
        "/assets/live/..%2f..%2fapp.py",
        "/assets//etc/passwd",
        "/static/../index.py",
    ):
        answer, _ = ask(server, path)
        assert answer.status in (400, 404), path


# --- what the middleware does, asked directly ---------------------------------------------------------------


def request(method, path, size=0):
    return dict(type="http", method=method, path=path, headers=[(b"content-length", str(size).encode())])


def statuses(app, *scopes):
    """The status of each answer, one request after the other."""
    found = []

    async def send(message):
        if message["type"] == "http.response.start":
            found.append(message["status"])

    async def receive():
        return dict(type="http.request", body=b"", more_body=False)

    async def all_of_them():
        for scope in scopes:
            await app(scope, receive, send)

    apart.run(all_of_them())
    return found


async def accept(scope, receive, send):
    status = 413 if "refused" in scope["path"] else 204
    await send(dict(type="http.response.start", status=status, headers=[]))


def test_uploads_are_bounded_in_number_and_sum_for_each_session():
    uploads = web.BoundedUploads(accept)
    small = [request("PUT", f"{web.UPLOADS}a/{k}", 1000) for k in range(web.MOST_FILES + 1)]
    assert statuses(uploads, *small) == [204] * web.MOST_FILES + [413]
    assert statuses(uploads, request("PUT", f"{web.UPLOADS}a/0", 1000)) == [204]  # in place of itself
    assert statuses(uploads, request("DELETE", f"{web.UPLOADS}a/3"), small[-1]) == [204, 204]
    large = web.MOST_BYTES // 2 + 1
    assert statuses(uploads, *(request("PUT", f"{web.UPLOADS}b/{k}", large) for k in "xy")) == [204, 413]


def test_an_upload_that_was_refused_further_in_does_not_count():
    uploads = web.BoundedUploads(accept)
    many = [request("PUT", f"{web.UPLOADS}a/refused{k}", 1000) for k in range(3 * web.MOST_FILES)]
    assert set(statuses(uploads, *many)) == {413}
    assert statuses(uploads, request("PUT", f"{web.UPLOADS}a/good", 1000)) == [204]


def test_an_upload_without_a_size_is_refused_and_sessions_are_not_kept_for_ever():
    uploads = web.BoundedUploads(accept)
    chunked = dict(type="http", method="PUT", path=f"{web.UPLOADS}a/b", headers=[])
    assert statuses(uploads, chunked) == [411]
    statuses(uploads, *(request("PUT", f"{web.UPLOADS}{k}/f", 1) for k in range(web.MOST_SESSIONS + 5)))
    assert len(uploads.held) == web.MOST_SESSIONS


def message(**field):
    return BackMsg(**field).SerializeToString()


def test_messages_for_developers_do_not_reach_streamlit():
    for field in ("clear_cache", "set_run_on_save", "debug_shutdown_runtime"):
        assert web.checked(message(**{field: True}), is_first=False) is None
    stop = message(stop_script=True)
    assert web.checked(stop, is_first=True) == stop
    assert (
        web.checked(b"\xff\xff", is_first=True) == b"\xff\xff"
    )  # no message: Streamlit closes the connection


def test_the_first_message_of_a_connection_is_for_the_whole_page():
    asked = BackMsg()
    asked.rerun_script.query_string, asked.rerun_script.fragment_id = "data=xor", "abc"
    data = asked.SerializeToString()
    assert web.checked(data, is_first=False) == data
    first = BackMsg.FromString(web.checked(data, is_first=True))
    assert (first.rerun_script.query_string, first.rerun_script.fragment_id) == ("data=xor", "")


def test_the_layer_drops_what_is_not_ours_and_passes_on_the_rest():
    again = message(stop_script=True)
    sent = [dict(type="websocket.connect"), dict(type="websocket.receive", bytes=message(clear_cache=True))]
    sent += [dict(type="websocket.receive", bytes=again), dict(type="websocket.disconnect")]
    seen = []

    async def receive():
        return sent.pop(0)

    async def app(scope, receive, send):
        while not seen or seen[-1]["type"] != "websocket.disconnect":
            seen.append(await receive())

    apart.run(web.OurMessages(app)(dict(type="websocket"), receive, None))
    assert [one["type"].partition(".")[2] for one in seen] == ["connect", "receive", "disconnect"]
    assert seen[1]["bytes"] == again


def test_hosts_that_are_not_allowed_get_no_page(monkeypatch):
    monkeypatch.setattr(web.st, "get_option", lambda name: ["lab.example"])
    assert "TrustedHostMiddleware" in [layer.cls.__name__ for layer in web.middleware()]
    monkeypatch.setattr(web.st, "get_option", lambda name: [])
    assert "TrustedHostMiddleware" not in [layer.cls.__name__ for layer in web.middleware()]


def test_memory_is_given_back_when_closed_tabs_can_no_longer_come_back(monkeypatch):
    class Web:
        def __init__(self):
            self.itself = self

    tabs, there = memory.Tabs(), Web()
    watched = weakref.ref(there)
    clock = [100.0]
    monkeypatch.setattr(memory.time, "monotonic", lambda: clock[0])

    async def nothing(scope, receive, send):
        return None

    apart.run(tabs.middleware(nothing)(dict(type="websocket"), None, None))
    apart.run(tabs.middleware(nothing)(dict(type="http"), None, None))
    assert tabs.forgotten(60) == 0
    clock[0] += 61
    assert tabs.forgotten(60) == 1
    del there
    memory.give_back()
    assert watched() is None
