"""The lecture guide: its links open, its filters fit the time, and its numbers are the engine's."""

import math
import re
from urllib.parse import parse_qsl

import numpy as np
import pytest

from engine import ACTIVATIONS, LOSSES
from engine.network import chain
from engine.network.cost import pass_cost
from engine.network.losses import prepare
from engine.surfaces import inertia
from engine.surfaces.line_fit import hit_probability, the_points
from pages.lectures.course import courses, read_course, within
from pages.lectures.pictures import LEARNER, LOOP, address
from tests.pages.app import form_of, link, start

SLIDES = {slide.slide: slide for course in courses().values() for slide in course.slides}
LINKS = sorted({slide.link for slide in SLIDES.values()} | {to for _, _, to in (*LEARNER, *LOOP)})
EXPERIMENT = {"view", "lr", "opt", "name", "net", "lane1", "lane2", "lane3"}


@pytest.mark.parametrize("to", LINKS)
def test_a_link_opens_without_a_warning_and_every_word_of_it_is_read(to):
    page, _, query = to.partition("?")
    pairs = dict(parse_qsl(query))
    app = start(page, **pairs)
    assert not app.warning and not app.error
    view = getattr(app.session_state[f"{page}.state"], "view", "")
    assert view == pairs.get("view", view)
    known = set(link(app)) | set(form_of(app, page, *filter(None, [view])).values) | EXPERIMENT
    assert set(pairs) <= known


def test_the_playground_is_the_first_page_and_has_no_name():
    assert address("playground?net=none") == "./?net=none"
    assert address("arena?panel=slow") == "arena?panel=slow"


@pytest.mark.parametrize("minutes", [1, 20, 45, 90])
@pytest.mark.parametrize("name", courses())
def test_a_plan_fits_its_minutes_in_the_slides_order_with_the_heart_of_the_lecture_first(name, minutes):
    slides = list(courses()[name].slides)
    plan = within(slides, minutes)
    assert sum(slide.minutes for slide in plan) <= minutes
    assert plan == [slide for slide in slides if slide in plan]
    left = minutes - sum(slide.minutes for slide in plan)
    assert all(slide.minutes > left for slide in slides if slide not in plan)
    if minutes >= 45:
        assert {slide for slide in slides if slide.rank == 1} <= set(plan)


def test_the_list_is_what_the_filters_say():
    app = start("lectures", course="theory", topic="landscape")
    texts = " ".join(each.proto.body for each in app.get("html"))
    assert "C12" in texts and "C13" not in texts and "D20" not in texts
    everything = " ".join(each.proto.body for each in start("lectures").get("html"))
    assert all(f"<td>{slide}</td>" in everything for slide in SLIDES)


def test_a_topic_that_a_course_has_not_is_said():
    app = start("lectures", course="theory", topic="initialisation")
    assert [info.value for info in app.info] == ["No slide of this course is about this topic. Choose another topic."]  # fmt: skip


@pytest.mark.parametrize("change", [("rank = 1", "rank = 7"), ("minutes = 6", "minutes = 0"), ('topic = "a"', 'topic = "b"')])  # fmt: skip
def test_a_slide_out_of_range_is_refused(change):
    text = 'title = "t"\nshort = "s"\nabout = "a"\n[[slides]]\nslide = "A1"\ntopic = "model"\nminutes = 6\nrank = 1\nclaim = "c"\nask = "q"\nlink = "arena"\n'  # fmt: skip
    assert read_course(text).slides[0].rank == 1
    with pytest.raises(ValueError, match="A1"):
        read_course(text.replace(*change).replace("model", "b"))


# Numbers ---------------------------------------------------------------------------------------------------------

EXAMPLE = chain.forward(1.0, 1.0, (0.5, -1.0, 2.0), 0.25, ("sigmoid",) * 3)


def guesses(near: float) -> str:
    return f"{round(1 / hit_probability(the_points(), near)):,}"


def steps_of_descent(near: float) -> str:
    fit = the_points()
    theta, steps = np.array([-1.5, 1.5]), 0
    while fit.value(theta) - fit.least > near:
        theta, steps = theta - fit.gradient(theta) / fit.eigen[0].max(), steps + 1
    return str(steps)


def softmax() -> list[str]:
    z, loss = np.array([[[2.0, 1.0, 0.1]]]), LOSSES["cross_entropy"]
    gradient = np.empty_like(z)
    value = loss.evaluate(z, prepare("cross_entropy", np.array([0]), 3, float), gradient)
    return [f"{value[0]:.3f}", *(f"{abs(slope):.3f}" for slope in gradient.ravel())]


def steepest_sigmoid() -> str:
    z = np.linspace(-5, 5, 1001)
    a, slope = np.empty_like(z), np.empty_like(z)
    ACTIVATIONS["sigmoid"].value(z, a)
    ACTIVATIONS["sigmoid"].slope(z, a, slope)
    return {0.25: "¼"}[slope.max()]


NUMBERS = {
    "A19": lambda: [f"{inertia.edge(1.0, 0.9, form) / inertia.edge(1.0, 0.0, form):.3g}" for form in ("heavy_ball", "ema")],
    "B5": lambda: [guesses(0.1), steps_of_descent(0.1), guesses(0.001), steps_of_descent(0.001)],
    "B15": lambda: [f"{abs(chain.with_reuse(chain.rows(EXAMPLE))['w3']):.4f}"],
    "B16": lambda: [str(count) for count in chain.multiplications(3)],
    "C5": lambda: [str(2 * sum(math.comb(9, k) for k in range(3))), f"{2**10:,}"],
    "C9": lambda: [f"{pass_cost((2, 16, 16, 1)).in_forwards:.2f}", str(pass_cost((2, 16, 16, 1)).differences_in_forwards)],
    "D3": lambda: [f"{-math.log(0.5):.2f}"],
    "D6, D7": softmax,
    "D10": lambda: [steepest_sigmoid()],
    "D18": lambda: [f"{abs(math.log(3 / 7)):.3f}"],
}  # fmt: skip
GIVEN = {
    "A19": {"0.9"},
    "A18": {"0.9"},
    "B5": {"0.1", "0.001"},
    "C9": {"16"},
    "D6, D7": {"0.1"},
    "D18": {"30"},
}
YEARS = {"2010", "2018"}


@pytest.mark.parametrize("slide", SLIDES)
def test_every_number_of_a_slide_is_the_engines(slide):
    texts = " ".join((SLIDES[slide].claim, SLIDES[slide].ask, SLIDES[slide].says))
    found = set(re.findall(r"\d[\d,]*\.\d+|\d[\d,]*\d|[¼]", texts)) - YEARS - GIVEN.get(slide, set())
    expected = NUMBERS.get(slide, list)()
    assert found <= set(expected)
    assert all(re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", texts) for number in expected)
