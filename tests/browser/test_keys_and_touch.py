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


def test_pages_are_one_tap_away_and_no_view_is_cut_off(phone):
    phone.get_by_test_id("stMain").get_by_role("link", name="Arena").tap()
    lanes = phone.locator(".dl-card[data-lane]")
    expect(lanes).to_have_count(4, timeout=60_000)
    for view in phone.get_by_role("radiogroup", name="View").get_by_role("radio").all():
        box = view.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    for caption in lanes.locator(".dl-caption").all():
        expect(caption).to_contain_text("%")
        assert caption.evaluate("(text) => text.scrollWidth <= text.clientWidth"), (
            "its loss stands there in full"
        )
    boxes = [lane.bounding_box() for lane in lanes.all()]
    assert len({round(box["x"]) for box in boxes}) == len({round(box["y"]) for box in boxes}) == 2


def test_the_title_stands_level_with_what_is_beside_it(open_page):
    page = open_page()
    middles = [
        box["y"] + box["height"] / 2
        for box in (page.get_by_role("heading", level=1).bounding_box(), button(page, "Share").bounding_box())
    ]
    assert abs(middles[0] - middles[1]) <= 1
    expect(page.get_by_role("link", name="Arena")).to_have_count(1)


POINT = """
  (plot) => {
    const { xaxis, yaxis, _size } = plot._fullLayout, box = plot.getBoundingClientRect(), k = plot.data[0].y.findLastIndex((y) => y && y < 1e-4);
    return [box.x + _size.l + xaxis.d2p(plot.data[0].x[k]), box.y + _size.t + yaxis.d2p(plot.data[0].y[k])];
  }
"""


def test_a_small_number_under_the_pointer_is_written_as_a_power_of_ten(page, server):
    page.goto(f"{server[0]}/first_steps?view=downhill&steps=60")
    plot = page.locator('[data-chart="gap"] .fs-plot')
    expect(plot.locator(".main-svg").first).to_be_visible(timeout=60_000)
    plot.scroll_into_view_if_needed()
    x, y = plot.evaluate(POINT)
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    said = plot.locator(".hoverlayer .hovertext")
    expect(said).to_contain_text("above the least")
    expect(said).to_contain_text("10⁻")
    expect(said).not_to_contain_text("e-")
    raised = page.evaluate("""async (text) => (await import(new URL("assets/live/powers.js", document.baseURI).href)).raised(text)""",
                           "loss 1.50e-7, 0.00000012, 2e+12, NaN, -Infinity, 0.001, e-mail")  # fmt: skip
    assert raised == "loss 1.5·10⁻⁷, 1.2·10⁻⁷, 2·10¹², not a number, -∞, 0.001, e-mail"
