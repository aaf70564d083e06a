"""The Landscape in a real browser: train, click, scrub, turn, refine, take away."""

import io
import re

import numpy as np
import pytest
from playwright.sync_api import expect


def card(page, name: str):
    return page.locator(f'[data-chart="{name}"]')


def whole(page) -> None:
    """Wait until the exact picture is there, in its full resolution."""
    page.wait_for_timeout(300)
    page.wait_for_function(
        """() => document.querySelector('.dl-card .main-svg') && !document.querySelector('.dl-unfinished')
                 && document.querySelector('.dl-panel')?.dataset.playing === 'false'""",
        timeout=40_000,
    )
    page.wait_for_timeout(400)


def choose(page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def train(page, updates: int) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(
        f"Number(document.querySelector('.dl-panel')?.dataset.step) >= {updates}", timeout=20_000
    )
    page.get_by_role("button", name="Pause", exact=True).click()
    whole(page)


def loss(page) -> str:
    return page.locator(".dl-readout > div", has_text="Train loss").locator("dd").inner_text()


@pytest.fixture
def landscape(page, server):
    def go(query: str = ""):
        page.goto(f"{server[0]}/landscape?{query}")
        expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
        whole(page)
        return page

    return go


def test_the_slice_moves_while_training_plays_and_is_exact_on_pause(landscape):
    page = landscape("opt=adam")
    still = card(page, "surface").screenshot()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.dl-panel')?.dataset.step) >= 20", timeout=20_000)
    assert page.locator(".contourlayer path").count() == 0  # painted, and streamed
    moving = card(page, "surface").screenshot()
    page.get_by_role("button", name="Pause", exact=True).click()
    whole(page)
    page.wait_for_function("document.querySelectorAll('.contourlayer path').length > 3")
    exact = card(page, "surface").screenshot()
    assert len({still, moving, exact}) == 3
    expect(page.locator(".dl-words")).to_contain_text("so the colours there are not its loss")


def test_a_click_sets_the_network_there_and_training_goes_on(landscape):
    page = landscape("opt=adam")
    train(page, 20)
    before, seen = loss(page), card(page, "boundary").screenshot()
    box = card(page, "surface").locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.85 * box["width"], box["y"] + 0.2 * box["height"])
    expect(card(page, "surface").locator(".hoverlayer")).to_contain_text("loss")
    hovered = card(page, "surface").locator(".hoverlayer").text_content()
    page.mouse.down()
    page.mouse.up()
    whole(page)
    assert loss(page) != before and card(page, "boundary").screenshot() != seen
    assert float(hovered.split("loss")[1]) == pytest.approx(float(loss(page)), rel=1e-3)
    step = page.locator(".dl-panel").get_attribute("data-step")
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_function(f"document.querySelector('.dl-panel')?.dataset.step === '{int(step) + 1}'")


def test_scrubbing_shows_the_boundary_of_that_moment(landscape):
    page = landscape("opt=adam")
    train(page, 40)
    slider, before = page.get_by_role("slider", name="Moment of the path"), loss(page)
    end = card(page, "boundary").screenshot()
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".dl-scrub-line .dl-scrub-text")).to_contain_text("update 0 ")
    page.wait_for_timeout(500)
    assert card(page, "boundary").screenshot() != end and loss(page) == before
    for _ in range(5):  # however fast it is moved, it stays where it was put
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    page.wait_for_timeout(1500)
    assert slider.input_value() == "5"
    expect(page.locator(".dl-scrub-line .dl-scrub-text")).not_to_contain_text("update 0 ")


