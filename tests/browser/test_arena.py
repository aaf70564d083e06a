"""The Arena in a real browser: what a person does with lanes, and what must then be seen to happen."""

import pytest
from playwright.sync_api import expect

from tests.browser.panel import button, readout, settled, step, wait_for_step


@pytest.fixture
def open_arena(page, server):
    def go(query: str = ""):
        page.goto(f"{server[0]}/arena{query}")
        expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
        expect(page.locator(".dl-panel .main-svg").first).to_be_visible()
        settled(page)
        return page

    return go


def captions(page) -> list[str]:
    return page.locator('[data-chart="boundary"] .dl-caption').all_inner_texts()


def badges(page):
    return page.locator(".stMarkdownBadge")


def choose(page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_play_moves_every_lane_and_the_badges_prove_the_same_start(open_arena):
    page = open_arena()
    expect(badges(page)).to_contain_text(["same start", "same batches"])
    before = captions(page)
    button(page, "Play").click()
    wait_for_step(page, 30)
    button(page, "Pause").click()
    settled(page)
    assert len(before) == 4 and all(a != b for a, b in zip(before, captions(page), strict=True))
    stopped = step(page)
    page.wait_for_timeout(700)
    assert step(page) == stopped
    assert "of the variance" in page.locator('[data-chart="paths"]').inner_text()


def test_pointing_sets_a_lane_off_and_a_click_isolates_it(open_arena):
    page = open_arena()
    dimmed = page.locator('[data-chart="boundary"].dl-dim')
    cards = page.locator('[data-chart="boundary"]')
    cards.nth(1).hover()
    expect(dimmed).to_have_count(3)
    page.mouse.move(5, 5)
    expect(dimmed).to_have_count(0)
    cards.nth(2).get_by_role("button").first.click()
    page.mouse.move(5, 5)
    expect(dimmed).to_have_count(3)
    faint = page.evaluate(
        "document.querySelector('[data-chart=loss] .js-plotly-plot, [data-chart=loss] .dl-plot').data.map((t) => t.opacity ?? 1)"
    )
    assert faint[2] == 1 and faint[0] < 0.5


def test_scores_sort_and_download(open_arena):
    page = open_arena("?panel=scores")
    button(page, "Step").click()
    wait_for_step(page, 1)
    settled(page)
    first = page.locator(".dl-table tbody tr td:first-child")
    assert first.count() == 4
    page.get_by_role("button", name="Train loss").first.click()
    rising = [float(text) for text in page.locator(".dl-table tbody tr td:nth-child(3)").all_inner_texts()]
    assert rising == sorted(rising)
    with page.expect_download() as download:
        button(page, "CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 5 and lines[0].startswith("Lane,Status,Train loss")


def test_lanes_are_copied_forked_and_removed_while_the_race_stands(open_arena):
    page = open_arena()
    button(page, "Play").click()
    wait_for_step(page, 20)
    button(page, "Pause").click()
    settled(page)
    here = step(page)
    cards = page.locator('[data-chart="boundary"]')
    button(page, "Copy").click()
    expect(cards).to_have_count(5)
    page.get_by_role("button", name="Fork here").click()
    button(page, "Fork").click()
    expect(cards).to_have_count(6)
    expect(badges(page)).to_contain_text(["start: ●■◆▲✚ | ✖", "same batches"])
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="■ Momentum").click()
    button(page, "Remove").click()
    expect(cards).to_have_count(5)
    assert step(page) == here
    button(page, "Play").click()
    wait_for_step(page, here + 10)
    button(page, "Reset").click()
    expect(badges(page)).to_contain_text(["same start", "same batches"])


def test_seeds_bring_a_verdict_for_every_pair(open_arena):
    page = open_arena("?panel=seeds&verdict_at=50")
    expect(page.get_by_text("One seed cannot tell luck from skill")).to_be_visible()
    choose(page, "Seeds", "10 seeds")
    expect(page.locator(".dl-table tbody tr")).to_have_count(6)
    assert set(page.locator(".dl-table tbody td:last-child").all_inner_texts()) == {"at 50 updates"}
    button(page, "Play").click()
    wait_for_step(page, 60)
    button(page, "Pause").click()
    settled(page)
    verdicts = set(page.locator(".dl-table tbody td:last-child").all_inner_texts())
    assert verdicts <= {"a real difference", "within seed noise"} and "a real difference" in verdicts
    assert "seeds=10" in page.url and "40 of 40" in readout(page, "Running")


def test_a_weight_is_picked_in_the_diagram_and_its_rule_is_filled_in(open_arena):
    page = open_arena("?panel=weight")
    boxes = [
        page.get_by_role("button", name=name, exact=True).bounding_box()
        for name in ("x₂", "Layer 1, neuron 8")
    ]
    ends = [
        (box["x"] + side * box["width"], box["y"] + box["height"] / 2)
        for box, side in zip(boxes, (1, 0), strict=True)
    ]
    page.mouse.click(
        *(sum(values) / 2 for values in zip(*ends, strict=True))
    )  # the middle of the line between them
    page.wait_for_function("location.search.includes('weight_')")
    assert "weight_from=2" in page.url and "weight_to=8" in page.url
    expect(page.locator('[data-chart="weight"] .dl-caption')).to_contain_text("input 2 → neuron 8")
    button(page, "Step").click()
    wait_for_step(page, 1)
    expect(page.locator(".st-key-formulas .katex").first).to_be_visible()
    assert page.locator(".st-key-formulas .katex-display").count() == 4


def test_slow_motion_takes_four_steps_an_update(open_arena):
    page = open_arena("?panel=slow")
    table = page.locator('[data-chart="phases"]')
    for phase, update in (("the batch", 0), ("the gradient", 0), ("the memory", 0), ("the step", 1)):
        button(page, "Step").click()
        expect(table.locator(".dl-caption")).to_contain_text(phase)
        assert step(page) == update
    expect(table).to_contain_text("→")
    expect(page.locator('[data-chart="paths"] .annotation-arrow-g').first).to_be_attached()


def test_fairness_says_what_is_equal_and_the_link_brings_all_back(open_arena):
    page = open_arena()
    choose(page, "Equal for all", "Equal gradients")
    expect(page.get_by_text("Equal: per-sample gradients computed.")).to_be_visible()
    button(page, "Step").click()
    expect(page.locator(".dl-readout dt").first).to_have_text("Gradients each")
    choose(page, "Equal for all", "Best rate for each")
    expect(page.get_by_role("button", name="Rates")).to_be_visible(timeout=30_000)
    choose(page, "What differs", "Differ: Batch sizes")
    expect(page.locator('[data-chart="boundary"]')).to_have_count(3)
    settled(page)
    link = page.url
    page.reload()
    expect(page.locator('[data-chart="boundary"]')).to_have_count(3, timeout=30_000)
    expect(page.get_by_text("Mini-batch: 32").first).to_be_visible()
    assert page.url == link and "fairness=best" in link


def test_impatient_clicks_leave_one_race_behind(open_arena):
    """Streamlit begins the next run of the page while the last is still at work on the same lanes."""
    page = open_arena("?seeds=20&panel=seeds")
    button(page, "Play").click()
    wait_for_step(page, 20)
    for view in ("Scores", "Race", "Seeds"):
        button(page, "Copy").click()
        page.get_by_role("radio", name=view, exact=True).click()
    page.wait_for_timeout(1500)
    if page.locator('.dl-panel[data-playing="true"]').count():
        button(page, "Pause").click()
    cards = page.locator('[data-chart="boundary"]')
    lanes, before = cards.count(), -1  # of clicks that follow at once, Streamlit may drop one
    while lanes != before:  # on a busy machine the last comes late
        page.wait_for_timeout(2500)
        lanes, before = cards.count(), lanes
    assert 4 <= lanes <= 7
    button(page, "Copy").click()
    expect(cards).to_have_count(lanes + 1, timeout=20_000)
    expect(page.locator(".dl-readout")).to_contain_text(
        f"{20 * lanes + 20} of {20 * lanes + 20}", timeout=20_000
    )
    assert page.locator(".stException").count() == 0


def test_lanes_that_come_while_it_plays_have_lines_of_their_own(open_arena):
    page = open_arena()
    button(page, "Play").click()
    wait_for_step(page, 10)
    for lanes in (5, 6, 7):
        button(page, "Copy").click()
        expect(page.locator('[data-chart="boundary"]')).to_have_count(lanes, timeout=60_000)
        page.wait_for_function(
            """lanes => { const data = document.querySelector('[data-chart="loss"] .dl-plot').data;
                return data.filter((trace) => trace.mode === "lines").length === lanes
                    && data.slice(0, lanes).every((trace) => trace.x.length > 1); }""",
            arg=lanes,
        )
