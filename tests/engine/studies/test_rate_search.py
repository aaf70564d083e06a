"""Rate searches: every cell is what a lane alone reaches; nothing given is touched; it may stop at any time."""

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.studies.rate_search import RateGrid, best_index, found_rates, log_rates, quantile

CONFIG = ExperimentConfig(
    dataset=DatasetConfig("circles", samples=60), network=NetworkConfig((4,)), batch_size=16,
    lanes=(LaneConfig("sgd", 0.3), LaneConfig("adam", 0.01, options={"beta1": 0.5})),
)  # fmt: skip
DATA = load_dataset(CONFIG.dataset)
BOWL = ExperimentConfig(
    dataset=DatasetConfig("plane", samples=80, noise=0.0, test_fraction=0.0), network=NetworkConfig(()),
    batch_size=5000, dtype="float64", lanes=(LaneConfig("sgd"),),
)  # fmt: skip


def alone(lane, rate, seed, updates, measure="train_loss"):
    from dataclasses import replace

    experiment = Experiment(replace(CONFIG, lanes=(replace(lane, learning_rate=rate, seed=seed),)), DATA)
    experiment.step(updates)
    return experiment.evaluate()[measure][0]


@pytest.mark.parametrize("measure", ["train_loss", "test_loss"])
def test_every_cell_is_a_lane_of_its_own(measure):
    grid = RateGrid(CONFIG, DATA, CONFIG.lanes, (0.01, 0.1), (0, 5, 9), 30, measure).run()
    for m, lane in enumerate(CONFIG.lanes):
        for k, rate in enumerate((0.01, 0.1)):
            expected = [alone(lane, rate, seed, 30, measure) for seed in (0, 5, 9)]
            assert grid.losses[m, k].tolist() == expected
            assert grid.median[m, k] == sorted(expected)[1]


def test_a_linear_models_best_rate_and_the_rates_that_explode():
    """Least squares by full gradient descent: beyond 2/λmax it must diverge; below, the lowest is where |1−ηλ| is."""
    data = load_dataset(BOWL.dataset)
    A = np.column_stack([data.X_train, np.ones(len(data.X_train))])
    curvatures = np.linalg.eigvalsh(2 * A.T @ A / len(A))
    edge = 2 / curvatures[-1]
    rates = tuple(edge * f for f in (0.01, 0.1, 0.5, 0.8, 1.5, 3.0))
    found = found_rates(RateGrid(BOWL, data, BOWL.lanes, rates, (0, 1, 2), 1000).run())[0]
    assert found.diverged.tolist() == [0, 0, 0, 0, 1, 1]
    assert np.isinf(found.median[4:]).all()
    assert np.isfinite(found.median[:4]).all()
    assert found.best in (0, 1, 2, 3)
    assert found.median[found.best] == found.median[:4].min()
    assert found.best_rate == rates[found.best]


def test_second_order_lanes_keep_a_rate_of_one():
    from dataclasses import replace

    config = replace(CONFIG, lanes=(LaneConfig("sgd"), LaneConfig("lbfgs", 1.0)))
    found = found_rates(RateGrid(config, DATA, config.lanes, (0.1, 1.0), (0, 1), 10).run())
    assert found[1].rates.tolist() == [1.0]
    assert found[1].best == 0
    assert found[1].best_rate == 1.0
    assert found[0].best_rate in (0.1, 1.0)


def test_it_can_stop_at_any_time_and_says_how_far_it_is():
    grid = RateGrid(CONFIG, DATA, ("sgd", "adam"), (0.01, 0.1), (0, 1), 200)
    assert grid.progress == 0
    assert np.isinf(grid.time_left)
    assert np.isnan(grid.median).all()
    shares = []
    while not grid.finished:
        assert grid.advance(0.0)
        shares.append(grid.progress)
        if grid.done.tolist() == [True, False]:
            assert np.isfinite(grid.median[0]).all()
            assert np.isnan(grid.median[1]).all()
            assert found_rates(grid)[1].best is None
            assert grid.best[1] is None
    assert shares == sorted(shares)
    assert grid.progress == 1
    assert grid.time_left == 0
    assert not grid.advance(1.0)
    assert (
        grid.losses.tolist()
        == RateGrid(CONFIG, DATA, ("sgd", "adam"), (0.01, 0.1), (0, 1), 200).run().losses.tolist()
    )


def test_infinities_among_quartiles():
    inf, nan = np.inf, np.nan
    losses = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, inf, inf], [inf] * 4, [1.0, nan, 2.0, 3.0]])
    assert quantile(losses, 0.5)[0] == 2.5
    assert quantile(losses, 0.5)[1] == inf
    assert quantile(losses, 0.25)[1] == 1.75
    assert quantile(losses, 0.5)[2] == inf
    assert np.isnan(quantile(losses, 0.5)[3])
    assert quantile(losses[:1], 0.25)[0] == np.quantile([1, 2, 3, 4], 0.25)
    assert best_index(np.array([inf, 2.0, 2.0, nan])) == 1
    assert best_index(np.array([inf, nan])) is None


def test_bad_axes_are_refused():
    for lanes, rates, seeds, updates in [((), (1,), (0,), 1), (("sgd",), (), (0,), 1), (("sgd",), (1,), (), 1), (("sgd",), (1,), (0,), 0)]:  # fmt: skip
        with pytest.raises(ValueError, match="at least one"):
            RateGrid(CONFIG, DATA, lanes, rates, seeds, updates)
    with pytest.raises(ValueError, match="at most 400"):
        RateGrid(CONFIG, DATA, ("sgd",), log_rates(0.01, 1, 30), range(20), 1)
    with pytest.raises(ValueError, match="measure"):
        RateGrid(CONFIG, DATA, ("sgd",), (1,), (0,), 1, "luck")


def test_log_rates():
    assert log_rates(0.001, 10, 5) == (0.001, 0.01, 0.1, 1.0, 10.0)
