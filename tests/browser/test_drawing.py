"""Drawing data in a browser: with the mouse, with the keyboard, with a finger; what was drawn is in the link."""

import re
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import expect

from engine.data.drawn import read_drawn

WIDTH, HEIGHT = 800, 560


def begin(page):
    page.get_by_role("button", name="Draw data").click()
    dialog = page.get_by_role("dialog", name="Draw data")
    expect(dialog).to_be_visible()
    return dialog


def at(dialog, x, y):
    """Where a place of the drawing (0 to 1 from the left and from the top) is on the screen."""
    box = dialog.locator(".dl-draw-plane").bounding_box()
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left, top = box["x"] + (box["width"] - WIDTH * scale) / 2, box["y"] + (box["height"] - HEIGHT * scale) / 2
    return left + x * WIDTH * scale, top + y * HEIGHT * scale


def drawn_in_link(page):
    page.wait_for_url(re.compile("pts="), timeout=30_000)
    return read_drawn(parse_qs(urlparse(page.url).query)["pts"][0])


def test_points_are_added_moved_erased_and_sprayed_and_the_link_brings_them(open_page):
    page = open_page("?data=moons")
    dialog = begin(page)
    status, use = (
        dialog.locator(".dl-draw-status"),
        dialog.get_by_role("button", name="Train on these points"),
    )
    expect(status).to_contain_text("200 points of 300")
    dialog.get_by_role("button", name="Clear").click()
    expect(status).to_contain_text("0 points · Draw points of at least two classes.")
    expect(use).to_be_disabled()
    for x, y in ((0.25, 0.25), (0.25, 0.75), (0.5, 0.5)):
        page.mouse.click(*at(dialog, x, y))
    dialog.get_by_role("radio", name="Move").check()
    page.mouse.move(*at(dialog, 0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*at(dialog, 0.3, 0.5), steps=3)
    page.mouse.up()
    dialog.get_by_role("radio", name="Erase").check()
    page.mouse.click(*at(dialog, 0.25, 0.25))
    expect(status).to_contain_text("2 points")
    dialog.get_by_role("button", name="Undo").click()
    expect(status).to_contain_text("3 points")

    plane = dialog.get_by_role("application")
    plane.focus()  # from here on the keyboard alone
    page.keyboard.press("2")
    dialog.get_by_role("radio", name="Add").focus()
    page.keyboard.press("Space")
    plane.focus()
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+z")
    expect(status).to_contain_text("4 points")

    page.mouse.move(*at(dialog, 0.8, 0.2))
    dialog.get_by_role("radio", name="Spray").check()
    page.mouse.move(*at(dialog, 0.8, 0.2))
    page.mouse.down()
    expect(status).to_contain_text(re.compile(r"\b1\d points"))
    page.mouse.up()
    run = page.locator(".dl-panel").get_attribute("data-run")
    assert "pts=" not in page.url, "nothing is sent before the person says so"
    use.click()

    points, target, classes = drawn_in_link(page)
    assert classes == 2 and (target == 0).sum() == 3 and len(target) >= 10
    wanted = np.array([[0.25, 0.25], [0.25, 0.75], [0.3, 0.5]])
    seen = np.column_stack([(points[:3, 0] + 2.8) / 5.6, (2.8 - points[:3, 1]) / 5.6])
    np.testing.assert_allclose(np.sort(seen, axis=0), np.sort(wanted, axis=0), atol=0.01)
    sprayed = points[target == 1][1:]
    assert np.hypot(*(sprayed - [0.6 * 2.8, 0.6 * 2.8]).T).max() < 0.5
    page.wait_for_function("run => document.querySelector('.dl-panel').dataset.run !== run", arg=run)
    dialog = begin(page)
    expect(status).to_contain_text(f"{len(target)} points ·")
    dialog.get_by_role("button", name="Undo").click()
    expect(status).to_contain_text("4 points ·")  # before the spraying, of which the run already knows
    dialog.get_by_role("button", name="Cancel").click()
    page.reload()
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
    dialog = begin(page)
    expect(dialog.locator(".dl-draw-status")).to_contain_text(f"{len(target)} points ·")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("size", [(390, 844)])
def test_a_curve_is_drawn_with_a_finger(browser, server, size):
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=True)
    page = context.new_page()
    page.goto(f"{server[0]}/?data=sine")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
    dialog = begin(page)
    dialog.get_by_role("button", name="Clear").click()
    for x, y in ((0.0, 0.5), (0.5, 0.25), (1.0, 0.75)):
        inside = min(max(x, 0.002), 0.998)
        page.touchscreen.tap(*at(dialog, inside, y))
    expect(dialog.locator(".dl-draw-status")).to_contain_text("3 points")
    dialog.get_by_role("button", name="Train on these points").tap()
    points, heights, classes = drawn_in_link(page)
    assert classes == 0 and points[:, 0] == pytest.approx([-2, 0, 2], abs=0.03)
    assert heights[0] == pytest.approx(heights.sum() / 3, abs=0.05) and heights[1] > heights[0] > heights[2]

    page.goto(f"{server[0]}/?data=two_bumps")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
    dialog = begin(page)
    dialog.get_by_role("button", name="Clear").click()
    page.touchscreen.tap(*at(dialog, 0.5, 0.5))
    dialog.get_by_label("Value").fill("-2")
    page.touchscreen.tap(*at(dialog, 0.75, 0.25))
    dialog.get_by_role("button", name="Train on these points").tap()
    points, values, classes = drawn_in_link(page)
    assert classes == 0 and values == pytest.approx([1, -2], abs=0.02)
    assert points == pytest.approx(np.array([[0, 0], [1.4, 1.4]]), abs=0.02)
    context.close()
