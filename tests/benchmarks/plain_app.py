"""The way not taken: the Playground's four charts through st.plotly_chart in a fragment that runs as fast as it can."""

import sys
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import DatasetConfig, ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.playground.run import PlaygroundRun
from pages.shared.figures.base import figure_json

st.set_page_config(layout="wide")
if "run" not in st.session_state:
    dataset = DatasetConfig("circles")
    config = ExperimentConfig(dataset, lanes=(LaneConfig("sgd", 0.3),))
    st.session_state["run"] = PlaygroundRun(config, load_dataset(dataset), dark=False)
    st.session_state["frames"] = 0


@st.fragment(run_every=0.02)
def charts() -> None:
    run = st.session_state["run"]
    run.advance("play", 1)
    st.session_state["frames"] += 1
    network, boundary, loss, landscape = run.cards
    for chart in (network, boundary, loss, landscape):
        chart.frame()
    left, right = st.columns(2)
    with left:
        st.plotly_chart(figure_json(loss.figure()), key="loss")
        maps = [
            go.Heatmap(z=values[:, 0].reshape(40, 40), showscale=False) for values in run.view.layer_outputs()
        ]
        st.plotly_chart(go.Figure(maps[-1]), key="network")
    with right:
        outputs = run.experiment.probabilities(0, run.view.layer_outputs()[-1])
        figure = go.Figure(boundary.mounted())
        figure.add_heatmap(z=outputs.reshape(40, 40), showscale=False)
        st.plotly_chart(figure, key="boundary")
        st.plotly_chart(figure_json(landscape.figure(landscape.slice(17))), key="landscape")
    st.html(f"<span id='frames' data-frames='{st.session_state['frames']}'></span>")


charts()
