"""Records SciPy's paired permutation tests, into permutation.json beside this file: `python tests/oracles/record_permutation.py`.

Needs SciPy (1.17 made the file that is there); the tests only need the file. Exact tests of the mean difference, samples exchanged
within pairs, two-sided.
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import permutation_test


def mean_difference(a, b, axis=-1):
    return np.mean(a, axis=axis) - np.mean(b, axis=axis)


def main():
    rng = np.random.default_rng(11)
    cases = []
    for n, shift, kind in [(3, 1.0, "normal"), (6, 2.0, "normal"), (8, 0.3, "normal"), (10, 1.0, "cauchy"),
                           (12, 0.5, "normal"), (10, 0.0, "whole numbers"), (13, 1.0, "lognormal")]:  # fmt: skip
        if kind == "whole numbers":
            a, b = rng.integers(0, 4, (2, n)).astype(float)
        elif kind == "cauchy":
            a, b = rng.standard_cauchy((2, n))
        else:
            a, b = rng.normal(size=(2, n)) if kind == "normal" else np.exp(rng.normal(size=(2, n)))
        b = b + shift
        result = permutation_test(
            (a, b), mean_difference, permutation_type="samples", n_resamples=np.inf, vectorized=True
        )
        cases.append({"a": a.tolist(), "b": b.tolist(), "p": float(result.pvalue)})
    Path(__file__).with_name("permutation.json").write_text(json.dumps(cases))


if __name__ == "__main__":
    main()
