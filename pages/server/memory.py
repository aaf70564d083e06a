"""Memory of closed tabs, given back to the system.

A closed session is a web of objects that point at one another, which only a full collection finds; and the C library keeps
what was freed. Both take a while (70 ms and more), so they wait until the process is idle, or until many tabs were closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import time
from collections.abc import AsyncIterator
from typing import Any

import streamlit as st
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime

PERIOD = 5.0  # seconds between two looks
IDLE = 0.1  # of a core
MANY = 20  # closed tabs that are not waited for


class Tabs:
    """Knows when WebSockets were closed."""

    def __init__(self) -> None:
        self.closed: list[float] = []  # times; the memory of these has not been given back

    def middleware(self, app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            finally:
                if scope["type"] == "websocket":
                    self.closed.append(time.monotonic())

        return watched

    def forgotten(self, kept_for: float) -> int:
        """How many closed tabs can no longer come back: Streamlit keeps a session for a while."""
        return sum(time.monotonic() - closed > kept_for for closed in self.closed)


def give_back() -> None:
    """Collect what is unreachable and return free memory to the system, where the C library can."""
    if runtime.exists():
        drop_expired_sessions()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def drop_expired_sessions() -> None:
    """Streamlit drops sessions whose time has run out only when the next tab is closed, and has no public call for it:
    the last class of the day would stay in memory over night.
    """
    sessions: Any = runtime.get_instance()._session_mgr
    with contextlib.suppress(AttributeError):  # another version of Streamlit may keep them in another way
        sessions._session_storage._cache.expire()


@contextlib.asynccontextmanager
async def kept_small(tabs: Tabs) -> AsyncIterator[None]:
    """While the server runs: look every few seconds whether memory can be given back."""
    gc.collect()
    gc.freeze()  # modules stay for ever: no collection needs to look at them again
    task = asyncio.create_task(watch(tabs))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def watch(tabs: Tabs) -> None:
    kept_for = float(st.get_option("server.disconnectedSessionTTL")) + 1
    while True:
        work, clock = time.process_time(), time.monotonic()
        await asyncio.sleep(PERIOD)
        is_idle = time.process_time() - work < IDLE * (time.monotonic() - clock)
        forgotten = tabs.forgotten(kept_for)
        if forgotten >= MANY or (forgotten and is_idle):
            del tabs.closed[:forgotten]
            give_back()
