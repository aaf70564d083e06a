"""The live panel on every page: its charts' buttons, what leaves it, and pages that are left while they draw."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.panel import button, step, wait_for_step

PAGES = (
    "", "arena", "arena?panel=weight", "arena?panel=slow", "learning_rate?view=ladder", "learning_rate?view=finder",
    "learning_rate?view=map", "learning_rate?view=schedules", "learning_rate?view=stability", "landscape",
    "landscape?view=surface&beside=spectrum", "landscape?show=zero_saddle",
)  # fmt: skip
BUTTONS = {
    "Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes", "Orbital rotation", "Turntable rotation",
    "Reset camera to default", "Download as PNG", "Download as SVG",
}  # fmt: skip


def open_panel(page, server, path: str):
    page.goto(f"{server[0]}/{path}")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=60_000)
    expect(page.locator(".dl-panel .main-svg").first).to_be_visible(timeout=60_000)
    return page


@pytest.mark.parametrize("path", PAGES)
def test_no_chart_has_a_button_that_uploads_it(page, server, path):
    open_panel(page, server, path)
    found = page.locator(".dl-panel .modebar-btn").evaluate_all(
        "(buttons) => buttons.map((button) => button.dataset.title ?? button.getAttribute('aria-label'))"
    )
    assert found and set(found) <= BUTTONS, set(found) - BUTTONS
    assert "Download as PNG" in found


def test_selects_of_the_landscape_do_not_stop_training(page, server):
    open_panel(page, server, "landscape")
    button(page, "Play").click()
    wait_for_step(page, 3)
    for name in ("View", "Loss on"):
        page.get_by_role("combobox", name=name).click()
        page.keyboard.press("Escape")
        expect(page.locator(".dl-panel")).to_have_attribute("data-playing", "true")
    now = step(page)
    wait_for_step(page, now + 3)


def test_the_learning_rates_switch_of_views_stops_training_at_once(page, server):
    open_panel(page, server, "learning_rate?view=ladder")
    button(page, "Play").click()
    wait_for_step(page, 1, 60)
    playing = page.locator('[class*="st-key-learning_rate-view"]').evaluate(
        """(bar) => { bar.querySelector("button, [role=radio]").dispatchEvent(new MouseEvent("click", { bubbles: true }));
        return document.querySelector(".dl-panel").dataset.playing; }"""
    )
    assert playing == "false"


def test_a_page_can_be_left_while_its_charts_are_drawn(page, server):
    """A plot that is purged while Plotly still draws it throws; the page fixture sees that."""
    open_panel(page, server, "")
    for _ in range(3):
        button(page, "Play").click()
        wait_for_step(page, step(page) + 2, 60)
        page.get_by_role("link", name="Arena").click()
        expect(page.locator('[data-chart="paths"]')).to_be_visible(timeout=60_000)
        page.get_by_role("link", name="Playground").click()
        expect(page.locator('[data-chart="landscape"] .main-svg').first).to_be_visible(timeout=60_000)


def test_the_landscape_switches_between_the_path_and_random_directions(page, server):
    open_panel(page, server, "")
    card = page.locator('[data-chart="landscape"]')
    switch = card.get_by_role("button", name="random")
    expect(switch).to_have_attribute("aria-pressed", "false")
    button(page, "Play").click()
    wait_for_step(page, 30, 60)
    button(page, "Pause").click()
    expect(card.locator(".dl-caption")).to_contain_text("of the path's variance")
    switch.click()
    expect(card.get_by_role("button", name="random")).to_have_attribute("aria-pressed", "true")
    expect(card).to_contain_text("α (direction 1)")
    expect(page.locator(".dl-message").first).to_contain_text("plane")
    expect(page).to_have_url(re.compile("landscape=random"))
    page.reload()
    expect(card.get_by_role("button", name="random")).to_have_attribute(
        "aria-pressed", "true", timeout=60_000
    )
