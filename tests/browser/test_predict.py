"""Predict first in a real browser: the number can be neither seen nor heard before the guess, and Enter is enough."""

from playwright.sync_api import expect


def test_a_number_is_hidden_until_it_is_guessed_by_keyboard_and_a_link_asks_for_it(page, server):
    page.goto(f"{server[0]}/first_steps?ask=guess")
    law, verdict = page.locator("[data-formula=law]"), page.locator(".fs-verdict")
    field = page.get_by_label("Your guess")
    expect(field).to_be_visible(timeout=60_000)
    expect(law).to_have_text("P(hit) = πε/(A√det M) = 0.0162, one in 61.8", timeout=60_000)
    expect(law).to_be_hidden()
    expect(verdict).to_be_hidden()
    assert "61.8" not in page.locator("body").aria_snapshot()
    field.focus()
    page.keyboard.type("500")
    page.keyboard.press("Enter")
    question = page.locator(".st-key-question")
    expect(question).to_contain_text("It is: 62, one over the probability", timeout=30_000)
    expect(question).to_contain_text("You said: 500")
    expect(law).to_be_visible()
    expect(verdict).to_be_visible()
    question.get_by_role("button", name="Close the question").click()
    expect(question).to_have_count(0)
    expect(page).not_to_have_url(f"{server[0]}/first_steps?ask=guess")
