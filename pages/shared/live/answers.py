"""Answers to pulls: the run works as asked, and what the browser has not seen is encoded once and kept until it has."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from pages.shared.live.limits import allowed
from pages.shared.live.protocol import Figure, LiveRun, Request, Rest, Shown, State, Wish
from pages.shared.live.request import MOST_SECONDS, MOST_UPDATES
from pages.shared.live.runs import RunList
from pages.shared.live.work import Work

MOST_UNSEEN = 30  # frames in the outbox; with so many, nothing is trained
RESTFUL = ("rest", "refine", "click", "moment", "fork")  # what may be asked while an earlier moment is shown


class Made(NamedTuple):
    """A figure as JSON, and of which moment of the run it is."""

    moment: Hashable
    text: str
    number: int = 0


class Unseen(NamedTuple):
    """A frame that the browser may not have seen: its parts by card and its state, as JSON."""

    id: int
    parts: dict[str, str]
    state: str

    def text(self) -> str:
        parts = ",".join(f"{encoded(name)}:{part}" for name, part in self.parts.items())
        return f'{{"id":{self.id},"charts":{{{parts}}},"state":{self.state}}}'


class Mailbox:
    """Per run: what the browser has and wants, and the frames that it may not have seen, as JSON."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.outbox: list[Unseen] = []
        self.frame_ids = itertools.count()
        self.batches = itertools.count()
        self.sequence = 0
        self.last, self.seen = -1, -1  # the last frame, and the last that the browser has seen
        self.framed: Hashable = None  # the moment of the last frame
        self.runs = RunList()  # of the session
        self.playing = False
        self.cost = 0.0  # seconds that an update takes
        self.work: Work | None = None
        self.known: list[str] = []  # runs that the session has shown
        self.have: dict[str, str] = {}
        self.rests: dict[str, int] = {}
        self.numbers = itertools.count(1)
        self.shown: dict[str, str] = {}  # revisions by card
        self.figures: dict[str, Made] = {}
        self.rest_views: dict[str, Made] = {}

    def put(self, run: LiveRun) -> State:
        """Make a frame of the run as it is now; its state."""
        cards = () if run.is_replay else run.cards
        parts = {card.name: encoded(part) for card in cards if (part := card.frame()) is not None}
        state = run.state()
        self.framed, self.last = run.moment(), next(self.frame_ids)
        self.outbox.append(Unseen(self.last, parts, encoded(state)))
        return state

    def settle(self, run: LiveRun) -> None:
        """Forget what unseen frames hold for figures that are no longer shown."""
        for card in run.cards:
            revision = card.spec()["revision"]
            if self.shown.setdefault(card.name, revision) != revision:
                self.shown[card.name] = revision
                for frame in self.outbox:
                    frame.parts.pop(card.name, None)

    def make(self, run: LiveRun, card: Shown, figure: Figure | None = None, rest: Rest | None = None) -> Made:
        """Encode a card's figure or exact view, and remember it for this moment of the run."""
        moment = (run.moment(), card.spec()["revision"])
        if rest is not None:
            number = next(self.numbers)
            made = self.rest_views[card.name] = Made(moment, encoded(rest | dict(number=number)), number)
        else:
            made = self.figures[card.name] = Made(moment, encoded(figure))
        return made


def respond(
    run: LiveRun, mailbox: Mailbox, request: Request | None, controls_first: bool = False
) -> bytes | Wish:
    """Do what was asked, and say what the browser needs to know: an `Answer` as JSON.

    `controls_first`: the page has run, so a control may have changed. It is answered with a single frame; the
    browser pulls again at once.
    """
    mailbox.settle(run)
    if not mailbox.playing or (request is not None and request["action"] != "play"):
        mailbox.runs.see(run.record())  # before it is reset, or goes on from another place
    if request is not None and request["runs"] is not None:
        mailbox.runs.restore(request["runs"])
    if request is None:
        return answered(run, mailbox, rests=not mailbox.playing, frame=True)
    is_ours, action = request["run"] == run.run_id, allowed(run, request)["action"]
    mailbox.sequence, mailbox.seen, mailbox.playing = request["sequence"], request["seen"], action == "play"
    mailbox.have, mailbox.rests = (request["have"], request["rests"]) if is_ours else ({}, {})
    mailbox.outbox = [frame for frame in mailbox.outbox if frame.id > request["seen"]]
    if not is_ours:
        return answered(run, mailbox, rests=not mailbox.playing, frame=not mailbox.playing)
    run.economise(1 + request["coarse"] if mailbox.playing and request["frames"] > 1 else 0)
    if action not in RESTFUL:
        run.go_on()
    mailbox.work = mailbox.work if action == "go on" else begun(run, request)
    if mailbox.work:
        mailbox.work.go_on(run, mailbox.clock)
        mailbox.work = None if mailbox.work.is_done(run) else mailbox.work
        return answered(run, mailbox, rests=mailbox.work is None, frame=True)
    if action == "play":
        play(run, mailbox, request | dict(frames=1) if controls_first else request)
        return answered(run, mailbox)
    if action == "refine":
        return answered(run, mailbox, refined=True)
    if action == "reinit":
        return Wish.NEW_WEIGHTS
    if action == "click":
        click = request["click"]
        if click is not None and run.quiz is not None and run.quiz.take(click):
            return Wish.PAGE
        if click is not None and run.click(click["chart"], click["x"], click["y"]):
            return Wish.PAGE
    elif action == "moment":
        run.go_to(request["moment"])
    elif action == "fork":
        run.fork_here()
    elif action == "draw":
        run.drawn = request["drawn"]
        return Wish.PAGE
    elif action not in ("rest", "retrain", "go on"):
        run.forward(action, 1)
    elif action == "rest" and run.quiz is not None and run.quiz.is_due(run.step(), run.state()["finished"]):
        run.quiz.reached = True
        return Wish.PAGE
    return answered(run, mailbox, rests=True, frame=True)


