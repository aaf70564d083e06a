"""What the README's "How to extend" promises, tried out in a temporary copy of the repository.

Every newcomer is added at once, and the tests that walk the registries are run over them in a process of their own.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.newcomer.newcomers import NEWCOMERS

ROOT = Path(__file__).resolve().parents[2]
MOST_FILES, MOST_LINES = 2, 40
FOLDERS = ("engine", "pages", "assets", "tests", "pyproject.toml", "app.py")
SUITES = (
    "tests/engine/methods/test_first_order.py", "tests/engine/methods/test_rules.py", "tests/engine/methods/test_schedules.py",
    "tests/engine/network/test_mlp.py", "tests/engine/network/test_hessian.py", "tests/engine/network/test_penalties.py",
    "tests/engine/data/test_datasets.py", "tests/engine/studies/test_export.py", "tests/engine/studies/test_sharpness.py",
    "tests/engine/studies/test_microscope.py::test_looking_changes_nothing_and_tells_the_next_update_to_the_bit",
    "tests/engine/config/test_experiment_config.py",
)  # fmt: skip


@pytest.mark.parametrize("name", list(NEWCOMERS))
def test_a_newcomer_is_short(name):
    changes = NEWCOMERS[name]
    assert len({change.file for change in changes}) <= MOST_FILES
    lines = [line for change in changes for line in change.text.splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The repository with all newcomers in it, and PyTorch's record of Adamax among the others."""
    root = tmp_path_factory.mktemp("newcomers")
    for name in FOLDERS:
        source, ignored = (
            ROOT / name,
            shutil.ignore_patterns("__pycache__", "screenshots", "node_modules", "browser"),
        )
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=ignored)
        else:
            shutil.copy(source, root / name)
    for changes in NEWCOMERS.values():
        for change in changes:
            path = root / change.file
            path.parent.mkdir(exist_ok=True)
            text = path.read_text(encoding="utf-8") if change.before else ""
            assert not change.before or text.count(change.before) == 1, (change.file, change.before)
            start = text.index(change.before) if change.before else 0
            path.write_text(text[:start] + change.text + text[start:], encoding="utf-8")
    recorded = root / "tests" / "oracles" / "torch.json"
    record = json.loads(recorded.read_text(encoding="utf-8"))
    adamax = json.loads((Path(__file__).parent / "adamax_torch.json").read_text(encoding="utf-8"))
    for part in ("runs", "options"):
        record[part] |= adamax[part]
    recorded.write_text(json.dumps(record), encoding="utf-8")
    return root


def test_every_test_that_walks_a_registry_holds_for_the_newcomers(copy):
    words = " or ".join(NEWCOMERS)
    options = ["-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "-k", words, *SUITES]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) >= 60, done.stdout[-500:]


def test_the_new_page_passes_the_tests_of_every_page(copy):
    """It opens, its link opens it again, it survives any link, its run answers, it is as it was left."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "outputs"]
    suites = ["tests/pages/test_every_page.py", "tests/test_house.py"]
    done = subprocess.run([*command, *suites], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    program = """
from tests.pages.app import change, link, run_of, start
app = change(start("outputs", lr="0.5"), sample=3)
assert link(app) == {"lr": "0.5", "sample": "3"}
run = run_of(app, "outputs")
before = run.cards[0].frame()["figure"]
run.advance("play", 5)
assert run.cards[0].sample == 3 and run.cards[0].frame()["figure"] != before
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_they_train_are_saved_and_go_into_a_link(copy):
    """All newcomers in one experiment, from its link."""
    program = """
import numpy as np
from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.experiment import from_query_checked
lane = LaneConfig("adamax", 0.01, schedule="logarithmic", elastic=0.02)
config = ExperimentConfig(DatasetConfig("cross", samples=100), NetworkConfig((6,), "mish"), lanes=(lane,))
read, messages = from_query_checked(config.to_query())
assert read == config and not messages, (read, messages)
assert ExperimentConfig.from_json(config.to_json()) == config
run = Experiment(config)
before = run.history.train_loss[-1, 0]
run.step(200)
assert run.history.train_loss[-1, 0] < before
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
