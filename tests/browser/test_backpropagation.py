"""The Backpropagation page in a real browser: its numbers against the engine's, stepping, dragging, links."""

import itertools
import json

import numpy as np
import pytest
from playwright.sync_api import expect

from engine import ACTIVATIONS, LOSSES, MLP
from engine.network import chain as engine_chain
from engine.network.softmax import derivation, softmax_loss
from engine.network.trace import bare, trace, with_numbers

LECTURE = [0.2, 0.4, -0.3, 0.1, 0.1, -0.2, -0.5, 0.8, 0.3]


@pytest.fixture
def open_view(page, server):
    def go(view: str, more: str = ""):
        page.goto(f"{server[0]}/backpropagation?view={view}{more}")
        expect(page.locator(".stp[data-drawn]")).to_be_visible(timeout=30_000)
        return page

    return go


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def data(page, name: str) -> str:
    return page.locator(".stp").get_attribute(f"data-{name}")


def wait_for_step(page, step: int) -> None:
    expect(page.locator(".stp")).to_have_attribute("data-step", str(step))


def wait_for_link(page, part: str) -> None:
    page.wait_for_function("part => location.href.includes(part)", arg=part)


def module(page, file: str, expression: str, *given):
    """What a function of a module of ours gives."""
    code = (
        "async ([file, given]) => { const m = await import(new URL('assets/backpropagation/' + file, document.baseURI).href);"
        f" return {expression}; }}"
    )
    return page.evaluate(code, [file, list(given)])


# --- the browser's numbers are the engine's -------------------------------------------------------------------


def test_every_activation_loss_and_depth_is_computed_as_the_engine_does(scripts):
    rng, cases, expected = np.random.default_rng(8), [], []
    for loss, activation, depth in itertools.product(LOSSES, ACTIVATIONS, (0, 1, 3)):
        outputs = 3 if loss == "cross_entropy" else 1
        output = "sigmoid" if loss == "quadratic" and depth else "identity"
        mlp = MLP((2, *[3] * depth, outputs), [activation] * depth, loss, output)
        theta, X, y = (
            rng.standard_normal(mlp.parameter_count),
            rng.standard_normal((4, 2)),
            rng.integers(0, 2, 4),
        )
        l1, l2 = (0.1, 0.3) if depth == 3 else (0.0, 0.0)
        net = dict(sizes=mlp.layer_sizes, activations=mlp.activations, loss=loss, l1=l1, l2=l2)
        cases.append([net, theta.tolist(), X.tolist(), mlp.target(y, np.float64).tolist()])
        expected.append(trace(mlp, theta, X, y, l1, l2))
    found = module(scripts, "network_math.js", "given[0].map((one) => m.run(...one))", cases)
    for boxes, known in zip(found, expected, strict=True):
        for box in known.boxes:
            assert np.asarray(boxes[box.key]["value"]) == pytest.approx(box.value, rel=1e-9, abs=1e-12)
            assert np.asarray(boxes[box.key]["gradient"]) == pytest.approx(box.gradient, rel=1e-9, abs=1e-12)


def test_chains_and_softmax_are_computed_as_the_engine_does(scripts):
    rng = np.random.default_rng(1)
    for n in (1, 3, 12):
        x, y, b, *weights = rng.standard_normal(n + 3).tolist()
        activations = [str(name) for name in rng.choice(sorted(ACTIVATIONS), n)]
        values = dict(x=x, y=y, bias=b, weights=weights, activations=activations)
        known = engine_chain.rows(engine_chain.forward(x, y, weights, b, activations))
        gradient, table, counts = module(
            scripts, "chain_math.js",
            "(() => { const c = m.forward(given[0]), r = m.rows(c); return [Object.fromEntries(r.map((row) => [row.name, m.multiplied(row.factors)])), r, m.multiplications(r, r.length)]; })()",
            values,
        )  # fmt: skip
        assert gradient == pytest.approx(engine_chain.with_reuse(known), rel=1e-9, abs=1e-15)
        assert [[f["number"] for f in row["factors"]] for row in table] == [
            pytest.approx([f.number for f in factors], rel=1e-9) for factors in known.values()
        ]
        assert tuple(counts) == engine_chain.multiplications(n)
    for stable, label, c in itertools.product((True, False), range(3), range(3)):
        a = [2.0, 1.0, 0.1]
        found, lines = module(scripts, "softmax_math.js", "[m.softmaxLoss(...given.slice(0, 3)), m.derivation(given[0], given[1], given[3], given[2])]", a, label, stable, c)  # fmt: skip
        known = softmax_loss(a, label, stable)
        assert found["f"] == pytest.approx(known.f) and found["loss"] == pytest.approx(known.loss)
        assert found["gradient"] == pytest.approx(known.gradient, abs=1e-15)
        assert lines == pytest.approx(derivation(a, label, c, stable), abs=1e-8)


