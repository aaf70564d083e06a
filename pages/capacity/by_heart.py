"""By heart: the training error falls to zero whether or not there is anything to learn; only new points tell."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.options import Option
from engine.studies.by_heart import NEW_POINTS, PROBLEMS, STARTS, WIDTHS, ByHeart, rule
from pages.capacity.by_heart_figures import line_figure, losses_figure, plane_figure, scores_figure
from pages.capacity.common import words
from pages.capacity.own_run import OwnRun, run_of
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part
from pages.shared.page import Page, View
from pages.shared.predict import Guess, predict_run
from pages.shared.widgets.option import choose, ladder, number

SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
CELLS = np.linspace(-1, 1, 41)
LINE = np.linspace(-1, 2, 121)
GUESSED_AT = 2000  # the update that the guess is about
MOST_STEPS = 300  # of a loss that is drawn
OPTIONS = {
    "problem": Option("problem", "shuffled", "Learn", "What the labels follow, if anything.", choices=tuple(PROBLEMS)),
    "share": Option("share", 1.0, "Share of labels shuffled", "So many labels are dealt out again at random, of new points too.", 0.0, 1.0),
    "count": Option("count", 50, "Points N", "That are learned.", 10, 200, integer=True),
    "twin": Option("twin", False, "Two labels at one place", "A second point on the place of the first, with another label."),
    "width": Option("width", 64, "Width shown", "Whose picture is drawn.", WIDTHS[0], WIDTHS[-1], integer=True, log=True),
    "seed": Option("seed", 0, "Seed", "Of the points, their labels and the initial weights.", 0, 999, integer=True),
}  # fmt: skip
VIEW = View("By heart", OPTIONS, lanes=0, guesses=True)


class ByHeartRun(OwnRun):
    layout = '"picture scores" "picture losses"'
    rows = "minmax(0, 1.2fr) minmax(0, 1fr)"
    last = 6000
    speed = 10
    study: ByHeart

    def new_study(self) -> ByHeart:
        self.measured_at, self.values = -1, np.zeros((2, len(WIDTHS)))
        return ByHeart(**self.asked)

    gives_away = ("scores", "losses")

    def asked_lanes(self) -> list[str]:
        return [f"width {width}" for width in WIDTHS]

    def asked_loss(self, lane: int) -> float:
        return float(np.nan_to_num(self.study.loss()[lane], nan=np.inf))

    def asked_accuracy(self, lane: int) -> tuple[str, float] | None:
        if self.study.is_regression:
            return None
        return "share of right labels among the learned points", float(self.measures(exact=True)[0, lane])

    def make_cards(self) -> list[PlotCard]:
        return [PictureCard(self), ScoresCard(self), LossesCard(self)]

    @property
    def width(self) -> int:
        return min(WIDTHS, key=lambda width: abs(width - self.shown.get("width", 64)))

    def measures(self, exact: bool) -> np.ndarray:
        """What is learned and what is said of new points (2, W). In motion they may be of up to a tenth of the updates ago."""
        now = self.study.updates
        if (exact and now != self.measured_at) or not self.measured_at <= now <= 1.1 * self.measured_at:
            self.measured_at, self.values = now, np.stack([self.study.learned(), self.study.unseen()])
        return self.values

    def counters(self) -> list[list[str]]:
        k = WIDTHS.index(self.width)
        learned, unseen = self.measures(exact=False)[:, k]
        if self.study.is_regression:
            return [["Error, points", f"{learned:.3f}"], ["Error, beyond", f"{unseen:.3f}"]]
        return [["Right, points", f"{100 * learned:.0f} %"], ["Right, new", f"{100 * unseen:.1f} %"]]


class ScoresCard(PlotCard):
    name = "scores"
    alt = "What each width has learned, and how right it is on new points"

    def __init__(self, run: ByHeartRun) -> None:
        self.run = run

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Error by width" if self.run.study.is_regression else "Right labels by width"

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        new = len(self.run.study.points.new_y)
        return f"mean of {STARTS} starts · {new:,} new points" + ("" if self.run.study.is_regression else ", ± 2 standard errors")  # fmt: skip

    def drawn(self, exact: bool) -> Drawing:
        study = self.run.study
        learned, unseen = self.run.measures(exact)
        return scores_figure(WIDTHS, learned, unseen, study.error_of_unseen, study.is_regression, self.run.dark)  # fmt: skip

    def figure(self) -> Drawing:
        return self.drawn(exact=True)

    def frame(self) -> Part:
        return dict(figure=figure_json(self.drawn(exact=False)))


class LossesCard(PlotCard):
    name, title = "losses", "Training loss"
    alt = "The training loss of every width against updates"

    def __init__(self, run: ByHeartRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def figure(self) -> Drawing:
        study = self.run.study
        stride = -(-len(study.steps) // MOST_STEPS)
        picked = [*range(0, len(study.steps) - 1, stride), len(study.steps) - 1]
        steps, losses = [study.steps[k] for k in picked], np.array([study.losses[k] for k in picked])
        return losses_figure(steps, losses, WIDTHS, self.run.width, self.run.dark)

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))


class PictureCard(PlotCard):
    name = "picture"
    alt = "What the network of the width that is shown says everywhere, and the points that it learns"

    def __init__(self, run: ByHeartRun) -> None:
        self.run = run

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"What width {self.run.width} says"

    def revision(self) -> str:
        return self.run.revision()

    def figure(self) -> Drawing:
        study, width, dark = self.run.study, self.run.width, self.run.dark
        if study.is_regression:
            at = LINE[:, None]
            return line_figure(study.points, LINE, study.outputs(width, at), rule(study.problem, at), dark)
        x, y = np.meshgrid(CELLS, CELLS)
        field = study.outputs(width, np.stack([x.ravel(), y.ravel()], axis=1)).reshape(x.shape)
        return plane_figure(study.points, CELLS, np.round(field, 2), dark)

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))


def show(here: Page) -> None:
    form = here.form
    with st.sidebar:
        problem = choose(form, "problem", "Learn", PROBLEMS, "shuffled", lambda key: PROBLEMS[key])
        share = ladder(form, "share", OPTIONS["share"], SHARES, lambda value: f"{100 * value:.0f} %")
        count = number(form, "count", OPTIONS["count"])
        twin = number(form, "twin", OPTIONS["twin"])
        width = ladder(form, "width", OPTIONS["width"], WIDTHS, lambda value: f"{value:.0f}")
        seed = number(form, "seed", OPTIONS["seed"])
        st.caption(NOTES[problem])
    words(here, QUESTION, LOOK_FOR, ASK, ANSWER)
    here.write()
    asked = dict(problem=problem, count=count, share=float(share), twin=bool(twin), seed=seed)
    run = run_of(here, ByHeartRun, asked, width=int(width))
    predict_run(here, run, GUESSED_AT, lambda: unseen_guess(run))
    here.panel(run)


def unseen_guess(run: ByHeartRun) -> Guess:
    k, at = WIDTHS.index(run.width), f"After {GUESSED_AT:,} updates, width {run.width}"
    learned, unseen = (float(values[k]) for values in (run.study.learned(), run.study.unseen()))
    if run.study.is_regression:
        return Guess(
            f"{at}: how large is the error beyond the points?", unseen, f"{unseen:.3f}; on the points {learned:.3f}.", covers=("picture", "scores"),
        )  # fmt: skip
    return Guess(
        f"{at}: how many percent of new points are labelled right?", 100 * unseen,
        f"{100 * unseen:.1f} %; of the {run.asked['count']} points that were learned {100 * learned:.0f} %.", covers=("picture", "scores"),
    )  # fmt: skip


NOTES = {
    "shuffled": "Points of a square. Without shuffling a label says whether the point is inside a circle of half the area.",
    "parity": "Places of a 16 × 16 grid, labelled by whether x + y is even. The places that are not learned are the new points.",
    "hash": "Random places, labelled by a bit of a hash of the place: a fixed rule, that no neighbour helps to guess.",
    "beyond": "y = sin 3x, learned from points between −1 and 1. New points lie to the right, between 1 and 2.",
}
QUESTION = "Can a network learn everything?"
LOOK_FOR = "the same network and the same falling loss, and nothing learned: on new points it stays at ½, like a coin. Press Play."
ASK = "The training error is zero. What does that tell of new points?"
ANSWER = (
    "Alone, nothing. With shuffled labels a wide enough network learns every point by heart, and is right on half of the new ones: there "
    "was nothing to learn, as their labels are coins. Set the share to 0 and the same networks, trained in the same way, are right on "
    "about 95 % of new points. Parity and the hash do follow a rule, but not one that a smooth function of x can guess from neighbours; "
    "and beyond its points a network of ReLUs goes on straight, whatever the sine does. That any continuous function on a closed, bounded "
    "set can be approached by some network says neither how large it must be, nor that training finds it, nor anything about points "
    f"that it has not seen. Two labels at one place can't both be learned: the most is (N − 1)/N. The ½ is measured on {NEW_POINTS:,} "
    "points, so it is known to ± 0.008.  \n"
    "Zhang, Bengio, Hardt, Recht and Vinyals, *Understanding deep learning requires rethinking generalization* (2017)."
)
