"""What a worksheet hides and locks of the controls that the browser draws. Hidden ones are the browser's business; what is
locked is refused here too, whatever a browser sends.
"""

from __future__ import annotations

from collections.abc import Iterable

from pages.shared.live.protocol import Action, LiveRun, Request

PANEL: dict[str, tuple[Action, ...]] = {
    "play": ("play",),
    "step": ("step", "epoch"),
    "reset": ("reset",),
    "new_weights": ("reinit",),
    "timeline": ("moment", "fork"),
    "draw": ("draw",),
    "edit_weights": (),
}
TRAINS: tuple[Action, ...] = ("play", "step", "epoch")  # before a question is answered, nothing does


def implied(locked: Iterable[str]) -> set[str]:
    """The live panel's controls that change what is locked: drawn points are other data, new weights another seed."""
    locked = set(locked)
    found = locked & set(PANEL)
    if locked & {"sidebar", "data"}:
        found.add("draw")
    if locked & {"sidebar", "seed"}:
        found.add("new_weights")
    return found


def allowed(run: LiveRun, request: Request) -> Request:
    """The request, with "rest" in place of what is locked; nothing is trained further than the link has asked for."""
    locked, action = set(run.limits["locked"]), request["action"]
    waits = run.quiz is not None and run.quiz.locked
    forbidden = {each for name in locked if name in PANEL for each in PANEL[name]} | set(
        TRAINS if waits else ()
    )
    if action == "retrain" and (waits or "play" in locked):
        request["until"] = min(request["until"], run.opens_at)
    if action == "click" and "edit_weights" in locked and edits(run, request):
        request["click"] = None
    if action in forbidden:
        request["action"] = "rest"
    return request


def edits(run: LiveRun, request: Request) -> bool:
    """Whether a click sets a weight."""
    click = request["click"]
    return click is not None and any(
        card.name == click["chart"] and card.spec().get("edits") for card in run.cards
    )
