"""A real browser through HAProxy: the page behind its headers, an upload, and a process that is killed under it."""

import re

import pytest
from playwright.sync_api import expect

from pages.server.__main__ import find_proxy
from tests.load.servers import serve

pytestmark = pytest.mark.skipif(find_proxy() is None, reason="needs HAProxy")
CSV = "a,b,kind\n" + "".join(f"{x},{y},{'up' if x + y > 5 else 'down'}\n" for x in range(6) for y in range(6))


@pytest.fixture(scope="module")
def behind_proxy():
    with serve(workers=2) as running:
        yield running


def test_the_page_plays_and_takes_a_csv_behind_its_headers(page, behind_proxy):
    page.goto(behind_proxy.address)
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
    run = page.locator(".dl-panel").get_attribute("data-run")
    page.get_by_role("radio", name="Your own CSV …").click()
    page.locator("input[type=file]").set_input_files(
        dict(name="mine.csv", mimeType="text/csv", buffer=CSV.encode())
    )
    page.wait_for_function(f"document.querySelector('.dl-panel')?.dataset.run != '{run}'", timeout=30_000)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('.dl-panel').dataset.step) > 10")


def test_after_its_process_was_killed_a_page_comes_back_by_its_link(browser, behind_proxy):
    page = browser.new_context().new_page()  # not the fixture: a lost connection is an error in the console
    page.goto(f"{behind_proxy.address}/?data=xor&lr=0.1")
    expect(page.locator('[data-chart="boundary"] .main-svg').first).to_be_visible(timeout=30_000)
    run = page.locator(".dl-panel").get_attribute("data-run")
    name = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "DL")
    index = int(re.fullmatch(r"w(\d)", name)[1]) - 1
    sorted(behind_proxy.workers(), key=lambda one: one.create_time())[index].kill()
    page.get_by_role("button", name="Play").click()  # the first that it asks of the other process
    page.wait_for_function(f"document.querySelector('.dl-panel')?.dataset.run != '{run}'", timeout=30_000)
    expect(page.locator('[data-chart="boundary"] .main-svg').first).to_be_visible(timeout=30_000)
    assert "data=xor" in page.url
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('.dl-panel').dataset.step) > 10")
    page.context.close()
