"""The First steps page in a real browser: its numbers are the engine's, what is dragged moves, and the link is the view."""

import numpy as np
import pytest
from playwright.sync_api import expect

from engine import SCHEDULES
from engine.surfaces import curvature, inertia, noise, unit
from engine.surfaces.downhill import descend, first_flat, first_stall, flow
from engine.surfaces.functions import FUNCTIONS
from engine.surfaces.line_fit import LineFit, guesses_needed, hit_probability, the_points

START = [-1.5, 1.5]
IMPORT = "const load = (name) => import(new URL(`assets/first_steps/${name}.js`, document.baseURI).href);"


@pytest.fixture
def open_view(page, server):
    def go(view: str, more: str = ""):
        page.goto(f"{server[0]}/first_steps?view={view}{more}")
        expect(page.locator(f".fs-{view} .main-svg").first).to_be_visible(timeout=120_000)
        page.wait_for_function("Number(document.querySelector('.fs').dataset.drawn) > 0")
        return page

    return go


def compute(page, body: str, *given):
    """Run JavaScript with `load(module)` at hand."""
    return page.evaluate(f"async (given) => {{ {IMPORT} {body} }}", list(given))


def wait_for_link(page, part: str) -> None:
    page.wait_for_function("part => location.href.includes(part)", arg=part, timeout=90_000)


def drawn(page) -> int:
    return int(page.locator(".fs").get_attribute("data-drawn"))


def drag(page, handle, dx: float, dy: float) -> None:
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy, steps=4)


# --- the same numbers -----------------------------------------------------------------------------------------------


def test_the_browsers_line_fit_is_the_engines(scripts):
    points, rng = the_points(), np.random.default_rng(0)
    cases = [(points.x, points.y, True), (points.x, points.y, False), (np.ones(3), np.array([1.0, 2, 4]), True), (np.array([2.0]), np.array([1.0]), True)]  # fmt: skip
    cases += [(rng.normal(0, 2, 7), rng.normal(0, 1, 7), True) for _ in range(3)]
    for x, y, offset in cases:
        fit, start = LineFit(x, y, offset), START[: 2 if offset else 1]
        found = compute(
            scripts,
            """const { LineFit } = await load("line_fit"), [x, y, offset, start] = given, fit = new LineFit(x, y, offset);
            return [fit.best, fit.least, fit.value(start), fit.gradient(start), fit.flow(start, 3), fit.edge, fit.hitProbability(0.1),
                    fit.isValley, fit.values, fit.bound(start, 0.1, 7)];""",
            x.tolist(), y.tolist(), offset, start,
        )  # fmt: skip
        at = np.array(start)
        expected = [
            fit.best.tolist(), fit.least, float(fit.value(at)), fit.gradient(at).tolist(), fit.flow(at, [3.0])[0].tolist(), fit.edge,
            hit_probability(fit, 0.1), bool(fit.is_valley), fit.eigen[0].tolist(), float(fit.bound(at, 0.1, np.array(7.0))),
        ]  # fmt: skip
        for ours, theirs in zip(found, expected, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-11)
    needed = compute(scripts, 'const { guessesNeeded } = await load("line_fit"); return [1, 2, 3, 10, 20].map((d) => guessesNeeded(d));')  # fmt: skip
    assert needed == pytest.approx([guesses_needed(d) for d in (1, 2, 3, 10, 20)], rel=1e-9)


def test_the_browsers_guesses_follow_the_law(scripts):
    """10,000 guesses of the browser's own generator, within three standard errors."""
    fit, p = the_points(), hit_probability(the_points(), 0.1)
    hits = compute(
        scripts,
        """const { LineFit, random } = await load("line_fit"), [x, y] = given, fit = new LineFit(x, y), draw = random(1);
        let hits = 0;
        for (let k = 0; k < 10000; k++) hits += fit.value([4 * draw() - 2, 4 * draw() - 2]) - fit.least <= 0.1;
        return hits;""",
        fit.x.tolist(), fit.y.tolist(),
    )  # fmt: skip
    assert abs(hits - 10_000 * p) <= 3 * np.sqrt(10_000 * p * (1 - p))


