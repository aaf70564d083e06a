"""Records scikit-learn's confusion matrices and per-class figures into sklearn_classes.json beside this file.

`python tests/oracles/record_sklearn_classes.py`. Needs scikit-learn (1.9 made the file that is there); the tests only need the
file. The last case has a class that is never named and one without samples.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support


def main():
    rng = np.random.default_rng(3)
    pairs = [
        (2, rng.integers(0, 2, 30), rng.integers(0, 2, 30)),
        (4, rng.integers(0, 4, 60), rng.integers(0, 4, 60)),
    ]
    pairs.append((4, np.array([0, 0, 1, 1, 1, 2]), np.array([0, 1, 1, 3, 1, 1])))
    cases = []
    for classes, truth, named in pairs:
        labels = list(range(classes))
        found = precision_recall_fscore_support(truth, named, labels=labels, zero_division=0)
        names = ("precision", "recall", "f1", "samples")
        cases.append(
            {"classes": classes, "truth": truth.tolist(), "named": named.tolist()}
            | {"matrix": confusion_matrix(truth, named, labels=labels).tolist()}
            | {name: values.tolist() for name, values in zip(names, found, strict=True)}
        )
    Path(__file__).with_name("sklearn_classes.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
