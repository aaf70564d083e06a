"""The Capacity page in a real browser: its numbers are the engine's, what is dragged moves, and the link is the view."""

import numpy as np
import pytest
from playwright.sync_api import expect

from engine import MLP
from engine.data.curves import CURVES
from engine.network.pieces import folded, interpolant
from engine.studies import dichotomies
from engine.surfaces import teacher
from engine.surfaces.teacher import PLANE
from pages.capacity.features_cards import packed_places
from pages.capacity.hard import BAND, POINTS

IMPORT = "const load = (name) => import(new URL(`assets/capacity/${name}.js`, document.baseURI).href);"


@pytest.fixture
def open_view(page, server):
    def go(view: str, more: str = ""):
        page.goto(f"{server[0]}/capacity?view={view}{more}")
        expect(page.locator(".fs .main-svg").first).to_be_visible(timeout=120_000)
        page.wait_for_function("Number(document.querySelector('.fs').dataset.drawn) > 0")
        return page

    return go


def compute(page, body: str, *given):
    """Run JavaScript with `load(module)` at hand."""
    return page.evaluate(f"async (given) => {{ {IMPORT} {body} }}", list(given))


def wait_for_link(page, part: str) -> None:
    page.wait_for_function("part => location.href.includes(part)", arg=part, timeout=90_000)


def wait_until_worked_out(page) -> None:
    page.wait_for_function(
        "(() => { const t = document.querySelector('.fs-verdict').innerText; return t && !t.includes('Working'); })()",
        timeout=120_000,
    )


# --- Teacher ----------------------------------------------------------------------------------------------------


def same_as_the_engine(page) -> None:
    """Starts, loss, gradient, Hessian, splits, descent and moments."""
    rng = np.random.default_rng(0)
    for units, teachers, inputs in ((1, 1, 2), (3, 2, 2), (4, 3, 5)):
        V = rng.standard_normal((teachers, inputs))
        found = compute(
            page,
            """const t = await load("teacher_math"), [V, units, inputs] = given, W = t.starts(7, 3, units, inputs), G = new Float64Array(W.length);
            const problem = new t.Problem(V, inputs, units), from = problem.size, one = W.slice(from, 2 * from), slope = problem.gradient(W, G, from);
            const H = problem.hessian(one), descent = new t.Descent(problem, W, 0.1, 0.5);
            descent.goTo(230); descent.goTo(40);
            return [Array.from(W), problem.loss(W, from), Array.from(G.slice(from, 2 * from)), slope, H.map((row) => Array.from(row)), t.eigen(H).values,
              problem.splitCurvature(H, 0).curvature, Array.from(descent.W), t.exactMoments(V, inputs)];""",
            V.tolist(), units, inputs,
        )  # fmt: skip
        W = teacher.starts(7, 3, units, inputs)
        H = teacher.hessian(W[1], V)
        expected = [
            W.ravel(), teacher.loss(W[1], V), teacher.gradient(W[1], V).ravel(), np.abs(teacher.gradient(W[1], V)).max(), H,
            np.linalg.eigvalsh(H), teacher.split_curvature(W[1], V, 0)[0], teacher.descend(W, V, 0.1, 40, 0.5).ravel(),
        ]  # fmt: skip
        for ours, theirs in zip(found[:8], expected, strict=True):
            assert np.array(ours) == pytest.approx(np.array(theirs), rel=1e-9, abs=1e-10)
        first, second = teacher.moments(V)
        assert np.array(found[8]["first"]) == pytest.approx(first, abs=1e-12)
        assert np.array(found[8]["second"]) == pytest.approx(second, abs=1e-12)


def same_moments(page) -> None:
    found = compute(
        page,
        """const t = await load("teacher_math"), [V] = given, all = t.sampledMoments(V, 5, 3, [100, 1000]);
        return [...all.map(({ first, second }) => [first, second, t.spanAngle(second, V)]), Array.from(t.normals(3 * 1000003 + 17, 5000))];""",
        teacher.MOMENTS_TEACHER.tolist(),
    )
    x = teacher.normals(3 * 1_000_003 + 17, 5000).reshape(1000, 5)
    assert np.array(found[2]) == pytest.approx(x.ravel(), abs=1e-12)
    for count, (first, second, angle) in zip((100, 1000), found[:2], strict=True):
        ours = teacher.sampled_moments(teacher.MOMENTS_TEACHER, x[:count])
        assert np.array(first) == pytest.approx(ours[0], abs=1e-10)
        assert np.array(second) == pytest.approx(ours[1], abs=1e-10)
        assert angle == pytest.approx(teacher.span_angle(ours[1], teacher.MOMENTS_TEACHER), abs=1e-6)


