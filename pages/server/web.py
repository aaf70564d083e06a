"""The ASGI middleware around Streamlit's app, from the outside in."""

from __future__ import annotations

from collections import OrderedDict

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.server.scripts import StreamlitFiles

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    # Streamlit makes scripts and styles at run time; everything comes from this server, and goes to it only.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
    ),
}
ALWAYS_ALLOWED = ["localhost", "127.0.0.1"]  # for health checks, and for who sits at the machine
MOST_FILES, MOST_BYTES, MOST_SESSIONS = 10, 8 * 2**20, 2000
UPLOADS = "/_stcore/upload_file/"
OURS = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request")


class SecurityHeaders:
    """Adds `SECURITY_HEADERS` to every answer that does not have them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = list(message["headers"]) + [
                    (name.lower().encode(), value.encode())
                    for name, value in SECURITY_HEADERS.items()
                    if name.lower().encode() not in there
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class BoundedUploads:
    """A session may hold so many uploaded files and bytes at a time; what it deletes no longer counts.

    Streamlit bounds each file alone (server.maxUploadSize). Sessions are told apart by the address of the upload; the
    one that was idle longest is forgotten first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.held: OrderedDict[str, dict[str, int]] = OrderedDict()  # session -> file -> bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, found, rest = scope.get("path", "").partition(UPLOADS)
        session, _, file = rest.partition("/")
        if not found or scope["type"] != "http" or scope["method"] not in ("PUT", "DELETE"):
            await self.app(scope, receive, send)
            return
        held = self.held.setdefault(session, {})
        self.held.move_to_end(session)
        if len(self.held) > MOST_SESSIONS:
            self.held.popitem(last=False)
        if scope["method"] == "DELETE":
            held.pop(file, None)
            await self.app(scope, receive, send)
            return
        size = declared_size(scope)
        others = sum(held.values()) - held.get(file, 0)
        if size is None:
            await PlainTextResponse("The size of the upload must be given.", 411)(scope, receive, send)
        elif others + size > MOST_BYTES or (file not in held and len(held) >= MOST_FILES):
            text = f"At most {MOST_FILES} files and {MOST_BYTES // 2**20} MB at a time: remove one first."
            await PlainTextResponse(text, 413)(scope, receive, send)
        else:
            held[file] = size

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] >= 400:
                    held.pop(file, None)
                await send(message)

            await self.app(scope, receive, send_and_note)


def declared_size(scope: Scope) -> int | None:
    """The Content-Length, which the server under us holds the body to."""
    value = dict(scope["headers"]).get(b"content-length", b"")
    return int(value) if value.isdigit() and len(value) < 16 else None


class OurMessages:
    """Lets through what our pages send, and makes the first message of a connection one for the whole page.

    `clear_cache` would empty the caches of all visitors, and the session under a script that runs; `set_run_on_save` and
    the debug messages are for developers. A browser that comes back to a server that knows its session no longer may ask
    for a fragment first, which Streamlit then does not know and passes over in silence: the page would be dead.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_first = True

        async def receive_ours() -> Message:
            nonlocal is_first
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                ours = checked(message.get("bytes"), is_first)
                is_first = False
                if ours is not None:
                    return {**message, "bytes": ours} if message.get("bytes") else message

        await self.app(scope, receive_ours if scope["type"] == "websocket" else receive, send)


def checked(data: bytes | None, is_first: bool) -> bytes | None:
    """The message to pass on, or None for none. What cannot be read may go on: Streamlit then closes the connection."""
    if not data:
        return b""
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return data
    kind = message.WhichOneof("type")
    if kind not in (*OURS, None):
        return None
    if is_first and kind == "rerun_script" and message.rerun_script.fragment_id:
        message.rerun_script.fragment_id = ""
        return bytes(message.SerializeToString())
    return data


def middleware() -> list[Middleware]:
    """Allowed hosts are Streamlit's option (STREAMLIT_SERVER_ALLOWED_HOSTS), which it applies to WebSockets alone."""
    hosts = list(st.get_option("server.allowedHosts") or [])
    layers = [Middleware(SecurityHeaders)]
    if hosts:
        layers.append(
            Middleware(TrustedHostMiddleware, allowed_hosts=[*hosts, *ALWAYS_ALLOWED], www_redirect=False)
        )
    return [*layers, Middleware(StreamlitFiles), Middleware(BoundedUploads), Middleware(OurMessages)]
