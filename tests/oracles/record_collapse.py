"""Records scikit-learn's logistic regression on the Collapse view's data, into collapse.json beside this file:
`PYTHONPATH=. python tests/oracles/record_collapse.py`. Needs scikit-learn (1.9 made the file); the tests only need the file.
"""

import json
from pathlib import Path

from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from engine import DatasetConfig
from engine.data.load import load_dataset

if __name__ == "__main__":
    found = {}
    for name in ("moons", "circles", "xor", "spiral"):
        data = load_dataset(DatasetConfig(name, noise=0.3, test_fraction=0.0))
        model = LogisticRegression(C=float("inf"), tol=1e-14, max_iter=10_000, solver="newton-cholesky").fit(
            data.X_train, data.y_train
        )
        loss = log_loss(data.y_train, model.predict_proba(data.X_train))
        found[name] = dict(
            w=model.coef_[0].tolist(),
            b=float(model.intercept_[0]),
            loss=float(loss),
            first=data.X_train[0].tolist(),
        )
    Path(__file__).with_name("collapse.json").write_text(json.dumps(found) + "\n")
