"""Records histories of runs at commit dfcdbf7, when data were split into training and test alone.
Run there, with this repository's commands: python -m tests.oracles.record_histories > tests/oracles/histories.json
"""

import json

from engine import Experiment, ExperimentConfig

LINKS = (
    "",
    "data=spiral&n=500&noise=0.1&test=0.3&dseed=7&net=16-16&opt=adam&lr=0.01&batch=64&seed=3",
    "data=blobs&opt=rmsprop&test=0.9&n=40",
    "data=two_bumps&loss=huber&test=0&opt=momentum&l2=0.01",
    "data=iris&opt=adam&test=0.5&dseed=2",
    "data=penguins&label=body_mass_g&opt=lbfgs&test=0.25",
)


def history(link: str) -> dict:
    """Losses, accuracies and |gradient| at each of 30 updates, in float64, and where the data lie."""
    query = dict(item.split("=") for item in link.split("&") if item)
    experiment = Experiment(ExperimentConfig.from_query(query | {"dtype": "float64"}))
    experiment.step(30)
    shown = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm")
    data, kept = experiment.data, experiment.history
    values = {name: [None if v != v else v for v in kept.series(name)[:, 0].tolist()] for name in shown}
    parts = {
        name: getattr(data, name).ravel()[:40].tolist() for name in ("P_train", "P_test", "y_train", "y_test")
    }
    return (
        dict(link=link, steps=kept.steps.tolist(), sizes=[len(data.y_train), len(data.y_test)])
        | values
        | parts
    )


if __name__ == "__main__":
    print(json.dumps([history(link) for link in LINKS], indent=0).replace("\n", ""))
