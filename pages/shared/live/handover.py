"""Runs that one page holds and another may look at: whoever has one offers it, whoever wants it takes a copy.

An offer is the run itself, so what is taken is how it stands in that moment; the copy goes on by itself, to the bit.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st

from engine import Experiment
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


def offer(page: str, run: Offered) -> None:
    """Let other pages look at `run`, the page's own, for as long as the session lasts."""
    st.session_state.setdefault("offers", {})[page] = run


def offered(page: str) -> Any:
    """The run that `page` has offered, or None."""
    return st.session_state.get("offers", {}).get(page)


def take(page: str) -> Taken | None:
    """A copy of what `page` offers, as it stands now; None where it offers nothing."""
    run = offered(page)
    if run is None:
        return None
    experiment = Experiment.load(io.BytesIO(run.experiment.to_bytes()))
    return Taken(page, experiment, run.recorder.copied_to(experiment))
