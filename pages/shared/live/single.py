"""One network training in the live panel: the Playground's run."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from engine import FEATURES, Experiment, ExperimentConfig
from engine.data.load import Dataset
from engine.training.experiment import needs_new_run
from pages.shared.cards.charts import BoundaryChart, LandscapeChart, LossChart, NetworkChart
from pages.shared.live.recorder import PathRecorder
from pages.shared.live.view import View

LAYOUT = '"network network network boundary boundary" "loss loss loss landscape landscape"'


class PlaygroundRun:
    """An experiment with one lane and four charts; what `live_panel` shows."""

    layout = LAYOUT
    rows = "1fr 1fr"

    def __init__(self, config: ExperimentConfig, data: Dataset, dark: bool) -> None:
        self.config, self.data = config, data
        self.run_id = uuid.uuid4().hex[:12]
        self.config_revision = 0
        self.experiment = Experiment(config, data)
        self.view = View(self.experiment, data, dark)
        self.recorder = PathRecorder(self.experiment, [0])
        self._make_charts()

    def _make_charts(self) -> None:
        view = self.view
        labels = [FEATURES[key].label for key in self.data.features]
        self.charts = [NetworkChart(view, labels), BoundaryChart(view), LossChart(view), LandscapeChart(view)]

    def matches(self, config: ExperimentConfig) -> bool:
        """Whether `config` differs only in what can be changed while training."""
        return not needs_new_run(self.config, config)

    def set_looks(self, dark: bool) -> None:
        self.view.dark = dark

    def swap(self, config: ExperimentConfig) -> None:
        """Take over the new training settings without a reset."""
        if config == self.config:
            return
        self.config = config
        self.experiment.reconfigure(config)
        self.config_revision += 1

    def reset(self) -> None:
        """Back to the same initial weights, with the settings as they are now."""
        self.experiment = self.view.experiment = Experiment(self.config, self.data)
        self.recorder = PathRecorder(self.experiment, [0])
        self.view.generation += 1
        self.view.batches = {}
        self._make_charts()

    def advance(self, action: str, updates: int) -> None:
        """One frame's work, or what a button asks for."""
        experiment = self.experiment
        self.view.batches = {}
        if action == "reset":
            self.reset()
        elif action == "epoch":
            experiment.step(experiment.updates_left_in_epoch(0))
        else:
            if updates > 1:
                experiment.step(updates - 1, record=False)
            experiment.step(1)
            if action == "step" and not experiment.finished:
                self.view.batches = {0: experiment.last_batch(0)}
        self.recorder.record()

    def state(self) -> dict[str, Any]:
        """The counters beside the buttons, and what went wrong, if anything did."""
        experiment, history, lane = self.experiment, self.experiment.history, self.experiment.lanes[0]
        readout = [["Updates", f"{lane.updates:,}"], ["Epochs", f"{lane.epochs:,.1f}"]]
        readout += [
            ["Train loss", show(history.train_loss[-1, 0])],
            ["Test loss", show(history.test_loss[-1, 0])],
        ]
        if self.data.task != "regression":
            readout += [
                ["Train acc.", share(history.train_accuracy[-1, 0])],
                ["Test acc.", share(history.test_accuracy[-1, 0])],
            ]
        status = experiment.status[0]
        return dict(
            step=lane.updates, readout=readout, message=status.reason or None, finished=experiment.finished
        )


def show(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1e}" if value < 1e-3 or value >= 1000 else f"{value:.4f}"


def share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.1f} %"
