"""Long links: packed into one parameter, under 2,000 characters for every experiment, and bounded when unpacked."""

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    ACTIVATIONS,
    INITIALIZERS,
    OPTIMIZERS,
    SCHEDULES,
    DatasetConfig,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.limits import MAX_NAME, PAGE_LAYERS, PAGE_NEURONS
from pages.shared.classroom.packed import (
    DAMAGED,
    LONGEST,
    MOST_BYTES,
    NAME,
    WORDS,
    fitting,
    link_text,
    pack,
    unpacked,
)

ADDRESS = "https://laboratory.mathematics.university.example.org:8501/backpropagation"


def value(draw, option):
    if option.is_switch:
        return draw(st.booleans())
    if option.choices:
        return draw(st.sampled_from(option.choices))
    low, high = option.low or 0.0, 1.0 if option.high is None else option.high
    return draw(
        st.integers(int(low), int(high)) if option.integer else st.floats(low, high, allow_subnormal=False)
    )


def options(draw, table):
    return {name: value(draw, option) for name, option in table.items()}


@st.composite
def dearest(draw):
    """An experiment that needs a long link: eight lanes that differ in everything."""

    def network():
        kind = draw(st.sampled_from(list(INITIALIZERS)))
        sizes = draw(st.lists(st.integers(1, PAGE_NEURONS), min_size=PAGE_LAYERS, max_size=PAGE_LAYERS))
        bends = draw(st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=PAGE_LAYERS, max_size=PAGE_LAYERS))
        return NetworkConfig(tuple(sizes), tuple(bends), kind, options(draw, INITIALIZERS[kind].options))

    def lane():
        method, schedule = draw(st.sampled_from(list(OPTIMIZERS))), draw(st.sampled_from(list(SCHEDULES)))
        name = draw(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=MAX_NAME))
        return LaneConfig(
            method, draw(st.floats(1e-6, 1.0)), options(draw, OPTIMIZERS[method].options), schedule,
            options(draw, SCHEDULES[schedule].options), l1=draw(st.floats(0, 1)), l2=draw(st.floats(0, 1)), name=name,
            network=network(), batch_size=draw(st.integers(1, 5000)), seed=draw(st.integers(0, 9999)),
        )  # fmt: skip

    return ExperimentConfig(
        DatasetConfig("spiral", noise=draw(st.floats(0, 1))), network(), lanes=tuple(lane() for _ in range(8))
    )


@settings(max_examples=25, deadline=None)
@given(dearest(), st.text(max_size=300))
def test_no_link_is_longer_than_2000_characters(config, task):
    query = config.to_query() | {"task": task, "hide": "batch_size,features", "opens": "200"}
    small, said = fitting(query, ADDRESS)
    assert len(f"{ADDRESS}?{link_text(small)}") <= LONGEST < 2000
    again = unpacked(small, [])
    if said:
        assert "left out" in said
    else:
        assert again == query
    assert ExperimentConfig.from_query(again).lanes[3].options == config.lanes[3].options


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text("abclane0123.", min_size=1).filter(lambda name: name != NAME), st.text(), max_size=5
    )
)
def test_what_is_packed_comes_out_as_it_went_in(query):
    query = {name: text for name, text in query.items() if not name.startswith("lane")}
    assert unpacked({NAME: pack(query)}, []) == query


def test_a_short_link_stays_as_it_is_and_other_parameters_go_before_the_packed_ones():
    assert fitting({"data": "spiral"}, ADDRESS) == ({"data": "spiral"}, "")
    assert unpacked({"data": "spiral"}, []) == {"data": "spiral"}
    assert unpacked({NAME: pack({"data": "xor", "n": "50"}), "data": "moons"}, []) == {
        "data": "moons",
        "n": "50",
    }


def test_a_lane_keeps_its_name_in_any_script():
    config = ExperimentConfig(
        lanes=(LaneConfig(name="β, 50 % & über;+ = 梯度"), LaneConfig("adam", 0.01, name="%E4 100%"))
    )
    query = config.to_query()
    assert unpacked({NAME: pack(query)}, []) == query
    assert ExperimentConfig.from_query(unpacked({NAME: pack(query)}, [])) == ExperimentConfig.from_query(
        query
    )


def deflated(text: bytes) -> str:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, WORDS["1"])
    return "1" + base64.urlsafe_b64encode(squeeze.compress(text) + squeeze.flush()).decode().rstrip("=")


@pytest.mark.parametrize(
    "raw",
    [
        "", "1", "x", "9abc", "1!!!", "1%%%", "1" + "A" * 5000, pack({"data": "spiral"})[:-3],
        deflated(b"a=" + b"a" * MOST_BYTES), deflated(b"\xff=\xff"), deflated(b"nothing"),
        deflated("&".join(f"a{k}=1" for k in range(301)).encode()),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_damaged_or_too_much_is_left_out_with_a_sentence(raw):
    problems = []
    assert unpacked({NAME: raw, "data": "spiral"}, problems) == {"data": "spiral"}
    assert problems == [DAMAGED]


def test_a_bomb_is_given_up_before_it_is_unpacked():
    """Two megabytes fit into a link of 3,000 characters."""
    fits = deflated(b"a=" + b"b" * 2_000_000)
    assert len(fits) < 2 * LONGEST
    problems = []
    assert unpacked({NAME: fits}, problems) == {} and problems == [DAMAGED]
