"""What the server answers to pulls, held by a run of no content; and what it makes of pulls that are none."""

import itertools
import json

import pytest

from pages.shared.live.answers import MOST_UNSEEN, Mailbox, respond
from pages.shared.live.cards import Card, TableCard, cell, column, count_cell
from pages.shared.live.protocol import ACTIONS, LiveRun, Wish
from pages.shared.live.request import COARSEST, MOST_CARDS, MOST_SECONDS, place, read_click, read_request


class Counter(Card):
    """Shows the run's number. `made` counts what it has made."""

    kind = "plotly"
    title, alt = "Number", "A number"

    def __init__(self, run, name="number"):
        self.run, self.name = run, name
        self.made = dict(figure=0, frame=0, rest=0)

    def revision(self):
        return self.run.look

    def mounted(self):
        self.made["figure"] += 1
        return dict(data=[], layout={})

    def frame(self):
        self.made["frame"] += 1
        return dict(caption=str(self.run.number))

    def rest(self):
        self.made["rest"] += 1
        return dict(figure={}, caption=f"exactly {self.run.number}")


class Plain(LiveRun):
    """A run that counts."""

    layout, rows = '"number"', "1fr"

    def __init__(self, end=10**9, run_id="one"):
        self.run_id, self.end, self.number, self.look, self.levels = run_id, end, 0, "plain", []
        self.asked, self.clicked, self.page_follows = [], [], False
        self.cards = [Counter(self)]

    def advance(self, action, updates):
        self.asked.append((action, updates))
        self.number += updates

    def state(self):
        return dict(step=self.number, readout=[], message=None, finished=self.number >= self.end)

    def moment(self):
        return self.number

    def click(self, chart, x, y):
        self.clicked.append((chart, x, y))
        return self.page_follows

    def economise(self, level):
        self.levels.append(level)


def request(action="play", **more):
    return read_request(
        dict(action=action, run="one", sequence=1, seen=-1, frames=3, updates=2, budget_ms=100) | more
    )


def pull(one, mailbox, action="play", page_ran=False, **more):
    answer = respond(one, mailbox, request(action, **more), page_ran)
    return answer if isinstance(answer, Wish) else json.loads(answer)


@pytest.fixture
def run():
    return Plain()


@pytest.fixture
def mailbox():
    return Mailbox(clock=lambda: 0.0)


def steps(answer):
    return [frame["state"]["step"] for frame in answer["frames"]]


# --- frames -------------------------------------------------------------------------------------------------


def test_a_pull_makes_as_many_frames_as_it_asks_for(run, mailbox):
    answer = pull(run, mailbox)
    assert steps(answer) == [2, 4, 6] and run.asked == [("play", 2)] * 3
    assert [frame["charts"]["number"]["caption"] for frame in answer["frames"]] == ["2", "4", "6"]
    assert answer["sequence"] == 1 and answer["run"] == "one" and answer["rest"] == {}


def test_a_pull_ends_when_its_time_is_up(run):
    ticks = itertools.count()
    answer = pull(run, Mailbox(clock=lambda: 0.05 * next(ticks)), frames=30, budget_ms=10**6)
    assert 1 <= len(answer["frames"]) <= MOST_SECONDS / 0.05


def test_a_run_that_has_finished_is_trained_no_further(mailbox):
    run = Plain(end=4)
    assert steps(pull(run, mailbox)) == [2, 4]
    assert pull(run, mailbox, seen=10)["frames"] == [] and run.number == 4


def test_with_too_many_unseen_frames_nothing_is_trained(run, mailbox):
    for _ in range(20):
        answer = pull(run, mailbox, frames=30)
    assert len(answer["frames"]) == MOST_UNSEEN == run.number / 2
    answer = pull(run, mailbox, seen=answer["frames"][9]["id"], frames=30)
    assert len(answer["frames"]) == MOST_UNSEEN and run.number / 2 == MOST_UNSEEN + 10


def test_frames_are_numbered_on_and_stay_until_they_are_seen(run, mailbox):
    ids = [frame["id"] for frame in pull(run, mailbox)["frames"]]
    assert ids == [0, 1, 2]
    assert [frame["id"] for frame in pull(run, mailbox, seen=1)["frames"]] == [2, 3, 4, 5]


