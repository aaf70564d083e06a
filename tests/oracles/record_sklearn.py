"""Records scikit-learn's principal components of some walks, into sklearn.json beside this file.

`python tests/oracles/record_sklearn.py`. Needs scikit-learn (1.9 made the file that is there); the tests only need the file.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA


def walks(seed, lanes, steps, parameters):
    """Random walks (lanes, steps, parameters) from one start, each drifting its own way."""
    rng = np.random.default_rng(seed)
    drift = rng.standard_normal((lanes, 1, parameters))
    return np.cumsum(0.3 * drift + rng.standard_normal((lanes, steps, parameters)), axis=1)


def main():
    cases = []
    for seed, lanes, steps, parameters in (
        (1, 3, 20, 5),
        (2, 8, 40, 60),
        (3, 1, 30, 200),
        (4, 2, 2, 9),
        (5, 4, 9, 2),
    ):
        points = walks(seed, lanes, steps, parameters).reshape(-1, parameters)
        pca = PCA(2, svd_solver="full").fit(points)
        cases.append(
            {
                "case": [seed, lanes, steps, parameters],
                "first_point": points[0].tolist()[:3],  # that the walks are still the same ones
                "shares": pca.explained_variance_ratio_.tolist(),
                "directions": pca.components_.tolist(),
            }
        )
    Path(__file__).with_name("sklearn.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
