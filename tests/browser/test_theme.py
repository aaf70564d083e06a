"""Light or dark, switched while a page is open: every chart's texts follow, playing or not."""

from playwright.sync_api import expect

from tests.browser.panel import button

LINKS = (
    "",
    "learning_rate",
    "first_steps?view=line",
    "backpropagation?view=softmax&step=12",
)
TEXTS = """
  (ink) => {
    const texts = [...document.querySelectorAll(".main-svg .xtick text")].map((text) => getComputedStyle(text).fill);
    return texts.length > 0 && texts.every((fill) => fill === ink);
  }
"""
LIGHT, DARK = "rgb(60, 74, 87)", "rgb(201, 212, 222)"


def test_the_texts_of_charts_follow_the_theme(page, server):
    for link in LINKS:
        page.emulate_media(color_scheme="light")
        page.goto(f"{server[0]}/{link}")
        expect(page.locator(".main-svg").first).to_be_visible(timeout=60_000)
        if not link:
            button(page, "Play").click()
        for scheme, ink in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(TEXTS, arg=ink)