def test_formulas_read_as_the_engine_writes_them(open_view):
    page = open_view("boxes")
    mlp = MLP((2, 2, 1), ["sigmoid"], "binary_cross_entropy")
    known = trace(mlp, np.array(LECTURE), np.array([[1.0, 2.0]]), np.array([1.0]))
    for key, index in (("z1", {"j": 1}), ("a1", {"j": 0}), ("z2", {"j": 0}), ("p", {"j": 0}), ("L", {})):
        text = known[key].forward
        ours = module(page, "formula.js", "m.expand(given[0], given[1], (what, box, at) => box + at.map((n) => `[${n + 1}]`).join(''))", text, index)  # fmt: skip
        assert ours == bare(text, index, lambda box, at: box + "".join(f"[{n + 1}]" for n in at))
    page.locator('[data-box="z1"]').click()
    for _ in range(11):
        button(page, "Step forward").click()
    page.locator('[data-box="z1"]').click()
    detail = page.locator(".bp-detail")
    expect(detail).to_contain_text(with_numbers(known, known["z1"].forward, {"j": 0}))


# --- stepping -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "count"), [("chain", 9), ("boxes", 15), ("softmax", 12)])
def test_stepping_goes_both_ways_one_by_one_by_button_and_key(open_view, view, count):
    page = open_view(view)
    assert data(page, "count") == str(count)
    wait_for_step(page, 0)
    words = [page.locator(".stp-words").inner_text()]
    for step in range(1, count + 1):
        if step % 2:
            button(page, "Step forward").click()
        else:
            page.keyboard.press("ArrowRight")
        wait_for_step(page, step)
        words.append(page.locator(".stp-words").inner_text())
    page.keyboard.press("ArrowRight")
    wait_for_step(page, count)
    for step in range(count - 1, -1, -1):
        if step % 2:
            button(page, "Step back").click()
        else:
            page.keyboard.press("ArrowLeft")
        wait_for_step(page, step)
        assert page.locator(".stp-words").inner_text() == words[step], "the same, from either side"
    button(page, "To the end").click()
    wait_for_step(page, count)
    wait_for_link(page, f"step={count}")
    button(page, "To the start").click()
    wait_for_step(page, 0)


@pytest.mark.parametrize("view", ["chain", "boxes", "softmax"])
def test_nothing_above_the_stage_moves_while_one_steps(open_view, view):
    page = open_view(view)
    places = """() => [...document.querySelectorAll('.stp-stage, .bp-factors tr, .bp-bars, .bp-graph')].map((e) => {
        const r = e.getBoundingClientRect(); return [Math.round(r.x), Math.round(r.y)]; })"""
    page.wait_for_load_state("networkidle")  # its style sheet too
    before = page.evaluate(places)
    for _ in range(int(data(page, "count"))):
        page.keyboard.press("ArrowRight")
    wait_for_step(page, int(data(page, "count")))
    if view != "boxes":  # its cards grow as numbers come into them
        assert page.evaluate(places) == before
    assert page.evaluate(places)[0] == before[0]


def test_arrow_keys_belong_to_a_field_that_has_the_focus(open_view):
    page = open_view("softmax")
    page.get_by_role("slider", name="Logit of class 2").focus()
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 0)
    wait_for_link(page, "a2=1.05")


def test_a_view_that_was_left_is_shown_as_it_was_and_the_notation_is_kept(open_view):
    page = open_view("boxes", "&from=own&net=2&step=5&open=z1:0")
    page.get_by_label("the training chapter").check()
    wait_for_link(page, "symbols=D")
    page.get_by_role("radio", name="Chain").click()
    expect(page.locator(".bp-factors")).to_contain_text("h(1)")
    page.get_by_role("radio", name="Boxes").click()
    expect(page.locator(".bp-detail h2")).to_contain_text("a⁽¹⁾")
    wait_for_step(page, 5)


# --- Chain ----------------------------------------------------------------------------------------------------


