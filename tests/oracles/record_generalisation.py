"""Records what the Generalisation page's studies are held to, into generalisation.json beside this file:
`python tests/oracles/record_generalisation.py`. Needs NumPy alone; it draws its own data and shares no code with the engine.
"""

import json
from pathlib import Path

import numpy as np

SETTINGS = (  # p, n, D, σ: away from p = n, where the error of a draw has a variance
    (0, 40, 120, 0.5), (5, 40, 120, 0.5), (20, 40, 120, 0.5), (30, 40, 120, 0.5), (50, 40, 120, 0.5), (60, 40, 120, 0.5),
    (80, 40, 120, 0.5), (120, 40, 120, 0.5), (20, 40, 60, 1.5), (60, 40, 60, 1.5), (40, 20, 100, 0.0), (8, 20, 100, 2.0),
)  # fmt: skip
DRAWS = 400


def error_of_a_draw(rng, p, n, D, sigma):
    """Least squares by LAPACK's own shortest solution, on p of D features; its error on new samples by 2,000 of them."""
    theta = rng.standard_normal(D)
    theta /= np.linalg.norm(theta)
    seen = rng.permutation(D)[:p]
    X = rng.standard_normal((n, D))
    y = X @ theta + sigma * rng.standard_normal(n)
    fit = np.linalg.lstsq(X[:, seen], y, rcond=None)[0] if p else np.zeros(0)
    new = rng.standard_normal((2000, D))
    return np.mean((new @ theta + sigma * rng.standard_normal(2000) - new[:, seen] @ fit) ** 2)


def main():
    rng = np.random.default_rng(20)
    draws = []
    for p, n, D, sigma in SETTINGS:
        errors = [error_of_a_draw(rng, p, n, D, sigma) for _ in range(DRAWS)]
        draws.append(dict(p=p, n=n, D=D, sigma=sigma, mean=np.mean(errors), se=np.std(errors) / DRAWS**0.5))
    path = Path(__file__).with_name("generalisation.json")
    path.write_text(json.dumps({"min_norm": draws}, indent=1) + "\n")


if __name__ == "__main__":
    main()