def test_teacher_finds_a_trap_and_a_split_opens_it(open_view):
    page = open_view("teacher", "&step=400&students=40")
    same_as_the_engine(page)
    same_moments(page)
    wait_until_worked_out(page)
    found = int((teacher.loss(teacher.descend(teacher.starts(0, 40, 4, 2), PLANE, 0.3, 400), PLANE) < teacher.ARRIVED).sum())  # fmt: skip
    verdict = page.locator(".fs-verdict")
    expect(verdict).to_contain_text(f"{found} of 40 students have found the teacher")
    expect(verdict).to_contain_text("no way bends down")
    expect(page.locator('[data-formula="one"]')).to_contain_text("rests at L = 0.0171613")
    page.locator('[data-split="1"]').focus()
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("the smallest eigenvalue is now −0.205")
    wait_for_link(page, "cut=split&neuron=2&at=400")
    page.keyboard.press("Escape")
    page.locator('input[data-name="step"]').fill("3400")
    page.locator('input[data-name="step"]').dispatch_event("change")
    expect(verdict).to_contain_text("with one neuron more it goes down")
    wait_for_link(page, "step=3400")
    page.reload()
    expect(verdict).to_contain_text("with one neuron more it goes down", timeout=120_000)
    page.get_by_role("button", name="Undo").click()
    expect(verdict).to_contain_text("no way bends down")


def test_on_a_phone_the_moments_of_teacher_have_the_whole_width(open_view):
    page = open_view("teacher", "&tab=moments")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(
        "document.querySelector('[data-chart=moments]').getBoundingClientRect().width > 300"
    )
    whole = page.locator('[data-chart="moments"] .ca-tables')
    assert whole.evaluate("node => node.parentElement.scrollHeight <= node.parentElement.clientHeight")


def test_teacher_turns_arrows_and_follows_the_teacher_that_is_dragged(open_view):
    page = open_view("teacher", "&students=20")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('input[data-name=step]').value) > 3")
    page.get_by_role("button", name="Pause", exact=True).click()
    wait_for_link(page, "step=")
    page.locator('[data-handle="v0"]').focus()
    page.keyboard.press("ArrowUp")
    wait_for_link(page, "teacher=")
    expect(page.locator(".fs-verdict")).to_contain_text("of 20 students have found the teacher")
    page.get_by_role("radio", name="ten", exact=True).check()
    expect(page.locator(".ca-matrix td").nth(5)).to_be_visible()
    wait_for_link(page, "space=ten")


def test_students_that_diverge_are_counted_and_nothing_breaks(open_view):
    page = open_view("teacher", "&units=12&eta=1&step=700&students=30")
    wait_until_worked_out(page)
    expect(page.locator(".fs-verdict")).to_contain_text("30 diverged")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".fs-verdict")).to_contain_text("30 students start from random weights.")
    page.wait_for_function("!location.href.includes('step')")


# --- Lazy -------------------------------------------------------------------------------------------------------


def test_lazy_plays_and_its_link_opens_the_same(page, server):
    page.goto(f"{server[0]}/capacity?view=lazy&width=512&alpha=2")
    panel = page.locator(".dl-panel[data-run]")
    expect(panel).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.dl-panel').dataset.step) > 20", timeout=60_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator('[data-chart="cloud"]')).to_contain_text("The weights of width 512")
    for chart in ("functions", "laws", "cloud"):
        expect(page.locator(f'[data-chart="{chart}"] .main-svg').first).to_be_visible()
    wait_for_link(page, "alpha=2")


# --- Hard -------------------------------------------------------------------------------------------------------


def same_dichotomies(page) -> None:
    rng = np.random.default_rng(0)
    cases = [rng.uniform(-1, 1, (n, 2)).round(2).tolist() for n in (1, 2, 6, 10)]
    cases += [
        [[k / 4, 0.5] for k in range(5)],
        [[0.25, 0.5]] * 3,
        [[0, 0], [0, 1], [1, 0], [1, 1], [0.5, 0.5]],
    ]
    for points in cases:
        found, tried, some, half = compute(
            page,
            """const h = await load("hard_math"), [points] = given, all = h.dichotomies(points), labels = all.map(([label]) => label);
            const s = h.search(labels, 5 % 2 ** points.length);
            return [all, s.first || s.pairs.length, s.reachable, h.cover(points.length, 2)];""",
            points,
        )  # fmt: skip
        expected = dichotomies.dichotomies([tuple(point) for point in points])
        assert [label for label, _ in found] == list(expected)
        assert np.array([line for _, line in found]) == pytest.approx(
            np.array(list(expected.values())), abs=1e-9
        )
        assert tried == dichotomies.first_answer(list(expected), 5 % 2 ** len(points))[0]
        assert some == dichotomies.reachable(list(expected))
        assert half == dichotomies.cover(len(points), 2)


