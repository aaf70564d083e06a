"""The Units page in a real browser: its numbers are the engine's, it answers to keys and mouse, and the link is the view."""

import json
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from engine import ACTIVATIONS
from engine.network.signal import moments, signal
from engine.network.thresholds import GATES, line_through, separable, through
from engine.surfaces.two_weights import descend, flow, flow_to_half

RECORD = json.loads((Path(__file__).parents[1] / "oracles" / "units.json").read_text())
IMPORT = "const load = (name) => import(new URL(`assets/units/${name}.js`, document.baseURI).href);"


@pytest.fixture
def open_view(page, server):
    def go(query: str, wait_for: str = ".fs .main-svg"):
        page.goto(f"{server[0]}/units?{query}")
        expect(page.locator(wait_for).first).to_be_visible(timeout=120_000)
        if wait_for.startswith(".fs"):
            page.wait_for_function("Number(document.querySelector('.fs').dataset.drawn) > 0")
        return page

    return go


def compute(page, body: str, *given):
    """Run JavaScript with `load(module)` at hand."""
    return page.evaluate(f"async (given) => {{ {IMPORT} {body} }}", list(given))


def wait_for_link(page, part: str) -> None:
    page.wait_for_function("part => location.href.includes(part)", arg=part, timeout=90_000)


def test_depth_has_the_engines_numbers_and_its_networks_are_pytorchs(scripts):
    cases = [[name, q] for name in ACTIVATIONS for q in (0.05, 1.0, 20.0)]
    found = compute(
        scripts,
        'const { moments } = await load("signal"); return given[0].map(([name, q]) => moments(name, q));',
        cases,
    )
    for (name, q), ours in zip(cases, found, strict=True):
        assert ours == pytest.approx(moments(name, q), rel=1e-11, abs=1e-15)
    for name, w, b in (("sigmoid", 1, 0), ("tanh", 3, 0), ("elu", 1.3, 0.4)):
        ours = compute(
            scripts, 'const { signal } = await load("signal"); return signal(...given);', name, w, b, 30
        )
        theory = signal(name, w, b, 30)
        for key in ("q", "chi", "back"):
            assert ours[key] == pytest.approx(getattr(theory, key).tolist(), rel=1e-10)
    # the browser's networks need no matrix: their mean is that of PyTorch's
    for case in RECORD["signals"][::3]:
        forward, back = compute(
            scripts,
            """const { Normals, networks } = await load("signal"), [name, w, b, width] = given;
            const all = networks(name, w, b, 20, width, new Normals(1)), logs = (of) => all[0].forward.map((_, k) =>
              all.reduce((sum, one) => sum + Math.log(of(one)[k]), 0) / all.length);
            return [logs((one) => one.forward), logs((one) => one.back)];""",
            case["activation"], case["sigma_w"], case["sigma_b"], RECORD["width"],
        )  # fmt: skip
        for ours, name in ((forward, "forward"), (back, "back")):
            spread = np.array(case[f"{name}_spread"]) * np.sqrt(1 / RECORD["networks"] + 1 / 16)
            assert np.all(np.abs(np.array(ours) - case[name]) <= 4 * spread + 1e-12), case["activation"]


def test_depth_steps_by_key_takes_a_preset_and_its_link_brings_it_back(open_view):
    page = open_view("view=depth")
    page.locator(".fs-card").first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wait_for_link(page, "layer=2")
    page.get_by_role("button", name="tanh, σ_w = 3").click()
    expect(page.locator(".fs-verdict")).to_contain_text("backwards δ arrives at layer 1 as 327")
    wait_for_link(page, "sigma_w=3")
    page.reload()
    expect(page.locator(".fs-verdict")).to_contain_text("as 327", timeout=60_000)
    assert page.locator('[data-option="layer"] output').inner_text() == "2"
    page.get_by_label("σ_w", exact=True).press("Home")
    expect(page.locator(".fs-verdict")).to_contain_text("nothing passes")


def test_two_weights_are_the_engines_and_play(open_view):
    page = open_view("view=start&part=weights&updates=0")
    path, smooth, half = compute(
        page,
        """const m = await load("two_weights_math");
        return [m.descend(0.02, 0.1, 100), [0, 7, 50].map((t) => m.flow(0.02, 0.1, t)), m.flowToHalf(0.02, 0.1)];""",
    )
    assert path == pytest.approx(descend(0.02, 0.1, 100).tolist(), rel=1e-12)
    assert smooth == pytest.approx(flow(0.02, 0.1, np.array([0, 7, 50])).tolist(), rel=1e-12)
    assert half == pytest.approx(flow_to_half(0.02, 0.1), rel=1e-12)
    expect(page.locator('[data-chart="time"] figcaption')).to_contain_text("0.5: 11 · 0.1: 47 · 0.01: 94")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('[data-option=updates] output').textContent) > 5")
    page.get_by_role("button", name="Pause").click()
    wait_for_link(page, "updates=")


def test_eight_starts_train_and_tell_their_neurons_apart(open_view):
    page = open_view("view=start", '[data-chart="neurons"] table')
    page.get_by_role("button", name="Step", exact=True).click()
    table = page.locator('[data-chart="neurons"]')
    expect(table).to_contain_text("constant 0.5")
    expect(table).to_contain_text("1 of 8")
    expect(table).to_contain_text("8 of 8")
    expect(page.locator(".dl-panel")).to_contain_text("3 of 8 lanes")


