"""Records ridge regression by scikit-learn, into filters.json beside this file: `PYTHONPATH=. python tests/oracles/record_filters.py`.
Needs scikit-learn (1.9 made the file); the tests only need the file.
"""

import json
from pathlib import Path

from sklearn.linear_model import Ridge

from engine.studies.filters import problem

SETTINGS = ((40, 20, 0.3, 0), (40, 40, 1.0, 3), (40, 5, 0.0, 7))
PENALTIES = (0.01, 1.0, 30.0)


def main():
    record = []
    for n, p, sigma, seed in SETTINGS:
        of = problem(n, p, sigma, seed)
        for penalty in PENALTIES:
            ridge = Ridge(alpha=penalty, fit_intercept=False, solver="svd").fit(of.X, of.y)
            record.append(dict(n=n, p=p, sigma=sigma, seed=seed, penalty=penalty, weights=ridge.coef_.tolist()))  # fmt: skip
    Path(__file__).with_name("filters.json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