def test_the_browsers_functions_paths_and_methods_are_the_engines(scripts):
    for key, function in FUNCTIONS.items():
        start, rate = np.array(function.start), function.rate
        found = compute(
            scripts,
            """const f = (await load("functions")), [key, start, rate, until] = given, one = f.FUNCTIONS[key];
            const path = f.descend(one.gradient, start, rate, 400), smooth = f.flow(one.gradient, start, until);
            return [one.value(start), one.gradient(start), one.hessian(start), path.at(-1), smooth.path.at(-1), smooth.times.length,
                    f.firstFlat(path, one.gradient, 1e-2), f.firstStall(path.map(one.value), 1e-4)];""",
            key, start.tolist(), rate, 2.0,
        )  # fmt: skip
        path, (times, smooth) = (
            descend(function.gradient, start, rate, 400),
            flow(function.gradient, start, 2.0),
        )
        expected = [
            float(function.value(start)), function.gradient(start).tolist(), function.hessian(start).tolist(), path[-1].tolist(),
            smooth[-1].tolist(), len(times), first_flat(function.gradient(path), 1e-2), first_stall(function.value(path), 1e-4),
        ]  # fmt: skip
        for ours, theirs in zip(found[:2], expected[:2], strict=True):
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-15)
        assert np.array(found[2]) == pytest.approx(np.array(expected[2]), rel=1e-9, abs=1e-15)
        assert found[3] == pytest.approx(expected[3], rel=1e-7, abs=1e-9)
        assert found[4] == pytest.approx(expected[4], rel=1e-7, abs=1e-8)
        assert abs(found[5] - expected[5]) <= 2 and found[6:] == expected[6:]
    for key in ("saddle", "rosenbrock", "ravine", "unit"):
        for method in curvature.METHODS:
            start = (
                [1.0, 0.3] if key == "saddle" else [1.0, 1.0] if key == "unit" else list(FUNCTIONS[key].start)
            )
            ours = compute(
                scripts,
                """const { walk } = await load("methods"), { FUNCTIONS } = await load("functions"), [key, method, start, rate] = given;
                return walk(FUNCTIONS[key], method, start, 8, rate);""",
                key, method, start, FUNCTIONS[key].rate,
            )  # fmt: skip
            theirs = curvature.walk(FUNCTIONS[key], method, np.array(start), 8, FUNCTIONS[key].rate)
            assert np.array(ours) == pytest.approx(theirs, rel=1e-5, abs=1e-6), f"{key} {method}"


def test_the_browsers_momentum_and_noise_are_the_engines(scripts):
    for form in inertia.FORMS:
        for beta in (0.0, 0.5, 0.9):
            found = compute(
                scripts,
                """const m = await load("momentum"), { FUNCTIONS } = await load("functions"), [form, beta] = given, { rollEnd } = await load("inertia");
                return [m.roll(FUNCTIONS.bumpy.gradient, [6], 0.05, beta, form, 300).at(-1)[0], rollEnd(6, 0.05, beta, form, 300),
                        m.edge(2, beta, form), m.updatesToCross(3, 0.01, 0.1, beta, form)];""",
                form, beta,
            )  # fmt: skip
            end = inertia.roll(FUNCTIONS["bumpy"].gradient, np.array([6.0]), 0.05, beta, form, 300)[-1, 0]
            assert found[:2] == pytest.approx([end, end], rel=1e-7)
            assert found[2] == pytest.approx(inertia.edge(2, beta, form), rel=1e-12)
            assert found[3] == inertia.updates_to_cross(3, 0.01, 0.1, beta, form)
    options = dict(delta=0.7, gamma=0.9, every=50, total=300)
    for key, schedule in SCHEDULES.items():
        own = {name: value for name, value in options.items() if name in schedule.options}
        rates = np.array([schedule.rate(0.3, t, **own) for t in range(1, 401)])
        found = compute(
            scripts,
            """const m = await load("moments"), [key, options] = given, alphas = m.rates(key, 0.3, options, 400);
            const lanes = new m.Lanes(alphas, 5, [0, 10, 400]);
            while (!lanes.isDone) lanes.advance(5);
            return [[...alphas], [...m.parabolaMoments(alphas, 5)], lanes.means];""",
            key, options,
        )  # fmt: skip
        assert found[0] == pytest.approx(rates.tolist(), rel=1e-12), key
        exact = noise.parabola_moments(rates, 5.0)
        assert found[1] == pytest.approx(exact.tolist(), rel=1e-9)
        mean = 5.0 * np.concatenate([[1.0], np.cumprod(1 - rates)])
        spread = exact - mean**2
        error = np.sqrt((2 * spread**2 + 4 * mean**2 * spread) / 400)
        for t, measured in zip((0, 10, 400), found[2], strict=True):
            assert abs(measured - exact[t]) <= 4 * error[t] + 1e-12, f"{key} at {t}"
    fit = the_points()
    for batch, replace in ((1, True), (4, False), (20, False)):
        found = compute(
            scripts,
            """const m = await load("moments"), { LineFit } = await load("line_fit"), [x, y, batch, replace, start] = given, fit = new LineFit(x, y);
            const gradients = fit.gradients(start), means = m.batchMeans(gradients, batch, replace, 4000, 1), full = fit.gradient(start);
            return [[...m.lineMoments(fit, start, 0.05, batch, replace, 40)], m.variance(gradients, batch, replace),
                    means.reduce((sum, g) => sum + (g[0] - full[0]) ** 2 + (g[1] - full[1]) ** 2, 0) / 4000];""",
            fit.x.tolist(), fit.y.tolist(), batch, replace, START,
        )  # fmt: skip
        assert found[0] == pytest.approx(noise.line_moments(fit, np.array(START), 0.05, batch, replace, 40).tolist(), rel=1e-8)  # fmt: skip
        variance = noise.variance(fit.gradients(np.array(START)), batch, replace)
        assert found[1] == pytest.approx(variance, rel=1e-9, abs=1e-12)
        assert found[2] == pytest.approx(variance, rel=0.1, abs=1e-12)


