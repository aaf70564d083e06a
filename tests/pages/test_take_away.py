"""Take home's files: every one is made when it is asked for, and is what it says."""

import json

import numpy as np
import pytest

from engine import ExperimentConfig
from pages.shared import take_home
from tests.pages.app import run_of, start


@pytest.fixture(scope="module")
def run():
    return run_of(start(data="iris"))


@pytest.fixture
def made(run, monkeypatch):
    """What the menu offers, as (label, what Streamlit would call)."""
    offered = {}

    class Column:
        def download_button(self, label, data, name, mime, **more):
            offered[label] = data

    monkeypatch.setattr(take_home.st, "columns", lambda count: [Column()] * count)
    take_home.files(run)
    return offered


def test_the_downloaded_numpy_code_gives_the_networks_outputs_as_it_is_now(run, made):
    run.advance("play", 30)
    namespace = {}
    exec(compile(made["Code: NumPy"](), "network.py", "exec"), namespace)
    data = run.data
    np.testing.assert_allclose(
        namespace["predict"](data.P_test * data.scale + data.mean),
        run.experiment.predict(data.X_test)[0],
        atol=1e-6,
    )


def test_nothing_is_made_before_it_is_asked_for(run, monkeypatch, made):
    assert all(callable(data) for data in made.values())
    assert len(made) == len(take_home.FILES) == 7


def test_the_settings_make_the_run_again(run, made):
    assert ExperimentConfig.from_json(made["Settings: JSON"]()) == run.experiment.config
    assert json.loads(made["Weights: JSON"]())["updates"] == run.experiment.updates
    assert made["Losses: CSV"]().startswith("step,")
    assert made["Data: CSV"]().count("\n") == 151
    assert made["Weights: NPZ"]()[:2] == b"PK"
    assert "torch.nn.Module" in made["Code: PyTorch"]()
