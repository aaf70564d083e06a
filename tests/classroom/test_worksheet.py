"""Worksheets: a task, hidden and locked controls and a start, by link; and Share, which makes them."""

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from pages.first_steps.downhill import VIEW
from pages.shared.classroom import sheet
from pages.shared.form import Form
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from pages.shared.page import Page
from tests.pages.app import change, link, run_of, start, widget

ROOT = Path(__file__).resolve().parents[2]
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
    assert ".st-key-playground-learning_rate label p::after { content: ' (locked)'" in styles(app)
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


def test_a_task_has_spaces_where_a_link_has_characters_that_nobody_can_see():
    assert link(start("playground", task="one\ntwo\u200bthree"))["task"] == "one two three"


def test_a_task_that_is_too_long_is_cut_with_a_sentence():
    app = start("playground", task="a" * 400)
    assert "400 characters" in app.warning[0].value and len(link(app)["task"]) == 300


def modified(app, name):
    """A widget as a modified browser has it: it can be changed."""
    found = widget(app, name)
    assert found.proto.disabled
    found.proto.disabled = False
    return found


def test_what_is_locked_stays_as_it_is_whatever_a_browser_sends():
    app = start("playground", lock="learning_rate,features,data", lr="0.1")
    modified(app, "learning_rate").set_value(0.3).run()
    modified(app, "data").set_value("xor").run()
    modified(app, "features").set_value(["x1"]).run()
    config = run_of(app).config
    assert (config.lanes[0].learning_rate, config.dataset.name) == (0.1, "circles")
    assert config.dataset.features == ("x1", "x2")
    assert link(app) == {"lr": "0.1", "lock": "learning_rate,features,data"}
    assert widget(app, "learning_rate").value == 0.1  # a widget of its own again
    change(app, optimizer="momentum")
    assert run_of(app).config.lanes[0].optimizer == "momentum"


def test_all_controls_on_the_left_are_locked_and_those_above_are_not():
    app = start("arena", lock="sidebar")
    assert (
        widget(app, "optimizer").disabled and widget(app, "samples").disabled and widget(app, "copy").disabled
    )
    assert not widget(app, "panel").disabled and not widget(app, "seeds").disabled
    modified(app, "optimizer").set_value("adam").run()
    modified(app, "copy").click().run()
    lanes = run_of(app, "arena").config.lanes
    assert len(lanes) == 4 and "adam" not in [lane.optimizer for lane in lanes[:1]]


def test_a_view_that_is_locked_cannot_be_left_by_its_switch():
    app = start("learning_rate", view="ladder", lock="view")
    modified(app, "view").set_value("finder").run()
    assert link(app)["view"] == "ladder"


def asks(run, action, **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=2, updates=1, budget_ms=400, have={}
    )
    return respond(run, Mailbox(), read_request(raw | more))


def test_the_panel_s_own_controls_can_be_locked_and_the_server_refuses_them():
    run = run_of(start("playground", lock="play,step,edit_weights,draw", opens="20"))
    answer = json.loads(respond(run, Mailbox(), None))
    assert answer["limits"]["locked"] == ["draw", "edit_weights", "play", "step"]
    for action in ("play", "step", "epoch"):
        asks(run, action)
        assert run.step() == 0
    asks(run, "retrain", until=500)
    assert run.step() == 20  # as far as the link has asked for
    before = run.experiment.theta(0).copy()
    asks(run, "click", click=dict(chart="network", x="0:0:0", y=2.5))
    assert (run.experiment.theta(0) == before).all()
    asks(run, "draw", drawn="anything")
    assert run.drawn == ""
    asks(run, "reset")
    assert run.step() == 0


def test_locked_data_and_seeds_are_not_changed_by_the_panel_either():
    app = start("playground", lock="sidebar", hide="timeline")
    run = run_of(app)
    assert json.loads(respond(run, Mailbox(), None))["limits"] == dict(
        hidden=["timeline"], locked=["draw", "new_weights"]
    )
    assert isinstance(asks(run, "reinit"), bytes)  # no wish for another seed


@pytest.mark.parametrize("action", ("retrain", "play", "epoch"))
def test_nothing_is_trained_by_any_message_before_a_question_is_answered(action):
    run = run_of(start("playground", ask="diverges.60.1", opens="5"))
    asks(run, action, until=100)
    assert run.step() == (5 if action == "retrain" else 0)


def test_controls_that_the_browser_draws_are_in_share_and_are_hidden_and_locked_there():
    app = start("first_steps", view="downhill", lock="eta,steps", hide="flat")
    assert not app.warning and link(app)["hide"] == "flat"
    assert {"Eta", "Steps", "Flat"} <= set(app.multiselect[0].options)
    (data,) = [json.loads(each.proto.json) for each in app.get("bidi_component")]
    assert data["limits"] == dict(hidden=["flat"], locked=["eta", "steps"])


def test_a_component_s_message_changes_nothing_that_is_locked():
    form = Form("first_steps")
    form.update(dict(eta=0.1, steps=30))
    form.lock(["eta"])
    page = SimpleNamespace(options=VIEW.options, form=form)
    Page.take(page, dict(eta=0.5, steps=40))
    assert (form["eta"], form["steps"]) == (0.1, 40)


WIDGETS = (
    "selectbox", "select_slider", "slider", "number_input", "toggle", "pills", "segmented_control", "radio", "multiselect",
    "text_input", "button",
)  # fmt: skip
NO_SETTINGS = (
    "classroom",
    "lessons.py",
    "predict.py",
    "dialogs.py",
    "diagnosis.py",
    "runs.py",
    "take_home.py",
)


def test_every_widget_of_a_page_can_be_locked():
    """A call of a widget says when it is disabled, but for answers, ways to other pages, and what stands in a dialog."""
    free = []
    for path in (ROOT / "pages").rglob("*.py"):
        if path.name in NO_SETTINGS or path.parent.name in NO_SETTINGS:
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in [f"st.{name}" for name in WIDGETS]:
                names = [keyword.arg for keyword in call.keywords]
                if "disabled" not in names and None not in names:
                    free.append(ast.unparse(call.args[0]))
    others = ("Show the answer", "Show the bug", "Bring the Playground", "How did sample", "Layer by layer")
    assert [text for text in free if not any(other in text for other in others)] == []


def test_a_link_hides_at_most_sixty_controls():
    _, read = sheet.read({"hide": ",".join(f"c{k}" for k in range(100))}, [])
    assert read.hidden == tuple(f"c{k}" for k in range(60))
