"""The live panel by keyboard, by screen reader and by finger."""

import pytest
from playwright.sync_api import expect

from tests.browser.panel import button, step, wait_for_step


@pytest.fixture
def phone(browser, server):
    """The Playground on a phone: a touch screen as wide as one."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server[0])
    expect(page.locator('[data-chart="loss"] .main-svg').first).to_be_visible(timeout=30_000)
    yield page
    context.close()
    assert not errors, errors


def test_keys_work_while_a_slider_or_a_button_has_the_focus(open_page):
    page = open_page()
    button(page, "Step").click()
    wait_for_step(page, 1)
    page.keyboard.press("ArrowRight")  # Step has the focus and no use for an arrow
    wait_for_step(page, 2)
    page.keyboard.press(" ")  # Space presses the button that has the focus
    wait_for_step(page, 3)
    page.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press(" ")
    expect(page.locator('.dl-panel[data-playing="true"]')).to_be_visible()
    page.keyboard.press(" ")
    expect(page.locator('.dl-panel[data-playing="false"]')).to_be_visible()
    page.keyboard.press("r")
    page.wait_for_function("document.querySelector('.dl-panel')?.dataset.step === '0'")
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")  # moves the slider, not the network
    page.wait_for_timeout(800)
    assert step(page) == 0


def test_a_menu_goes_by_arrow_keys_and_closes_with_escape(open_page):
    page = open_page()
    opener = page.get_by_label("More steps")
    opener.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="One update")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="One epoch")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(page.get_by_role("menuitem", name="One epoch")).to_be_hidden()


def test_start_and_pause_are_announced_once(open_page):
    page = open_page()
    status = page.locator(".dl-status")
    expect(status).to_have_text("")
    button(page, "Play").click()
    expect(status).to_have_text("Playing")
    wait_for_step(page, 3)
    button(page, "Pause").click()
    expect(status).to_contain_text("Paused: Updates ")
    expect(status).to_contain_text("Train loss 0.")


RANGES = (
    "[...document.querySelectorAll('.dl-plot')].map((plot) => plot.layout?.yaxis?.range?.slice() ?? null)"
)
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


def swipe(page, x: float, y: float, way: float) -> None:
    """One finger from (x, y) up or down, as fast as a person's."""
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", dict(type="touchStart", touchPoints=[dict(x=x, y=y)]))
    for part in range(1, 11):
        place = dict(x=x, y=y + way * part / 10)
        touch.send("Input.dispatchTouchEvent", dict(type="touchMove", touchPoints=[place]))
        page.wait_for_timeout(16)
    touch.send("Input.dispatchTouchEvent", dict(type="touchEnd", touchPoints=[]))
    page.wait_for_timeout(400)


@pytest.mark.parametrize("card", ["network", "boundary", "loss", "landscape"])
def test_a_finger_scrolls_the_page_wherever_it_swipes(phone, card):
    chart = phone.locator(f'[data-chart="{card}"] .dl-body')
    chart.scroll_into_view_if_needed()
    before, ranges = phone.evaluate(SCROLLED), phone.evaluate(RANGES)
    box = chart.bounding_box()
    swipe(phone, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 150 if before > 150 else -150)
    assert abs(phone.evaluate(SCROLLED) - before) > 60
    assert phone.evaluate(RANGES) == ranges


def test_no_buttons_lie_over_a_chart_until_they_are_asked_for(phone):
    bar = phone.locator('[data-chart="loss"] .modebar')
    expect(bar).to_be_hidden()
    phone.locator('[data-chart="loss"]').get_by_label("Chart buttons").tap()
    expect(bar).to_be_visible()