def test_a_frame_is_made_and_encoded_once(run, mailbox):
    pull(run, mailbox)
    for _ in range(4):
        pull(run, mailbox, "rest")
    assert run.cards[0].made["frame"] == 3
    pull(run, mailbox, "rest", seen=2)
    pull(run, mailbox, "rest", seen=-1)  # another panel, which has seen nothing
    assert run.cards[0].made["frame"] == 4


def test_a_control_is_answered_before_frames_are_made(run, mailbox):
    assert len(pull(run, mailbox, page_ran=True, frames=20)["frames"]) == 1
    assert len(pull(run, mailbox, seen=0, frames=20)["frames"]) == 20


def test_every_answer_has_a_batch_of_its_own(run, mailbox):
    batches = [pull(run, mailbox, "rest")["batch"] for _ in range(3)]
    assert len(set(batches)) == 3 and all(batch.startswith("one") for batch in batches)


def test_a_page_that_runs_while_it_plays_shows_the_change_and_makes_no_exact_views(run, mailbox):
    pull(run, mailbox)
    run.number = 100
    answer = json.loads(respond(run, mailbox, None))
    assert steps(answer)[-1] == 100 and answer["rest"] == {} and answer["sequence"] == 1


def test_frames_of_a_figure_that_is_gone_are_not_drawn_into_the_new_one(run, mailbox):
    pull(run, mailbox)
    run.look = "other"
    answer = pull(run, mailbox, "rest")
    assert [("number" in frame["charts"]) for frame in answer["frames"]] == [False] * 3


# --- figures and exact views --------------------------------------------------------------------------------


def test_a_figure_is_sent_until_the_browser_has_it(run, mailbox):
    card = pull(run, mailbox, "rest")["charts"][0]
    assert "figure" in card and card["revision"] == "one-plain"
    assert "figure" in pull(run, mailbox, "rest", have={"number": "one-other"})["charts"][0]
    assert "figure" not in pull(run, mailbox, "rest", have={"number": card["revision"]})["charts"][0]


def test_the_figures_of_another_run_are_other_figures(run, mailbox):
    have = {"number": pull(run, mailbox, "rest")["charts"][0]["revision"]}
    other = Plain(run_id="two")
    card = json.loads(respond(other, Mailbox(), request("rest", run="two", have=have)))["charts"][0]
    assert "figure" in card and card["revision"] != have["number"]
    card = pull(run, mailbox, "rest", run="two", have=have)["charts"][0]
    assert "figure" in card  # what a browser says that shows another run counts for nothing


def test_an_exact_view_is_made_once_for_each_moment(run, mailbox):
    first = pull(run, mailbox, "rest")["rest"]["number"]
    assert first["caption"] == "exactly 0" and pull(run, mailbox, "rest")["rest"]["number"] == first
    assert run.cards[0].made["rest"] == 1
    later = pull(run, mailbox, "step")["rest"]["number"]
    assert later["caption"] == "exactly 1" and later["number"] != first["number"]
    assert run.cards[0].made["rest"] == 2


def test_an_exact_view_that_the_browser_shows_is_not_sent_again(run, mailbox):
    number = pull(run, mailbox, "rest")["rest"]["number"]["number"]
    answer = pull(run, mailbox, "rest", seen=9, rests={"number": number})
    assert (
        answer["rest"] == {} and answer["frames"] == []
    )  # a frame would put the coarse picture in its place
    assert "number" in pull(run, mailbox, "rest", rests={"number": number + 1})["rest"]


def test_playing_asks_for_coarser_pictures_only_while_it_plays(run, mailbox):
    pull(run, mailbox, coarse=0)
    pull(run, mailbox, coarse=10**9)
    pull(run, mailbox, coarse=2, frames=1)  # shown for a while, so all of it
    pull(run, mailbox, "rest", coarse=2)
    assert run.levels == [1, 1 + COARSEST, 0, 0]


# --- what else a pull can ask -------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["step", "epoch", "reset"])
def test_a_button_is_one_piece_of_work_and_an_exact_view(run, mailbox, action):
    answer = pull(run, mailbox, action)
    assert run.asked == [(action, 1)] and answer["rest"]["number"]["caption"] == "exactly 1"


