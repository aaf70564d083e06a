"""The Playground in a real browser: what a person does, and what must then be seen to happen."""

import time

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.panel import button, readout, settled, step, wait_for_step


def test_play_moves_every_chart_and_pause_stops_the_work(open_page, server):
    page = open_page("?lr=0.3")
    charts = {
        name: page.locator(f'[data-chart="{name}"]') for name in ("loss", "boundary", "landscape", "network")
    }
    before = {name: chart.screenshot() for name, chart in charts.items()}
    button(page, "Play").click()
    wait_for_step(page, 40)
    after = {name: chart.screenshot() for name, chart in charts.items()}
    for name in charts:
        assert before[name] != after[name], name
    button(page, "Pause").click()
    settled(page)
    stopped = step(page)
    process = psutil.Process(server[1])
    used = sum(process.cpu_times()[:2])
    page.wait_for_timeout(2000)
    assert step(page) == stopped
    assert sum(process.cpu_times()[:2]) - used < 0.2  # a tenth of a core: only Streamlit's own heartbeat


def test_step_adds_one_update_and_epoch_finishes_the_epoch(open_page):
    page = open_page()
    for expected in (1, 2):
        button(page, "Step").click()
        wait_for_step(page, expected)
        assert step(page) == expected
    page.locator('summary[aria-label="More steps"]').click()
    page.get_by_role("menuitem", name="One epoch").click()
    wait_for_step(page, 7)
    settled(page)
    assert step(page) == 7  # 210 training points in batches of 32
    assert readout(page, "Epochs") == "1.0"


def test_keyboard(open_page):
    page = open_page()
    page.locator(".dl-card h2").first.click()
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 1)
    page.keyboard.press(" ")
    expect(page.locator('.dl-panel[data-playing="true"]')).to_be_visible()
    wait_for_step(page, 5)
    page.keyboard.press(" ")
    expect(page.locator('.dl-panel[data-playing="false"]')).to_be_visible()
    page.keyboard.press("r")
    page.wait_for_function("document.querySelector('.dl-panel')?.dataset.step === '0'")


def test_reset_repeats_the_very_same_losses(open_page):
    page = open_page("?opt=adam")
    losses = []
    for _ in range(2):
        seen = []
        for expected in range(1, 6):
            button(page, "Step").click()
            wait_for_step(page, expected)
            page.wait_for_timeout(300)
            seen.append((readout(page, "Train loss"), readout(page, "Test loss")))
        losses.append(seen)
        button(page, "Reset").click()
        page.wait_for_function("document.querySelector('.dl-panel')?.dataset.step === '0'")
    assert losses[0] == losses[1]
    assert len(set(losses[0])) > 1


def test_new_initial_weights_change_the_seed_in_the_link(open_page):
    page = open_page()
    before = readout(page, "Train loss")
    page.locator('summary[aria-label="More resets"]').click()
    page.get_by_role("menuitem", name="New initial weights").click()
    page.wait_for_function("location.search.includes('seed=1')")
    settled(page)
    assert readout(page, "Train loss") != before


def test_a_rate_changed_while_playing_is_taken_up(open_page):
    page = open_page("?lr=0.01")
    button(page, "Play").click()
    wait_for_step(page, 20)
    slider = page.get_by_role("slider", name="Learning rate η")
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('[data-chart=loss]').textContent.includes('rate 0.01 →')")
    changed = step(page)
    assert changed > 0
    wait_for_step(page, changed + 20)  # it still plays
    assert "lr=" in page.url


def test_a_change_in_the_same_moment_as_a_pull_is_not_lost(open_page):
    """Streamlit sends both as one message, and as the panel's alone."""
    page = open_page("?lr=0.01")
    button(page, "Step").click()
    wait_for_step(page, 1)
    settled(page)
    page.get_by_role("slider", name="Learning rate η").focus()
    page.evaluate("""() => {
        const press = (type) => document.activeElement.dispatchEvent(new KeyboardEvent(type, {key: "ArrowRight", bubbles: true}));
        press("keydown");
        press("keyup");
        [...document.querySelectorAll(".dl-button")].find((button) => button.dataset.act === "step").click();
    }""")
    page.wait_for_function("document.querySelector('[data-chart=loss]').textContent.includes('rate 0.01 →')")
    page.wait_for_function("location.search.includes('lr=0.015')")
    wait_for_step(page, 2)


def test_reload_restores_the_experiment(open_page):
    page = open_page("?data=moons&net=4-3&act=relu&opt=momentum&lr=0.05&seed=3")
    for expected in range(1, 4):
        button(page, "Step").click()
        wait_for_step(page, expected)
    settled(page)
    first = readout(page, "Train loss")
    link = page.url
    page.reload()
    expect(page.locator('.dl-panel[data-step="0"]')).to_be_visible(timeout=20_000)
    settled(page)
    assert page.url == link
    for expected in range(1, 4):
        button(page, "Step").click()
        wait_for_step(page, expected)
    settled(page)
    assert readout(page, "Train loss") == first


