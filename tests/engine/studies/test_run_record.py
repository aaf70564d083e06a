"""Records of runs: what they hold, what differs, and files that are damaged or from elsewhere."""

import json
import math
from dataclasses import replace

import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.run_record import (
    MOST_CURVE,
    differs,
    read_records,
    record,
    summary,
    to_plain,
    write_records,
)

CONFIG = ExperimentConfig(
    DatasetConfig("moons", samples=60), NetworkConfig((4,)), lanes=(LaneConfig("sgd", 0.3), LaneConfig("adam", 0.05))
)  # fmt: skip


def made(updates=50, config=CONFIG):
    experiment = Experiment(config)
    experiment.step(updates)
    return experiment, record(experiment, config, range(len(config.lanes)), "abc-0")


def test_a_record_holds_what_the_lanes_reached_and_the_course_of_the_best():
    experiment, found = made()
    history = experiment.history
    assert found.updates == 50
    assert [end[0] for end in found.ends] == history.train_loss[-1].tolist()
    assert [end[3] for end in found.ends] == history.test_accuracy[-1].tolist()
    best = int(history.train_loss[-1].argmin())
    assert found.end("test_loss") == history.test_loss[-1, best]
    assert len(found.curve) == MOST_CURVE
    assert found.curve[0] == float(f"{history.train_loss[0, best]:.4g}")
    assert found.curve[-1] == float(f"{history.train_loss[-1, best]:.4g}")


def test_a_file_of_runs_is_read_again():
    _, one = made()
    two = replace(one, key="other", name="=HYPERLINK(1)", ends=((math.nan,) * 4, one.ends[1]))
    again = read_records(write_records([one, two]))
    assert [to_plain(each) for each in again] == [to_plain(one), to_plain(two)]
    assert again[0] == one


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (CONFIG, "nothing"),
        (replace(CONFIG, seed=3), "seed 0 → 3"),
        (replace(CONFIG, dataset=DatasetConfig("moons", samples=60, noise=0.3)), "noise 0.1 → 0.3"),
        (replace(CONFIG, dataset=DatasetConfig("xor", samples=60)), "name moons → xor"),
        (replace(CONFIG, network=NetworkConfig((8, 8))), "layers 4 → 8-8"),
        (replace(CONFIG, lanes=CONFIG.lanes[:1]), "lanes 2 → 1"),
        (replace(CONFIG, lanes=(LaneConfig("sgd", 0.1), CONFIG.lanes[1])), "learning rate 0.3 → 0.1"),
    ],
)  # fmt: skip
def test_what_differs_from_the_run_before_is_said(new, said):
    assert differs(CONFIG, new) == said
    assert differs(None, new) == "the first"


def test_the_settings_are_a_line():
    assert summary(CONFIG) == "moons · 4 tanh · SGD 0.3, Adam 0.05"


def damaged(**changes):
    raw = json.loads(write_records([made(3)[1]]))
    raw["runs"][0] |= changes
    return json.dumps(raw)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{" * 100_000, "not JSON|nested"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        ("[]", "not written by Descent Lab"),
        ('{"format": "descent-lab-runs", "version": 9, "runs": []}', "has version 9"),
        ('{"format": "descent-lab-runs", "version": 1, "runs": {}}', "a list of at most 60"),
        ('{"format": "descent-lab-runs", "version": 1, "runs": [7]}', "Run 1 of the file can't be used: A run is 7"),
        (damaged(updates=-1), "updates are -1"),
        (damaged(updates=1.5), "updates are 1.5"),
        (damaged(ends=[[1]]), "do not fit its lanes"),
        (damaged(ends=[[1, 2, 3, "4"], [1, 2, 3, 4]]), "'4' where a number belongs"),
        (damaged(ends=[[1, 2, 3, True], [1, 2, 3, 4]]), "True where a number belongs"),
        (damaged(curve=[1.0] * 99), "more than 32 points"),
        (damaged(key=""), "key or name"),
        (damaged(name=5), "key or name"),
        (damaged(config={"lanes": []}), "Run 1 of the file"),
        (damaged(config=None), "Run 1 of the file"),
        ("x" * 60_000_000, "characters"),
    ],
)  # fmt: skip
def test_a_file_that_is_damaged_or_from_elsewhere_is_refused_with_a_sentence(text, said):
    with pytest.raises(ValueError, match=said) as caught:
        read_records(text)
    assert str(caught.value).endswith(".") and len(str(caught.value)) < 600