def test_the_browsers_unit_and_losses_are_the_engines(scripts):
    margins = [-3.0, -0.2, 0.0, 0.7, 2.0]
    found = compute(
        scripts,
        """const m = await load("losses"), { sigmoid } = await load("functions"), [margins] = given;
        return [m.train("quadratic", 2, 2, 0.15, 300).map(sigmoid), m.train("cross_entropy", 2, 2, 0.15, 300).map(sigmoid),
                Object.fromEntries(Object.entries(m.surrogates).map(([name, f]) => [name, margins.map(f)]))];""",
        margins,
    )  # fmt: skip
    assert found[0] == pytest.approx(unit.train("quadratic", 2, 2, 0.15, 300).tolist(), rel=1e-9)
    assert found[1] == pytest.approx(unit.train("cross_entropy", 2, 2, 0.15, 300).tolist(), rel=1e-9)
    for name, law in unit.SURROGATES.items():
        assert found[2][name] == pytest.approx(law(np.array(margins)).tolist(), rel=1e-12)


# --- dragging, stepping, links ------------------------------------------------------------------------------------------

HANDLES = {"line": ("point 3", "points="), "downhill": ("start", "start_x="), "noise": ("start", "start_x="),
           "losses": ("start", "weight="), "curvature": ("at", "at_x="), "inertia": ("start", "start=")}  # fmt: skip


@pytest.mark.parametrize("view", HANDLES)
def test_what_is_dragged_redraws_at_once_and_is_in_the_link_when_let_go(open_view, view):
    page = open_view(view)
    name, part = HANDLES[view]
    handle = page.locator(f'[data-handle="{name}"]')
    expect(handle).to_be_visible()
    before, words = drawn(page), page.locator(".fs").inner_text()
    drag(page, handle, 30, -20)
    page.wait_for_function(
        "before => Number(document.querySelector('.fs').dataset.drawn) > before", arg=before
    )
    assert part not in page.evaluate("location.href"), "the server knows nothing yet"
    assert page.locator(".fs").inner_text() != words, "its numbers follow the pointer"
    page.mouse.up()
    wait_for_link(page, part)
    link, place = page.evaluate("location.href"), handle.get_attribute("aria-label")
    page.reload()
    expect(page.locator(f'[data-handle="{name}"]')).to_have_attribute("aria-label", place, timeout=120_000)
    assert page.evaluate("location.href") == link


def test_handles_answer_to_the_arrow_keys(open_view):
    page = open_view("downhill")
    handle = page.locator('[data-handle="start"]')
    before = handle.get_attribute("aria-label")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(handle).not_to_have_attribute("aria-label", before)
    wait_for_link(page, "start_y=")


