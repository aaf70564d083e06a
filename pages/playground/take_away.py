"""The Playground's menu of files: the network as code and as weights, its data, its settings and its losses."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.studies.export import numpy_function, torch_module, weights_json
from engine.studies.take_away import data_csv, history_csv, weights_npz
from engine.training.experiment import Experiment
from pages.playground.run import PlaygroundRun
from pages.shared.live.turns import my_turn

Maker = Callable[[Experiment], str | bytes]
FILES: tuple[tuple[str, str, str, Maker, str], ...] = (
    ("Code: NumPy", "network.py", "text/x-python", numpy_function, "One file with a function predict(points). Needs NumPy only."),
    ("Code: PyTorch", "network_torch.py", "text/x-python", torch_module, "A module to predict with, or to train on."),
    ("Weights: JSON", "weights.json", "application/json", weights_json, "All weights, with what is needed to use them."),
    ("Weights: NPZ", "weights.npz", "application/octet-stream", weights_npz, "NumPy arrays W0, b0, W1, …"),
    ("Data: CSV", "data.csv", "text/csv", lambda experiment: data_csv(experiment.data), "Every point in its own units, marked train, validation or test."),
    ("Settings: JSON", "experiment.json", "application/json", lambda experiment: experiment.config.to_json(), "Everything that makes this run, an uploaded table included."),
    ("Losses: CSV", "losses.csv", "text/csv", history_csv, "Loss, accuracy and gradient of every recorded update, with what was changed."),
)  # fmt: skip


def take_away(run: PlaygroundRun) -> None:
    """Downloads of the network as it is when one is clicked; nothing is made before."""
    with st.popover("Take it with you", icon=":material/download:"):
        st.caption("The network as it is at the moment of the click.")
        left, right = st.columns(2)
        for place, (label, name, mime, make, help) in enumerate(FILES):
            (left, right)[place % 2].download_button(
                label, maker(run, make), name, mime, on_click="ignore", help=help, width="stretch"
            )


def maker(run: PlaygroundRun, make: Maker) -> Callable[[], str | bytes]:
    """What Streamlit calls, outside any script, when a download is asked for: it waits for the session's turn."""
    turn = my_turn()

    def made() -> str | bytes:
        with turn:
            return make(run.experiment)

    return made
