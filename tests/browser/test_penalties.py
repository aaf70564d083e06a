"""The Penalties view in a real browser: links vanish from the diagram, the step is switched while it trains, keys and links work."""

from playwright.sync_api import expect

from tests.browser.panel import button, readout, wait_for_step

DRAWN = """() => {
  const canvas = document.querySelector('.dl-links');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let k = 3; k < data.length; k += 4) count += data[k] > 0;
  return count;
}"""


def opened(page, server, query: str):
    page.goto(f"{server[0]}/generalisation?view=penalties{query}")
    return page


def test_the_proximal_step_makes_links_vanish_while_it_trains_and_the_link_is_the_view(page, server):
    opened(page, server, "&l1step=sub-gradient")
    expect(page.locator(".dl-links")).to_be_visible(timeout=120_000)
    button(page, "Play").click()
    wait_for_step(page, 300, 120)
    assert readout(page, "Zero weights") == "0 of 48"
    lines = page.evaluate(DRAWN)
    page.get_by_role("combobox", name="L1 step").click()
    page.get_by_role("option", name="proximal", exact=True).click()
    page.wait_for_function(
        "[...document.querySelectorAll('.dl-readout > div')].some((row) => row.innerText.includes('42 of 48'))",
        timeout=120_000,
    )
    button(page, "Pause").click()
    expect(button(page, "Play")).to_be_visible()
    assert page.evaluate(DRAWN) < 0.5 * lines
    page.wait_for_function(
        "!location.href.includes('l1step')", timeout=60_000
    )  # the usual step is not in the link
    page.reload()
    expect(page.get_by_role("combobox", name="L1 step")).to_have_value("proximal", timeout=120_000)
    expect(page.get_by_role("radio", name="Penalties")).to_be_checked()


def test_tabs_answer_to_the_keyboard_and_a_link_brings_each(page, server):
    opened(page, server, "&tab=path&lam=0.3")
    expect(page.get_by_text("Exactly zero, of 12: L1 7, L2 0")).to_be_visible(timeout=120_000)
    page.get_by_role("radio", name="Against the strength").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("w₂ is exactly 0")).to_be_visible(timeout=120_000)
    page.wait_for_function("location.href.includes('tab=plane')", timeout=60_000)
    page.get_by_role("slider", name="Strength λ").focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("L1 ends at (1.6, 0.4): no weight is 0.")).to_be_visible(timeout=120_000)
    page.wait_for_function("location.href.includes('pull=0')", timeout=60_000)
    page.reload()
    expect(page.get_by_text("L1 ends at (1.6, 0.4): no weight is 0.")).to_be_visible(timeout=120_000)