def test_new_initial_weights_are_a_wish_of_the_page(run, mailbox):
    assert pull(run, mailbox, "reinit") is Wish.NEW_WEIGHTS and run.asked == []


def test_a_click_reaches_the_run_and_may_ask_for_the_page(run, mailbox):
    click = dict(chart="number", x=1.5, y="SGD")
    assert isinstance(pull(run, mailbox, "click", click=click), dict)
    run.page_follows = True
    assert pull(run, mailbox, "click", click=click) is Wish.PAGE
    assert run.clicked == [("number", 1.5, "SGD")] * 2
    assert isinstance(pull(run, mailbox, "click", click=dict(chart="number", x=None, y=1)), dict)
    assert len(run.clicked) == 2 and run.asked == []


@pytest.mark.parametrize("action", ACTIONS)
def test_a_pull_for_another_run_does_nothing(run, mailbox, action):
    pull(run, mailbox, action, run="another", click=dict(chart="number", x=0, y=0))
    assert run.asked == [] and run.clicked == []


# --- input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [True, False, float("nan"), float("inf"), -float("inf"), 10**400, None, [1], {}]
)
def test_a_place_that_is_no_place_is_no_click(value):
    assert place(value) is None
    assert (
        read_click(dict(chart="a", x=value, y=0)) is None
        and read_click(dict(chart="a", x=0, y=value)) is None
    )


@pytest.mark.parametrize("value", [0, -1.5, 1e300, "SGD"])
def test_numbers_and_names_are_places(value):
    assert place(value) == value


def test_texts_of_a_pull_are_short():
    assert len(place("x" * 10_000)) == 200
    found = read_click(dict(chart="c" * 10_000, x=0, y=0))
    assert len(found["chart"]) == 64
    assert len(request(run="r" * 10_000)["run"]) == 64
    assert request(run=["r"])["run"] == ""


def test_a_pull_says_only_so_much_of_its_figures():
    have = {f"card{k}": "r" for k in range(1000)} | {3: "r"}
    found = request(have=have, rests={f"card{k}": k for k in range(1000)} | {"b": True})
    assert len(found["have"]) == len(found["rests"]) == MOST_CARDS
    found = request(have={"a": 1, "b": "r", 3: "r"}, rests={"a": "r", "b": 2, "c": True})
    assert found["have"] == {"b": "r"} and found["rests"] == {"b": 2}
    assert request(have="r", rests=[1])["have"] == {} == request(rests=[1])["rests"]


def test_numbers_of_a_pull_are_clamped():
    low = request(sequence=-5, seen=-5, frames=-5, updates=-5, budget_ms=-5, coarse=-5)
    assert (low["sequence"], low["seen"], low["frames"], low["updates"], low["coarse"]) == (0, -1, 1, 1, 0)
    high = request(sequence=1e99, seen=1e99, frames=1e99, updates=1e99, budget_ms=1e99, coarse=1e99)
    assert (high["sequence"], high["seen"], high["frames"], high["updates"]) == (2**50, 2**50, 30, 200)
    assert high["seconds"] == MOST_SECONDS and high["coarse"] == COARSEST


# --- cards --------------------------------------------------------------------------------------------------


class Rows(TableCard):
    name, title, alt, file = "rows", "Rows", "Rows", "numbers"

    def columns(self):
        return [column("Number"), column("Text", "what it is")]

    def table(self):
        return [[cell("1", 1.0), cell("one", None)]]

    def caption(self):
        return "one row"


def test_a_table_is_its_columns_and_rows():
    card = Rows()
    assert (
        card.spec()["file"] == "numbers" and card.spec()["area"] == "rows" and card.spec()["kind"] == "table"
    )
    assert card.mounted()["columns"] == [
        dict(title="Number", help="Sort by Number"),
        dict(title="Text", help="what it is"),
    ]
    assert card.frame() == dict(rows=card.table()) and card.rest() == dict(
        rows=card.table(), caption="one row"
    )
    assert card.refine() is None


def test_cells_sort_by_value_by_text_or_last():
    assert cell("a", None) == dict(text="a", value="a") and cell("1", 1.0)["value"] == 1.0
    assert cell("∞", float("inf"))["value"] is None and cell("–", float("nan"))["value"] is None
    assert count_cell(1234.4, " ms")["text"] == "1,234 ms" and count_cell(float("inf"))["value"] is None
