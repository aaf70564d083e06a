"""The First steps page without a browser: every view, its words, its link, and what it hands to the browser."""

import contextlib
import io
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.surfaces.downhill import descend
from engine.surfaces.line_fit import hit_probability, the_points
from pages.first_steps import curvature, downhill, inertia, line, losses, noise
from pages.shared.drawn import DrawnView, layout, view_data

SCRIPT = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")
VIEWS: dict[str, DrawnView] = {
    v.VIEW.key: v.VIEW for v in (line, downhill, noise, losses, curvature, inertia)
}
FILES = Path(__file__).resolve().parents[2] / "assets" / "first_steps"


def start(**query: str) -> AppTest:
    app = AppTest.from_file(SCRIPT, default_timeout=60)
    app.switch_page("first_steps/first_steps.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def link(app: AppTest) -> dict[str, str]:
    return {key: value[-1] if isinstance(value, list) else value for key, value in app.query_params.items()}


def defaults(view: DrawnView) -> dict:
    return {name: option.default for name, option in view.options.items()}


# --- every view -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", VIEWS)
def test_every_view_opens_with_its_question_and_what_to_look_for(key):
    app = start(view=key)
    assert not app.warning
    texts = [element.value for element in app.markdown]
    assert "how does one find a minimum at all?" in texts[0]
    assert any(VIEWS[key].question in text and VIEWS[key].look_for in text for text in texts)
    assert VIEWS[key].question.endswith("?") and VIEWS[key].ask.endswith("?")
    assert link(app) == ({} if key == "line" else {"view": key}), (
        "nothing but the view: all is as it is by default"
    )


@pytest.mark.parametrize("key", VIEWS)
def test_the_answer_is_hidden_until_it_is_asked_for(key):
    app = start(view=key)

    def is_shown() -> bool:
        return any(VIEWS[key].answer in element.value for element in app.markdown)

    assert not is_shown()
    next(t for t in app.toggle if t.label == "Show the answer").set_value(True).run()
    assert is_shown()


@pytest.mark.parametrize("key", VIEWS)
def test_a_link_sets_every_option_and_comes_back_as_it_was(key):
    """Each option at another value that it allows, all at once."""
    query = {"view": key}
    for name, option in VIEWS[key].options.items():
        if name == "points":
            query[name] = "0,1;1,2.5;2,1"
        elif option.is_switch:
            query[name] = str(not option.default).lower()
        elif option.choices:
            query[name] = next(choice for choice in option.choices if choice != option.default)
        else:
            other = option.high if option.default != option.high else option.low
            query[name] = f"{other:g}"
    app = start(**query)
    assert not app.warning, [warning.value for warning in app.warning]
    assert link(app) == {name: value for name, value in query.items() if (name, value) != ("view", "line")}


@pytest.mark.parametrize("key", VIEWS)
def test_a_hostile_link_is_named_and_clamped(key):
    query = {name: "1e999" if k % 2 else "<script>" for k, name in enumerate(VIEWS[key].options)}
    app = start(view=key, **query)
    said = " ".join(warning.value for warning in app.warning)
    for name in query:
        assert f"{name} is" in said
    assert link(app) == ({} if key == "line" else {"view": key})


def test_a_number_out_of_range_is_brought_to_its_end_and_an_unknown_view_to_the_first():
    app = start(view="downhill", eta="1e9", steps="-3")
    assert len(app.warning) == 2
    assert link(app) == {"view": "downhill", "eta": "10", "steps": "0"}
    app = start(view="<b>nowhere")
    assert "nowhere" in app.warning[0].value and link(app) == {}


@pytest.mark.parametrize("bad", ["1", "1,2,3", "nan,1", "a,b", ";;;", "1,1;" * 700])
def test_points_that_are_none_are_named(bad):
    app = start(points=bad)
    assert "points is" in app.warning[0].value


def test_points_out_of_range_are_brought_inside_and_too_many_left_out():
    app = start(points="99,-99;0,1")
    assert link(app)["points"] == "4,-2.5;0,1" and "points is" in app.warning[0].value
    app = start(points=";".join(f"{k / 100:g},1" for k in range(60)))
    assert link(app)["points"].count(";") == 39


# --- what goes to the browser --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("key", VIEWS)
def test_what_goes_to_the_browser_is_plain_and_whole(key, dark):
    view = VIEWS[key]
    data = view_data(view, defaults(view), dark)
    assert len(json.dumps(data, allow_nan=False)) < 60_000
    assert (FILES / f"{data['view']}.js").is_file()
    shown = {control["option"] for control in data["controls"] if "option" in control} | {view.transport}
    assert shown - {""} <= set(view.options)
    for name, option in view.options.items():
        assert option.check(option.default) == option.default
        assert set(data["options"][name]["choices"] or {}) == set(option.choices)
    for chart in view.charts:
        assert chart.title and chart.alt and chart.name in data["layouts"]
    assert ("transport" in {key for control in view.controls for key in control}) == bool(view.transport)


def test_every_formula_of_a_view_is_written_by_its_module():
    for key, view in VIEWS.items():
        script = (FILES / f"{key}.js").read_text(encoding="utf-8")
        for control in view.controls:
            if "formula" in control:
                assert f'this.formula("{control["formula"]}"' in script, f"{key}: {control['formula']}"
        assert "press(" in script or not any("buttons" in control for control in view.controls)


def test_the_revision_tells_values_apart():
    view = VIEWS["inertia"]
    first, again = (view_data(view, defaults(view), False)["revision"] for _ in range(2))
    other = view_data(view, defaults(view) | {"beta": 0.8}, False)["revision"]
    assert first == again != other
    assert layout(view.charts[0], True) != layout(view.charts[0], False)


# --- what single views say ---------------------------------------------------------------------------------------------


def test_the_lines_default_is_the_lectures_points():
    fit, values = line.fit_of(defaults(line.VIEW)), the_points()
    assert np.allclose([fit.x, fit.y], [values.x, values.y], atol=6e-5)
    assert [round(1 / hit_probability(fit, within)) for within in (0.1, 0.01, 0.001)] == [62, 618, 6183]
    path = descend(fit.gradient, line.start_of(defaults(line.VIEW)), fit.edge / 2, 30)
    assert [int((fit.value(path) - fit.least <= within).argmax()) for within in (0.1, 0.01, 0.001)] == [
        9,
        15,
        21,
    ]


@pytest.mark.parametrize("parameters", ["two", "one"])
def test_the_script_to_take_home_does_what_the_page_does(parameters):
    values = defaults(line.VIEW) | {"parameters": parameters, "step": 12}
    out: dict = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(line.script(values), out)
    fit = line.fit_of(values)
    expected = descend(fit.gradient, line.start_of(values), values["eta"], 12)[-1]
    assert [out[name] for name in "wb"[: len(expected)]] == pytest.approx(expected.tolist(), rel=1e-9)
    assert len(said.getvalue().splitlines()) == 12


def test_the_arithmetic_is_that_of_the_descent():
    values = defaults(line.VIEW)
    steps = line.arithmetic(values)
    for before, after in itertools.pairwise(steps):
        moved = np.array(before["theta"]) - values["eta"] * np.array(before["gradient"])
        assert after["theta"] == pytest.approx(moved.tolist(), rel=1e-12)
    assert len(line.arithmetic(values | {"eta": 2.0})) <= line.MOST_EXPLAINED + 1, (
        "it explodes, and still ends"
    )


def test_the_numbers_in_the_answers_are_those_of_the_engine():
    """Those that no engine test holds already."""
    assert "0.099 after 50 updates, 0.041 after 100 and 0.012 after 300" in losses.VIEW.answer
    from engine.surfaces.unit import train

    found = train("cross_entropy", 2, 2, 0.15, 300)[[50, 100, 300]].round(3).tolist()
    assert found == [0.099, 0.041, 0.012]
    assert "it is 0.976, 0.964 and 0.203" in losses.VIEW.answer
    assert train("quadratic", 2, 2, 0.15, 300)[[50, 100, 300]].round(3).tolist() == [0.976, 0.964, 0.203]
    assert "18 levels, 85%" in losses.packed("error")["words"]


def test_a_packed_surface_keeps_its_numbers_to_sixteen_bits():
    import base64

    from engine.studies.surrogates import surface

    packed, exact = losses.packed("log2"), surface("log2").loss
    cells = np.frombuffer(base64.b64decode(packed["cells"]), "<u2").reshape(exact.shape)
    back = packed["low"] + (packed["high"] - packed["low"]) * cells / 65535
    assert np.abs(back - exact).max() <= (packed["high"] - packed["low"]) / 65535
