"""The diagnosis in a real browser: what is wrong is seen, with its number, and the way to the view that shows it."""

from playwright.sync_api import expect

from tests.browser.panel import button, wait_for_step


def test_a_diagnosis_names_dead_units_and_leads_to_their_gradients(open_page):
    page = open_page("?data=moons&act=relu&init=zeros")
    button(page, "Step").click()
    wait_for_step(page, 1)
    page.get_by_role("button", name="Diagnosis").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Why did this happen?")).to_be_visible()
    expect(dialog.get_by_role("cell", name="class 1")).to_be_visible()
    expect(dialog.get_by_text("Units are dead")).to_be_visible()
    expect(dialog.get_by_text("16 hidden units are off on every training sample")).to_be_visible()
    expect(dialog.locator(".js-plotly-plot .heatmaplayer image")).to_have_count(2)
    dialog.get_by_role("button", name="Was it the start?").click()
    expect(dialog.get_by_text("7 other starts have a median of").first).to_be_visible(timeout=30_000)
    expect(dialog.get_by_role("button", name="At which rates do units die?")).to_be_visible()
    dialog.get_by_role("button", name="Follow a gradient").click()
    page.wait_for_url("**/backpropagation?**")
    expect(page.get_by_role("heading", name="Backpropagation")).to_be_visible()
