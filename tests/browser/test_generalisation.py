"""The Generalisation page in a real browser: every view opens by its link, trains by keyboard, and a reload brings it back."""

import re

from playwright.sync_api import expect

from tests.browser.panel import button, readout

STILL = {
    "?tab=sure&points=100": "scores 0.9 ± 0.030 on 100",
    "?tab=exact&k=50": "After 50 updates the weights are",
    "?view=bias&degree=9": "bias² 0.0000 + variance 0.0422",
    "?view=descent&p=60": "expected error on new points 2.5",
    "?view=descent&tab=seen&cosines=4": "The curve, p = 4",
    "?view=search&tab=optimism&tries=10": "scores 0.608 on 50",
    "?view=minimum": "SGD, Momentum: 100 %; Adagrad, RMSprop, Adam: 60 %",
}
LIVE = {
    "?updates=100&width=4": ("Updates", "100"),
    "?view=bias&tab=networks&updates=100&sets=2": ("Networks", "20 of 20"),
    "?view=descent&tab=live&updates=500&samples=20": ("Networks", "96 of 96"),
    "?view=search&updates=100&trials=1": ("Trainings", "3 of 3"),
}


def open_view(page, server, query: str) -> None:
    page.goto(f"{server[0]}/generalisation{query}")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=120_000)


def test_still_views_open_by_their_links_and_say_their_numbers(page, server):
    for query, sentence in STILL.items():
        open_view(page, server, query)
        expect(page.locator("[data-testid=stMain]")).to_contain_text(sentence, timeout=60_000)
        page.locator("details", has_text="Answer").first.locator("summary").press("Enter")
        expect(page.locator("details[open]").first).to_be_visible()


def test_live_views_train_by_keyboard_to_the_end_and_start_over(page, server):
    for query, (label, end) in LIVE.items():
        open_view(page, server, query)
        expect(button(page, "Train")).to_be_enabled(timeout=60_000)
        button(page, "Train").press("Enter")
        expect(page.locator(".dl-readout > div", has_text=label).locator("dd")).to_have_text(
            end, timeout=180_000
        )
        button(page, "Start over").click()
        expect(page.locator(".dl-readout > div", has_text=label).locator("dd")).not_to_have_text(end)


def test_controls_answer_while_networks_train_and_a_reload_brings_the_view_back(page, server):
    open_view(page, server, "?view=descent&tab=live&updates=12000")
    button(page, "Train").click()
    expect(button(page, "Pause")).to_be_visible(timeout=60_000)
    slider = page.get_by_role("slider", name="Samples n")
    slider.focus()
    slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("samples=41"), timeout=60_000)
    expect(button(page, "Train")).to_be_visible(timeout=60_000)
    assert readout(page, "Networks") == "0 of 96"
    page.reload()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=120_000)
    expect(page.get_by_role("slider", name="Samples n")).to_have_value("41", timeout=60_000)
    page.get_by_role("radio", name="Seen: one curve").click()
    expect(page).to_have_url(re.compile("tab=seen"), timeout=60_000)
    expect(page.get_by_role("slider", name="Points n")).to_be_visible(timeout=60_000)
