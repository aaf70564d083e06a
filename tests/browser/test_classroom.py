"""A class at work: a whole lesson, a question to predict, a worksheet; with the mouse, the keyboard and on a phone."""

import re

from playwright.sync_api import expect

from pages.shared.classroom.lesson import shelf
from tests.browser.panel import button, step, wait_for_step

LESSON = shelf().lessons["relu"]


def guide(page):
    return page.locator(".st-key-guide")


def test_a_whole_lesson_from_the_first_screen_to_the_end_by_mouse_and_keyboard(page, server):
    page.goto(f"{server[0]}/lessons")
    card = page.locator(
        "[data-testid=stVerticalBlock]", has=page.get_by_role("heading", name=LESSON.title, exact=True)
    ).last
    card.get_by_role("button", name="Start").click()
    for k, part in enumerate(LESSON.steps):
        expect(guide(page)).to_contain_text(f"step {k + 1} of {len(LESSON.steps)}", timeout=60_000)
        expect(page.locator(".dl-panel")).to_have_attribute("data-step", "0", timeout=60_000)
        expect(guide(page)).to_contain_text(part.question)
        if k == 0:
            guide(page).get_by_role("button", name="Reveal").click()
            expect(guide(page)).to_contain_text("Choose an answer first.")
        if k == 1:  # by keyboard alone
            guide(page).get_by_role("radio").first.focus()
            for _ in range(part.answer):
                page.keyboard.press("ArrowDown")
            page.keyboard.press("Space")
            expect(guide(page).get_by_role("radio").nth(part.answer)).to_be_checked()
            assert page.locator(".dl-panel").get_attribute("data-playing") == "false"
            guide(page).get_by_role("button", name="Reveal").focus()
            page.keyboard.press("Enter")
        else:
            guide(page).get_by_text(part.choices[part.answer].text, exact=True).click()
            expect(guide(page)).not_to_contain_text("Choose an answer first.")
            guide(page).get_by_role("button", name="Reveal").click()
        expect(guide(page)).to_contain_text("Right:", timeout=60_000)
        assert step(page) == part.at
        expect(page.locator(".dl-panel")).to_have_attribute("data-playing", "false")
        guide(page).get_by_role("button", name="Next" if k + 1 < len(LESSON.steps) else "Finish").click()
    expect(page.get_by_role("heading", name="Lessons")).to_be_visible(timeout=30_000)


def test_a_reload_opens_the_same_step_and_leaving_takes_the_guide_away(page, server):
    page.goto(f"{server[0]}/?lesson=overfitting.2")
    expect(guide(page)).to_contain_text("step 2 of 4", timeout=60_000)
    page.reload()
    expect(guide(page)).to_contain_text("step 2 of 4", timeout=60_000)
    guide(page).get_by_role("button", name="Leave").click()
    expect(guide(page)).to_have_count(0)
    expect(page).not_to_have_url(re.compile("lesson="))