def same_descents(page) -> None:
    """The browser's networks descend as the engine's do, with β in the inner weights."""
    points = [tuple(map(float, pair.split(","))) for pair in POINTS.split(";")]
    theta, slope, after = compute(
        page,
        """const h = await load("hard_math"), [points, wanted] = given, run = new h.Descents(points, wanted, 4, 2, 5, 3);
        const start = Array.from(run.theta);
        run.slope(0);
        const slope = Array.from(run.g);
        for (let t = 0; t < 20; t++) run.step();
        return [start, slope, Array.from(run.theta)];""",
        points, BAND,
    )  # fmt: skip
    mlp = MLP((2, 4, 1), ("sigmoid",), "binary_cross_entropy")
    scale = np.where(np.arange(mlp.parameter_count) < 12, 2.0, 1.0)
    here, m = np.array(theta).reshape(3, -1), 0.0
    X, y = np.array(points), np.array([[BAND >> k & 1] for k in range(10)], float)
    assert np.array(slope) == pytest.approx(
        (mlp.loss_and_gradient(here * scale, X, y)[1] * scale)[0], abs=1e-12
    )
    for _ in range(20):
        m = 0.9 * m + mlp.loss_and_gradient(here * scale, X, y)[1] * scale
        here = here - 0.3 * m
    assert np.array(after) == pytest.approx(here.ravel(), abs=1e-9)


def test_hard_tries_every_pair_and_a_click_changes_a_label(open_view):
    page = open_view("hard", "&tried=4137")
    same_dichotomies(page)
    same_descents(page)
    verdict = page.locator(".fs-verdict")
    expect(verdict).to_contain_text("4,137 of 4,278 pairs tried")
    page.get_by_role("button", name="Step", exact=True).click()
    expect(verdict).to_contain_text("Pair 4,138 fits.")
    wait_for_link(page, "tried=4138")
    page.locator('[data-handle="p0"]').click()
    wait_for_link(page, "labels=889")
    expect(verdict).to_contain_text("Press Play to try every pair.")
    page.locator('[data-handle="p0"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_function("!location.href.includes('labels')")
    page.get_by_role("button", name="All on a line").click()
    expect(page.locator('[data-formula="here"]')).to_contain_text(
        "10 points: 20 labellings by one line; in general position 92"
    )
    wait_for_link(page, "points=")
    page.reload()
    expect(page.locator('[data-formula="here"]')).to_contain_text("20 labellings", timeout=120_000)


# --- By heart ---------------------------------------------------------------------------------------------------


def test_by_heart_trains_and_shows_what_a_width_says(page, server):
    page.goto(f"{server[0]}/capacity?view=by_heart&problem=beyond&share=0&width=32&count=20")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=120_000)
    expect(page.locator('[data-chart="picture"]')).to_contain_text("What width 32 says")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.dl-panel').dataset.step) > 20", timeout=60_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator('[data-chart="scores"] .main-svg').first).to_be_visible()
    wait_for_link(page, "problem=beyond")


# --- Found ------------------------------------------------------------------------------------------------------


def test_found_trains_beside_what_is_built_and_a_drawing_becomes_its_target(page, server):
    page.goto(f"{server[0]}/capacity?view=found&nets=8,4-4")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.dl-panel').dataset.step) > 40", timeout=60_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    for chart in ("picture", "starts", "parts", "loss"):
        expect(page.locator(f'[data-chart="{chart}"] .main-svg').first).to_be_visible()
    page.get_by_role("button", name="Draw data").click()
    page.get_by_role("button", name="Clear").click()
    box = page.locator(".dl-draw-plane").bounding_box()
    for x, y in ((0.1, 0.5), (0.5, 0.2), (0.9, 0.6)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.get_by_role("button", name="Train on these points").click()
    wait_for_link(page, "data=drawn")
    page.get_by_role("button", name="Rings").click()
    wait_for_link(page, "data=ring")
    expect(page.locator('[data-chart="picture"]')).to_contain_text("2: the median start")


# --- Features ---------------------------------------------------------------------------------------------------

PAINTED = "(name) => document.querySelector(`[data-chart=${name}] canvas`).toDataURL()"


def test_features_brings_the_playgrounds_network_and_warps_its_plane_while_it_trains(page, server):
    page.goto(f"{server[0]}/?data=circles&net=6-3")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.dl-panel').dataset.step) > 3", timeout=60_000)
    page.get_by_role("button", name="Layer by layer").click()  # while it plays
    expect(page.locator('[data-chart="picture2"] .main-svg').first).to_be_visible(timeout=120_000)
    expect(page.get_by_text("The Playground's network after")).to_be_visible()
    wait_for_link(page, "weights=")
    at, lines = page.evaluate(
        """async (at) => { const m = await import(new URL("assets/live/mesh.js", document.baseURI).href);
        const sheet = m.decodeMesh({ at, cells: "", across: 2 });
        return [[Array.from(sheet.x), Array.from(sheet.y)], m.gridLines(21, 21).length]; }""",
        packed_places(
            np.array([[0.25, 0.5], [np.nan, 1.0], [1.5, -0.5], [9.0, 0.0]]), ((0.0, 1.0), (0.0, 1.0))
        ),
    )
    assert at[0][::2] == pytest.approx([0.25, 1.5], abs=1e-4) and at[1][::2] == pytest.approx(
        [0.5, -0.5], abs=1e-4
    )
    assert (
        np.isnan([at[0][1] or np.nan, at[1][1] or np.nan]).all()
        and at[0][3] == pytest.approx(2)
        and lines == 22
    )
    page.wait_for_function(f"({PAINTED})('picture2').length > 1500", timeout=60_000)
    before = [page.evaluate(PAINTED, name) for name in ("picture1", "picture2")]
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.dl-panel').dataset.step) > 10", timeout=60_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    assert all(
        page.evaluate(PAINTED, name) != old
        for name, old in zip(("picture1", "picture2"), before, strict=True)
    )


