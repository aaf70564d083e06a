"""A line that breaks for a while, and a server that is started again under a page that plays."""

import contextlib

from playwright.sync_api import expect

from tests.browser.line import Line
from tests.load.servers import serve


def port(server):
    return int(server.address.rpartition(":")[2])


def begin(browser, line):
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.goto(f"{line.address}/?data=xor&lr=0.1")
    expect(page.locator('[data-chart="boundary"] .main-svg').first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Play").click()
    wait_for_step(page, 20)
    return page


def panel(page, name):
    return page.locator(".dl-panel").get_attribute(f"data-{name}")


def wait_for_step(page, step):
    page.wait_for_function(
        f"Number(document.querySelector('.dl-panel')?.dataset.step) > {step}", timeout=120_000
    )


def test_after_an_outage_of_15_seconds_the_panel_goes_on(browser):
    with serve() as server, contextlib.closing(Line(port(server))) as line:
        page = begin(browser, line)
        run = panel(page, "run")
        line.cut()
        page.wait_for_timeout(15_000)
        step = int(panel(page, "step"))
        line.mend()
        wait_for_step(page, step + 10)
        assert panel(page, "run") == run
        assert panel(page, "playing") == "true"
        page.context.close()


def test_after_a_restart_the_page_says_so_and_trains_back_to_where_it_was(browser):
    with serve() as first, serve() as second, contextlib.closing(Line(port(first))) as line:
        page = begin(browser, line)
        page.get_by_role("button", name="Pause").click()
        page.wait_for_timeout(500)
        step, readout = int(panel(page, "step")), page.locator(".dl-readout").inner_text()
        line.cut()
        line.port = port(second)
        line.mend()
        notice = page.locator(".dl-notice")
        expect(notice).to_contain_text(f"has lost this run, which was at update {step:,}", timeout=60_000)
        assert panel(page, "step") == "0"
        notice.get_by_role("button", name=f"Train it back to update {step:,}").click()
        page.wait_for_function(f"document.querySelector('.dl-panel').dataset.step == '{step}'")
        assert page.locator(".dl-readout").inner_text() == readout  # the same losses
        expect(notice).to_be_hidden()
        page.context.close()
