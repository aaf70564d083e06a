"""The timeline in a real browser: drag back, see the moment, play on from the end, fork."""

from playwright.sync_api import expect

from tests.browser.panel import button, readout, settled, step, wait_for_step


def timeline(page):
    return page.get_by_role("slider", name="Replay")


def drag(page, moment: int) -> None:
    timeline(page).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', {bubbles: true})); }",
        str(moment),
    )


def picture(page) -> dict[str, str]:
    """What the cards show: counters, the points of the loss, the boundary's and the diagram's pixels."""
    return page.evaluate("""() => ({
        loss: JSON.stringify(document.querySelector('[data-chart=loss] .js-plotly-plot').data.map((trace) => [...trace.y])),
        boundary: document.querySelector('[data-chart=boundary] canvas').toDataURL(),
        network: document.querySelector('[data-chart=network] canvas').toDataURL(),
        landscape: document.querySelector('[data-chart=landscape] canvas').toDataURL(),
        readout: document.querySelector('.dl-readout').textContent,
    })""")


def at_rest(page, update: int) -> dict[str, str]:
    page.wait_for_function(f"document.querySelector('.dl-panel')?.dataset.step === '{update}'")
    settled(page)
    page.wait_for_function("!document.querySelector('.dl-unfinished')")
    return picture(page)


def test_dragging_back_shows_every_card_as_it_was_and_a_fork_goes_on_from_there(open_page):
    page = open_page("?opt=adam")
    for update in (1, 2):
        button(page, "Step").click()
        wait_for_step(page, update)
    then = at_rest(page, 2)
    for update in (3, 4):
        button(page, "Step").click()
        wait_for_step(page, update)
    end = at_rest(page, 4)
    drag(page, 2)
    assert at_rest(page, 2) == then
    expect(page.get_by_text("update 2 of 4")).to_be_visible()
    timeline(page).focus()
    page.keyboard.press("ArrowLeft")  # the timeline's own key
    at_rest(page, 1)
    assert readout(page, "Updates") == "1"
    page.get_by_role("button", name="To the end").click()
    assert at_rest(page, 4) == end
    drag(page, 2)
    at_rest(page, 2)
    page.get_by_role("button", name="Fork from here").click()
    expect(page.locator("[data-chart=loss]")).to_contain_text("went on from here")
    button(page, "Step").click()
    wait_for_step(page, 3)
    assert at_rest(page, 3)["readout"] != end["readout"]


def test_play_goes_on_from_the_end(open_page):
    page = open_page("?lr=0.1")
    button(page, "Play").click()
    wait_for_step(page, 60)
    drag(page, 0)  # this pauses
    expect(page.locator('.dl-panel[data-playing="false"][data-step="0"]')).to_be_visible()
    button(page, "Play").click()
    wait_for_step(page, 61)
    button(page, "Pause").click()
    settled(page)
    assert step(page) > 60
