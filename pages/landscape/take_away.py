"""What can be taken away from a picture: its grid as CSV or NPZ, with axes, directions and the experiment."""

from __future__ import annotations

import io
import json
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from engine.landscape.plane import Refinement
from pages.landscape.run import SurfaceRun

WHOLE = 60.0  # seconds that the rest of a picture may take, when it is asked for as a file


def whole(run: SurfaceRun) -> Refinement:
    """The picture in its full resolution."""
    return run.surface.show(WHOLE)


def grid_csv(run: SurfaceRun) -> str:
    """A line for each cell: its coordinates and its loss."""
    state, where, name = whole(run), run.model.locate(), run.model.seen.name
    if where.is_line:
        rows = (f"{t:.9g},{loss:.9g}" for t, loss in zip(state.alphas, state.loss[0], strict=True))
        return "\n".join((f"t,{name}", *rows)) + "\n"
    rows = (
        f"{a:.9g},{b:.9g},{loss:.9g}"
        for b, line in zip(state.betas, state.loss, strict=True)
        for a, loss in zip(state.alphas, line, strict=True)
    )
    return "\n".join((f"alpha,beta,{name}", *rows)) + "\n"


def grid_npz(run: SurfaceRun) -> bytes:
    """Arrays: alphas, betas, loss (B, A), origin, d1, d2 (P,), path (T, P) with steps and true losses; settings as JSON.

    The loss at row i and column j is that of the network with the weights origin + alphas[j]·d1 + betas[i]·d2.
    """
    state, where = whole(run), run.model.locate()
    lane, recorder = run.model.lane, run.recorder
    coordinates, distances = where.plane.project(recorder.path(lane))
    about = dict(
        axes=where.axes, note=where.note, loss=run.model.seen.name, is_line=where.is_line, lane=lane,
        experiment=json.loads(run.experiment.config.to_json()),
    )  # fmt: skip
    file = io.BytesIO()
    np.savez_compressed(
        file, alphas=state.alphas, betas=state.betas, loss=state.loss, origin=where.plane.origin, d1=where.plane.d1,
        d2=where.plane.d2, theta=run.model.theta, path=recorder.path(lane), path_steps=recorder.steps(lane),
        path_train_loss=recorder.losses(lane), path_coordinates=coordinates, path_distances=distances,
        about=np.array(json.dumps(about)),
    )  # fmt: skip
    return file.getvalue()


def take_away(run: SurfaceRun) -> None:
    """Downloads and the page's link."""
    with st.expander("Take away", icon=":material/download:"):
        left, middle, right = st.columns([1, 1, 3], vertical_alignment="bottom")
        left.download_button(
            "Grid as CSV", lambda: grid_csv(run), "landscape.csv", "text/csv", on_click="ignore", width="stretch",
            help="A line for each cell: its place and its loss.",
        )  # fmt: skip
        middle.download_button(
            "Grid as NPZ", lambda: grid_npz(run), "landscape.npz", "application/octet-stream", on_click="ignore", width="stretch",
            help="NumPy arrays: grid, axes, directions, origin and path, with the experiment as JSON.",
        )  # fmt: skip
        with right:
            st.code(page_link(), language=None)
        brought = (
            " This copy of another page's run is not in the link: it opens only in this session."
            if run.taken
            else ""
        )
        st.caption(
            "Pictures: point at one; the camera saves it as PNG, the disk as SVG. The link holds all settings, but no trained "
            f"weights.{brought}"
        )


def page_link() -> str:
    """This page's address with all its settings."""
    query = urlencode(st.query_params.to_dict())
    return f"{st.context.url}?{query}" if query else str(st.context.url)