def test_a_class_predicts_by_keyboard_and_the_panel_keeps_still_until_then(page, server):
    page.goto(f"{server[0]}/arena?data=spiral&lr=0.1&lane1=opt:momentum&ask=lowest.60")
    question = page.locator(".st-key-question")
    expect(question).to_contain_text("lowest training loss at update 60", timeout=60_000)
    expect(page.locator('[data-chart="loss"]')).to_have_class(re.compile("dl-covered"), timeout=30_000)
    expect(button(page, "Play")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    question.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    expect(question.get_by_role("radio").first).to_be_checked()
    assert step(page) == 0
    question.get_by_role("button", name="Reveal").focus()
    page.keyboard.press("Enter")
    expect(question).to_contain_text("It is: ■ Momentum", timeout=60_000)
    assert step(page) == 60
    expect(page.locator('[data-chart="loss"]')).not_to_have_class(re.compile("dl-covered"))
    button(page, "Play").click()
    wait_for_step(page, 65, 60)
    question.get_by_role("button", name="Close the question").click()
    expect(question).to_have_count(0)


def test_where_a_path_ends_is_answered_by_a_click_on_a_run_that_a_worksheet_has_trained(page, server):
    page.goto(f"{server[0]}/?ask=end.60&opens=20")
    question, card = page.locator(".st-key-question"), page.locator('[data-chart="landscape"]')
    expect(page.locator(".dl-panel")).to_have_attribute("data-step", "20", timeout=60_000)
    expect(card).to_have_class(re.compile("dl-picks"))
    page.wait_for_timeout(1000)
    box = card.locator(".dl-plot").bounding_box()
    page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"])
    expect(card.locator(".dl-place")).to_have_count(1)
    expect(question.get_by_label("Direction 1")).not_to_have_value("")
    mark = card.locator(".dl-place").bounding_box()
    assert abs(mark["x"] + mark["width"] / 2 - box["x"] - 0.4 * box["width"]) < 15
    question.get_by_role("button", name="Reveal").click()
    expect(question).to_contain_text("It is: the place marked ◎", timeout=60_000)
    assert step(page) == 60
    expect(card.locator(".dl-place")).to_have_count(2)


def test_a_worksheet_is_made_in_share_and_what_it_hides_is_not_there(page, server):
    page.goto(f"{server[0]}/?data=xor")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=60_000)
    button(page, "Share").click()
    page.get_by_role("tab", name="Worksheet").click()
    page.get_by_label("Task, in words").fill("Which rate is <b>best</b>?")
    page.get_by_label("Task, in words").press("Control+Enter")
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").filter(has_text="task=")
    expect(link).to_contain_text("task=Which+rate+is+%3Cb%3Ebest%3C%2Fb%3E%3F")
    assert "task" not in page.url
    page.get_by_test_id("stPopoverBody").get_by_text("QR code").locator("visible=true").click()
    expect(page.get_by_alt_text("QR code of the link").locator("visible=true")).to_be_visible(timeout=30_000)
    made = link.inner_text().strip().replace("\n", "")
    page.goto(made + "&hide=batch_size,data&lock=optimizer")
    expect(page.locator(".st-key-sheet")).to_contain_text("Which rate is <b>best</b>?", timeout=60_000)
    expect(page.locator('[class*="st-key-playground-learning_rate"]')).to_be_visible()
    expect(page.locator('[class*="st-key-playground-batch_size"]')).to_be_hidden()
    expect(page.get_by_role("combobox", name="Optimizer")).to_be_disabled()
    button(page, "Show all controls").click()
    expect(page.locator('[class*="st-key-playground-batch_size"]')).to_be_visible()
    expect(page.get_by_role("combobox", name="Optimizer")).to_be_enabled()
    page.goto(f"{server[0]}/?lock=sidebar,step,new_weights&hide=timeline")
    expect(button(page, "Step")).to_be_disabled(timeout=60_000)
    expect(page.get_by_label("Draw data")).to_be_disabled()  # other data are on the left
    page.keyboard.press("ArrowRight")
    rate = page.get_by_role("slider", name=re.compile("Learning rate"))
    before = page.url, rate.get_attribute("aria-valuetext")
    rate.press("ArrowRight")
    button(page, "Play").click()
    wait_for_step(page, 5, 60)
    page.keyboard.press("Space")
    expect(page.locator(".dl-timeline")).to_be_hidden()
    assert (page.url, rate.get_attribute("aria-valuetext")) == before


def test_controls_that_the_browser_draws_are_locked_for_mouse_and_keyboard(page, server):
    page.goto(f"{server[0]}/first_steps?view=downhill&lock=eta,steps,start_x&hide=flat")
    view = page.locator(".fs[data-drawn]")
    expect(view.locator("input[data-name=eta]")).to_be_disabled(timeout=60_000)
    expect(view.locator("[data-option=flat]").first).to_be_hidden()
    expect(view.get_by_role("button", name="Play")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(view.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    handle = view.locator("[data-handle]").first
    handle.press("ArrowRight")
    handle.press("ArrowUp")
    expect(page).to_have_url(re.compile("start_y="))
    assert not re.search("start_x=|eta=|steps=", page.url)
    button(page, "Show all controls").click()
    expect(view.locator("[data-option=flat]").first).to_be_visible()
    expect(view.locator("input[data-name=eta]")).to_be_enabled()
    page.goto(f"{server[0]}/backpropagation?lock=w1,step&hide=eta")
    expect(page.locator(".stp [data-option=w1] input")).to_be_disabled(timeout=60_000)
    expect(page.locator(".stp [data-option=eta]")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".stp")).to_have_attribute("data-step", "0")
    page.goto(f"{server[0]}/learning_rate?lock=curvature&hide=form")
    expect(page.locator(".rp [data-option=curvature] input")).to_be_disabled(timeout=60_000)
    expect(page.locator(".rp [data-option=form]")).to_be_hidden()


def test_a_lesson_fits_a_phone(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server[0]}/arena?lesson=momentum.1")
    expect(guide(page)).to_contain_text("step 1 of 4", timeout=60_000)
    guide(page).get_by_text("SGD's", exact=True).tap()
    reveal = guide(page).get_by_role("button", name="Reveal")
    reveal.tap()
    expect(guide(page)).to_contain_text("Playing to update 300")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = guide(page).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    context.close()
