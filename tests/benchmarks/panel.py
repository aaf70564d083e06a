"""The live panel in headless Chromium: frames, latency, server's share of a core, memory; beside a plain fragment."""

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from engine import OPTIMIZERS, ExperimentConfig, LaneConfig
from tests.browser.conftest import BROWSER, CHROMIUM

ROOT = Path(__file__).resolve().parents[2]
COUNT_FREE = "() => { window.free = 0; const f = () => { window.free++; requestAnimationFrame(f) }; f() }"


@contextmanager
def serve(script: str):
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
    started = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                break
        except OSError:
            time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid), started
    finally:
        process.terminate()
        process.wait()


def cpu(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])


def frames(page) -> int:
    return int(page.locator(".dl-panel").get_attribute("data-frames"))


def wait(page, condition: str) -> float:
    """Seconds until a condition holds in the page, seen by the page itself at its next frame."""
    return page.evaluate(
        f"""() => new Promise((done) => {{ const t = performance.now();
        const look = () => ({condition}) ? done((performance.now() - t) / 1000) : requestAnimationFrame(look); look() }})"""
    )


def open_panel(browser, address: str, query: str = ""):
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.goto(f"{address}/{query}")
    page.wait_for_selector('[data-chart="landscape"] .main-svg')
    return page


def play(page) -> float:
    """Press Play inside the page, so that the clock starts with the press."""
    return page.evaluate(
        """() => new Promise((done) => { const panel = document.querySelector(".dl-panel"), t = performance.now();
        const before = panel.dataset.step; panel.querySelector(".dl-play").click();
        const look = () => panel.dataset.step !== before ? done((performance.now() - t) / 1000) : requestAnimationFrame(look);
        look() })"""
    )


def measure_live(browser, seconds: float) -> dict[str, float]:
    with serve("app.py") as (address, server, started):
        page = open_panel(browser, address)
        result = {"usable after a cold start, s": time.perf_counter() - started}
        page.wait_for_timeout(1500)
        result["play to first movement, s"] = play(page)
        page.wait_for_timeout(1500)
        page.evaluate(COUNT_FREE)
        drawn, work, clock, free = (
            frames(page),
            cpu(server),
            time.perf_counter(),
            page.evaluate("window.free"),
        )
        page.wait_for_timeout(1000 * seconds)
        took = time.perf_counter() - clock
        result["drawn frames per second"] = (frames(page) - drawn) / took
        result["free browser frames per second"] = (page.evaluate("window.free") - free) / took
        result["server, cores"] = (cpu(server) - work) / took
        page.get_by_role("slider", name="Learning rate η").focus()
        clock = time.perf_counter()
        page.keyboard.press("ArrowRight")
        wait(page, "document.querySelector('[data-chart=loss]').textContent.includes('rate')")
        result["changed rate to its mark on the chart, s"] = time.perf_counter() - clock
        page.get_by_role("button", name="Pause").click()
        page.wait_for_timeout(1000)
        work, clock = cpu(server), time.perf_counter()
        page.wait_for_timeout(3000)
        result["server while paused, cores"] = (cpu(server) - work) / (time.perf_counter() - clock)
        page.context.close()
        pages = [open_panel(browser, address) for _ in range(3)]
        for one in pages:
            play(one)
        before, clock = [frames(one) for one in pages], time.perf_counter()
        pages[0].wait_for_timeout(1000 * seconds)
        took = time.perf_counter() - clock
        slowest = min((frames(one) - b) / took for one, b in zip(pages, before, strict=True))
        result["three browsers at once, slowest, frames per second"] = slowest
    return result


EIGHT = tuple(
    LaneConfig(name, OPTIMIZERS[name].start_rate)
    for name in ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam")
)
RACE = "arena?" + urllib.parse.urlencode(ExperimentConfig(lanes=EIGHT).to_query())
PLAYED = {  # live panels with many lanes
    "Arena, 8 lanes, boundaries, curves and paths": RACE,
    "Arena, 8 lanes × 20 seeds, with verdicts": f"{RACE}&seeds=20&panel=seeds",
    "Learning rate, ladder of 11 rungs": "learning_rate?view=ladder",
    "Landscape, slice around the moving point": "landscape",
}


def measure_played(
    browser, address: str, server: psutil.Process, path: str, seconds: float
) -> tuple[float, float]:
    """Frames drawn per second, and the server's share of a core, while the panel of a page plays."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.goto(f"{address}/{path}")
    page.wait_for_selector(".dl-panel[data-run] .main-svg")
    page.wait_for_timeout(2500)
    play(page)
    page.wait_for_timeout(1500)
    drawn, work, clock = frames(page), cpu(server), time.perf_counter()
    page.wait_for_timeout(1000 * seconds)
    took = time.perf_counter() - clock
    result = (frames(page) - drawn) / took, (cpu(server) - work) / took
    page.context.close()
    return result


def measure_plain(browser, seconds: float) -> dict[str, float]:
    with serve("tests/benchmarks/plain_app.py") as (address, server, _):
        page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        page.goto(address)
        page.wait_for_selector("#frames", state="attached")
        page.wait_for_timeout(4000)
        page.evaluate(COUNT_FREE)
        count = "Number(document.querySelector('#frames').dataset.frames)"
        drawn, work, clock, free = (
            page.evaluate(count),
            cpu(server),
            time.perf_counter(),
            page.evaluate("window.free"),
        )
        page.wait_for_timeout(1000 * seconds)
        took = time.perf_counter() - clock
        return {
            "drawn frames per second": (page.evaluate(count) - drawn) / took,
            "free browser frames per second": (page.evaluate("window.free") - free) / took,
            "server, cores": (cpu(server) - work) / took,
        }


def soak(browser, minutes: float) -> None:
    """Memory of server and page while it plays: after the first minute, and then once a minute."""
    with serve("app.py") as (address, server, _):
        page = open_panel(browser, address)
        tools = page.context.new_cdp_session(page)
        play(page)
        for minute in range(1, round(minutes) + 1):
            page.wait_for_timeout(60_000)
            tools.send("HeapProfiler.collectGarbage")
            heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
            print(
                f"  minute {minute:2}: server {server.memory_info().rss / 2**20:6.0f} MiB, page {heap:5.1f} MiB, {frames(page)} frames"
            )


def main(seconds: float = 8.0) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=CHROMIUM)
        live, plain = measure_live(browser, seconds), measure_plain(browser, seconds)
        with serve("app.py") as (address, server, _):
            played = {
                name: measure_played(browser, address, server, path, seconds) for name, path in PLAYED.items()
            }
        browser.close()
    print("\nPlayground, default page, headless Chromium, four charts live")
    for name, value in live.items():
        print(f"  {name:50} {value:7.2f}" + (f"   plain fragment {plain[name]:.2f}" if name in plain else ""))
    print(
        "\nMany lanes, live, 1280 × 720 (goals: for 8 lanes and the ladder: at least 15 frames per second, at most 0.5 core)"
    )
    for name, (rate, share) in played.items():
        print(f"  {name:50} {rate:7.2f} frames/s   server {share:.2f} cores")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--soak", type=float, help="minutes of play whose memory is printed")
    minutes = parser.parse_args().soak
    if minutes:
        with sync_playwright() as playwright:
            soak(playwright.chromium.launch(executable_path=BROWSER, args=CHROMIUM), minutes)
    else:
        main()
