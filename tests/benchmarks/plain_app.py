"""The way not taken: the Playground's four charts through st.plotly_chart in a fragment that runs as fast as it can."""

import sys
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import DatasetConfig, ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.playground.run import PlaygroundRun

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
        st.plotly_chart(loss.figure(), key="loss")
        maps = [
            go.Heatmap(z=values[:, 0].reshape(40, 40), showscale=False) for values in run.view.layer_outputs()
        ]
        st.plotly_chart(go.Figure(maps[-1]), key="network")
    with right:
        outputs = run.experiment.probabilities(0, run.view.layer_outputs()[-1])
        figure = boundary.spec()["figure"]()
        figure.add_heatmap(z=outputs.reshape(40, 40), showscale=False)
        st.plotly_chart(figure, key="boundary")
        along, grid = landscape.slice(17)
        st.plotly_chart(landscape.figure((along, along, grid)), key="landscape")
    st.html(f"<span id='frames' data-frames='{st.session_state['frames']}'></span>")


charts()
