"""What a hostile link, table or client can send, in a real browser: it is text, or nothing, or a plain sentence."""

import base64
import json
import urllib.parse

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.shared.text import JOINER

HOOK = """
window.sockets = [];
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(...args) { super(...args); window.sockets.push(this); }
  send(data) { if (data instanceof Uint8Array) window.lastSent = btoa(String.fromCharCode(...data)); super.send(data); }
};
"""
SEND = "text => { const socket = window.sockets.at(-1); socket.send(Uint8Array.from(atob(text), c => c.charCodeAt(0))); }"


@pytest.fixture
def hooked(browser, server):
    """A page whose WebSocket a test can write to; the addresses that it asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.add_init_script(HOOK)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))

    def go(path=""):
        page.goto(f"{server[0]}/{path}")
        expect(page.locator(".dl-panel[data-run]").first).to_be_visible(timeout=30_000)
        return page

    yield go
    context.close()


def last_message(page) -> BackMsg:
    """The last message that the page has sent: where a pull's parts stand."""
    page.wait_for_function("window.lastSent")
    return BackMsg.FromString(base64.b64decode(page.evaluate("window.lastSent")))


def send(page, message: BackMsg) -> None:
    page.evaluate(SEND, base64.b64encode(message.SerializeToString()).decode())


def plays(page) -> None:
    page.get_by_role("button", name="Play").click()
    step = int(page.locator(".dl-panel").get_attribute("data-step"))
    page.wait_for_function(f"Number(document.querySelector('.dl-panel').dataset.step) > {step + 5}")


def test_a_picture_in_a_link_is_text_and_is_not_fetched(hooked):
    page = hooked("?" + urllib.parse.urlencode({"data": "![x](http://evil.invalid/x.png)"}))
    alert = page.get_by_test_id("stAlert").first
    expect(alert).to_contain_text("![x](http:")
    assert "![x](http://evil.invalid/x.png)" in alert.inner_text().replace(JOINER, "")
    assert alert.locator("img, a").count() == 0
    page.wait_for_timeout(500)
    assert not [url for url in page.asked if url.startswith("http://evil")]


def test_clear_cache_leaves_everybodys_session_as_it_is(hooked):
    page = hooked()
    run = page.locator(".dl-panel").get_attribute("data-run")
    send(page, BackMsg(clear_cache=True))
    plays(page)
    assert page.locator(".dl-panel").get_attribute("data-run") == run
    assert page.get_by_test_id("stException").count() == 0


def after_a_step(hooked):
    """A page that has made one step, its last message, and the pull in it."""
    page = hooked()
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_function("document.querySelector('.dl-panel').dataset.step == '1'")
    message = last_message(page)
    return (
        page,
        message,
        next(one for one in message.rerun_script.widget_states.widgets if one.json_trigger_value),
    )


def test_a_click_that_is_no_place_does_nothing(hooked):
    page, message, trigger = after_a_step(hooked)
    pull = json.loads(trigger.json_trigger_value)
    clicks = [{"chart": "loss", "x": 10**400, "y": 1}, {"chart": ["x"], "x": {}, "y": None}, 7, "x"]
    for sequence, click in enumerate(clicks, start=99):
        pull[0]["value"] |= {"action": "click", "click": click, "sequence": sequence}
        trigger.json_trigger_value = json.dumps(pull)
        send(page, message)
        page.wait_for_timeout(1000)
        assert page.get_by_test_id("stException").count() == 0, click
        assert page.get_by_test_id("stAlert").count() == 0, click


def test_a_pull_that_is_none_breaks_nothing(hooked):
    page, message, trigger = after_a_step(hooked)
    for value in ("not JSON", "[" * 5000, "{}", "[1, null]", '[{"event": "pull", "value": [[]]}]'):
        trigger.json_trigger_value = value
        send(page, message)
        page.wait_for_timeout(1000)
        assert "/server/" not in page.content(), value
        assert "Traceback" not in page.inner_text("body"), value


def test_a_widget_value_of_a_wrong_type_gets_a_plain_sentence(hooked):
    page, message, _ = after_a_step(hooked)
    for state in message.rerun_script.widget_states.widgets:
        if state.string_array_value.data:
            state.int_value = 3
    message.rerun_script.fragment_id = ""
    send(page, message)
    page.wait_for_timeout(1500)
    text = page.inner_text("body")
    assert "Traceback" not in text
    assert ".py" not in text
    page.reload()
    expect(page.locator(".dl-panel[data-run]").first).to_be_visible(timeout=30_000)
    plays(page)
