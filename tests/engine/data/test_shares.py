"""Data of which class 1 has a share of its own."""

import numpy as np
import pytest

from engine import DatasetConfig
from engine.data.load import load_dataset
from engine.data.shares import with_share


def test_the_share_is_exact_where_it_can_be_and_class_0_is_untouched():
    data = load_dataset(DatasetConfig("moons", noise=0.3))
    less = with_share(data, 0.3)
    assert less.y_train.mean() == 0.3 and less.y_test.mean() == pytest.approx(0.3, abs=0.01)
    assert np.array_equal(less.P_train[less.y_train == 0], data.P_train[data.y_train == 0])
    kept = less.P_train[less.y_train == 1]
    assert np.array_equal(kept, data.P_train[data.y_train == 1][: len(kept)])


def test_a_share_that_is_there_already_changes_nothing():
    data = load_dataset(DatasetConfig("circles"))
    assert np.array_equal(with_share(data, 0.5).P_train, data.P_train)


@pytest.mark.parametrize(("name", "share"), [("blobs", 0.3), ("plane", 0.3), ("moons", 0.0), ("moons", 1.0)])
def test_what_has_no_such_share_is_refused(name, share):
    with pytest.raises(ValueError):
        with_share(load_dataset(DatasetConfig(name)), share)
