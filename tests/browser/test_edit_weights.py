"""A weight set in the diagram, in a real browser: by its neuron and the keyboard, as a number and on the slider."""

from playwright.sync_api import expect

from tests.browser.panel import button, readout, settled, wait_for_step


def test_a_weight_is_set_by_number_and_slider_and_training_goes_on(open_page):
    page = open_page()
    button(page, "Step").click()
    wait_for_step(page, 1)
    settled(page)
    before = readout(page, "Train loss")
    page.get_by_role("button", name="Layer 1, neuron 2").focus()
    page.keyboard.press("Enter")
    card = page.locator("[data-chart=network]")
    card.get_by_label("Weight or bias").select_option(label="weight from x₁")
    number = card.get_by_label("Value as a number")
    number.fill("3")
    number.press("Tab")
    expect(page.locator("[data-chart=loss]")).to_contain_text("layer 1: input 1 → neuron 2")
    assert readout(page, "Train loss") != before
    card.get_by_label("Value", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-chart=loss]")).not_to_contain_text("→ 3")
    button(page, "Step").click()
    wait_for_step(page, 2)
