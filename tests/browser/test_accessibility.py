"""Every page and view: axe-core's rules in both themes (contrast, names, roles, order of headings), no text cut off, and what
its charts say under the pointer."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.panel import button
from tests.views import VIEWS

BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

CUT_OFF = """() => [...document.querySelectorAll("figcaption > *, .dl-readout dd, .js-plotly-plot .main-svg text")].filter((text) => {
  const box = text.getBoundingClientRect();
  if (!box.width || !text.textContent.trim()) return false;
  const around = text.closest(".main-svg")?.getBoundingClientRect();
  if (around) return box.left < around.left - 2 || box.right > around.right + 2 || box.top < around.top - 3 || box.bottom > around.bottom + 3;
  return text.scrollWidth > text.clientWidth + 1;
}).map((text) => text.textContent)"""
SCROLLS = "document.querySelector('[data-testid=stMain]').scrollWidth > window.innerWidth"


# Traces that can be pointed at, without words of their own, with Plotly's number of the trace, or with what is no number
UNSAID = """() => [...document.querySelectorAll(".js-plotly-plot")].filter((plot) => plot._fullLayout?.hovermode !== false)
  .flatMap((plot) => plot._fullData ?? [])
  .filter((trace) => trace.visible === true && trace.x?.length !== 0 && !["skip", "none"].includes(trace.hoverinfo))
  .filter(({ hovertemplate: said, name }) => !said || (!said.includes("<extra") && /^trace \\d/.test(name)) || /undefined|NaN|null/.test(said))
  .map((trace) => `${trace.type} ${trace.name}: ${trace.hovertemplate}`)"""


@pytest.fixture(scope="module")
def page(browser):
    """One page for all views: Streamlit's scripts are loaded once."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    yield page
    page.close()


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_no_text_is_cut_off_and_charts_say_what_is_under_the_pointer(page, server, view):
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server[0]}/favicon.png")
    page.evaluate("localStorage.clear()")  # on a phone the sidebar closes, and is remembered as closed
    page.goto(f"{server[0]}/{VIEWS[view]}")
    expect(page.locator("[data-testid=stMain] h1")).to_be_visible(timeout=30_000)
    page.wait_for_function("document.querySelector('[data-testid=stSkeleton]') === null", timeout=30_000)
    page.wait_for_timeout(1_000)
    sidebar = page.get_by_test_id("stSidebar")
    assert sidebar.count() == 0 or sidebar.bounding_box()["width"] > 200
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    assert not violations(page)
    assert not page.evaluate(CUT_OFF)
    page.add_style_tag(content="* { transition: none !important }")
    light = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{BACKGROUND} !== {light!r}")
    for _ in range(20):  # panels and charts follow the page
        page.wait_for_timeout(500)
        if not (found := violations(page, runOnly=["color-contrast"])):
            break
    assert not found
    assert not page.evaluate(UNSAID)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(f"!({SCROLLS})", timeout=10_000)


def test_axe_finds_nothing_in_what_opens_over_a_page(page, server):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light")
    page.goto(f"{server[0]}/?data=moons")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.locator(".dl-panel")).to_have_attribute("data-step", "1", timeout=60_000)
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    button(page, "Share").click()
    found = {}
    for tab in ("Link", "Worksheet", "Question"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(500)
        found[tab] = violations(page)
    page.keyboard.press("Escape")
    for name in ("Diagnosis", "Runs", "Take home", "Draw data"):
        button(page, name).click()
        expect(page.get_by_role("dialog")).to_be_visible(timeout=30_000)
        page.wait_for_timeout(1_000)
        found[name] = violations(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert found == {name: [] for name in found}


def violations(page, **options) -> list[tuple[str, str, str]]:
    """What breaks which rule, and where. Not a list of what passes: that would take as long again."""
    found = page.evaluate("options => axe.run(options)", dict(options, resultTypes=["violations"]))[
        "violations"
    ]
    return [(rule["id"], str(node["target"]), node["html"][:150]) for rule in found for node in rule["nodes"]]
