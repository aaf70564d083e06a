"""The Learning rate page in a real browser: the picture under the pointer, and each view's way from start to end."""

import itertools

import numpy as np
import psutil
import pytest
from playwright.sync_api import expect

from engine.surfaces.bowl import Bowl, edge_rate, regime, shrinkage, straight_rate
from engine.surfaces.functions import FUNCTIONS
from engine.surfaces.inertia import roll


@pytest.fixture
def open_view(page, server):
    def go(view: str, more: str = ""):
        page.goto(f"{server[0]}/learning_rate?view={view}{more}")
        ready = ".rp .main-svg" if view == "picture" else ".dl-panel[data-run] .main-svg"
        expect(page.locator(ready).first).to_be_visible(timeout=120_000)
        return page

    return go


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def data(page, name: str) -> float:
    return float(page.locator(".dl-panel").get_attribute(f"data-{name}"))


def wait_for_step(page, at_least: int) -> None:
    page.wait_for_function(f"Number(document.querySelector('.dl-panel')?.dataset.step) >= {at_least}")


def wait_for_link(page, part: str) -> None:
    page.wait_for_function("part => location.href.includes(part)", arg=part, timeout=90_000)


def test_the_browser_computes_what_the_engine_computes(scripts):
    cases = [
        ((1.0,), 0.0, (-2.5,), 0.3, 0.0), ((2.0,), 0.0, (3.0,), 0.5, 0.0), ((2.0,), 0.0, (3.0,), 1.0, 0.0), ((2.0,), 0.0, (1.0,), 1.3, 0.0),
        ((0.1, 1.0), 0.35, (-2.5, 1.2), 1.9, 0.0), ((0.05, 5.0), 1.2, (1.0, -2.0), 0.3, 0.9), ((5.0,), 0.0, (4.0,), 10.0, 0.5),
    ]  # fmt: skip
    for curvatures, angle, start, rate, momentum in cases:
        for steps in (1, 40, 2000):
            path = scripts.evaluate(
                "async ([c, a, x, r, s, m]) => (await import(new URL('assets/picture/bowl.js', document.baseURI).href)).descend(c, a, x, r, s, m)",
                [list(curvatures), angle, list(start), rate, steps, momentum],
            )
            expected = Bowl(curvatures, angle).descend(start, rate, steps, momentum)
            assert len(path) == len(expected)
            for ours, theirs in ((path[k], expected[k]) for k in (0, 1, len(path) // 2, -1)):
                assert ours == pytest.approx(theirs.tolist(), rel=1e-9, abs=1e-300)
    for rate, curvature, momentum in itertools.product(
        (0.01, 0.25, 0.5, 1.0, 3.0), (0.2, 1.0, 4.0), (0.0, 0.25, 0.9)
    ):
        ours = scripts.evaluate(
            """async ([r, c, m]) => { const bowl = await import(new URL('assets/picture/bowl.js', document.baseURI).href);
            return [bowl.regime(r, c, m), bowl.shrinkage(r, c, m), bowl.edgeRate(c, m), bowl.straightRate(c, m)]; }""",
            [rate, curvature, momentum],
        )
        assert ours[0] == regime(rate, curvature, momentum).key
        expected = (
            shrinkage(rate, curvature, momentum),
            edge_rate(curvature, momentum),
            straight_rate(curvature, momentum),
        )
        assert ours[1:] == pytest.approx(expected)


def test_picture_follows_the_slider_at_once_and_names_what_happens(open_view):
    page = open_view("picture")
    parabola, slider = (
        page.locator('[data-of="parabola"]'),
        page.get_by_role("slider", name="Learning rate η"),
    )
    expect(parabola).to_have_attribute("data-regime", "creeping")
    button(page, "1/λ = 1").click()
    expect(parabola).to_have_attribute("data-regime", "straight")
    wait_for_link(page, "eta=1")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(parabola).to_have_attribute("data-regime", "zigzag")
    button(page, "2/λ = 2").click()
    expect(parabola).to_have_attribute("data-regime", "edge")
    wait_for_link(page, "eta=2")
    drawn = page.locator(".rp").get_attribute("data-drawn")
    slider.evaluate(
        "input => { input.value = Number(input.value) + 0.2; input.dispatchEvent(new Event('input')); }"
    )
    expect(parabola).to_have_attribute(
        "data-regime", "explosion"
    )  # before it is let go: the server knows nothing yet
    assert "eta=2" in page.evaluate("location.href")
    assert page.locator(".rp").get_attribute("data-drawn") != drawn
    for name, value in (
        ("Curvature λ", "2"),
        ("Condition number κ", "1.5"),
        ("Momentum β", "0.5"),
        ("Turn of the ravine", "45"),
        ("Steps", "40"),
    ):
        page.get_by_role("slider", name=name).fill(value)
    for part in ("curvature=2", "ratio=31.6", "momentum=0.5", "angle=45", "steps=40"):
        wait_for_link(page, part)
    expect(button(page, "2(1+β)/λ = 1.5")).to_be_visible()
    page.reload()
    expect(page.locator('[data-of="ravine"]')).to_contain_text("ravine", timeout=30_000)
    assert page.get_by_role("slider", name="Momentum β").input_value() == "0.5"


def test_picture_start_can_be_dragged(open_view):
    page = open_view("picture")
    for name, key in (("parabola", "start="), ("ravine", "ravine_x=")):
        handle = page.get_by_role(
            "button", name=f"Start on the {name}" if name == "parabola" else "Start on the ravine"
        )
        page.wait_for_timeout(300)
        box, before = handle.bounding_box(), page.locator(f'[data-chart="{name}"]').screenshot()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 60, box["y"] + 30, steps=4)
        page.wait_for_timeout(200)
        assert page.locator(f'[data-chart="{name}"]').screenshot() != before, "it moves before it is let go"
        page.mouse.up()
        wait_for_link(page, key)


def test_picture_has_momentums_three_forms(open_view):
    page = open_view("picture", "&momentum=0.9&eta=1")
    expect(button(page, "2(1+β)/λ = 3.8")).to_be_visible()
    page.get_by_role("radio", name="EMA").check()
    expect(button(page, "2(1+β)/((1−β)λ) = 38")).to_be_visible()
    wait_for_link(page, "form=ema")
    expect(page.locator('[data-of="parabola"]')).to_have_attribute("data-regime", "swinging")
    page.get_by_role("radio", name="velocity").check()
    wait_for_link(page, "form=velocity")
    expect(button(page, "2(1+β)/λ = 3.8")).to_be_visible()


def test_picture_has_the_bumpy_bowl_and_the_ball_ends_where_the_engines_does(open_view):
    """Heavy ball at β = 0.9 gets to a lowest place, the lecture's own EMA form ends where no momentum does."""
    page = open_view("picture", "&curve=bumpy&eta=0.05&momentum=0.9")
    verdict = page.locator('[data-of="parabola"]')
    for form, name in (("heavy_ball", "heavy ball"), ("ema", "EMA")):
        page.get_by_role("radio", name=name).check()
        end = roll(FUNCTIONS["bumpy"].gradient, np.array([6.0]), 0.05, 0.9, form, 4000)[-1, 0]
        expect(verdict).to_contain_text(f"It comes to rest at x = {end:.3g}")
    expect(verdict).to_contain_text("Without momentum: x = 3.64")
    wait_for_link(page, "form=ema")
    handle = page.get_by_role("button", name="Start on the parabola")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    wait_for_link(page, "bump_start=5.9")
    page.reload()
    expect(page.locator('[data-chart="parabola"]')).to_contain_text("Bumpy bowl", timeout=30_000)


def test_pictures_flow_is_the_engines(scripts):
    bowl = Bowl((0.1, 1.0), 0.4)
    for time in (0.0, 0.7, 12.0):
        place = scripts.evaluate(
            "async (t) => (await import(new URL('assets/picture/bowl.js', document.baseURI).href)).flow([0.1, 1], 0.4, [-2.5, 1.2], t)",
            time,
        )
        assert place == pytest.approx(bowl.flow((-2.5, 1.2), np.array([time]))[0].tolist(), rel=1e-9)


def test_ladder_plays_and_a_rung_opens_in_the_playground(open_view):
    page = open_view("ladder")
    pictures = page.locator('[data-chart="boundary"]')
    expect(pictures).to_have_count(11)
    before = [pictures.nth(k).screenshot() for k in (0, 6, 10)]
    button(page, "Play").click()
    wait_for_step(page, 40)
    assert [pictures.nth(k).screenshot() for k in (6, 10)] != before[1:]
    button(page, "Pause").click()
    page.wait_for_timeout(700)
    step = data(page, "step")
    pictures.nth(4).locator(".dl-body").click()
    wait_for_link(page, "lr=0.1")
    expect(page.locator('[data-chart="network"]')).to_be_visible()
    assert data(page, "step") == step, "trained as it was, to the bit"
    page.go_back()  # at once, though Streamlit leaves an entry of its own in between
    expect(page.locator('[data-chart="boundary"]')).to_have_count(11)
    assert data(page, "step") == step, "the ladder is as it was left"


def test_map_is_run_stopped_and_a_cell_opened(open_view, server):
    page = open_view("map", "&updates=3000&runs=10")
    button(page, "Run the map").click()
    wait_for_step(page, 60)  # thousandths of the work
    button(page, "Pause").click()
    page.wait_for_timeout(800)
    done, process = data(page, "step"), psutil.Process(server[1])
    assert 60 <= done < 1000
    used = sum(process.cpu_times()[:2])
    page.wait_for_timeout(1000)
    assert data(page, "step") == done and sum(process.cpu_times()[:2]) - used < 0.2
    place = page.evaluate(
        """() => { const plot = document.querySelector('[data-chart=map] .dl-plot'), layout = plot._fullLayout;
        const box = plot.getBoundingClientRect();
        return [box.x + layout.xaxis._offset + layout.xaxis.l2p(4), box.y + layout.yaxis._offset + layout.yaxis.l2p(0)]; }"""
    )
    page.mouse.move(*place)
    expect(page.locator('[data-chart="map"] .hoverlayer')).to_contain_text("SGD, η 0.1")
    page.mouse.click(*place)
    wait_for_link(page, "lr=0.1")
    expect(page.locator('[data-chart="network"]')).to_be_visible()


def test_views_are_switched_and_leaving_one_ends_its_work(open_view, server):
    page = open_view("stability")
    before = page.locator('[data-chart="sharpness"]').screenshot()
    button(page, "Play").click()
    wait_for_step(page, 60)
    assert page.locator('[data-chart="sharpness"]').screenshot() != before
    page.get_by_role("radio", name="Schedules").click()
    expect(page.locator('[data-chart="facts"]')).to_contain_text("inverse time")
    wait_for_link(page, "view=schedules")
    page.wait_for_timeout(1000)
    process = psutil.Process(server[1])
    used = sum(process.cpu_times()[:2])
    page.wait_for_timeout(1000)
    assert sum(process.cpu_times()[:2]) - used < 0.2 and data(page, "step") == 0
    button(page, "Play").click()
    wait_for_step(page, 20)
    page.get_by_role("radio", name="Finder").click()
    expect(page.locator('[data-chart="range"]')).to_contain_text("Steepest descent")
    assert data(page, "step") == 300
    page.get_by_role("radio", name="Schedules").click()
    expect(page.locator('[data-chart="facts"]')).to_be_visible()
    assert data(page, "step") >= 20, "a view is as it was left"
