"""The experiments that the links of lessons open, to train and to look at."""

from __future__ import annotations

from dataclasses import replace

from engine import Experiment, ExperimentConfig
from engine.config import query as links
from engine.limits import MAX_SAMPLES
from engine.studies.claims import Look, Looking
from engine.studies.exhibits import EXHIBITS
from pages.learning_rate import ladder, stability
from pages.shared.classroom.lesson import Step
from pages.shared.figures.looks import lane_names


def config_of(step: Step) -> ExperimentConfig:
    """What the page of a step trains."""
    query = dict(step.query)
    most = 8 if step.page == "arena" else 1
    config, problems = links.read({"opt": "sgd"} | query, ExperimentConfig, most)
    assert not problems, problems
    view = query.get("view", "picture") if step.page == "learning_rate" else ""
    if view == "ladder":
        low, high, rungs = (ladder.PARAMETERS[name].default for name in ("low", "high", "rungs"))
        low, high = float(query.get("low", low)), float(query.get("high", high))
        return ladder.ladder_config(config, low, high, int(query.get("rungs", rungs)))
    if view == "stability":
        eta = float(query.get("eta", stability.PARAMETERS["eta"].default))
        lanes = stability.lanes_for(query.get("compare", "rates"), config.lanes[0], eta)
        return replace(config, batch_size=MAX_SAMPLES, lanes=lanes)
    assert step.page in ("playground", "arena"), f"nothing is known of how {step.page} {view} trains"
    assert step.page == "playground" or len(config.lanes) > 1, "the Arena's own line-up is not in the link"
    return config


def looking(step: Step) -> Look:
    """What measures the claims of a step."""
    if step.page == "landscape":
        facts = {name: float(fact) for name, fact in EXHIBITS[step.query["show"]].compute().facts.items()}
        return lambda what, at: facts
    config = config_of(step)
    return Looking(lambda: Experiment(config), lane_names(config))