def test_chain_follows_the_hand_before_the_server_hears_of_it(open_view):
    page = open_view("chain", "&step=8")
    assert json.loads(data(page, "gradient")) == pytest.approx(
        {"w3": -0.02542835, "w2": -0.02291973, "w1": 0.00735314, "b": 0.00735314}, abs=1e-8
    )
    field = page.get_by_label("Weight 1", exact=True)
    box = field.bounding_box()
    page.mouse.move(box["x"] - 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 52, box["y"] + 5, steps=5)
    page.wait_for_function("document.querySelector('.stp').dataset.loss !== '0.0570713747539901'")
    weight = float(field.input_value())
    assert weight > 0.5 and "w1=" not in page.url, "it is drawn before it is let go"
    known = engine_chain.forward(1, 1, [weight, -1, 2], 0.25, ["sigmoid"] * 3)
    assert json.loads(data(page, "gradient")) == pytest.approx(
        engine_chain.with_reuse(engine_chain.rows(known))
    )
    page.mouse.up()
    wait_for_link(page, f"w1={weight:g}")
    page.reload()
    expect(page.get_by_label("Weight 1", exact=True)).to_have_value(f"{weight:g}", timeout=30_000)
    wait_for_step(page, 8)


def test_only_known_factors_light_up_and_multiplications_are_counted(open_view):
    page = open_view("chain")
    shared = page.locator(".bp-shared")
    for step, lit, without, reuse in ((5, 0, 2, 2), (6, 2, 6, 5), (7, 6, 12, 8), (8, 12, 18, 8)):
        while int(data(page, "step")) < step:
            before = data(page, "step")
            button(page, "Step forward").click()
            expect(page.locator(".stp")).not_to_have_attribute("data-step", before)
        expect(shared).to_have_count(lit)
        assert (data(page, "without"), data(page, "reuse")) == (str(without), str(reuse))


def test_an_update_goes_down_and_back_brings_the_old_weights(open_view):
    page = open_view("chain", "&step=9")
    before = float(data(page, "loss"))
    button(page, "Update the weights").click()
    wait_for_step(page, 0)
    assert float(data(page, "loss")) < before
    page.get_by_label("Activation of unit 2").select_option("relu")
    wait_for_link(page, "act2=relu")
    page.get_by_role("spinbutton", name="Units").fill("5")
    expect(page.locator(".bp-bead[data-unit]")).to_have_count(5)
    assert data(page, "count") == "13"


# --- Boxes ----------------------------------------------------------------------------------------------------


def test_boxes_show_the_lectures_numbers(open_view):
    page = open_view("boxes", "&step=15")
    expected = [0.044262, 0.088523, -0.069603, -0.139205]
    found = np.array([float(value) for value in json.loads(data(page, "gradient"))])
    assert found[[0, 2, 1, 3]] == pytest.approx(expected, abs=1e-6)
    assert found[4:] == pytest.approx([0.044262, -0.069603, -0.154103, -0.216797, -0.362121], abs=1e-6)
    assert float(data(page, "loss")) == pytest.approx(0.449606, abs=1e-6)


def test_no_box_is_lit_before_its_inputs_nor_back_before_its_outputs(open_view):
    page = open_view("boxes", "&from=own&net=3-2&data=iris")
    edges = {
        "z1": "x W1 b1",
        "a1": "z1",
        "z2": "a1 W2 b2",
        "a2": "z2",
        "z3": "a2 W3 b3",
        "p": "z3",
        "L": "p y",
    }
    for step in range(int(data(page, "count")) + 1):
        wait_for_step(page, step)
        known, back = (
            set(page.eval_on_selector_all(f".bp-box.{name}", "all => all.map((e) => e.dataset.box)"))
            for name in ("bp-known", "bp-back")
        )
        for key, inputs in edges.items():
            assert key not in known or set(inputs.split()) <= known
            for one in inputs.split():
                assert one not in back or key in back
        page.keyboard.press("ArrowRight")
    assert len(back) == 14


def test_keyboard_reaches_every_box_and_opens_it(open_view):
    page = open_view("boxes", "&step=15")
    cards = page.locator(".bp-box")
    cards.first.focus()
    reached = []
    for _ in range(cards.count()):
        reached.append(page.evaluate("document.activeElement.dataset.box"))
        page.keyboard.press("Tab")
    assert reached == ["x", "W1", "b1", "z1", "a1", "W2", "b2", "z2", "y", "p", "L"]
    page.locator('[data-box="a1"]').focus()
    page.keyboard.press("Enter")
    wait_for_link(page, "open=a1")
    expect(page.locator(".bp-detail h2")).to_contain_text("made by the activation function σ")
    expect(page.get_by_role("button", name="z, output of hidden layer 1")).to_have_count(1)
    page.reload()
    expect(page.locator(".bp-detail h2")).to_contain_text("output of hidden layer 1", timeout=30_000)


def test_paths_from_a_unit_add_up_to_its_derivative(open_view):
    page = open_view("boxes", "&from=own&net=3-2&data=iris&step=20&open=z1:1&symbols=ours")
    listed = page.locator(".bp-paths li b")
    expect(listed).to_have_count(6)  # two units, three classes
    products = [float(text.replace("−", "-").replace("·10", "e").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) for text in listed.all_inner_texts()]  # fmt: skip
    total = float(page.locator(".bp-paths p b").inner_text().replace("−", "-"))
    assert sum(products) == pytest.approx(total, abs=1e-3 * max(map(abs, products)) * 6)