def test_stepping_goes_both_ways_by_button_and_by_key(open_view):
    page = open_view("losses")
    verdict = page.locator(".fs-verdict")

    def button(name):
        return page.locator(".fs-transport").get_by_role("button", name=name, exact=True)

    expect(verdict).to_contain_text("Update 0:")
    button("Step").click()
    expect(verdict).to_contain_text("Update 1:")
    page.keyboard.press("ArrowRight")
    expect(verdict).to_contain_text("Update 2:")
    page.keyboard.press("ArrowLeft")
    expect(verdict).to_contain_text("Update 1:")
    wait_for_link(page, "step=1")
    button("Back").click()
    expect(verdict).to_contain_text("Update 0:")
    button("Play").click()
    page.wait_for_function("parseInt(document.querySelector('.fs-verdict').innerText.slice(7)) > 5")
    button("Pause").click()
    expect(page.locator(".fs")).to_have_attribute("data-playing", "false")


def test_views_are_switched_and_the_back_button_returns(open_view):
    page = open_view("downhill", "&surface=rosenbrock&start_x=0.5&start_y=2&eta=0.0005")
    expect(page.get_by_role("radio", name="Rosenbrock")).to_be_checked()
    page.get_by_role("radio", name="Inertia").click()
    expect(page.locator(".fs-inertia .main-svg").first).to_be_visible()
    expect(page.locator(".fs-verdict")).to_contain_text("0.739")
    page.go_back()
    expect(page.locator(".fs-downhill")).to_be_visible()
    expect(page.get_by_role("radio", name="Rosenbrock")).to_be_checked()
    assert "start_y=2" in page.evaluate("location.href")


def test_the_pages_numbers_are_those_of_the_lecture(open_view):
    page = open_view("downhill")
    expect(page.locator(".fs-verdict")).to_contain_text("the steps are 0.0147 away from the flow")
    page = open_view("downhill", "&eta=0.01678")
    expect(page.locator('[data-formula="flat"]')).to_contain_text("step 453")
    expect(page.locator('[data-formula="stall"]')).to_contain_text("step 331")
    page = open_view("inertia", "&form=ema")
    expect(page.locator(".fs-verdict")).to_contain_text("stops at 3.64")
    page = open_view("losses", "&step=50")
    expect(page.locator(".fs-verdict")).to_contain_text(
        "output 0.976 with the quadratic loss, 0.099 with cross-entropy"
    )
    page = open_view("curvature", "&steps=1")
    expect(page.locator(".fs-verdict")).to_contain_text("Newton (0, −0.074)")


def test_limits_are_said_and_not_guessed(open_view):
    page = open_view("line")
    page.get_by_role("button", name="All x equal").click()
    expect(page.locator(".fs-verdict")).to_contain_text("a whole valley of lines is equally good")
    page = open_view("curvature", "&surface=unit&at_x=1&at_y=1")
    expect(page.locator(".fs-verdict")).to_contain_text("no Newton step exists")
    page = open_view("noise", "&batch=20")
    expect(page.locator(".fs-verdict")).to_contain_text("All arrows are the same")
    expect(page.locator(".fs")).to_have_attribute("data-lanes", "done", timeout=60_000)
    page = open_view("downhill")
    page.get_by_role("button", name="Start at θ*").click()
    expect(page.locator(".fs-verdict")).to_contain_text("Here it is level")


def test_the_lines_arithmetic_steps_with_the_picture(open_view):
    page = open_view("line")
    page.get_by_text("Every step with its numbers").click()
    page.get_by_role("button", name="Step forward").click()
    expect(page.locator(".stp-words")).to_contain_text("w = −1.5")
    wait_for_link(page, "step=1")
    expect(page.locator(".fs-verdict")).to_contain_text("1 guesses")


def test_on_a_phone_the_painted_ground_lies_under_its_chart_and_the_legend_above(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server[0]}/first_steps?view=curvature")
    card = page.locator(".fs-card").first
    expect(card.locator(".fs-field .main-svg").first).to_be_visible(timeout=60_000)
    sizes = card.evaluate(
        "(card) => [...card.querySelectorAll('.fs-field, .fs-plot')].map((plot) => plot._fullLayout._size)"
    )
    assert len(sizes) == 2 and sizes[0] == sizes[1]
    legend, plot = card.locator(".fs-plot .legend").bounding_box(), card.locator(".fs-plot").bounding_box()
    assert legend["y"] + legend["height"] <= plot["y"] + sizes[1]["t"] + 1
