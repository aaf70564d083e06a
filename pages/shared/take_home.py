"""Take home: a report as one HTML file, an animation, and the run as data, settings and programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from engine.studies.export import numpy_function, torch_module, weights_json
from engine.studies.take_away import data_csv, history_csv, weights_npz
from engine.training.experiment import Experiment
from pages.shared import session
from pages.shared.animation import gif, pictures
from pages.shared.dialogs import clicked
from pages.shared.form import Form
from pages.shared.live.run import LanesRun
from pages.shared.live.turns import my_turn
from pages.shared.report import MOST_NOTES, report_html
from pages.shared.text import plain_text

HELP = "A report with your notes that works without a network, an animation of the training, and the data."
Maker = Callable[[Experiment, int], str | bytes]
FILES: tuple[tuple[str, str, str, Maker, str], ...] = (
    ("Losses: CSV", "losses.csv", "text/csv", history_csv, "Loss, accuracy and gradient of every recorded update, with what was changed."),
    ("Data: CSV", "data.csv", "text/csv", lambda experiment, _: data_csv(experiment.data), "Every point in its own units, marked train, validation or test."),
    ("Settings: JSON", "experiment.json", "application/json", lambda experiment, _: experiment.config.to_json(), "Everything that makes this run, an uploaded table included."),
    ("Weights: JSON", "weights.json", "application/json", weights_json, "All weights, with what is needed to use them."),
    ("Weights: NPZ", "weights.npz", "application/octet-stream", weights_npz, "NumPy arrays W0, b0, W1, …"),
    ("Code: NumPy", "network.py", "text/x-python", numpy_function, "One file with a function predict(points). Needs NumPy only."),
    ("Code: PyTorch", "network_torch.py", "text/x-python", torch_module, "A module to predict with, or to train on."),
)  # fmt: skip


@dataclass
class Home:
    """What a person has written, and the animation that was made last with the state of the run that it shows."""

    notes: str = ""
    answers: str = ""
    wanted: bool = False
    shown: tuple[str, int] = field(default=("", -1))
    animation: bytes = b""


def button(top: Form, run: LanesRun) -> None:
    if clicked(top, run, "home", "Take home", ":material/backpack:", HELP):
        take_home(run, st.context.url or "")


@st.dialog("Take home", width="medium")
def take_home(run: LanesRun, link: str) -> None:
    with my_turn():
        home = session.of("session.home", Home)
        st.subheader("Report")
        home.notes = st.text_area("Your notes", home.notes, max_chars=MOST_NOTES, key="home.notes")
        home.answers = st.text_area("Your answers", home.answers, max_chars=MOST_NOTES, key="home.answers")
        turn = my_turn()

        def made() -> str:
            with turn:
                return report_html(run, link, home.notes, home.answers)

        st.download_button("Report: HTML", made, "report.html", "text/html", on_click="ignore", type="primary",
                           help="One file of about 5 MB with the charts as they stand; it needs no network.")  # fmt: skip
        st.subheader("Animation")
        animation(run, home)
        st.subheader("Data and programs")
        files(run)


def animation(run: LanesRun, home: Home) -> None:
    """A GIF of the boundaries and losses at the moments of the timeline."""
    if run.data.inputs == 1:
        st.caption("There is no animation of a curve over one input.")
        return
    now = (f"{run.run_id}-{run.branch}", run.step())

    def want() -> None:
        home.wanted = True

    count = len(run.timeline.kept) + 1
    st.button("Make the animation", icon=":material/gif_box:", key="home.gif", on_click=want, disabled=count < 2,
              help="A picture for each moment that the timeline keeps.")  # fmt: skip
    if home.wanted:
        home.wanted = False
        bar, images = st.progress(0.0), []
        for share, image in pictures(run):
            bar.progress(share)
            images.append(image)
        home.animation, home.shown = gif(images), now
        bar.empty()
    if home.animation and home.shown == now:
        st.image(home.animation)
        st.download_button("Animation: GIF", home.animation, "training.gif", "image/gif", on_click="ignore")


def files(run: LanesRun) -> None:
    """The data, and each lane's history and network."""
    lane = 0
    if len(run.looks) > 1:
        names = [f"{look.glyph} {plain_text(look.name)}" for look in run.looks]
        lane = st.selectbox("Lane", range(len(names)), format_func=lambda k: names[k], key="home.lane")
    row = run.rows_of[min(lane, len(run.rows_of) - 1)][0]
    turn, places = my_turn(), st.columns(3)
    for k, (label, name, mime, make, help) in enumerate(FILES):

        def made(make: Maker = make) -> str | bytes:
            with turn:
                return make(run.experiment, row)

        places[k % 3].download_button(
            label, made, name, mime, on_click="ignore", help=help, width="stretch", key=f"home.{name}"
        )
