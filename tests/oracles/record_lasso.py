"""Records scikit-learn's Lasso and Ridge on 20 designs, into lasso.json beside this file.

`python tests/oracles/record_lasso.py`. Needs scikit-learn (1.9 made the file that is there); the tests only need the file.
Ten designs are orthogonal (XᵀX = n·I after centring), ten are correlated.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import Lasso, Ridge

SAMPLES, INPUTS = 40, 6


def design(seed, orthogonal):
    """X (n, D), y (n,): a few inputs matter, the others do not."""
    rng = np.random.default_rng([seed, int(orthogonal)])
    X = rng.standard_normal((SAMPLES, INPUTS))
    X -= X.mean(axis=0)
    X = np.linalg.qr(X)[0] * np.sqrt(SAMPLES) if orthogonal else X + 0.6 * X[:, [0]]
    y = X @ rng.choice([0.0, 0.0, 1.0, -0.5, 0.2], INPUTS) + 0.5 + 0.3 * rng.standard_normal(SAMPLES)
    return X, y


def main():
    cases = []
    for k in range(20):
        orthogonal, alpha, l2 = k % 2 == 0, (0.01, 0.03, 0.1, 0.3)[k // 2 % 4], (0.1, 1.0)[k // 2 % 2]
        X, y = design(k, orthogonal)
        lasso = Lasso(alpha=alpha, tol=1e-15, max_iter=1_000_000).fit(X, y)
        ridge = Ridge(alpha=SAMPLES * l2, solver="svd").fit(X, y)
        cases.append(
            dict(
                orthogonal=orthogonal,
                l1=alpha,
                l2=l2,
                X=X.tolist(),
                y=y.tolist(),
                lasso=[*lasso.coef_.tolist(), float(lasso.intercept_)],
                ridge=[*ridge.coef_.tolist(), float(ridge.intercept_)],
            )
        )
    Path(__file__).with_name("lasso.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
