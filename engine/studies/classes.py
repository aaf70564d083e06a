"""Which classes a network mistakes for which: the confusion matrix, and the figures of each class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.training.experiment import Experiment
from engine.training.meter import right_answers


class ClassFigures(NamedTuple):
    """Of one class: precision TP/(TP+FP), recall TP/(TP+FN), F1 their harmonic mean, and how many samples it has. NaN where
    there is nothing to divide by: a class that is never named has no precision.
    """

    precision: float
    recall: float
    f1: float
    samples: int


def named_classes(experiment: Experiment, lane: int, part: str) -> np.ndarray:
    """The class (N,) that a lane names for each sample of "train", "test" or "validation", as the accuracy counts it."""
    mlp, theta = experiment.mlp(lane), experiment.theta(lane)[None]
    with np.errstate(all="ignore"):
        outputs = mlp.forward(theta, experiment.meter.inputs(part, theta.dtype))
    if outputs.shape[2] > 1:
        return np.asarray(outputs[0].argmax(axis=1))
    ones = np.ones(outputs.shape[1])
    return np.asarray(right_answers(mlp, outputs, ones)[0].astype(int))


def confusion_matrix(truth: np.ndarray, named: np.ndarray, classes: int) -> np.ndarray:
    """(C, C): how many samples of class i were named class j."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth.astype(int), named.astype(int)), 1)
    return counts


def class_figures(matrix: np.ndarray) -> list[ClassFigures]:
    """The figures of each class of a confusion matrix."""
    hits, named, samples = np.diag(matrix).astype(float), matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(all="ignore"):
        precision, recall = hits / named, hits / samples
        f1 = 2 * hits / (named + samples)
    return [
        ClassFigures(float(p), float(r), float(f), int(n))
        for p, r, f, n in zip(precision, recall, f1, samples, strict=True)
    ]
