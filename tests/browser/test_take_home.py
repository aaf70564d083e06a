"""Take home in a real browser: the report opens from disk without a network, and the animation is made."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.panel import button, settled, wait_for_step


def test_a_report_opens_without_a_network_and_an_animation_is_made(open_page, tmp_path: Path):
    page = open_page("?data=moons")
    for update in (1, 2, 3):
        button(page, "Step").click()
        wait_for_step(page, update)
    settled(page)
    page.get_by_role("button", name="Take home").click()
    dialog = page.get_by_role("dialog")
    notes = dialog.get_by_label("Your notes")
    notes.fill("The <b>loss</b> falls.")
    notes.press("Control+Enter")
    page.wait_for_timeout(500)
    with page.expect_download() as report:
        dialog.get_by_role("button", name="Report: HTML").click()
    file = tmp_path / "report.html"
    report.value.save_as(file)
    dialog.get_by_role("button", name="Make the animation").click()
    with page.expect_download() as animation:
        dialog.get_by_role("button", name="Animation: GIF").click()
    assert Path(animation.value.path()).read_bytes()[:6] == b"GIF89a"
    alone = page.context.browser.new_context(offline=True)
    away = alone.new_page()
    asked: list[str] = []
    away.on("request", lambda request: asked.append(request.url))
    away.goto(file.as_uri())
    expect(away.locator(".chart .main-svg").first).to_be_visible()
    expect(away.get_by_text("The <b>loss</b> falls.")).to_be_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    alone.close()