def test_a_surface_can_be_turned_and_stays_so_while_data_change(landscape):
    page = landscape("view=surface&opt=adam")
    eye = "document.querySelector('[data-chart=surface] .js-plotly-plot')._fullLayout.scene.camera.eye.x"
    start = page.evaluate(eye)
    box = card(page, "surface").locator(".dl-plot").bounding_box()
    x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.45 * box["height"]
    page.evaluate("""() => document.querySelector('[data-chart=surface] .js-plotly-plot').on('plotly_hover', (event) => {
        const { x, y, z, customdata } = event.points[0];
        window.hovered = { x, y, z, customdata };
    })""")
    page.mouse.move(x - 20, y)
    page.wait_for_timeout(400)
    page.mouse.move(x, y)
    page.wait_for_function("window.hovered?.customdata")
    hovered = page.evaluate(
        "window.hovered"
    )  # what is read is the height where one points, not its mirror image
    assert (
        hovered["customdata"] == pytest.approx(10 ** hovered["z"], rel=1e-4) and hovered["x"] != hovered["y"]
    )
    for _ in range(4):  # the first movements may come before WebGL is ready
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y + 20, steps=10)
        page.mouse.up()
        page.wait_for_timeout(500)
        turned = page.evaluate(eye)
        if abs(turned - start) > 0.1:
            break
    assert abs(turned - start) > 0.1
    page.get_by_role("button", name="Step", exact=True).click()
    whole(page)
    assert page.evaluate(eye) == pytest.approx(turned, abs=1e-3)


def test_every_view_and_the_grid_can_be_taken_away(landscape):
    page = landscape("net=4&cells=25")
    for view in ("Contour", "Heatmap", "3-D", "Line"):
        choose(page, "View", view)
        whole(page)
        card(page, "surface").hover()
        for kind, start in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
            with page.expect_download() as saved:
                card(page, "surface").locator(f'[data-title="Download as {kind}"]').click(force=True)
            content = saved.value.path().read_bytes()
            assert content.startswith(start) and len(content) > 5_000, (view, kind)
    choose(page, "View", "Contour")
    whole(page)
    page.get_by_text("Take away").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Grid as CSV").click()
    assert saved.value.path().read_text().count("\n") == 1 + 25 * 25
    with page.expect_download() as saved:
        page.get_by_role("button", name="Grid as NPZ").click()
    with np.load(io.BytesIO(saved.value.path().read_bytes())) as file:
        assert file["loss"].shape == (25, 25)
    expect(page.get_by_test_id("stCode")).to_contain_text("/landscape?")


def test_controls_answer_while_a_large_picture_is_worked_on(landscape):
    page = landscape("net=32-32-32-32-32&n=600")
    resolution = page.get_by_role("slider", name="Resolution")
    resolution.focus()
    page.keyboard.press("End")
    expect(page.locator(".dl-unfinished")).to_be_visible()
    extent = page.get_by_role("slider", name="Extent")
    extent.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.search.includes('extent=0.05')")
    expect(page.locator(".dl-unfinished")).to_be_visible()  # the old picture is given up, the new one grows
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_function("document.querySelector('.dl-panel')?.dataset.step === '1'")
    assert "cells=151" in page.url


def test_a_run_comes_from_the_playground_with_its_path(page, server):
    page.goto(f"{server[0]}/?opt=adam&net=4")
    expect(page.locator('[data-chart="loss"] .main-svg').first).to_be_visible(timeout=30_000)
    page.wait_for_timeout(800)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.dl-panel')?.dataset.step) >= 20", timeout=20_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_timeout(800)
    step, known = page.locator(".dl-panel").get_attribute("data-step"), loss(page)
    page.get_by_role("link", name=re.compile("Landscape")).click()
    expect(card(page, "surface")).to_be_visible(timeout=20_000)
    whole(page)
    choose(page, "Network from", "From the Playground")
    page.wait_for_function(f"document.querySelector('.dl-panel')?.dataset.step === '{step}'")
    whole(page)
    assert loss(page) == known and "from=playground" in page.url


@pytest.mark.parametrize("query", ["opt=adam", "show=roughness&opt=adam&net=5"])
def test_the_main_picture_fits_a_projector_and_nothing_overlaps(landscape, query):
    page = landscape(query)
    boxes = [box.bounding_box() for box in page.locator(".dl-card").all()]
    for k, a in enumerate(boxes):
        assert a["x"] >= 0 and a["x"] + a["width"] <= 1281 and a["y"] + a["height"] <= 720
        assert a["width"] > 150 and a["height"] > 100
        for b in boxes[k + 1 :]:
            apart_x = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
            apart_y = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
            assert apart_x or apart_y
    if "show" in query:  # and back to a network that is as the link had it
        choose(page, "Show", "Your network")
        page.wait_for_function("!location.search.includes('show')")
        whole(page)
        choose(page, "View", "Line")
        page.wait_for_function("location.search.includes('view=line')")
        assert "net=5" in page.url and "opt=adam" in page.url and loss(page)
