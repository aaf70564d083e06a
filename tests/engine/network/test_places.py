"""Places of parameters, held to the arrays that the network itself makes of its row."""

import numpy as np
import pytest

from engine import MLP
from engine.network.places import in_words, index_of, line_of, nearest, place_of, place_of_line, symbol

SMALL = MLP((2, 3, 1), ["tanh"], "binary_cross_entropy")
DEEP = MLP((3, 4, 2, 3), ["tanh", "relu"], "cross_entropy")


def arrays(mlp):
    return [(W[0], b[0, 0]) for W, b in mlp.unflatten(np.arange(mlp.parameter_count, dtype=np.float64)[None])]


@pytest.mark.parametrize("mlp", [SMALL, DEEP])
def test_a_place_and_its_index_are_where_the_network_has_them(mlp):
    for layer, (W, b) in enumerate(arrays(mlp)):
        for (source, target), index in np.ndenumerate(np.vstack([W, b])):
            assert place_of(mlp, int(index)) == (layer, source, target)
            assert index_of(mlp, (layer, source, target)) == index


@pytest.mark.parametrize("mlp", [SMALL, DEEP])
def test_lines_count_the_weights_layer_by_layer_without_the_biases(mlp):
    weights = [int(index) for W, _ in arrays(mlp) for index in W.ravel()]
    for line, index in enumerate(weights):
        assert line_of(mlp, place_of(mlp, index)) == line
        assert index_of(mlp, place_of_line(mlp, line)) == index
    biases = set(range(mlp.parameter_count)) - set(weights)
    assert {line_of(mlp, place_of(mlp, index)) for index in biases} == {None}
    assert place_of_line(mlp, len(weights)) is None and place_of_line(mlp, -1) is None


def test_another_network_may_lack_a_place_and_has_a_nearest():
    for place in ((3, 0, 0), (0, 3, 0), (0, 0, 3), (1, 0, 1)):
        assert index_of(SMALL, place) is None
    assert nearest(SMALL, (0, 1, 2)) == (0, 1, 2)
    assert nearest(SMALL, (9, 9, 9)) == (1, 3, 0)
    assert nearest(SMALL, (-1, -5, -2)) == (0, 0, 0)


def test_symbols_count_from_one():
    names = [symbol(SMALL, index) for index in range(13)]
    assert (names[0], names[5], names[8], names[11], names[12]) == (
        "W₁[1,1]", "W₁[2,3]", "b₁[3]", "W₂[3,1]", "b₂[1]",
    )  # fmt: skip
    assert len(set(names)) == 13


def test_words_count_from_one_and_name_inputs_and_outputs():
    names = [in_words(SMALL, index) for index in range(13)]
    assert names[0] == "layer 1: input 1 → neuron 1"
    assert names[5] == "layer 1: input 2 → neuron 3"
    assert names[8] == "layer 1: bias of neuron 3"
    assert names[11] == "layer 2: neuron 3 → output"
    assert names[12] == "layer 2: bias of output"
    assert len(set(names)) == 13
    assert in_words(DEEP, DEEP.parameter_count - 1) == "layer 3: bias of output 3"
    assert len({in_words(DEEP, index) for index in range(DEEP.parameter_count)}) == DEEP.parameter_count


@pytest.mark.parametrize("index", [-1, 13])
def test_a_parameter_that_is_not_there_is_refused(index):
    for name in (place_of, symbol, in_words):
        with pytest.raises(ValueError, match="There is no parameter"):
            name(SMALL, index)
