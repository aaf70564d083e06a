"""What one page hands to another: a run to look at, or an experiment to open.

A page offers its run, and another takes a copy of it as it stands then; the copy goes on by itself, to the bit. Or a page
asks another to open an experiment and to train it up to some update.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Protocol

from engine import Experiment, ExperimentConfig
from pages.shared import session
from pages.shared.live.recorder import PathRecorder


class Offered(Protocol):
    """A run with the paths of its lanes."""

    run_id: str
    experiment: Experiment
    recorder: PathRecorder


@dataclass(frozen=True, eq=False)
class Taken:
    """A copy of another page's experiment and its paths. `lanes` are those with a path, in their order."""

    page: str
    experiment: Experiment
    recorder: PathRecorder

    @property
    def lanes(self) -> list[int]:
        return self.recorder.lanes


def _offers() -> dict[str, Any]:
    return session.of("session.offers", dict[str, Any])


def offer(page: str, run: Offered) -> None:
    """Let other pages look at `run`, the page's own, for as long as the session lasts."""
    _offers()[page] = run


def offered(page: str) -> Any:
    """The run that `page` has offered, or None."""
    return _offers().get(page)


def take(page: str) -> Taken | None:
    """A copy of what `page` offers, as it stands now; None where it offers nothing."""
    run = offered(page)
    if run is None:
        return None
    experiment = Experiment.load(io.BytesIO(run.experiment.to_bytes()))
    return Taken(page, experiment, run.recorder.copied_to(experiment))


@dataclass(frozen=True)
class Handed:
    """What a page is asked to show when it is opened next: an experiment, trained for so many updates."""

    config: ExperimentConfig
    updates: int


def _handed() -> dict[str, Handed]:
    return session.of("session.handed", dict[str, Handed])


def hand(page: str, config: ExperimentConfig, updates: int) -> None:
    """Ask `page` to show `config` after `updates` updates."""
    _handed()[page] = Handed(config, updates)


def handed(page: str) -> Handed | None:
    """What `page` has been asked to show, until `done`."""
    return _handed().get(page)


def done(page: str) -> None:
    _handed().pop(page, None)
