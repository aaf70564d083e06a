"""Records scikit-learn's linear probes of some features, into probes.json beside this file.

`python tests/oracles/record_probes.py`. Needs scikit-learn (1.9.1 made the file that is there); the tests only need
the file, and `problem`.
"""

import json
from pathlib import Path

import numpy as np


def problem(seed, samples, units, classes):
    """Points (N, 2), features (N, F) = tanh(xW + b), and labels that are not parted by a line; 0 classes: values."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((samples, 2))
    A = np.tanh(x @ rng.standard_normal((2, units)) + rng.standard_normal(units))
    radius = np.hypot(*x.T) + 0.1 * rng.standard_normal(samples)
    if not classes:
        return x, A, radius
    ends = np.quantile(radius, np.arange(1, classes) / classes)
    return x, A, np.searchsorted(ends, radius).astype(float)


def main():
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.preprocessing import StandardScaler

    cases = []
    for case in (
        (1, 120, 8, 2),
        (2, 210, 16, 2),
        (3, 150, 6, 3),
        (4, 90, 2, 2),
        (5, 200, 12, 5),
        (6, 100, 5, 0),
    ):
        x, A, y = problem(*case)
        half = len(y) // 2
        scaler = StandardScaler().fit(A[:half])
        Z, Z_test = scaler.transform(A[:half]), scaler.transform(A[half:])
        if case[3]:
            model = LogisticRegression(C=1.0, tol=1e-12, max_iter=100_000).fit(Z, y[:half])
            found = model.predict_proba(Z_test)
            found = found[:, 1:] if case[3] == 2 else found
        else:
            model = LinearRegression().fit(Z, y[:half])
            found = model.predict(Z_test)[:, None]
        way = LinearRegression().fit(A[:half], x[:half])
        cases.append(
            {
                "case": case,
                "first": A[0, :2].tolist(),  # that the features are still the same ones
                "outputs": found[:5].tolist(),
                "score": model.score(Z_test, y[half:]),
                "back": way.score(A[:half], x[:half]),
                "shares": PCA(2).fit(A[:half]).explained_variance_ratio_.tolist(),
                "correlation": float(np.abs(np.corrcoef(A[:half].T)[np.triu_indices(case[2], 1)]).mean()),
            }
        )
    Path(__file__).with_name("probes.json").write_text(
        json.dumps(cases).replace('{"case"', '\n{"case"') + "\n"
    )


if __name__ == "__main__":
    main()