def begun(run: LiveRun, request: Request) -> Work | None:
    """The long work that a pull asks for, if it does."""
    goal = run.goal(request["action"], request["until"])
    return None if goal is None or goal <= run.step() else Work(run.step(), goal)


def play(run: LiveRun, mailbox: Mailbox, request: Request) -> None:
    """Frames as asked for, until the time is up or the browser has enough that it has not seen."""
    deadline = mailbox.clock() + request["seconds"]
    finished = run.state()["finished"]
    for _ in range(request["frames"]):
        left = None if run.quiz is None else run.quiz.left(run.step())
        if finished or left == 0 or len(mailbox.outbox) >= MOST_UNSEEN:
            break
        before = mailbox.clock()
        updates = min(
            request["updates"], max(1, int(MOST_SECONDS / max(mailbox.cost, 1e-9))), left or MOST_UPDATES
        )
        run.forward("play", updates)
        mailbox.cost = (mailbox.clock() - before) / updates
        finished = mailbox.put(run)["finished"]
        if mailbox.clock() > deadline:
            break


def answered(
    run: LiveRun, mailbox: Mailbox, rests: bool = False, frame: bool = False, refined: bool = False
) -> bytes:
    """The answer, with one more frame or the exact figures if wanted. All that is long is encoded once."""
    is_new = run.moment() != mailbox.framed or (mailbox.seen < mailbox.last and not mailbox.outbox)
    if frame and is_new and not (mailbox.playing and len(mailbox.outbox) >= MOST_UNSEEN):
        mailbox.put(run)
        del mailbox.outbox[:-MOST_UNSEEN]
    if not mailbox.playing:
        mailbox.runs.see(run.record())
    specs = [sent(run, mailbox, card) for card in run.cards]
    rest: list[str] = []
    if refined:
        rest = finer(run, mailbox)
    elif rests:
        rest = [view for card in run.cards if (view := rested(run, mailbox, card))]
    head = dict(
        known=mailbox.known, work=mailbox.work.state(run) if mailbox.work else None,
        batch=f"{run.run_id}-{next(mailbox.batches)}", sequence=mailbox.sequence, run=run.run_id,
        config=run.config_revision, layout=run.layout, rows=run.rows, reserve=run.reserve, interval=run.interval,
        transport=run.transport, words=run.words, speed=run.speed, hints=list(run.hints), leaves=list(run.leaves), aim=run.quiz.aim() if run.quiz else None, state=run.state(),
        replay=run.replay(), runs=None if mailbox.playing else mailbox.runs.news(), wants_runs=not mailbox.runs.restored, opens_at=run.opens_at, limits=run.limits,
    )  # fmt: skip
    frames = ",".join(unseen.text() for unseen in mailbox.outbox)
    whole = (
        f'{encoded(head)[:-1]},"charts":[{",".join(specs)}],"frames":[{frames}],"rest":{{{",".join(rest)}}}}}'
    )
    return whole.encode()


def sent(run: LiveRun, mailbox: Mailbox, card: Shown) -> str:
    """A card's spec, with its figure if the browser lacks it. Another run's figures are other figures."""
    spec = card.spec()
    revision = f"{run.run_id}-{spec['revision']}"
    said = encoded({**spec, "revision": revision})
    if mailbox.have.get(card.name) == revision:
        return said
    made = mailbox.figures.get(card.name)
    if made is None or made.moment != (run.moment(), spec["revision"]):
        made = mailbox.make(run, card, figure=card.mounted())
    return f'{said[:-1]},"figure":{made.text}}}'


def rested(run: LiveRun, mailbox: Mailbox, card: Shown) -> str:
    """A card's exact view as a member of a JSON object; nothing where it has none, or the browser holds it."""
    made = mailbox.rest_views.get(card.name)
    if made is None or made.moment != (run.moment(), card.spec()["revision"]):
        view = card.rest()
        if view is None:
            return ""
        made = mailbox.make(run, card, rest=view)
    return "" if mailbox.rests.get(card.name) == made.number else f"{encoded(card.name)}:{made.text}"


def finer(run: LiveRun, mailbox: Mailbox) -> list[str]:
    """One slice of work on the first card that has some left."""
    for card in run.cards:
        view = card.refine()
        if view is None:
            continue
        if "figure" in view or "rows" in view:
            return [f"{encoded(card.name)}:{mailbox.make(run, card, rest=view).text}"]
        mailbox.rest_views.pop(card.name, None)  # it says that less is done
        return [f"{encoded(card.name)}:{encoded(view)}"]
    return []


def encoded(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
