"""The list of runs in a real browser: it fills, is named, survives a reload, and its runs race in the Arena."""

import re

from playwright.sync_api import expect

from tests.browser.panel import button, settled, wait_for_step


def open_runs(page):
    page.get_by_role("button", name="Runs", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Runs of this session")).to_be_visible()
    return dialog


def choose(page, dialog, text: str) -> None:
    dialog.get_by_role("combobox", name="Choose runs").click()
    page.get_by_role("option", name=text).click()
    dialog.get_by_text("A click on a head sorts").click()  # closes the list of choices


def test_runs_are_listed_named_kept_over_a_reload_and_raced(open_page):
    page = open_page("?data=moons&lr=0.3")
    for _ in range(2):
        button(page, "Step").click()
        wait_for_step(page, 1)
        settled(page)
        button(page, "Reset").click()
        page.wait_for_function("document.querySelector('.dl-panel')?.dataset.step === '0'")
        settled(page)
    dialog = open_runs(page)
    dialog.get_by_role("combobox", name="Choose runs").click()
    expect(page.get_by_role("option", name="· moons · 8-8 tanh · SGD 0.3")).to_have_count(2)
    dialog.get_by_text("A click on a head sorts").click()
    choose(page, dialog, "1 · moons")
    name = dialog.get_by_role("textbox", name="Name")
    name.fill("first try")
    name.press("Enter")
    expect(dialog.get_by_text("1 · first try")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_function("localStorage['descent-lab.runs']?.includes('first try')")
    page.reload()
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=30_000)
    settled(page)
    dialog = open_runs(page)
    choose(page, dialog, "1 · first try")
    dialog.get_by_role("button", name="Open again").click()
    wait_for_step(page, 1)  # trained to where it was
    expect(page).to_have_url(re.compile("data=moons"))
    settled(page)
    dialog = open_runs(page)
    choose(page, dialog, "2 · moons")
    dialog.get_by_role("button", name="Into the Arena").click()
    page.wait_for_url("**/arena?**")
    expect(page.locator("[data-chart=boundary]")).to_have_count(2)
    expect(page.get_by_role("button", name="first try")).to_be_visible()