# --- Build and Depth --------------------------------------------------------------------------------------------


def test_what_is_built_by_hand_is_the_engines_network_and_its_points_are_dragged(open_view):
    page = open_view("build", "&hand=true&pieces=4")
    for key, curve in CURVES.items():
        x = np.linspace(curve.low, curve.high, 101)
        knots = np.linspace(curve.low, curve.high, 8)
        values, built = compute(
            page,
            """const m = await load("build_math"), [key, x, pieces] = given, target = m.TARGETS[key];
            const network = m.build("kinks", m.onTarget(target, pieces), target, true);
            return [x.map(target.value), x.map((at) => m.value(network, at))];""",
            key, x.tolist(), 7,
        )  # fmt: skip
        assert values == pytest.approx(curve.value(x), abs=1e-12)
        mlp, theta = interpolant(knots, curve.value(knots))
        assert built == pytest.approx(mlp.forward(theta, x[:, None])[0, :, 0], abs=1e-12)
    handle = page.locator('.fs-handle[data-handle="2"]')
    handle.focus()
    handle.press("ArrowUp")
    wait_for_link(page, "knots=")
    page.reload()
    expect(page.locator(".fs-build .main-svg").first).to_be_visible(timeout=60_000)
    assert "knots=" in page.url and "hand=true" in page.url


def test_no_biases_no_polynomial_and_no_jump_as_the_theorem_says(open_view):
    page = open_view("build")
    squares, odd, slopes, jump = compute(
        page,
        """const m = await load("build_math"), at = (kind, key, pieces, biases) => m.build(kind, m.onTarget(m.TARGETS[key], pieces), m.TARGETS[key], biases);
        const few = at("squares", "sine", 3, true), many = at("squares", "sine", 60, true), tanh = at("tanh", "abs", 9, false), relu = at("kinks", "sine", 9, false);
        const x = [0.1, 0.4, 0.9], slope = (a, b) => (m.value(relu, b) - m.value(relu, a)) / (b - a);
        return [x.map((v) => m.value(few, v) - m.value(many, v)), x.map((v) => m.value(tanh, v) + m.value(tanh, -v)),
          [slope(0.1, 0.2) - slope(0.7, 0.9), slope(-0.2, -0.1) - slope(-0.9, -0.7), m.value(relu, 0)],
          [8, 64].map((pieces) => m.largestError(at("kinks", "step", pieces, true), m.TARGETS.step))];""",
    )  # fmt: skip
    assert squares + odd + slopes == pytest.approx([0] * 9, abs=1e-9)
    assert min(jump) >= 0.5


def test_a_point_goes_the_way_of_the_engines_folded_network(open_view):
    page = open_view("depth", "&layers=4")
    x = np.linspace(0, 1, 65)
    for folds in (1, 3, 8):
        mlp, theta = folded(folds)
        found = compute(page, 'const f = await load("fold"); return given[0].map((x) => f.way(x, given[1]).at(-1));', x.tolist(), folds)  # fmt: skip
        assert found == mlp.forward(theta, x[:, None])[0, :, 0].tolist()
    expect(page.locator(".fs-verdict")).to_contain_text("8 neurons in 4 layers make 16 straight pieces")
    page.locator("body").press("ArrowRight")
    wait_for_link(page, "layers=5")
    page.get_by_role("button", name="k = 20").click()
    expect(page.locator(".fs-verdict")).to_contain_text("1,048,575 neurons")
