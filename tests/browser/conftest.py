"""A running app and a real browser for the tests in this folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")  # None: Playwright's own
expect.set_options(timeout=15_000)


@contextmanager
def served(script: str):
    """The app, started as a person would, on a free port, whatever this process was told about threads; its address and
    process id.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.headless=true",
        f"--server.port={port}",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                break
        except OSError:
            time.sleep(0.25)
    try:
        yield address, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def server():
    with served("app.py") as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=CHROMIUM)
        yield chromium
        chromium.close()


def is_error(message) -> bool:
    """Whether a console message tells of an error that is not Streamlit's own: on a page below the first it asks for
    two addresses that are not there, and then for the right ones."""
    return message.type == "error" and "/_stcore/h" not in message.location.get("url", "")


@pytest.fixture
def page(browser):
    """A fresh page; the test fails if the page had an error of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if is_error(message) else None)
    yield page
    context.close()
    assert not errors, errors


@pytest.fixture
def scripts(page, server):
    """A page without the app, to call functions of our scripts in: it opens in no time."""
    page.goto(f"{server[0]}/favicon.png")
    return page


@pytest.fixture
def open_page(page, server):
    """Opens the Playground with a query and waits until the live panel has its charts."""

    def go(query: str = ""):
        page.goto(f"{server[0]}/{query}")
        expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
        expect(page.locator('[data-chart="landscape"] .main-svg').first).to_be_visible()
        page.wait_for_function("document.querySelectorAll('.contourlayer path').length > 3", timeout=15_000)
        return page

    return go
