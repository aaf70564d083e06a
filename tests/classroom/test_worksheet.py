"""Worksheets: a task, hidden and locked controls and a start, by link; and Share, which makes them."""

import json
import re

import pytest

from pages.shared.live.answers import Mailbox, respond
from tests.pages.app import change, link, run_of, start, widget

PAGES = ("playground", "lessons", "arena", "learning_rate", "landscape", "first_steps", "backpropagation")


def text(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption])


def styles(app):
    return " ".join(html.proto.body for html in app.get("html"))


def codes(app):
    return [
        code.value
        for code in app.code
        if code.value.startswith("?") and not re.search("[?&]ask=", code.value)
    ]


def test_a_worksheet_hides_and_locks_and_says_its_task_as_plain_text():
    task = "Find a rate below **0.3** that reaches <b>0.1</b> $x$ :red[now]"
    app = start("playground", hide="batch_size,data", lock="learning_rate", task=task, opens="200")
    assert not app.warning
    hidden = ".st-key-playground-data, .st-key-playground-batch_size { display: none"
    assert hidden in styles(app)
    assert ".st-key-playground-learning_rate { pointer-events: none" in styles(app)
    assert widget(app, "learning_rate").disabled and not widget(app, "optimizer").disabled
    shown = next(element.value for element in app.markdown if "Task:" in element.value)
    assert r"\*\*0.3\*\*" in shown and r"\<b\>" in shown and r"\$x\$" in shown and r"\:red\[now\]" in shown
    assert "It is a help, not a secret" in text(
        app
    ) and "hidden: Batch size, Data; locked: Learning rate" in text(app)
    assert link(app) | {"task": task} == {
        "hide": "batch_size,data",
        "lock": "learning_rate",
        "task": task,
        "opens": "200",
    }


def test_the_panel_is_told_where_to_start():
    run = run_of(start("playground", opens="200"))
    assert json.loads(respond(run, Mailbox(), None))["opens_at"] == 200
    assert json.loads(respond(run_of(start("playground")), Mailbox(), None))["opens_at"] == 0


def test_one_button_shows_all_controls_again():
    app = start("arena", hide="optimizer,sidebar", lock="batch_size")
    assert "[data-testid=stSidebar] { display: none" in styles(app)
    widget(app, "sheet.show_all").click().run()
    assert (
        "display: none !important" not in styles(app) and "hide" not in link(app) and "lock" not in link(app)
    )
    assert "help, not a secret (" not in text(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_link_and_makes_worksheets_and_leaves_out_controls_that_it_has_not(page):
    app = start(page, hide="no_such_thing", lock="<b>", opens="-3")
    said = [warning.value for warning in app.warning]
    assert sum("is no control of this page" in sentence for sentence in said) == 2 and any(
        "opens" in s for s in said
    )
    assert "hide" not in link(app) and "lock" not in link(app)
    assert len(codes(app)) == 1
    (box,) = app.text_area
    box.set_value("Look & see").run()
    assert len(codes(app)) == 2 and "task=Look+%26+see" in codes(app)[1] and "task" not in codes(app)[0]
    assert "task" not in link(app)


def test_a_worksheet_is_made_in_share_and_opens_as_it_was_made():
    app = start("playground", data="xor")
    app.multiselect[0].set_value(["batch_size"]).run()
    app.multiselect[1].set_value(["optimizer"]).run()
    change(app, share__opens=150)
    made = codes(app)[1].partition("?")[2]
    assert set(made.split("&")) == {"data=xor", "hide=batch_size", "lock=optimizer", "opens=150"}
    assert not widget(app, "optimizer").disabled
    again = start("playground", **dict(pair.split("=") for pair in made.split("&")))
    assert not again.warning and widget(again, "optimizer").disabled


def test_a_qr_code_is_drawn_when_it_is_asked_for():
    app = start("playground")
    assert "QR code of the link" not in styles(app)
    change(app, share__qr_of_now=True)
    assert 'alt="QR code of the link"' in styles(app)


def test_a_long_link_is_packed_and_opens_the_same_page():
    lanes = {f"lane{k}": f"opt:adam,lr:0.0{k},batch:{k},seed:{k},name:{'n' * 50} {k}" for k in range(1, 8)}
    extra = {
        f"lane{k}": lanes[f"lane{k}"] + ",net:8-8-8-8-8-8,act:relu-tanh-sine-relu-elu-gelu,init:orthogonal"
        for k in range(1, 8)
    }
    app = start("arena", task="梯度下降 " * 60, **extra)
    assert list(link(app)) == ["z"] and len(codes(app)[0]) < 2000
    again = start("arena", **link(app))
    assert link(again) == link(app)
    assert run_of(again, "arena").config == run_of(app, "arena").config and "梯度下降" in text(again)


def test_a_damaged_link_says_so_and_opens_the_rest():
    app = start("playground", z="1garbage", data="xor")
    assert len(app.warning) == 1 and "damaged" in app.warning[0].value and link(app) == {"data": "xor"}


def test_a_task_that_is_too_long_is_cut_with_a_sentence():
    app = start("playground", task="a" * 400)
    assert "400 characters" in app.warning[0].value and len(link(app)["task"]) == 300