def test_a_hostile_link_is_explained_and_the_page_works(open_page):
    page = open_page("?lr=nan&net=999-abc&opt=rm+-rf&n=-5&noise=1e999&data=<script>alert(1)</script>")
    assert page.get_by_test_id("stAlert").count() >= 5
    button(page, "Step").click()
    wait_for_step(page, 1)


def test_divergence_is_said_and_shown(open_page):
    page = open_page("?data=plane&act=identity&lr=500")
    button(page, "Play").click()
    expect(page.locator(".dl-words")).to_contain_text("too large")
    expect(page.locator('.dl-panel[data-playing="false"]')).to_be_visible()
    expect(button(page, "Play")).to_be_disabled()
    drawn = page.locator(".dl-panel").get_attribute("data-frames")
    button(page, "Reset and play").click()
    expect(page.locator(".dl-panel")).not_to_have_attribute("data-frames", drawn)
    expect(page.locator('.dl-panel[data-playing="false"]')).to_be_visible()
    expect(button(page, "Play")).to_be_disabled()


def test_a_hint_is_dismissed_for_good(open_page):
    page = open_page()
    expect(page.locator(".dl-hint")).to_contain_text("Press Play, then drag the learning rate")
    button(page, "Got it").click()
    expect(page.locator(".dl-hint")).to_be_hidden()
    page.reload()
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
    expect(page.locator(".dl-hint")).to_be_hidden()


def test_uploaded_table_trains_and_a_bad_one_is_explained(open_page):
    page = open_page()
    rows = "\n".join(f"{i % 7},{i % 5},{'yes' if (i % 7) > 3 else 'no'}" for i in range(100))
    page.get_by_role("radio", name="Your own CSV …").click()
    chooser = page.locator('input[type="file"]')
    chooser.set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": b"a,b,c\n1,2,x\n3,oops\n"})
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Line 3")
    chooser.set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": f"height,width,fits\n{rows}".encode()}
    )
    expect(page.locator('[data-chart="boundary"]')).to_contain_text("height", timeout=20_000)
    button(page, "Step").click()
    wait_for_step(page, 1)
    page.get_by_role("link", name="Arena").click()
    expect(page.locator('[data-chart="boundary"]')).to_have_count(4, timeout=20_000)
    page.get_by_role("link", name="Playground").click()
    expect(page.locator('[data-chart="boundary"]')).to_have_count(1, timeout=20_000)
    expect(page.locator('[data-chart="boundary"]')).to_contain_text(
        "height", timeout=20_000
    )  # nothing is lost
    expect(page.get_by_text("Still in use: mine.csv")).to_be_visible()
    assert step(page) == 1


def test_neuron_and_link_can_be_read(open_page):
    page = open_page()
    page.get_by_role("button", name="Layer 1, neuron 2", exact=True).hover()
    expect(page.locator('[data-chart="boundary"] h2')).to_have_text("Layer 1, neuron 2")
    page.get_by_role("button", name="Layer 1, neuron 2", exact=True).click()
    page.mouse.move(5, 5)  # its weights open above, and another neuron comes under the pointer
    expect(page.locator('[data-chart="boundary"] h2')).to_have_text("Layer 1, neuron 2 (pinned)")
    first = page.get_by_role("button", name="x₁", exact=True).last.bounding_box()
    page.mouse.move(first["x"] + first["width"] + 3, first["y"] + first["height"] / 2)
    expect(page.locator(".dl-tip")).to_contain_text("weight")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_nothing_overlaps_or_runs_off_the_page(open_page, size):
    page = open_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(1200)
    boxes = [card.bounding_box() for card in page.locator(".dl-card").all()]
    assert len(boxes) == 4
    for k, a in enumerate(boxes):
        assert a["x"] >= 0 and a["x"] + a["width"] <= size[0] + 1
        assert a["width"] > 150 and a["height"] > 150
        for b in boxes[k + 1 :]:
            apart_x = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
            apart_y = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
            assert apart_x or apart_y
    if size[0] > 1000:
        assert max(box["y"] + box["height"] for box in boxes) <= size[1]


def test_two_sessions_do_not_mix(open_page, browser, server):
    page = open_page("?lr=0.3")
    other = browser.new_context().new_page()
    other.goto(f"{server[0]}/?data=xor")
    expect(other.locator(".dl-panel[data-run]")).to_be_visible(timeout=20_000)
    button(page, "Step").click()
    wait_for_step(page, 1)
    time.sleep(0.5)
    assert step(other) == 0
    assert page.locator(".dl-panel").get_attribute("data-run") != other.locator(".dl-panel").get_attribute(
        "data-run"
    )
    other.context.close()