def test_the_step_has_the_closed_forms_and_its_point_is_dragged(open_view):
    page = open_view("part=step&beta=10")
    found = compute(
        page,
        'const m = await load("step"); return [m.area(1), m.area(10), m.slopeAt(7, 0), m.slopeAt(3, 0.5)];',
    )
    s = 1 / (1 + np.exp(-1.5))
    assert found == pytest.approx([2 * np.log(2), 0.2 * np.log(2), 7 / 4, 3 * s * (1 - s)], rel=1e-12)
    handle = page.locator('[data-handle="z"]')
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] - 90, box["y"] + 10, steps=4)
    page.mouse.up()
    wait_for_link(page, "at=-")
    handle.press("ArrowRight")
    expect(page.locator(".fs-verdict")).to_contain_text("the slope is")


def test_activations_train_over_their_sums_in_every_part(open_view):
    page = open_view("f4=none", '[data-chart="sums"][data-lane="0"] .main-svg')
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.locator('[data-chart="sums"][data-lane="2"]')).to_contain_text("|φ′| < 0.1")
    expect(page.locator('[data-chart="sums"][data-lane="3"]')).to_have_count(0)
    page.get_by_role("radio", name="Dead units").or_(
        page.get_by_role("button", name="Dead units")
    ).first.click()
    expect(page.locator('[data-chart="dead"] table')).to_contain_text("of 32")
    wait_for_link(page, "part=dead")
    page.go_back()
    expect(page.locator('[data-chart="sums"][data-lane="2"]')).to_be_visible()


def test_lines_and_labellings_are_the_engines(scripts):
    rng = np.random.default_rng(0)
    for points in (
        np.array([[0, 0], [1, 0], [0, 1], [1, 1]]),
        np.array([[0, 0.5], [0.5, 0.5], [1, 0.5]]),
        rng.uniform(-0.5, 1.5, (6, 2)),
    ):
        found = compute(
            scripts, 'const m = await load("lines"); return [...m.separable(given[0])];', points.tolist()
        )
        assert sorted(labelling for labelling, _ in found) == sorted(separable(points))
        for labelling, line in found:
            on = points @ np.array(line["w"]) + line["b"] >= 0
            assert sum(1 << k for k, is_on in enumerate(on) if is_on) == labelling
    p, q, r, x = rng.uniform(-0.5, 1.5, (4, 2)).tolist()
    for name, weights in GATES.items():
        ours = compute(
            scripts, 'const m = await load("lines"), [p, q, r, x, gate] = given; return m.through(x, [m.lineThrough(p, q), m.lineThrough(q, r)], gate);',
            p, q, r, x, list(weights),
        )  # fmt: skip
        theirs = through(tuple(x), (line_through(tuple(p), tuple(q)), line_through(tuple(q), tuple(r))), name)
        assert ours["z"] == pytest.approx(theirs.z, abs=1e-13) and (ours["h"], ours["output"]) == (
            list(theirs.h),
            theirs.output,
        )
    hits = compute(
        scripts,
        """const { Guessing } = await load("lines"), all = new Guessing([[0, 0], [1, 0], [0, 1], [1, 1]], 6, 0);
        all.advance(400_000, 60_000);
        return all.hits;""",
    )
    assert abs(hits - 400_000 / 1319) <= 3 * np.sqrt(400_000 / 1319)


def test_thresholds_are_dragged_stepped_and_guessed(open_view):
    page = open_view("view=thresholds")
    verdict = page.locator(".fs-verdict")
    expect(verdict).to_contain_text("No line gives this labelling")
    page.get_by_role("button", name="XOR with two lines").click()
    expect(verdict).to_contain_text("All points are right. No single line could do that.")
    page.locator('[data-handle="p1"]').press("ArrowUp")
    wait_for_link(page, "p1y=0.79")
    page.locator('[data-handle="point 0"]').press("Enter")
    wait_for_link(page, "labels=7")
    page.get_by_role("button", name="Find a line").click()
    expect(verdict).to_contain_text("All points are right. One line gives this labelling.")
    page.get_by_role("button", name="Guess 1,000 networks").click()
    page.wait_for_function("document.querySelector('.fs').dataset.guessed === '1000'")
    page.get_by_text("Every point with its numbers").click()
    page.get_by_role("button", name="Step forward").click()
    expect(page.locator(".stp-words")).to_contain_text("Point 1 (0, 0), line 1")
    wait_for_link(page, "step=1")


def test_matrices_are_multiplied_by_button_and_key(open_view):
    page = open_view("view=collapse&part=multiply&updates=50", ".stp .col-chain table")
    words = page.locator(".stp-words")
    expect(words).to_contain_text("4 matrices of a network")
    page.get_by_role("button", name="Step forward").click()
    page.get_by_role("button", name="Step forward").click()
    expect(words).to_contain_text("W₁ · W₂: 2 × 8 times 8 × 8 is 2 × 8")
    page.keyboard.press("ArrowLeft")
    expect(words).to_contain_text("Begin with W₁, 2 × 8")
    page.get_by_role("button", name="To the end").click()
    expect(page.locator(".col-proof")).to_contain_text("The network is this line; what is left is rounding.")
    wait_for_link(page, "step=5")