def test_a_weight_is_dragged_what_changes_flashes_and_the_rest_is_dimmed(open_view):
    page = open_view("boxes", "&step=15&open=W2:0,0")
    before = float(data(page, "loss"))
    field = page.locator(".bp-array input").first
    field.fill("1.5")
    expect(page.locator('.bp-box.bp-flash[data-box="z2"]')).to_have_count(1)
    expect(page.locator('.bp-box.bp-dim[data-box="y"]')).to_have_count(1)
    assert float(data(page, "loss")) != before
    field.press("Enter")
    wait_for_link(page, "weights=0.2,0.4,-0.3,0.1,0.1,-0.2,1.5,0.8,0.3".replace(",", "%2C"))
    theta = np.array([*LECTURE[:6], 1.5, 0.8, 0.3])
    mlp = MLP((2, 2, 1), ["sigmoid"], "binary_cross_entropy")
    known = trace(mlp, theta, np.array([[1.0, 2.0]]), np.array([1.0]))
    found = [float(value) for value in json.loads(data(page, "gradient"))]
    assert found == pytest.approx(known.gradient(9).tolist(), rel=1e-9)
    expect(page.locator(".bp-flash")).to_have_count(0)
    page.go_back()
    page.wait_for_function("before => Math.abs(Number(document.querySelector('.stp').dataset.loss) - before) < 1e-9", arg=before)  # fmt: skip


def test_a_click_on_a_point_takes_that_sample_and_the_whole_batch_is_its_mean(open_view):
    page = open_view("boxes", "&from=own&net=3&data=circles&step=13")
    expect(page.locator(".bp-boundary .main-svg").first).to_be_visible()
    page.locator(".bp-boundary").scroll_into_view_if_needed()
    place = page.evaluate(
        """() => { const plot = document.querySelector('.bp-plot'), l = plot._fullLayout, d = plot.data[1], box = plot.getBoundingClientRect();
        return [box.x + l.xaxis._offset + l.xaxis.d2p(d.x[11]), box.y + l.yaxis._offset + l.yaxis.d2p(d.y[11])]; }"""
    )
    page.mouse.move(*place)
    page.mouse.click(*place)
    page.wait_for_function("location.href.includes('sample=')")
    page.get_by_label("all samples at once").check()
    wait_for_link(page, "all=true")
    expect(page.locator(".stp-words")).to_contain_text("samples: values are means")


def test_a_point_of_the_playground_leads_to_its_boxes(page, server):
    page.goto(f"{server[0]}/?net=3&data=moons")
    expect(page.locator('[data-chart="boundary"] .main-svg').first).to_be_visible(timeout=30_000)
    place = page.evaluate(
        """() => { const plot = document.querySelector('[data-chart=boundary] .dl-plot'), l = plot._fullLayout, box = plot.getBoundingClientRect();
        const point = plot.calcdata.find((trace) => trace[0].trace.name === 'train')[11];
        return [box.x + l.xaxis._offset + l.xaxis.d2p(point.x), box.y + l.yaxis._offset + l.yaxis.d2p(point.y)]; }"""
    )  # fmt: skip
    page.mouse.move(*place)
    page.mouse.click(*place)
    ask = page.get_by_role("button", name="get its gradient?")
    expect(ask).to_be_visible()
    number = ask.inner_text().split("sample ")[1].split(" ")[0]
    ask.click()
    expect(page.locator(".stp[data-drawn]")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("spinbutton", name="Sample")).to_have_value(number)
    wait_for_link(page, "weights=")
    assert data(page, "count") == "15"


# --- Softmax --------------------------------------------------------------------------------------------------


def test_softmax_shows_the_slides_numbers_and_where_it_breaks(open_view):
    page = open_view("softmax", "&step=12")
    assert [float(value) for value in json.loads(data(page, "gradient"))] == pytest.approx(
        [-0.340999, 0.242433, 0.098566], abs=1e-6
    )
    expect(page.locator(".bp-lines b")).to_have_text(["−0.340999"] * 8)
    expect(page.locator(".bp-breaks output")).to_contain_text("not a number")
    page.get_by_label("Logit of class 1", exact=True).first.fill("1000")
    page.get_by_label("as written").check()
    assert set(json.loads(data(page, "gradient"))) & {"NaN"}
    page.get_by_label("computed").check()
    expect(page.locator(".stp")).to_have_attribute(
        "data-gradient", json.dumps(["0", "0", "0"], separators=(",", ":"))
    )
